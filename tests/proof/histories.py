"""Runs of clients at once over few keys, under faults: what they call, what they record, and what is wrong with it.

A history is that of one act's code with its liquidations and payments, which share balances; others do not touch it.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.client import Answer
from tests.proof import mixes
from tests.proof import parameters as p
from tests.proof.calls import Call, seen
from tests.proof.checker import NEVER, Event, check
from tests.proof.found import Found
from tests.proof.model import Row, State
from tests.proof.rows import Books
from tests.proof.world import CAPITAL, INSTITUTE, World, at_once, stamps, world

CLIENTS = 5
CALLS_EACH = 30
RUNS_IN_A_TABLE = 20
READ_TIMEOUT = 0.2  # seconds that the functions wait here for an answer: what is a little late is too late
DEADLINE = 0.1  # seconds: some calls end as 503, their outcome unknown
RATE = 0.35
UNNAMED = 0.3  # the share of liquidations that leave out the taxpayer: such a call reads before it writes
MIX: Mapping[Any, float] = {
    mixes.conflict: 6,
    mixes.delay: 6,
    mixes.lose_answer: 3,
    mixes.lose_answer_and_memory: 3,
    mixes.lose_request: 2,
    mixes.fail: 2,
    mixes.slower_than(READ_TIMEOUT): 1,
}


@dataclass(frozen=True)
class Made:
    """A call that a client made, with its ticks and the answer that came back."""

    name: str
    call: Call
    called: int
    returned: int
    answer: Answer


@dataclass
class Figures:
    """What the runs amounted to."""

    runs: int = 0
    histories: int = 0
    calls: int = 0
    unknown: int = 0


def prove(seed: str, runs: int, progress: Callable[[int], None]) -> Figures:
    """Record and check so many runs. Raises Found."""
    figures = Figures()
    while figures.runs < runs:
        with world(deadline=DEADLINE, read_timeout=READ_TIMEOUT) as here:
            for _ in range(min(RUNS_IN_A_TABLE, runs - figures.runs)):
                one(here, f"{seed}/{figures.runs}", figures)
                progress(figures.runs)
    return figures


def one(here: World, seed: str, figures: Figures) -> None:
    """One run: several clients over two codes of two entities. Raises Found."""
    codes = [f"{figures.runs}{letter}" for letter in "AB"]
    here.proxy.plan = mixes.Chance(seed, MIX, RATE)
    with at_once(CLIENTS) as pool:
        each = pool.map(
            lambda number: _client(here, f"{seed}/{number}", f"{figures.runs}.{number}", codes), range(CLIENTS)
        )
        made = [call for calls in each for call in calls]
    here.proxy.plan = lambda _target: None
    books = here.books()
    figures.runs += 1
    figures.calls += len(made)
    figures.unknown += sum(call.answer.status == 503 for call in made)
    faults = [f"{call.answer.status} {call.answer.text} to {call.call}" for call in made if not _is_due(call.answer)]
    if wrong := faults + here.failures + books.problems():
        raise Found(seed, "not as it should be", wrong)
    figures.histories += judge(seed, made, books)


def judge(seed: str, made: Iterable[Made], books: Books) -> int:
    """Check each key's history, and say how many. Raises Found."""

    def writer_of(radicado: str) -> Hashable:
        return books.writers.get(radicado, f"nobody known ({radicado})")

    histories = defaultdict(list)
    for call in made:
        histories[call.call.entity, _code(call.call)].append(_event(call, writer_of))
    stored = books.state(writer_of)
    for (entity, code), events in histories.items():
        end = {key: row for key, row in stored.items() if key[1] == entity and key[2].partition("-")[0] == code}
        verdict = check(events, stamps(entity), {**stamps(entity), **end})
        if not verdict.holds:
            raise Found(seed, f"no order explains the history of {entity} {code}", _told(events, verdict.order, end))
    return len(histories)


def _told(events: Iterable[Event], order: Iterable[Hashable], end: State) -> list[str]:
    by_time = sorted(events, key=lambda event: event.called)
    return [*map(str, by_time), f"longest order: {' '.join(map(str, order))}", *(_row(*each) for each in end.items())]


