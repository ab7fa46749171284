"""Repeating a call is safe: a repeated id says what it holds, and an Idempotency-Key gives the first answer again."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.ledger import registration
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client

CALLS = [
    ("registerActDocument", ACT),
    ("registerLiquidation", LIQUIDATION),
    ("registerPayment", PAYMENT),
    ("registerPayment", PAYMENT | {"type": 0}),
    ("registerLiquidation", LIQUIDATION | {"type": 0}),
]


def test_a_repeated_id_carries_the_first_receipt(entity: Client) -> None:
    """Each registration and annulment, repeated, is refused with the receipt of the first and `identical` true."""
    for operation, body in CALLS:
        first = entity.post(operation, body)
        again = entity.post(operation, body)
        assert first.status == 200, first.text
        assert again.status == 400
        assert again.body["existing"] == {
            "radicado": first.body["radicado"],
            "registeredAt": first.body["registeredAt"],
            "identical": True,
            "differences": [],
        }


def test_a_repeated_id_names_the_fields_that_differ(entity: Client) -> None:
    """What differs from the registered record is named, by canonical name."""
    entity.post("registerActDocument", ACT)
    act = entity.post("registerActDocument", ACT | {"platform": 3, "taxpayerName": "Otro"})
    assert act.body["existing"]["differences"] == ["platform", "taxpayerName"]
    assert act.body["existing"]["identical"] is False
    entity.post("registerLiquidation", LIQUIDATION)
    liquidation = entity.post("registerLiquidation", LIQUIDATION | {"stampNumber": "90", "actDocumentCode": "none"})
    assert liquidation.body["existing"]["differences"] == ["actDocumentCode", "stampNumber"]
    entity.post("registerPayment", PAYMENT)
    payment = entity.post("registerPayment", PAYMENT | {"valuePaid": 1, "paymentDate": "2024-03-20"})
    assert payment.body["existing"]["differences"] == ["valuePaid", "paymentDate"]


def test_identical_compares_normal_forms(entity: Client) -> None:
    """`"2"` is 2, a default is as good as what it stands for, and a taxpayer not named is the act's own."""
    entity.post("registerActDocument", ACT)
    spelt = ACT | {"platform": "2", "generatorFactValue": "4599999.99", "type": "0", "parametricprocedureCode": "TR1"}
    assert entity.post("registerActDocument", spelt).body["existing"]["identical"] is True
    entity.post("registerLiquidation", LIQUIDATION)
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    assert entity.post("registerLiquidation", without).body["existing"]["identical"] is True


def test_a_repeated_creation_compares_with_the_first_version(entity: Client) -> None:
    """An amendment does not make the creation that came before it a different one."""
    entity.post("registerActDocument", ACT)
    amendment = ACT | {"type": 1, "generatorFactValue": 9, "generatorFactEndDate": "2025-01-31 00:00:00"}
    assert entity.post("registerActDocument", amendment).status == 200
    assert entity.post("registerActDocument", ACT).body["existing"]["identical"] is True
    as_amended = amendment | {"type": 0}
    assert entity.post("registerActDocument", as_amended).body["existing"]["differences"] == [
        "generatorFactValue",
        "generatorFactEndDate",
    ]


