"""Where the proof runs: an engine of its own, the fault proxy before it, two entities, and clients at once."""

import asyncio
import itertools
import json
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local import engine as dynoxide
from local import table as table_definition
from shared import auth, retry
from shared import stamps as known_stamps
from shared.models import Row
from tests import client
from tests.fault_proxy import FaultProxy
from tests.proof.model import State
from tests.proof.rows import Books, read

MEMORY = Path("/dev/shm")
CAPITAL, INSTITUTE = "8888888888", "900111222"
STAMPS = {CAPITAL: ("194-000-001", "90"), INSTITUTE: ("7",)}


@dataclass
class World:
    """A table behind the proxy, in the process that also runs the functions."""

    folder: Path
    engine: dynoxide.Engine
    proxy: FaultProxy
    table: str
    clients: dict[str, client.Client]
    failures: list[str] = field(default_factory=list)  # the log lines of answers that were our fault
    tick: Callable[[], int] = field(default_factory=lambda: itertools.count().__next__)

    def books(self) -> Books:
        """The table as it is, once nothing is under way any more."""
        self.proxy.drain()
        return Books(read(self.engine.endpoint, self.table))


@contextmanager
def world(*, deadline: float = retry.DEADLINE, read_timeout: float = 3) -> Iterator[World]:
    """A new table with a territorial entity and a decentralised one of it; the functions' own limits, in seconds."""
    with pytest.MonkeyPatch.context() as patch, memory() as folder, dynoxide.running(folder) as engine:
        name = f"sigec-{uuid.uuid4()}"
        proxy = FaultProxy(engine.endpoint)
        environment = {
            "TABLE_NAME": name,
            "SIGEC_ENVIRONMENT": "preprod",
            "AWS_ENDPOINT_URL_DYNAMODB": proxy.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        for key, value in environment.items():
            patch.setenv(key, value)
        patch.setattr(retry, "DEADLINE", deadline)
        patch.setattr(Row.Meta, "read_timeout_seconds", read_timeout)
        forget()
        table_definition.create(name)
        clients = {CAPITAL: client.new_entity(CAPITAL, *STAMPS[CAPITAL])}
        clients[INSTITUTE] = client.new_entity(INSTITUTE, *STAMPS[INSTITUTE], territorial=CAPITAL)
        made = World(folder, engine, proxy, name, clients)
        patch.setattr(logging.getLogger("sigec"), "handlers", [_Failures(made.failures)])
        try:
            yield made
        finally:
            proxy.stop()


def stamps(entity: str) -> State:
    """The stamps that an entity may use, as the model has them: its own and its territorial entity's."""
    return {("stamp", entity, stamp): True for stamp in {*STAMPS[entity], *STAMPS[CAPITAL]}}


def forget() -> None:
    """What a cold function does not know."""
    auth._callers.clear()
    known_stamps._known.clear()


@contextmanager
def at_once(clients: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that each call as a function's instance of its own would: with its own event loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    def prepare() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    with ThreadPoolExecutor(clients, initializer=prepare) as pool:
        yield pool
    for loop in loops:
        loop.close()


@contextmanager
def memory() -> Iterator[Path]:
    """A new folder, in memory if the machine has one there: a file in it survives kill -9 as well as one on a disk."""
    with tempfile.TemporaryDirectory(prefix="sigec-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


class _Failures(logging.Handler):
    """Keeps the lines that tell of a failure of ours, for the report; all others are not read by anyone."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__()
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = json.loads(record.getMessage())
        if "failure" in line:
            self.kept.append(f"{line['operation']} {line['failure'][:1]} {line['failure'][-1:]}")
