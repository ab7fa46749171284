"""The ticket of a report, from its request to its files. Not among those of loads: who lists these finds no report.

ENTITY#<nit>#REPORTS  <ticket>
"""

import time

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from shared import retry
from shared.bulk.tickets import CLEAN, RECEIVED, UNDER_WAY, WITH_ERRORS, Task, expiry, now, stands_still, unfinished
from shared.bulk.tickets import update as _update
from shared.contract import reports
from shared.contract.reports import ReportAbout
from shared.reach import EVERY
from shared.rejection import Finding, Rejection


class ReportTicket(Task):
    """One report that an entity asked for: what it is to have, and what it has once it is made.

    `entity` is what it is about as people read it, `entities` the NITs that are meant. `build` names its files' folder.
    """

    kind = UnicodeAttribute(attr_name="reportType")
    first_day = UnicodeAttribute(attr_name="from")
    last_day = UnicodeAttribute(attr_name="to")
    entity = UnicodeAttribute()
    entities = JSONAttribute()
    rows = NumberAttribute(null=True)
    build = UnicodeAttribute(null=True)

    @property
    def about(self) -> ReportAbout:
        """How it says whose it is, by the first of its entities."""
        return reports.declared().about["every" if self.entity == EVERY else "one"]


def reports_key(nit: str) -> str:
    """pk of an entity's tickets of reports."""
    return f"ENTITY#{nit}#REPORTS"


def find(nit: str, ticket: str, deadline: float) -> ReportTicket:
    """An entity's ticket of a report as it is now. Raises Rejection (report-ticket-unknown)."""
    try:
        return retry.until(deadline, lambda: ReportTicket.get(reports_key(nit), ticket, consistent_read=True))
    except DoesNotExist:
        raise Rejection([Finding("report-ticket-unknown", "ticket")]) from None


def state(ticket: ReportTicket) -> tuple[str, dict[str, str] | None]:
    """The state (a key of the contract's states) now, and the reason if it ended badly. Nothing waits for ever."""
    if ticket.finished_at is not None:
        return (WITH_ERRORS, ticket.reason) if ticket.reason else (CLEAN, None)
    if stands_still(ticket.started_at or ticket.received_at, time.time()):
        return WITH_ERRORS, Finding("report-failed").told()
    return (RECEIVED if ticket.started_at is None else UNDER_WAY), None


def start(ticket: ReportTicket) -> None:
    """Say that somebody works on it; the first time counts."""
    _update(ticket, [ReportTicket.started_at.set(ReportTicket.started_at | now())], unfinished())


def finish(ticket: ReportTicket, build: str, rows: int) -> None:
    """End a report whose files are stored; also one that was broken off before. The first files count."""
    changes = [
        ReportTicket.build.set(build),
        ReportTicket.rows.set(rows),
        ReportTicket.results_until.set(expiry()),
        ReportTicket.finished_at.set(now()),
        ReportTicket.reason.remove(),
    ]
    _update(ticket, changes, ReportTicket.pk.exists() & ReportTicket.results_until.does_not_exist())


def break_off(ticket: ReportTicket) -> None:
    """End a report that could not be made."""
    reason = Finding("report-failed").told()
    _update(ticket, [ReportTicket.reason.set(reason), ReportTicket.finished_at.set(now())], unfinished())
