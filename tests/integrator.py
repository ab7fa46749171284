"""An entity's system that registers its acts, writing down what it sends and what is answered: to be killed meanwhile.

`python -m tests.integrator <nit> <token> <notes> <count>`; its environment names the table.
"""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bodies import ACT
from tests.client import Client

AT_ONCE = 8


def act(number: int) -> dict[str, Any]:
    """One of the acts of its list."""
    return ACT | {"actDocumentCode": f"ACTO-{number}"}


def main(nit: str, token: str, notes: str, count: str) -> None:
    """Register the acts, several at once."""
    client = Client(nit, token)
    lock = threading.Lock()
    with Path(notes).open("a") as file:

        def note(line: str) -> None:
            with lock:
                file.write(line + "\n")
                file.flush()

        def register(number: int) -> None:
            note(f"sent {number}")
            if client.post("registerActDocument", act(number)).status == 200:
                note(f"answered {number}")

        with ThreadPoolExecutor(AT_ONCE, initializer=lambda: asyncio.set_event_loop(asyncio.new_event_loop())) as pool:
            list(pool.map(register, range(int(count))))


if __name__ == "__main__":
    main(*sys.argv[1:])