def test_same_key_and_body_give_the_first_answer_again(
    entity: Client, stored_rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """A replay is the first success byte for byte, says so, and writes nothing: also for annulments and amendments."""
    amendment = ("registerActDocument", ACT | {"type": 1})
    for number, (operation, body) in enumerate([*CALLS, amendment]):
        headers = {"Idempotency-Key": f"clave-{number}"}
        first = entity.post(operation, body, headers)
        before = stored_rows()
        again = entity.post(operation, body, headers)
        assert (first.status, again.status) == (200, 200), again.text
        assert again.text == first.text
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert stored_rows() == before


def test_same_key_with_another_operation_is_refused(entity: Client) -> None:
    """A key belongs to one operation as well as to one body."""
    headers = {"Idempotency-Key": "clave"}
    entity.post("registerActDocument", ACT, headers)
    assert entity.post("registerLiquidation", LIQUIDATION, headers).status == 422


def test_a_rejection_is_not_kept_under_the_key(entity: Client) -> None:
    """After a refusal the same key may carry the mended body."""
    headers = {"Idempotency-Key": "clave"}
    assert entity.post("registerLiquidation", LIQUIDATION, headers).status == 400
    entity.post("registerActDocument", ACT)
    assert entity.post("registerLiquidation", LIQUIDATION, headers).status == 200


def test_a_key_is_the_entitys_own(entity: Client, other_entity: Client) -> None:
    """Two entities may use the same key."""
    headers = {"Idempotency-Key": "clave"}
    assert entity.post("registerActDocument", ACT, headers).status == 200
    answer = other_entity.post("registerActDocument", ACT | {"platform": 3}, headers)
    assert answer.status == 200
    assert "idempotency-replayed" not in answer.headers


def test_an_expired_key_is_free_although_its_row_is_still_there(
    entity: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once seven days are over a key may be used again, even before the table forgets it."""
    now = 1_800_000_000
    monkeypatch.setattr(registration.time, "time", lambda: now + 0.5)
    headers = {"Idempotency-Key": "clave"}
    entity.post("registerActDocument", ACT, headers)
    seven_days = 7 * 24 * 60 * 60
    monkeypatch.setattr(registration.time, "time", lambda: now + seven_days)
    assert entity.post("registerActDocument", ACT | {"platform": 3}, headers).status == 422
    monkeypatch.setattr(registration.time, "time", lambda: now + seven_days + 1)
    fresh = entity.post("registerActDocument", ACT | {"actDocumentCode": "otro"}, headers)
    assert fresh.status == 200


def test_a_request_id_of_the_clients_choice_is_no_receipt(entity: Client) -> None:
    """API Gateway lets a client choose the request id; calls that share one are told apart all the same."""
    same = {"request_id": "11111111-1111-4111-8111-111111111111"}
    act = entity.post("registerActDocument", ACT, **same)
    assert entity.post("registerActDocument", ACT | {"platform": 3}, **same).codes == ["act-taken"]
    above = entity.post("registerLiquidation", LIQUIDATION | {"liquidatedValue": 99_999_999}, **same)
    assert above.codes == ["liquidation-above-act"]
    assert entity.post("registerLiquidation", LIQUIDATION, **same).body["radicado"] != act.body["radicado"]
    assert entity.post("registerPayment", PAYMENT | {"valuePaid": 2_000_000}, **same).codes == ["payment-above-balance"]


def test_one_body_under_one_key_is_two_requests_to_two_services(entity: Client) -> None:
    """A body that is good for two services is refused by the second under the key of the first."""
    entity.post("registerActDocument", ACT)
    both = LIQUIDATION | PAYMENT
    headers = {"Idempotency-Key": "clave"}
    assert entity.post("registerLiquidation", both, headers).status == 200
    assert entity.post("registerPayment", both, headers).codes == ["idempotency-key-reused"]


def test_a_repeated_annulment_is_compared_with_what_was_sent(entity: Client) -> None:
    """Without a taxpayer it is identical all the same; with another value it is not, and says so."""
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"} | {"type": 0}
    for operation, body in CALLS[:4]:
        entity.post(operation, body)
    payment = entity.post("registerPayment", PAYMENT | {"type": 0, "valuePaid": 1})
    assert payment.codes == ["payment-annulment-differs", "payment-annulled"]
    assert payment.body["existing"]["differences"] == ["valuePaid"]
    assert entity.post("registerLiquidation", without).status == 200
    again = entity.post("registerLiquidation", without)
    assert again.codes == ["liquidation-annulled"]
    assert again.body["existing"]["identical"] is True
