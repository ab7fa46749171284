"""Act documents: creation, amendment (use case 7) and assignment (use case 8, a creation for another taxpayer)."""

from shared import groups, money, settings
from shared.call import Report
from shared.ledger.registration import Outcome, Receipt, Registration, completed, differences, receipt_of
from shared.models import (
    CODE,
    ActCode,
    ActDocument,
    ActVersion,
    act_key,
    taxpayer_key,
    version_key,
)
from shared.rejection import Existing
from shared.transaction import Failures, Transaction

AMENDMENT = "1"  # the act document's `type` (table 1, row 12)


def report_act_document(report: Report) -> Receipt:
    """Create or amend an act document (manual 6.1). Raises Rejection."""
    return prepare(report).commit()


def prepare(report: Report) -> Registration:
    """The registration of an act document or its amendment."""
    return _amend(report) if report.record.text("type") == AMENDMENT else _create(report)


def _create(report: Report) -> Registration:
    record = report.record
    value, end = record.amount("generatorFactValue"), record.text("generatorFactEndDate")
    pk, sk = _key(report)
    act = ActDocument.of(
        pk,
        sk,
        record.values,
        first_value=value,
        first_end=end,
        remaining=value,
        **groups.of_act(report.caller.nit, record.text("actDocumentCode"), report.radicado),
        **receipt_of(report),
    )
    transaction = Transaction()
    transaction.put("act", act, ActDocument.pk.does_not_exist())
    first_taxpayer = ActCode.first_taxpayer | record.text("taxpayerDocumentNumber")  # the one that is there already
    transaction.update("code", ActCode(pk, CODE), [ActCode.acts.add(1), ActCode.first_taxpayer.set(first_taxpayer)])

    def explain(failures: Failures) -> Outcome:
        row = failures["act"]
        assert isinstance(row, ActDocument)
        annex = record.named("actDocumentCode", alias="factCodeGenerator")
        # A repeated creation is compared with the creation, not with what amendments made of it.
        stored = {**row.wire(), "generatorFactValue": row.first_value, "generatorFactEndDate": row.first_end}
        existing = Existing(row.radicado, row.registered_at, differences(report, stored))
        return [record.finding("act-code-required" if annex else "act-taken", "actDocumentCode")], existing

    return completed(report, transaction, explain, logged=groups.of_creation(record.values, report.radicado))


def _amend(report: Report) -> Registration:
    """Replace value and end date; no read: what was liquidated is on the act document itself."""
    record = report.record
    value, end = record.amount("generatorFactValue"), record.text("generatorFactEndDate")
    pk, sk = _key(report)
    exists_and_starts_before_end = ActDocument.pk.exists() & (ActDocument.start <= end)
    covers_liquidated = ActDocument.liquidated <= value
    changes_something = (ActDocument.value != value) | (ActDocument.end != end)
    condition = exists_and_starts_before_end
    ceiling = settings.liquidation_ceiling()
    if ceiling:
        condition &= covers_liquidated
    receipt = report.radicado
    if report.ticket:  # a file may be loaded again, and a mended copy of it: that is no new amendment
        condition &= changes_something
        receipt = report.request_id
    transaction = Transaction()
    transaction.put(
        "version",
        ActVersion.of(pk, version_key(receipt), record.values, **receipt_of(report)),
        ActVersion.pk.does_not_exist(),
    )
    transaction.update(
        "act",
        ActDocument(pk, sk),
        [
            ActDocument.value.set(value),
            ActDocument.end.set(end),
            ActDocument.remaining.set(value - ActDocument.liquidated),
            ActDocument.amended_by.set(report.radicado),
            ActDocument.amended_at.set(report.registered_at),
        ],
        condition,
    )

    def explain(failures: Failures) -> Outcome:
        act = failures["act"]
        if not isinstance(act, ActDocument):
            return [record.finding("amended-act-unknown", "actDocumentCode")], None
        if report.ticket and (act.value, act.end) == (value, end):
            existing = Existing(act.amended_by or act.radicado, act.amended_at or act.registered_at, ())
            return [record.finding("act-taken", "actDocumentCode")], existing
        findings = []
        if end < act.start:
            findings.append(record.finding("act-end-before-start", "generatorFactEndDate"))
        if ceiling and value < act.liquidated:
            liquidated = money.pesos(int(act.liquidated))
            findings.append(record.finding("amendment-below-liquidated", "generatorFactValue", liquidated=liquidated))
        return findings, None

    def repeat(radicado: str) -> Transaction:
        """What keeps this row of this file from amending the act when the file is loaded again later."""
        kept = {**receipt_of(report), "radicado": radicado}
        writes = Transaction()
        version = ActVersion.of(pk, version_key(report.request_id), record.values, **kept)
        writes.put("version", version, ActVersion.pk.does_not_exist())
        return writes

    return completed(report, transaction, explain, repeat)


def _key(report: Report) -> tuple[str, str]:
    code, taxpayer = report.record.text("actDocumentCode"), report.record.text("taxpayerDocumentNumber")
    return act_key(report.caller.nit, code), taxpayer_key(taxpayer)
