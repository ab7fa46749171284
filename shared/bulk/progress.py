"""How far a load is: its lanes, and what became of each row, written together with what the row registered.

ENTITY#<nit>#TICKET#<ticket>  LANE#<lane>, STEP#<lane>#<step>
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from shared import reading, retry
from shared.bulk.outcomes import ALREADY, REGISTERED, REJECTED, Outcome
from shared.bulk.tickets import Ticket, expiry, now
from shared.models import Row
from shared.transaction import Transaction

LANE_PREFIX = "LANE#"
STEP_PREFIX = "STEP#"


class Lane(Row):
    """How far a lane is. `steps_done` keeps two workers with the same message from doing one step twice."""

    steps_done = NumberAttribute(attr_name="stepsDone")
    registered = NumberAttribute(default=0)
    already = NumberAttribute(attr_name="alreadyRegistered", default=0)
    rejected = NumberAttribute(default=0)
    complete = BooleanAttribute(null=True)
    given_up = BooleanAttribute(attr_name="givenUp", null=True)
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    expires = NumberAttribute()


class Step(Row):
    """What became of the rows of a step: row number -> outcome, written together with what it registered."""

    outcomes = JSONAttribute()
    expires = NumberAttribute()


def progress_key(nit: str, ticket: str) -> str:
    """pk of the lanes and steps of a load."""
    return f"ENTITY#{nit}#TICKET#{ticket}"


def lane_key(lane: int) -> str:
    """sk of a lane."""
    return f"{LANE_PREFIX}{lane:04d}"


def step_key(lane: int, step: int) -> str:
    """sk of a step, in the order in which they are done."""
    return f"{STEP_PREFIX}{lane:04d}#{step:06d}"


def counts(ticket: Ticket, deadline: float) -> tuple[Counter[str], str]:
    """How many rows have each result so far, and when the last of them got it (empty text if none has)."""
    found = Counter({REJECTED: int(ticket.rejected)})  # while it is under way: what the rules of format refused
    last = ""
    for lane in _lanes(ticket, deadline):
        found += Counter({REGISTERED: int(lane.registered), ALREADY: int(lane.already), REJECTED: int(lane.rejected)})
        last = max(last, lane.updated_at)
    return found, last


def steps_of(ticket: Ticket) -> Iterator[Step]:
    """Every step that is done. Raises Rejection (unavailable)."""
    rows = reading.query(progress_key(ticket.nit, ticket.sk), None, Step.sk.startswith(STEP_PREFIX))
    return (Step.from_raw_data(dict(row)) for row in rows)


def steps_done(ticket: Ticket, lane: int) -> int | None:
    """How many steps of a lane are done; None if it was given up."""
    try:
        row = retry.until(
            retry.deadline(),
            lambda: Lane.get(progress_key(ticket.nit, ticket.sk), lane_key(lane), consistent_read=True),
        )
    except DoesNotExist:
        return 0
    return None if row.given_up else int(row.steps_done)


def step(ticket: Ticket, lane: int, number: int, outcomes: Mapping[str, Outcome], *, is_last: bool) -> Transaction:
    """The writes by which a step is done, once: they fail together with what it registers."""
    key = progress_key(ticket.nit, ticket.sk)
    writes = Transaction()
    stored = {row: outcome.stored() for row, outcome in outcomes.items()}
    writes.put("step", Step(key, step_key(lane, number), outcomes=stored, expires=expiry()))
    results = Counter(outcome.result for outcome in outcomes.values())
    is_next = Lane.steps_done == number if number else Lane.pk.does_not_exist()
    changes = [
        Lane.steps_done.set(number + 1),
        Lane.registered.add(results[REGISTERED]),
        Lane.already.add(results[ALREADY]),
        Lane.rejected.add(results[REJECTED]),
        Lane.updated_at.set(now()),
        Lane.expires.set(expiry()),
    ]
    if is_last:
        changes.append(Lane.complete.set(True))
    writes.update("lane", Lane(key, lane_key(lane)), changes, is_next & Lane.given_up.does_not_exist())
    if is_last:
        writes.update("ticket", Ticket(ticket.pk, ticket.sk), [Ticket.lanes_done.add(1)], Ticket.pk.exists())
    return writes


def give_up(ticket: Ticket, lane: int) -> None:
    """Do no more of a lane's steps."""
    writes = Transaction()
    writes.update(
        "lane",
        Lane(progress_key(ticket.nit, ticket.sk), lane_key(lane)),
        [Lane.given_up.set(True), Lane.updated_at.set(now()), Lane.expires.set(expiry())],
        Lane.given_up.does_not_exist() & Lane.complete.does_not_exist(),
    )
    writes.update("ticket", Ticket(ticket.pk, ticket.sk), [Ticket.lanes_done.add(1)], Ticket.pk.exists())
    writes.commit(retry.deadline())


def _lanes(ticket: Ticket, deadline: float) -> Iterator[Lane]:
    """How far each lane is that has begun."""
    rows = reading.query(progress_key(ticket.nit, ticket.sk), deadline, Lane.sk.startswith(LANE_PREFIX))
    return (Lane.from_raw_data(dict(row)) for row in rows)
