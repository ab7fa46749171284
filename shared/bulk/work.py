"""One lane of a load: its steps in order, each one transaction that registers rows and keeps what became of them.

The lane's own row counts the steps, and each transaction asks for the count that it began with. So a step is done once,
whatever comes twice, dies half way or is overtaken; what it refused stays refused; a later step finds the earlier ones
done.
"""

import json
from collections.abc import Callable
from typing import Any

from shared import contract, radicado, retry, settings, transaction
from shared.bulk import bucket, files, progress, queues, tickets
from shared.bulk.outcomes import ALREADY, REGISTERED, Outcome
from shared.bulk.tickets import Ticket
from shared.call import Report
from shared.contract import Operation, loads
from shared.ledger import acts, liquidations, payments
from shared.ledger.registration import Registration
from shared.rejection import Finding, Rejection
from shared.retry import SERVER_ERROR
from shared.transaction import Failures, Transaction
from shared.validation import read_members
from shared.validation.body import NumberText

PREPARE: dict[str, Callable[[Report], Registration]] = {
    "registerActDocument": acts.prepare,
    "registerLiquidation": liquidations.prepare,
    "registerPayment": payments.prepare,
}
LEAST_TIME = 30.0  # seconds that a worker needs for one more step: the deadline, and an attempt begun just before it

Row = list[Any]
"""[number, parameters], as a lane has it."""


def work(nit: str, ticket_id: str, lane: int, time_left: Callable[[], float]) -> None:
    """Do the steps of a lane that are not done, or leave the rest to another message when time is short.

    `time_left` gives seconds. Raises Rejection (unavailable): the message must come again.
    """
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    if ticket.finished_at is not None:
        return  # broken off: nobody would tell what became of these rows
    steps = json.loads(bucket.get(files.lane_key(nit, ticket_id, lane)), parse_int=NumberText, parse_float=NumberText)
    done = progress.steps_done(ticket, lane)
    while done is not None and done < len(steps):
        if time_left() < LEAST_TIME:
            queues.send(settings.lanes_queue(), [{"nit": nit, "ticket_id": ticket_id, "lane": lane}], retry.deadline())
            return
        is_ours = _do(ticket, lane, done, steps[done], is_last=done + 1 == len(steps))
        done = done + 1 if is_ours else progress.steps_done(ticket, lane)
    _finish_if_all_done(nit, ticket_id)


def give_up(nit: str, ticket_id: str, lane: int) -> None:
    """Leave the steps of a lane undone that has failed too often; its rows are told as not processed."""
    progress.give_up(tickets.find(nit, ticket_id, retry.deadline()), lane)
    _finish_if_all_done(nit, ticket_id)


def _finish_if_all_done(nit: str, ticket_id: str) -> None:
    """Ask for the results once the last lane is done; whoever notices asks, and twice does no harm."""
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    if ticket.finished_at is None and ticket.lanes_done == ticket.lanes:
        queues.send(settings.files_queue(), [{"finish": {"nit": nit, "ticket_id": ticket_id}}], retry.deadline())


def _do(ticket: Ticket, lane: int, step: int, rows: list[Row], *, is_last: bool) -> bool:
    """Do a step: register what can be, and keep what became of every row. False if another worker did it."""
    file = loads.files()[ticket.operation]
    registration = contract.operation(file.registers)
    deadline = retry.deadline()
    pending, outcomes = _prepared(ticket, registration, rows, deadline)
    repeats: dict[str, Transaction] = {}
    while True:
        hoped = {number: Outcome(REGISTERED, each.report.radicado) for number, each in pending.items()}
        done = progress.step(ticket, lane, step, outcomes | hoped, is_last=is_last)
        asked = {number: each.transaction for number, each in pending.items()} | repeats
        failed, *others = transaction.commit_together([done, *asked.values()], deadline)
        if failed:
            return False
        if not any(others):
            return True
        for number, failures in zip(asked, others, strict=True):
            if not failures:
                continue
            if repeats.pop(number, None) is None:
                judged = pending.pop(number)
                outcomes[number] = _outcome(judged, failures)
                if judged.repeat and outcomes[number].result == ALREADY:
                    repeats[number] = judged.repeat(str(outcomes[number].radicado))


def _prepared(
    ticket: Ticket, registration: Operation, rows: list[Row], deadline: float
) -> tuple[dict[str, Registration], dict[str, Outcome]]:
    """The rows to register, and those that a rule newer than the lane refuses. Raises Rejection (unavailable)."""
    pending: dict[str, Registration] = {}
    refused: dict[str, Outcome] = {}
    for number, members in rows:
        try:
            pending[number] = PREPARE[registration.id](_report(ticket, registration, number, members, deadline))
        except Rejection as rejection:
            if rejection.status >= SERVER_ERROR:
                raise
            refused[number] = Outcome.rejected(rejection.findings)
    return pending, refused


def _report(ticket: Ticket, registration: Operation, number: str, members: dict[str, Any], deadline: float) -> Report:
    """A row as what an entity reports. Its request id is that of this row of this file, in whatever load."""
    receipt, moment = radicado.draw()
    return Report(
        request_id=f"file {ticket.sha256} row {number}",
        deadline=deadline,
        operation=registration,
        caller=ticket.caller,
        record=read_members(registration, members),
        radicado=receipt,
        registered_at=moment,
        x_road=ticket.x_road or {},
        ticket=ticket.sk,
    )


def _outcome(registration: Registration, failures: Failures) -> Outcome:
    """Why a row was not registered now: it was before, alike, or it may not be."""
    try:
        receipt = registration.receipt(failures)
    except Rejection as rejection:
        existing = rejection.existing
        if existing is None:
            return Outcome.rejected(rejection.findings)
        if not existing.differences:
            return Outcome(ALREADY, existing.radicado)
        values = {"radicado": existing.radicado, "differences": ", ".join(existing.differences)}
        return Outcome.rejected([*rejection.findings, Finding("record-differs", None, values)])
    return Outcome(ALREADY, json.loads(receipt.answer)["radicado"])
