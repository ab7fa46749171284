"""What every registration does around its own writes: log, Idempotency-Key, receipt, and telling why it failed."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared import contract
from shared.call import Idempotency, Report
from shared.models import IDEMPOTENCY, IdempotencyRow, LogEntry, Registered, Row, idempotency_key, log_key
from shared.rejection import Existing, Finding, Rejection
from shared.transaction import Failures, Transaction

SECONDS_PER_DAY = 86_400
NOTHING: Mapping[str, Any] = MappingProxyType({})

Outcome = tuple[Iterable[Finding], Existing | None]
"""Why a transaction failed: the findings, and the record that already holds the id, if that is among them."""


@dataclass(frozen=True)
class Receipt:
    """A success: the answer's JSON text, and whether it is that of an earlier call with the same Idempotency-Key."""

    answer: str
    replayed: bool = False


class Overtaken(Exception):
    """What was read before the transaction has changed since, for good: begin anew.

    Nothing is written, and an attempt that arrives late writes nothing either: its conditions never hold again.
    """


@dataclass(frozen=True)
class Registration:
    """A report made ready: the transaction that registers it, and what its failures mean.

    `repeat`: what is to be kept, by the radicado of the record that is there, if a file's row repeats one.
    """

    report: Report
    transaction: Transaction
    explain: Callable[[Failures], Outcome]
    repeat: Callable[[str], Transaction] | None = None

    def commit(self) -> Receipt:
        """Register it. Raises what `receipt` does, and Rejection (unavailable)."""
        return self.receipt(self.transaction.commit(self.report.deadline))

    def receipt(self, failures: Failures) -> Receipt:
        """What the transaction's failures, or their absence, come to.

        Raises Rejection: idempotency-key-reused, or what `explain` says. `explain` may raise Overtaken: what an attempt
        whose answer was lost has written, and what a key holds, has been told before.
        """
        report = self.report
        if not failures:
            return Receipt(_answer(report, report.radicado, report.registered_at))
        receipt = _own_earlier_attempt(report, self.transaction, failures) or _replay(report, failures)
        if receipt is None:
            raise Rejection(*self.explain(failures))
        return receipt


def completed(
    report: Report,
    transaction: Transaction,
    explain: Callable[[Failures], Outcome],
    repeat: Callable[[str], Transaction] | None = None,
    logged: Mapping[str, Any] = NOTHING,
) -> Registration:
    """The registration of a report, its transaction completed with log entry and Idempotency-Key.

    `logged`: attributes of the log entry beyond those of the report, or in place of them.
    """
    transaction.put("log", _log_entry(report, logged))
    if report.idempotency:
        row = _idempotency_row(report, report.idempotency)
        expired = IdempotencyRow.expires < int(time.time())  # TTL deletes late
        transaction.put("idempotency", row, IdempotencyRow.pk.does_not_exist() | expired)
    return Registration(report, transaction, explain, repeat)


def receipt_of(report: Report) -> dict[str, Any]:
    """What a row keeps of the call that wrote it."""
    return {
        "radicado": report.radicado,
        "registered_at": report.registered_at,
        "request_id": report.request_id,
    }


def differences(report: Report, stored: Mapping[str, Any], *ignored: str) -> tuple[str, ...]:
    """The parameters whose normal form is not the stored one. `type` says what to do and is not compared."""
    sent = report.record.values
    names = (field.name for field in report.operation.fields if field.name not in {"type", *ignored})
    return tuple(name for name in names if sent.get(name) != stored.get(name))


def _own_earlier_attempt(report: Report, transaction: Transaction, failures: Failures) -> Receipt | None:
    """A row of ours that is there already is our earlier attempt, whose answer was lost: a success despite all else.

    Only a row that this transaction itself writes whole counts, not a parent that it changes.
    """
    for name in transaction.puts.keys() & failures.keys():
        row = failures[name]
        if isinstance(row, Registered) and row.request_id == report.request_id:
            return Receipt(_answer(report, row.radicado, row.registered_at))
    return None


def _replay(report: Report, failures: Failures) -> Receipt | None:
    row: Row | None = failures.get("idempotency")
    if not isinstance(row, IdempotencyRow) or report.idempotency is None:
        return None
    if (row.operation, row.body_sha256) != (report.operation.id, report.idempotency.body_sha256):
        raise Rejection([Finding("idempotency-key-reused", "Idempotency-Key")])
    return Receipt(row.answer, replayed=True)


def _answer(report: Report, radicado: str, registered_at: str) -> str:
    message = json.dumps(report.operation.stored_message, ensure_ascii=False)
    data = report.record.received_json()
    return f'{{"data": {data}, "message": {message}, "radicado": "{radicado}", "registeredAt": "{registered_at}"}}'


def _log_entry(report: Report, logged: Mapping[str, Any]) -> LogEntry:
    attributes = {
        "operation": report.operation.id,
        "record": dict(report.record.values),
        "x_road": dict(report.x_road) or None,
        "ticket": report.ticket,
        **receipt_of(report),
        **logged,
    }
    return LogEntry(log_key(report.caller.nit, report.registered_at, report.radicado), report.radicado, **attributes)


def _idempotency_row(report: Report, idempotency: Idempotency) -> IdempotencyRow:
    days = contract.headers()["Idempotency-Key"]["x-retention-days"]
    return IdempotencyRow(
        idempotency_key(report.caller.nit, idempotency.key),
        IDEMPOTENCY,
        operation=report.operation.id,
        body_sha256=idempotency.body_sha256,
        answer=_answer(report, report.radicado, report.registered_at),
        expires=int(time.time()) + days * SECONDS_PER_DAY,
    )
