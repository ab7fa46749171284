"""The ticket of a load, from the file's arrival to its results; and what other tickets share with it.

ENTITY#<nit>#TICKETS  <ticket>
"""

import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared import retry
from shared.bulk.outcomes import ALREADY, NOT_PROCESSED, REGISTERED, REJECTED, VALID
from shared.call import Caller
from shared.models import Row
from shared.rejection import Finding, Rejection

KEPT_DAYS = 90  # files, lanes and steps; the ticket stays
STALLED_AFTER = 5 * 86_400  # seconds without progress: longer than any queue keeps a message
UPLOAD_SECONDS = 900
APART = 300  # seconds: how far clocks may be apart, and a write be from its beginning
MOST_ERRORS = 100
RECEIVED, UNDER_WAY, CLEAN, WITH_ERRORS, REFUSED = "received", "underWay", "clean", "withErrors", "refused"

RowError = dict[str, Any]
"""A finding as a ticket shows it: row if it is about one, code, parameter likewise, message."""


class Task(Row):
    """What an entity asked for and follows by its ticket. Times are UTC text; `results_until` is epoch seconds.

    `reason` is why it was refused, or why it broke off.
    """

    territorial = UnicodeAttribute()
    received_at = UnicodeAttribute(attr_name="receivedAt")
    started_at = UnicodeAttribute(attr_name="startedAt", null=True)
    finished_at = UnicodeAttribute(attr_name="finishedAt", null=True)
    reason = JSONAttribute(null=True)
    results_until = NumberAttribute(attr_name="resultsUntil", null=True)
    x_road = JSONAttribute(attr_name="xRoad", null=True)

    @property
    def nit(self) -> str:
        """The entity's."""
        return self.pk.split("#")[1]

    @property
    def caller(self) -> Caller:
        """The entity that asked."""
        return Caller(self.nit, self.territorial)

    @property
    def has_results(self) -> bool:
        """Whether its files are there, and not deleted yet."""
        return self.results_until is not None and self.results_until > time.time()


class Ticket(Task):
    """One file that an entity loads. `upload_expires` is epoch seconds. Counts are final once it is finished."""

    operation = UnicodeAttribute()
    file_name = UnicodeAttribute(attr_name="fileName")
    only_check = BooleanAttribute(attr_name="validar")
    upload_expires = NumberAttribute(attr_name="uploadExpires")
    version = UnicodeAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    lanes = NumberAttribute(null=True)
    lanes_done = NumberAttribute(attr_name="lanesDone", default=0)
    total = NumberAttribute(default=0)
    registered = NumberAttribute(default=0)
    already = NumberAttribute(attr_name="alreadyRegistered", default=0)
    rejected = NumberAttribute(default=0)
    not_processed = NumberAttribute(attr_name="notProcessed", default=0)
    valid = NumberAttribute(default=0)
    errors = JSONAttribute(null=True)

    @property
    def is_under_way(self) -> bool:
        """Whether its rows are being registered."""
        return self.started_at is not None and self.finished_at is None

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each result, once it is finished."""
        return Counter(
            {
                REGISTERED: int(self.registered),
                ALREADY: int(self.already),
                REJECTED: int(self.rejected),
                NOT_PROCESSED: int(self.not_processed),
                VALID: int(self.valid),
            }
        )


def tickets_key(nit: str) -> str:
    """pk of an entity's tickets."""
    return f"ENTITY#{nit}#TICKETS"


def now() -> str:
    """The present moment, as UTC text with milliseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def find(nit: str, ticket: str, deadline: float) -> Ticket:
    """An entity's ticket as it is now. Raises Rejection (ticket-unknown)."""
    try:
        return retry.until(deadline, lambda: Ticket.get(tickets_key(nit), ticket, consistent_read=True))
    except DoesNotExist:
        raise Rejection([Finding("ticket-unknown", "ticket")]) from None


def between(nit: str, first: str, last: str, most: int, deadline: float) -> list[Ticket]:
    """An entity's tickets within two bounds, newest first, so many at most."""
    if first > last:  # which DynamoDB refuses to look for
        return []
    key, bounds = tickets_key(nit), Ticket.sk.between(first, last)
    return retry.until(
        deadline,
        lambda: list(Ticket.query(key, bounds, consistent_read=True, scan_index_forward=False, limit=most)),
    )


def state(ticket: Ticket, last_progress: str, moment: float) -> tuple[str, dict[str, str] | None]:
    """The state (a key of the contract's states) at a moment in epoch seconds, and the reason if it ended badly.

    A file that never came, and a load that stands still, have ended too: nothing waits for ever.
    """
    if ticket.finished_at is not None:
        if ticket.reason and not ticket.total:
            return REFUSED, ticket.reason
        clean = not ticket.reason and not ticket.rejected
        return (CLEAN, None) if clean else (WITH_ERRORS, ticket.reason)
    if ticket.started_at is None:
        return (REFUSED, Finding("file-not-received").told()) if _never_came(ticket, moment) else (RECEIVED, None)
    if stands_still(max(ticket.started_at, last_progress), moment):
        return WITH_ERRORS, Finding("processing-failed").told()
    return UNDER_WAY, None


