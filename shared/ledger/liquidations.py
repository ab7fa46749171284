"""Liquidations: registration within the act's value, and annulment with the checks 4a to 4d of table 19."""

from contextlib import suppress
from typing import Any

from pynamodb.exceptions import DoesNotExist

from shared import groups, money, retry, settings, stamps
from shared.call import Report
from shared.ledger.registration import Outcome, Overtaken, Receipt, Registration, completed, differences, receipt_of
from shared.models import (
    ANNULMENT,
    CODE,
    LIQUIDATION,
    ActCode,
    ActDocument,
    Annulment,
    Liquidation,
    Stamp,
    act_key,
    entity_key,
    liquidation_key,
    stamp_key,
    taxpayer_key,
)
from shared.rejection import Existing
from shared.transaction import Failures, Transaction

ANNULS = "0"  # the liquidation's `type` (table 19)
NO_TAXPAYER = ""  # no act document has this taxpayer: its key stands for "none found"


def report_liquidation(report: Report) -> Receipt:
    """Register or annul a liquidation (manual 6.2). Raises Rejection."""
    while True:  # three times at most: what is read of acts and liquidations changes twice at most
        with suppress(Overtaken):
            return prepare(report).commit()


def prepare(report: Report) -> Registration:
    """The registration of a liquidation or its annulment; without a taxpayer, what it reads may be overtaken."""
    return _annul(report) if report.record.text("type") == ANNULS else _register(report)


def _register(report: Report) -> Registration:
    record, caller = report.record, report.caller
    value = record.amount("liquidatedValue")
    ceiling = settings.liquidation_ceiling()
    transaction = Transaction()
    taxpayer, act_rule = _taxpayer(report, transaction)
    stamp_number = record.text("stampNumber")
    if not stamps.is_known(caller, stamp_number, report.deadline):
        # It fails, and the other reasons tell whatever else is wrong.
        transaction.check("stamp", Stamp(entity_key(caller.nit), stamp_key(stamp_number)), Stamp.pk.exists())
    transaction.put(
        "liquidation",
        Liquidation.of(
            _key(report),
            LIQUIDATION,
            {**record.values, "taxpayerDocumentNumber": taxpayer},
            remaining=value,
            **groups.of_liquidation(caller.nit, record.text("actDocumentCode"), taxpayer, report.radicado),
            **receipt_of(report),
        ),
        Liquidation.pk.does_not_exist(),
    )
    act_exists = ActDocument.pk.exists()
    act_covers_value = ActDocument.remaining >= value
    transaction.update(
        "act",
        _act(report, taxpayer),
        [
            ActDocument.remaining.set(ActDocument.remaining - value),
            ActDocument.liquidated.set(ActDocument.liquidated + value),
            ActDocument.liquidations.add(1),
        ],
        act_exists & act_covers_value if ceiling else act_exists,
    )

    def explain(failures: Failures) -> Outcome:
        if "code" in failures:  # an act was created since it was read
            raise Overtaken
        findings, existing = [], None
        taken, act = failures.get("liquidation"), failures.get("act")
        if "stamp" in failures:
            findings.append(record.finding("stamp-unknown", "stampNumber"))
        if isinstance(taken, Liquidation):
            differing = differences(report, taken.wire(), *_not_sent(report))
            existing = Existing(taken.radicado, taken.registered_at, differing)
            findings.append(record.finding("liquidation-id-taken", "liquidatedValueId"))
        if "act" in failures and act is None:
            parameter = "taxpayerDocumentNumber" if act_rule == "act-ambiguous" else "actDocumentCode"
            findings.append(record.finding(act_rule, parameter))
        elif isinstance(act, ActDocument) and not taken:
            remaining = money.pesos(int(act.remaining))
            findings.append(record.finding("liquidation-above-act", "liquidatedValue", remaining=remaining))
        return findings, existing

    return completed(report, transaction, explain, logged=_with(taxpayer, report))


