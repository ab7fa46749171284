"""Writes under each kind of fault: none acknowledged and lost, none doubled, none refused for its own sake."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from shared import retry
from tests.proof import mixes
from tests.proof import parameters as p
from tests.proof.calls import Call
from tests.proof.found import Found
from tests.proof.histories import act_fields
from tests.proof.stories import END, Crowd, retry_after, verify
from tests.proof.world import CAPITAL, INSTITUTE, World, at_once, forget, world

CLIENTS = 8
RATE = 0.2
OUTAGE = 80  # calls in a row, enough to outlast a short deadline
DEADLINE = 1.0  # seconds, in most runs
PATIENCE = mixes.PATIENCE
LAST_ATTEMPT = 1 + PATIENCE  # seconds that an attempt begun at the deadline may take: to connect, and to read
GATEWAY = 29.0  # seconds, after which API Gateway answers in the function's place
LATE_CALLS = 24
SLACK = 1.0  # seconds of a busy machine


@dataclass
class Figures:
    """What the runs under one mix amounted to; `longest` call in seconds."""

    writes: int
    faults: int
    unanswered: int
    longest: float


@dataclass
class TimeLimit:
    """What the calls that nothing let through amounted to; the `longest` in seconds."""

    calls: int
    longest: float


def prove(seed: str, mix: str, writes: int, progress: Callable[[int], None], deadline: float = DEADLINE) -> Figures:
    """Make so many writes under a mix, and look at what is left of them. Raises Found."""
    with world(deadline=deadline) as here:
        crowd = Crowd(lambda call: here.clients[call.entity].post(call.operation, call.body(), call.headers()))
        with at_once(CLIENTS) as pool:
            for entity in here.clients:
                pool.submit(crowd.share, entity).result()
            chance = here.proxy.plan = mixes.Chance(seed, mixes.MIXES[mix], RATE, OUTAGE)
            entities = itertools.cycle(here.clients)
            each = [
                pool.submit(crowd.tell, f"{seed}/{number}", next(entities), str(number), writes)
                for number in range(CLIENTS)
            ]
            for goal in range(100, writes + 100, 100):
                crowd.wait_for(min(goal, writes))
                progress(len(crowd.done))
            for one in each:
                one.result()
        here.proxy.plan = lambda _target: None
        crowd.wrong += here.failures
        if chance.met < len(crowd.done) * RATE / 2:
            crowd.wrong.append(f"only {chance.met} faults in the calls of {len(crowd.done)} writes")
        if crowd.longest > deadline + LAST_ATTEMPT + SLACK:
            crowd.wrong.append(f"answered after {crowd.longest:.1f} s, the deadline being {deadline} s")
        verify(seed, crowd, here.books())
        return Figures(len(crowd.done), chance.met, crowd.unanswered, round(crowd.longest, 2))


def prove_time_limit(seed: str, progress: Callable[[int], None], deadline: float = retry.DEADLINE) -> TimeLimit:
    """Calls of which no attempt succeeds, whatever befalls it. Raises Found."""
    lasting = {**dict.fromkeys(mixes.MIXES["all mixed"], 1.0), mixes.slower_than(PATIENCE): 1.0}
    del lasting[mixes.delay]  # the one that lets an attempt succeed
    with world(deadline=deadline) as here:
        forget()
        here.proxy.plan = mixes.Chance(seed, lasting, rate=1)
        with at_once(LATE_CALLS) as pool:
            took = list(pool.map(lambda number: _late(seed, here, number, deadline), range(LATE_CALLS)))
    progress(LATE_CALLS)
    return TimeLimit(LATE_CALLS, round(max(took), 2))


def _late(seed: str, here: World, number: int, deadline: float) -> float:
    """The seconds that a call takes until it is told to come again."""
    act = Call(CAPITAL, p.ACT, act_fields(f"late{number}", "1", 1, END) | {p.TYPE: "0"})
    # The call with the most steps: token, two lists of stamps, the act's code, and the write.
    fields = {p.CODE: "late", p.LIQUIDATION_ID: f"late{number}", p.STAMP: "404", p.LIQUIDATED: 1, p.TYPE: "1"}
    call = (act, Call(INSTITUTE, p.LIQUIDATION, fields))[number % 2]
    started = time.monotonic()
    answer = here.clients[call.entity].post(call.operation, call.body())
    took = time.monotonic() - started
    if took > min(GATEWAY, deadline + LAST_ATTEMPT + SLACK) or answer.status != 503 or not retry_after(answer):
        raise Found(seed, f"answered {answer.status} after {took:.1f} s", [answer.text, *here.failures])
    return took
