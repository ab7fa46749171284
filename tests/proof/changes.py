"""Who follows the log misses nothing and gets nothing twice, though writes commit late and out of their order.

A radicado is drawn before its write commits. Here the proxy keeps some writes from the table for up to as long as their
functions try, so that others which drew theirs later are there before them, while two readers poll all the while.
"""

import datetime
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from shared import journal, radicado, retry
from tests.client import Client
from tests.proof import mixes
from tests.proof.found import Found
from tests.proof.stories import Crowd
from tests.proof.world import at_once, world

CLIENTS = 12
LATE = 0.2  # of the writes
PAUSE = 0.02  # seconds from one look at the log to the next


@dataclass(frozen=True)
class Limits:
    """What bounds a write, and how long what is young is withheld, in seconds."""

    deadline: float
    patience: float
    withheld: float


FULL = Limits(retry.DEADLINE, mixes.PATIENCE, journal.WITHHELD)


@dataclass
class Figures:
    """What the run amounted to: `overtaken` are writes that committed after one of a later radicado of their entity."""

    changes: int
    overtaken: int
    unanswered: int
    pages: int


def prove(seed: str, writes: int, progress: Callable[[int], None], limits: Limits = FULL) -> Figures:
    """Make so many writes of two entities, some of them late, while the log of each is followed. Raises Found."""
    with pytest.MonkeyPatch.context() as patch, world(deadline=limits.deadline, read_timeout=limits.patience) as here:
        patch.setattr(journal, "WITHHELD", limits.withheld)
        crowd = Crowd(lambda call: here.clients[call.entity].post(call.operation, call.body(), call.headers()))
        for entity in here.clients:
            crowd.share(entity)
        late = _Late(seed, limits)
        here.proxy.plan = lambda target: late if target == mixes.WRITE else None
        over = threading.Event()
        with at_once(CLIENTS + len(here.clients)) as pool:
            readers = {entity: pool.submit(_follow, client, over) for entity, client in here.clients.items()}
            entities = itertools.cycle(here.clients)
            writers = [
                pool.submit(crowd.tell, f"{seed}/{number}", next(entities), str(number), writes)
                for number in range(CLIENTS)
            ]
            for goal in range(100, writes + 100, 100):
                crowd.wait_for(min(goal, writes))
                progress(len(crowd.done))
            for writer in writers:
                writer.result()
            over.set()
            told = {entity: reader.result() for entity, reader in readers.items()}
        books = here.books()
        wrong = [*crowd.wrong, *here.failures]
        for entity, pages in told.items():
            logged = {number for owner, number in books.log if owner == entity}
            acknowledged = {done.radicado for done in crowd.done if done.call.entity == entity}
            wrong += _objections(entity, [number for page in pages for number in page], logged, acknowledged)
        if wrong:
            raise Found(seed, "what was followed is not what was registered", wrong)
        return Figures(len(books.log), late.overtaken, crowd.unanswered, sum(map(len, told.values())))


def _objections(entity: str, told: list[str], logged: set[str], acknowledged: set[str]) -> Iterable[str]:
    yield from (f"{entity}: {number} was never told" for number in sorted(logged - set(told)))
    yield from (f"{entity}: {number} was told, and is not there" for number in sorted(set(told) - logged))
    yield from (f"{entity}: {number} was acknowledged, and is not there" for number in sorted(acknowledged - logged))
    for before, after in itertools.pairwise(told):
        if before >= after:
            yield f"{entity}: {after} was told after {before}"


def _follow(client: Client, over: threading.Event) -> list[list[str]]:
    """The radicados of all pages, until all that was registered before `over` is complete."""
    pages: list[list[str]] = []
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    criteria: dict[str, Any] = {"pageSize": 100, "from": f"{yesterday:%Y-%m-%d}"}
    end = None
    while True:
        if end is None and over.is_set():
            end = radicado.draw()[1]
        answer = client.post("findChanges", criteria)
        if answer.status == 503:  # the deadline is short, in a short run
            continue
        pages.append([each["radicado"] for each in answer.body["data"]])
        if end is not None and answer.body["completeUntil"] > end:
            return pages
        criteria["cursor"] = answer.body["cursor"]
        if not answer.body["more"]:
            time.sleep(PAUSE)


class _Late:
    """A fault that keeps some writes from the table, over several attempts, until they are due."""

    def __init__(self, seed: str, limits: Limits) -> None:
        self._seed = seed
        self._limits = limits
        self._due: dict[str, float] = {}
        self._newest: dict[str, str] = {}
        self._lock = threading.Lock()
        self.overtaken = 0

    def __call__(self, handler: Any, _target: str, body: bytes) -> None:
        """Nothing until it is due; the attempt that is still waited for then arrives at that moment."""
        entry = _log_entry(body)
        wait = self._due_at(entry["record"]["S"]) - time.monotonic()
        if wait > self._limits.patience:
            handler.hang_up()
            return
        time.sleep(max(wait, 0))
        status, answer = handler.forward(body)
        if status == 200:
            self._committed(entry["pk"]["S"].split("#")[1], entry["sk"]["S"])
        handler.reply(status, answer)

    def _due_at(self, record: str) -> float:
        """When a write is due: nearly all may come at once, some as late as its last attempt can."""
        with self._lock:
            if record not in self._due:
                chance = random.Random(f"{self._seed}/{record}")
                longest = self._limits.deadline + 0.9 * self._limits.patience
                self._due[record] = time.monotonic() + (chance.random() < LATE) * chance.uniform(0, longest)
            return self._due[record]

    def _committed(self, entity: str, number: str) -> None:
        with self._lock:
            self.overtaken += number < self._newest.get(entity, "")
            self._newest[entity] = max(number, self._newest.get(entity, ""))


def _log_entry(body: bytes) -> dict[str, dict[str, str]]:
    puts = [each["Put"]["Item"] for each in json.loads(body)["TransactItems"] if "Put" in each]
    [entry] = [item for item in puts if "#LOG#" in item["pk"]["S"]]
    return dict(entry)