def _annul(report: Report) -> Registration:
    record = report.record
    value = record.amount("liquidatedValue")
    key = _key(report)
    live = Liquidation.annulled_by.does_not_exist() & (Liquidation.live_payments == 0)
    identical = (
        (Liquidation.act_document_code == record.text("actDocumentCode"))
        & (Liquidation.stamp_number == record.text("stampNumber"))
        & (Liquidation.value == value)
    )
    if "taxpayerDocumentNumber" in record.values:
        taxpayer = record.text("taxpayerDocumentNumber")
        identical &= Liquidation.taxpayer_document_number == taxpayer
    else:
        taxpayer = _taxpayer_of_liquidation(report)
    transaction = Transaction()
    transaction.put("annulment", Annulment(key, ANNULMENT, **receipt_of(report)), Annulment.pk.does_not_exist())
    transaction.update(
        "liquidation",
        Liquidation(key, LIQUIDATION),
        [Liquidation.annulled_by.set(report.radicado), Liquidation.annulled_at.set(report.registered_at)],
        Liquidation.pk.exists() & live & identical,
    )
    transaction.update(
        "act",
        _act(report, taxpayer),
        [
            ActDocument.remaining.set(ActDocument.remaining + value),
            ActDocument.liquidated.set(ActDocument.liquidated - value),
        ],
        ActDocument.pk.exists(),
    )

    def explain(failures: Failures) -> Outcome:
        if taxpayer == NO_TAXPAYER and "liquidation" not in failures:  # registered since it was read
            raise Overtaken
        row = failures["liquidation"]
        if not isinstance(row, Liquidation):  # 4a
            return [record.finding("liquidation-to-annul-unknown", "liquidatedValueId")], None
        findings, existing = [], None
        differing = differences(report, row.wire(), "payerDocumentParametricTypeCode", *_not_sent(report))
        if row.live_payments:  # 4b
            findings.append(record.finding("liquidation-has-payments", "liquidatedValueId"))
        if differing:  # 4c
            findings.append(record.finding("liquidation-annulment-differs", "liquidatedValueId"))
        if row.annulled_by is not None:  # 4d
            findings.append(record.finding("liquidation-annulled", "liquidatedValueId"))
            existing = Existing(row.annulled_by, str(row.annulled_at), differing)
        return findings, existing

    return completed(report, transaction, explain, logged=_with(taxpayer, report))


def _taxpayer(report: Report, transaction: Transaction) -> tuple[str, str]:
    """The taxpayer of the act to liquidate, and the rule that speaks if there is no such act.

    Without a taxpayer in the body it is that of the only act with this code: one consistent read, and what it says is
    required of the transaction, so that the answer, a success too, is that of the moment of writing.
    """
    record = report.record
    if "taxpayerDocumentNumber" in record.values:
        return record.text("taxpayerDocumentNumber"), "act-unknown"
    pk = act_key(report.caller.nit, record.text("actDocumentCode"))
    try:
        code = retry.until(report.deadline, lambda: ActCode.get(pk, CODE, consistent_read=True))
    except DoesNotExist:
        transaction.check("code", ActCode(pk, CODE), ActCode.pk.does_not_exist())
        return NO_TAXPAYER, "act-unknown"
    if code.acts > 1:  # and never one again
        return NO_TAXPAYER, "act-ambiguous"
    transaction.check("code", code, ActCode.acts == 1)
    return code.first_taxpayer, "act-unknown"


def _taxpayer_of_liquidation(report: Report) -> str:
    """The taxpayer that the liquidation itself names (one consistent read), which never changes."""
    try:
        row = retry.until(report.deadline, lambda: Liquidation.get(_key(report), LIQUIDATION, consistent_read=True))
    except DoesNotExist:
        return NO_TAXPAYER
    return row.taxpayer_document_number


def _with(taxpayer: str, report: Report) -> dict[str, Any]:
    """The record as the log keeps it: with the taxpayer, whoever named it."""
    return {"record": {**report.record.values, "taxpayerDocumentNumber": taxpayer}}


def _not_sent(report: Report) -> tuple[str, ...]:
    """A taxpayer that the client did not name is not compared: it was taken from the act."""
    return () if "taxpayerDocumentNumber" in report.record.values else ("taxpayerDocumentNumber",)


def _act(report: Report, taxpayer: str) -> ActDocument:
    return ActDocument(act_key(report.caller.nit, report.record.text("actDocumentCode")), taxpayer_key(taxpayer))


def _key(report: Report) -> str:
    return liquidation_key(report.caller.nit, report.record.text("liquidatedValueId"))