def _row(key: tuple[str, ...], row: Any) -> str:
    if not isinstance(row, Row):
        return f"{'/'.join(key)}: {row}"
    return f"{'/'.join(key)}: by {row.writer}, {row.value} less {row.spent}, annulled by {row.annulled}"


def _is_due(answer: Answer) -> bool:
    """Whether the answer is one of those that a well-formed call may get."""
    return answer.status in {200, 400, 422} or (answer.status == 503 and int(answer.headers["retry-after"]) > 0)


def _event(made: Made, writer_of: Callable[[str], Hashable]) -> Event:
    if made.answer.status == 503:
        return Event(made.name, made.call, made.called, NEVER)
    return Event(made.name, made.call, made.called, made.returned, seen(made.answer, writer_of))


def _code(call: Call) -> str:
    """The code of the act's key that a call belongs to: every id begins with it."""
    return next(call.fields[name] for name in (p.CODE, p.LIQUIDATION_ID) if name in call.fields).partition("-")[0]


def _client(here: World, seed: str, name: str, codes: list[str]) -> list[Made]:
    chance = random.Random(seed)
    made: list[Made] = []
    while len(made) < CALLS_EACH:
        again = made and (made[-1].answer.status == 503 or chance.random() < 0.1)
        call = made[-1].call if again else draw(chance, chance.choice([CAPITAL, INSTITUTE]), chance.choice(codes))
        made.append(make(here, f"{name}.{len(made)}", call))
    return made


def make(here: World, name: str, call: Call) -> Made:
    """Make a call that will be known by this name."""
    called = here.tick()
    answer = here.clients[call.entity].post(call.operation, call.body(), {**call.headers(), "X-Road-Id": name})
    return Made(name, call, called, here.tick(), answer)


def draw(chance: random.Random, entity: str, code: str) -> Call:
    """A call about this code: of few ids, so that they meet, and mostly of one value per id, so that annulments fit."""
    operation, kind = chance.choices(
        [(p.ACT, "0"), (p.ACT, "1"), (p.LIQUIDATION, "1"), (p.LIQUIDATION, "0"), (p.PAYMENT, "1"), (p.PAYMENT, "0")],
        [3, 2, 8, 3, 9, 4],
    )[0]
    number = chance.randint(1, 3)
    value = 1000 * number if chance.random() < 0.85 else chance.randint(1, 9000)
    fields: dict[str, Any]
    if operation == p.ACT:
        taxpayer = chance.choices(["1", "2"], [9, 1])[0]
        end = chance.choice(["2024-06-30 00:00:00", "2024-12-31 00:00:00"]) if kind == "1" else "2024-12-31 00:00:00"
        value = chance.choice([5000, 6000, 9000]) if kind == "1" else 6000
        fields = act_fields(code, taxpayer, value, end)
    elif operation == p.LIQUIDATION:
        fields = {p.CODE: code, p.LIQUIDATION_ID: f"{code}-L{number}", p.STAMP: "90", p.LIQUIDATED: value}
        if chance.random() >= UNNAMED:
            fields[p.TAXPAYER] = "1"
    else:
        liquidation = number if chance.random() < 0.9 else chance.randint(1, 3)
        identifier = f"{code}-P{number}{chance.choice('xy')}"
        fields = {p.LIQUIDATION_ID: f"{code}-L{liquidation}", p.PAYMENT_ID: identifier, p.PAID: value // 2 or 1}
        fields[p.DATE] = "2024-03-19"
    key = f"{code}-{operation}-{kind}-{number if chance.random() < 0.9 else 0}" if chance.random() < 0.4 else None
    return Call(entity, operation, fields | {p.TYPE: kind}, key)


def act_fields(code: str, taxpayer: str, value: int, end: str) -> dict[str, Any]:
    """The parameters of an act document, but for its type."""
    return {
        p.CODE: code,
        p.PLATFORM: "2",
        p.VALUE: value,
        p.START: "2024-01-01 00:00:00",
        p.END: end,
        p.ACT_KIND: "AD4",
        p.PROCEDURE: "TR1",
        p.KIND: "CC",
        p.TAXPAYER: taxpayer,
        p.NAME: "Diego Ariza",
    }
