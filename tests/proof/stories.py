"""Clients that each tell a story of their own, write after write, and insist on every one until they know it is done.

Their ids are their own, so every first call must succeed; the balances they spend from are shared.
"""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.client import Answer
from tests.proof import parameters as p
from tests.proof.calls import Call
from tests.proof.found import Found
from tests.proof.histories import act_fields
from tests.proof.rows import Books

ALREADY_DONE = {
    ("liquidation-id-taken",),
    ("liquidation-annulled",),
    ("payment-id-taken",),
    ("payment-annulled",),
    ("act-taken",),
}
SHARED = 10**15  # centavos of the act document on which all liquidate, and of the liquidation that all pay
STAMP = "194-000-001"
END = "2024-12-31 00:00:00"

Post = Callable[[Call], Answer | None]
"""Makes a call; None when no answer came."""


@dataclass
class Done:
    """A write that its client knows to be done."""

    call: Call
    radicado: str
    attempts: int


@dataclass
class Crowd:
    """What clients at once have done so far, and what they were told that they should not have been."""

    post: Post
    done: list[Done] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unanswered: int = 0
    longest: float = 0.0  # seconds
    stopped: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, seed: str, entity: str, name: str, writes: float = math.inf) -> None:
        """One client's stories, until all together have done so many writes, or one of them found something wrong."""
        chance = random.Random(seed)
        number = 0
        try:
            while not self._enough(writes):
                for call in _story(chance, entity, f"{name}.{number}"):
                    if self._enough(writes):
                        break
                    self._insist(call)
                number += 1
        except BaseException:
            self.stop()
            raise

    def wait_for(self, writes: float) -> None:
        """Wait until so many writes are done, or nobody writes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._enough(writes))

    def stop(self) -> None:
        """Let every client end with the write it is at."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def share(self, entity: str) -> None:
        """The act document and the liquidation that an entity's clients share."""
        act = Call(entity, p.ACT, act_fields("shared", "1", SHARED, END) | {p.TYPE: "0"})
        self._insist(act)
        self._insist(_liquidation(entity, "shared", "shared", SHARED // 2))

    def _enough(self, writes: float) -> bool:
        return self.stopped or bool(self.wrong) or len(self.done) >= writes

    def _insist(self, call: Call) -> None:
        """Repeat the same call until it is known to be done, as the guide tells clients to."""
        attempts, answer = 0, None
        while answer is None or answer.status == 503:
            if self.stopped and attempts:
                return
            started = time.monotonic()
            answer = self.post(call)
            attempts += 1
            with self._changed:
                self.longest = max(self.longest, time.monotonic() - started)
                self.unanswered += answer is None or answer.status == 503
                if answer and answer.status == 503 and not retry_after(answer):
                    self.wrong.append(f"503 that does not say when to come again: {answer.text}")
        with self._changed:
            if objection := _objection(call, answer, attempts):
                self.wrong.append(f"{objection}: {answer.status} {answer.text} to attempt {attempts} of {call}")
            else:
                self.done.append(Done(call, (answer.body.get("existing") or answer.body)["radicado"], attempts))
            self._changed.notify_all()


def retry_after(answer: Answer) -> int:
    """The seconds after which to come again, as the answer says; zero if it does not."""
    return int(answer.headers.get("retry-after", 0))


def _objection(call: Call, answer: Answer, attempts: int) -> str | None:
    """What is wrong with the answer to a call whose ids are its own; None when it is as it should be."""
    replayed = "idempotency-replayed" in answer.headers
    if answer.status == 200:
        return "replay of what was never sent before" if replayed and (attempts == 1 or not call.key) else None
    if answer.status == 400 and tuple(answer.codes) in ALREADY_DONE and answer.body["existing"]["identical"]:
        if attempts == 1:
            return "told that it is a duplicate of its own first attempt"
        return "told that it is a duplicate, in spite of its key" if call.key else None
    return "refused without reason"


def verify(seed: str, crowd: Crowd, books: Books) -> None:
    """Everything acknowledged is there, once, and nothing else. Raises Found."""
    wrong = [*crowd.wrong, *books.problems(), *lost(crowd.done, books)]
    logged = Counter((entity, entry["operation"], entry["record"]) for (entity, _), entry in books.log.items())
    wrong += [f"registered {count} times: {what}" for what, count in logged.items() if count > 1]
    if not crowd.stopped and len(books.log) != len(crowd.done):
        wrong.append(f"{len(books.log)} registrations, {len(crowd.done)} acknowledged")
    if wrong:
        raise Found(seed, "lost, doubled or wrongly refused", wrong)


def lost(done: list[Done], books: Books) -> Iterator[str]:
    """The acknowledged writes of which something is not there: the record, its log entry, its key's row."""
    for each in done:
        call, kind = each.call, each.call.fields[p.TYPE]
        if _stored(call, kind, books) != each.radicado or each.radicado not in books.radicados:
            yield f"acknowledged as {each.radicado} and not there: {call}"
        if call.key and (call.entity, call.key) not in books.keys:
            yield f"acknowledged under a key that is not there: {call}"


def _stored(call: Call, kind: str, books: Books) -> str | None:
    """The receipt number that the record of a call carries."""
    key = call.row[1:]
    if call.operation == p.ACT and kind == "1":
        values = call.fields[p.VALUE], call.fields[p.END]
        found = [row for row in books.versions_of(key) if (row[p.VALUE], row[p.END]) == values]
        return found[0]["radicado"] if len(found) == 1 else None
    row = {p.ACT: books.acts, p.LIQUIDATION: books.liquidations, p.PAYMENT: books.payments}[call.operation].get(key, {})
    return row.get("annulledBy" if call.operation != p.ACT and kind == "0" else "radicado")


def _story(chance: random.Random, entity: str, name: str) -> Iterator[Call]:
    """An act document, amended, liquidated and paid, in part annulled; and a share of what all spend from."""

    def keyed(call: Call, *, always: bool = False) -> Call:
        kind = call.fields[p.TYPE]
        wanted = always or chance.random() < 0.5
        return call._replace(key=f"{'/'.join(call.row[2:])}/{kind}/{call.fields.get(p.VALUE, '')}") if wanted else call

    yield keyed(Call(entity, p.ACT, act_fields(name, "1", 90_000, END) | {p.TYPE: "0"}))
    # Without a key an amendment that is repeated after a 503 is another amendment.
    yield keyed(Call(entity, p.ACT, act_fields(name, "1", 100_000, END) | {p.TYPE: "1"}), always=True)
    for number, (code, value) in enumerate([(name, 60_000), (name, 40_000), ("shared", chance.randint(1, 9999))]):
        liquidation = _liquidation(entity, code, f"{name}/L{number}", value)
        yield keyed(liquidation)
        payment = _payment(entity, f"{name}/L{number}", f"{name}/P{number}", chance.randint(1, value))
        yield keyed(payment)
        if chance.random() < 0.6:
            yield keyed(_annulled(payment))
            yield keyed(_annulled(liquidation))
    yield keyed(_payment(entity, "shared", f"{name}/S", chance.randint(1, 9999)))


def _liquidation(entity: str, code: str, identifier: str, value: int) -> Call:
    fields = {p.CODE: code, p.LIQUIDATION_ID: identifier, p.STAMP: STAMP, p.LIQUIDATED: value, p.TAXPAYER: "1"}
    return Call(entity, p.LIQUIDATION, fields | {p.TYPE: "1"})


def _payment(entity: str, liquidation: str, identifier: str, value: int) -> Call:
    fields = {p.LIQUIDATION_ID: liquidation, p.PAYMENT_ID: identifier, p.PAID: value, p.DATE: "2024-03-19"}
    return Call(entity, p.PAYMENT, fields | {p.TYPE: "1"})


def _annulled(call: Call) -> Call:
    fields: dict[str, Any] = {**call.fields, p.TYPE: "0"}
    return call._replace(fields=fields)
