"""One worker under several clients at once: threads that call the handler, each with its next call ready.

    python -S -m load <module>:<attribute> <event file> <clients> <seconds>

Prints one line of JSON to standard error: calls per second, and milliseconds to answer.
"""

import asyncio
import importlib
import json
import sys
import threading
import time
from pathlib import Path

from unique import fresh


def main() -> None:
    """Measure and print."""
    _, handler_name, event_file, clients, seconds = sys.argv
    module, _, attribute = handler_name.partition(":")
    handler = getattr(importlib.import_module(module), attribute)
    text = Path(event_file).read_text(encoding="utf-8")
    texts = [text.replace("BENCH-0", f"BENCH-{number}") for number in range(int(clients))]
    _call(handler, texts[0])
    taken: list[float] = []
    wrong: list[str] = []
    started = time.perf_counter()
    end = started + float(seconds)
    threads = [threading.Thread(target=_client, args=(handler, each, end, taken, wrong)) for each in texts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if wrong:
        raise SystemExit(f"{len(wrong)} calls were refused, the first: {wrong[0]}")
    elapsed = time.perf_counter() - started
    taken.sort()
    found = {"per_second": len(taken) / elapsed, "calls": len(taken)}
    for percent in (50, 95, 99):
        found[f"p{percent}"] = taken[min(len(taken) * percent // 100, len(taken) - 1)] * 1000
    print(json.dumps(found), file=sys.stderr)  # noqa: T201 - its output


def _client(handler, text, end, taken, wrong) -> None:  # noqa: ANN001 - one signature for every kind of handler
    loop = asyncio.new_event_loop()  # mangum expects one, as in Lambda's only thread
    asyncio.set_event_loop(loop)
    try:
        while time.perf_counter() < end:
            event = json.loads(fresh(text))
            before = time.perf_counter()
            answer = handler(event, None)
            taken.append(time.perf_counter() - before)
            if answer["statusCode"] != 200:
                wrong.append(str(answer))
                return
    except Exception as error:  # noqa: BLE001 - a client that stops unseen would leave a rate that means nothing
        wrong.append(repr(error))
    finally:
        loop.close()


def _call(handler, text) -> None:  # noqa: ANN001
    handler(json.loads(fresh(text)), None)


main()
