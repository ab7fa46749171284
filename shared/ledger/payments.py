"""Payments: registration within the liquidation's balance, without limit of number, and annulment (table 25)."""

from shared import groups, money
from shared.call import Report
from shared.ledger.registration import Outcome, Receipt, Registration, completed, differences, receipt_of
from shared.models import ANNULMENT, LIQUIDATION, PAYMENT, Annulment, Liquidation, Payment, liquidation_key, payment_key
from shared.rejection import Existing
from shared.transaction import Failures, Transaction

ANNULS = "0"  # the payment's `type` (table 25)


def report_payment(report: Report) -> Receipt:
    """Register or annul a payment (manual 6.3). Raises Rejection."""
    return prepare(report).commit()


def prepare(report: Report) -> Registration:
    """The registration of a payment or its annulment."""
    return _annul(report) if report.record.text("type") == ANNULS else _register(report)


def _register(report: Report) -> Registration:
    record = report.record
    value = record.amount("valuePaid")
    transaction = Transaction()
    transaction.put(
        "payment",
        Payment.of(
            _key(report),
            PAYMENT,
            record.values,
            **groups.of_payment(report.caller.nit, record.text("liquidatedValueId"), report.radicado),
            **receipt_of(report),
        ),
        Payment.pk.does_not_exist(),
    )
    is_live = Liquidation.pk.exists() & Liquidation.annulled_by.does_not_exist()
    covers_value = Liquidation.remaining >= value
    transaction.update(
        "liquidation",
        _liquidation(report),
        [
            Liquidation.remaining.set(Liquidation.remaining - value),
            Liquidation.live_payments.set(Liquidation.live_payments + 1),
            Liquidation.payments.add(1),
        ],
        is_live & covers_value,
    )

    def explain(failures: Failures) -> Outcome:
        findings, existing = [], None
        taken, liquidation = failures.get("payment"), failures.get("liquidation")
        if isinstance(taken, Payment):
            existing = Existing(taken.radicado, taken.registered_at, differences(report, taken.wire()))
            findings.append(record.finding("payment-id-taken", "paidValueId"))
        if "liquidation" in failures and not (isinstance(liquidation, Liquidation) and liquidation.annulled_by is None):
            findings.append(record.finding("liquidation-unknown", "liquidatedValueId"))
        elif isinstance(liquidation, Liquidation) and not taken:
            remaining = money.pesos(int(liquidation.remaining))
            findings.append(record.finding("payment-above-balance", "valuePaid", remaining=remaining))
        return findings, existing

    return completed(report, transaction, explain)


def _annul(report: Report) -> Registration:
    record = report.record
    value = record.amount("valuePaid")
    key = _key(report)
    identical = (
        (Payment.liquidated_value_id == record.text("liquidatedValueId"))
        & (Payment.value == value)
        & (Payment.date == record.text("paymentDate"))
    )
    transaction = Transaction()
    transaction.put("annulment", Annulment(key, ANNULMENT, **receipt_of(report)), Annulment.pk.does_not_exist())
    transaction.update(
        "payment",
        Payment(key, PAYMENT),
        [Payment.annulled_by.set(report.radicado), Payment.annulled_at.set(report.registered_at)],
        Payment.pk.exists() & identical & Payment.annulled_by.does_not_exist(),
    )
    transaction.update(
        "liquidation",
        _liquidation(report),
        [
            Liquidation.remaining.set(Liquidation.remaining + value),
            Liquidation.live_payments.set(Liquidation.live_payments - 1),
        ],
        Liquidation.pk.exists(),
    )

    def explain(failures: Failures) -> Outcome:
        row = failures["payment"]
        if not isinstance(row, Payment):  # 4b
            return [record.finding("payment-to-annul-unknown", "paidValueId")], None
        findings, existing = [], None
        differing = differences(report, row.wire())
        if differing:  # 4c
            findings.append(record.finding("payment-annulment-differs", "paidValueId"))
        if row.annulled_by is not None:  # 4d
            findings.append(record.finding("payment-annulled", "paidValueId"))
            existing = Existing(row.annulled_by, str(row.annulled_at), differing)
        return findings, existing

    return completed(report, transaction, explain)


def _liquidation(report: Report) -> Liquidation:
    return Liquidation(liquidation_key(report.caller.nit, report.record.text("liquidatedValueId")), LIQUIDATION)


def _key(report: Report) -> str:
    return payment_key(report.caller.nit, report.record.text("paidValueId"))