def stands_still(last_progress: str, moment: float) -> bool:
    """Whether nothing brings it forward any more: no queue keeps a message for that long."""
    return moment > datetime.datetime.fromisoformat(last_progress).timestamp() + STALLED_AFTER


def _never_came(ticket: Ticket, moment: float) -> bool:
    """Whether its file is not waited for any more: no queue keeps for that long what tells of it."""
    return moment > int(ticket.upload_expires) + STALLED_AFTER


def start(ticket: Ticket, version: str | None) -> bool:
    """Whether this version of the file is the one to load: the first that arrived, before any was told as not received.

    Some time before: who reads the ticket has another clock, and this write takes a while.
    """
    is_this = Ticket.version.does_not_exist() if version is None else Ticket.version == version
    begins = Ticket.started_at.exists() & is_this
    if not _never_came(ticket, time.time() + APART):
        begins |= Ticket.started_at.does_not_exist()
    changes = [Ticket.started_at.set(Ticket.started_at | now())]
    if version is not None:
        changes.append(Ticket.version.set(version))
    return update(ticket, changes, begins)


def refuse(ticket: Ticket, rejection: Rejection) -> None:
    """End the load of a file that is refused as a whole.

    Raises the rejection if it was divided before: rows of it may be registered, whatever the rules are by now.
    """
    told = [finding.told() for finding in rejection.findings[:MOST_ERRORS]]
    changes = [Ticket.reason.set(told[0]), Ticket.errors.set(told), Ticket.finished_at.set(now())]
    if not update(ticket, changes, unfinished() & Ticket.lanes.does_not_exist()):
        raise rejection


def divided(ticket: Ticket, sha256: str, figures: Mapping[str, int], errors: list[RowError]) -> None:
    """Store what is known of the whole file before its first registration: its figures are total, rejected, lanes."""
    changes = [
        Ticket.sha256.set(sha256),
        Ticket.total.set(figures["total"]),
        Ticket.rejected.set(figures["rejected"]),
        Ticket.lanes.set(figures["lanes"]),
        Ticket.errors.set(errors),
    ]
    update(ticket, changes, unfinished())


def add_errors(errors: list[RowError], row: int, findings: Iterable[Mapping[str, str]]) -> None:
    """Add what is wrong with a row (findings as answers have them) to what a ticket shows, as long as there is room."""
    errors.extend([{"row": row, **each} for each in findings][: MOST_ERRORS - len(errors)])


def expiry() -> int:
    """Until when what a load needed on its way, and its results, are kept, in epoch seconds."""
    return int(time.time()) + KEPT_DAYS * 86_400


def finish(ticket: Ticket, counts: Mapping[str, int], errors: list[RowError]) -> None:
    """End a load whose results are written, with its final figures; also one that was broken off before."""
    changes = [
        *_final(counts),
        Ticket.errors.set(errors),
        Ticket.results_until.set(expiry()),
        Ticket.finished_at.set(now()),
        Ticket.reason.set(Finding("processing-failed").told()) if counts[NOT_PROCESSED] else Ticket.reason.remove(),
    ]
    update(ticket, changes, Ticket.pk.exists() & Ticket.results_until.does_not_exist())


def break_off(ticket: Ticket, counts: Mapping[str, int]) -> None:
    """End a load that failed for no fault of its file, with what is known of its rows."""
    reason = Finding("processing-failed").told()
    changes = [*_final(counts), Ticket.reason.set(reason), Ticket.finished_at.set(now())]
    update(ticket, changes, unfinished())


def _final(counts: Mapping[str, int]) -> list[Action]:
    return [
        Ticket.total.set(sum(counts.values())),
        Ticket.registered.set(counts[REGISTERED]),
        Ticket.already.set(counts[ALREADY]),
        Ticket.rejected.set(counts[REJECTED]),
        Ticket.not_processed.set(counts[NOT_PROCESSED]),
        Ticket.valid.set(counts[VALID]),
    ]


def unfinished() -> Condition:
    """That it is there and has not ended."""
    condition: Condition = Task.pk.exists() & Task.finished_at.does_not_exist()
    return condition


def create(task: Task, deadline: float) -> None:
    """Keep a new one, under a number that nobody else has drawn: if it is there, an earlier attempt of ours kept it.

    So an attempt that arrives late does not undo what has become of it since.
    """
    _if(lambda: task.save(Task.pk.does_not_exist()), deadline)


def update(task: Task, changes: Sequence[Action], condition: Condition) -> bool:
    """Change what is kept of it, if the condition holds; whether it did."""
    return _if(lambda: task.update(list(changes), condition), retry.deadline())


def _if(write: Callable[[], object], deadline: float) -> bool:
    """Write, if the condition holds; whether it did."""
    try:
        retry.until(deadline, write)
    except (PutError, UpdateError) as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return False
    return True
