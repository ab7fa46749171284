"""Who asks about up to 1,000 ids is told of each, in the order asked, what the registry holds (consultaRegistro)."""

import json
from typing import Any

import pytest

from shared import contract, radicado
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity

CODE, TAXPAYER = ACT["actDocumentCode"], ACT["taxpayerDocumentNumber"]
LIQUIDATION_ID, PAYMENT_ID = LIQUIDATION["liquidatedValueId"], PAYMENT["paidValueId"]
MOST = 1000


def _asked(entity: Client, **lists: Any) -> dict[str, Any]:
    answer = entity.post("getRecords", lists)
    assert answer.status == 200, answer.text
    return dict(answer.body["data"])


def _registered(entity: Client, operation: str, body: dict[str, Any]) -> dict[str, str]:
    answer = entity.post(operation, body)
    assert answer.status == 200, answer.text
    return {name: answer.body[name] for name in ("radicado", "registeredAt")}


def test_each_id_is_answered_in_the_order_asked(entity: Client) -> None:
    """What is registered and what is not stand where they were asked for, under the id in normal form."""
    _registered(entity, "registerActDocument", ACT)
    for number in (1, 3):
        body = LIQUIDATION | {"liquidatedValueId": f"L{number}", "liquidatedValue": number}
        _registered(entity, "registerLiquidation", body)
    [*found] = _asked(entity, liquidations=["L3", "L2", " L1 "])["liquidations"]
    assert [(each["liquidatedValueId"], each["registered"]) for each in found] == [
        ("L3", True),
        ("L2", False),
        ("L1", True),
    ]
    assert found[1] == {"liquidatedValueId": "L2", "registered": False}
    assert [each["record"]["liquidatedValue"] for each in (found[0], found[2])] == [3, 1]


def test_an_act_is_told_with_its_balance_and_its_amendment(entity: Client) -> None:
    """The record has canonical names, today's value and amounts digit for digit; what was amended says so."""
    receipt = _registered(entity, "registerActDocument", ACT)
    amendment = _registered(
        entity, "registerActDocument", ACT | {"type": 1, "generatorFactValue": "900000000000000.10"}
    )
    _registered(entity, "registerLiquidation", LIQUIDATION | {"liquidatedValue": 0.1})
    answer = entity.post(
        "getRecords", {"actDocuments": [{"actDocumentCode": CODE, "taxpayerDocumentNumber": TAXPAYER}]}
    )
    [found] = answer.body["data"]["actDocuments"]
    [act] = found.pop("actDocuments")
    assert found == {"actDocumentCode": CODE, "taxpayerDocumentNumber": TAXPAYER, "registered": True}
    assert (act["radicado"], act["registeredAt"]) == tuple(receipt.values())
    assert (act["amendedBy"], act["amendedAt"]) == tuple(amendment.values())
    assert '"generatorFactValue": 900000000000000.10,' in answer.text
    assert '"liquidated": 0.10, "remaining": 900000000000000.00' in answer.text
    canonical = {field.name for field in contract.operation("registerActDocument").fields} - {"type"}
    assert set(act["record"]) == canonical
    assert act["record"]["taxpayerName"] == ACT["taxpayerName"]


def test_a_code_without_taxpayer_stands_for_all_its_act_documents(entity: Client) -> None:
    """One taxpayer or several: whoever has the code is told, and a code that nobody has is not."""
    for code, taxpayers in (("ONE", ["1"]), ("TWO", ["1", "2"])):
        for taxpayer in taxpayers:
            body = ACT | {"actDocumentCode": code, "taxpayerDocumentNumber": taxpayer}
            _registered(entity, "registerActDocument", body)
    asked = [{"actDocumentCode": code} for code in ("TWO", "NONE", "ONE")]
    two, none, one = _asked(entity, actDocuments=asked)["actDocuments"]
    assert [each["record"]["taxpayerDocumentNumber"] for each in two["actDocuments"]] == ["1", "2"]
    assert none == {"actDocumentCode": "NONE", "registered": False}
    assert [each["record"]["actDocumentCode"] for each in one["actDocuments"]] == ["ONE"]


def test_what_is_annulled_says_by_what_and_when(entity: Client) -> None:
    """An annulled liquidation or payment stays registered, with its annulment's radicado; nothing is owed of it."""
    _registered(entity, "registerActDocument", ACT)
    for operation, body in (("registerLiquidation", LIQUIDATION), ("registerPayment", PAYMENT)):
        _registered(entity, operation, body)
    before = _asked(entity, liquidations=[LIQUIDATION_ID], payments=[PAYMENT_ID])
    payment = _registered(entity, "registerPayment", PAYMENT | {"type": 0})
    liquidation = _registered(entity, "registerLiquidation", LIQUIDATION | {"type": 0})
    after = _asked(entity, liquidations=[LIQUIDATION_ID], payments=[PAYMENT_ID])
    value, paid = LIQUIDATION["liquidatedValue"], PAYMENT["valuePaid"]
    assert [(each["remaining"], each["livePayments"]) for each in before["liquidations"]] == [(value - paid, 1)]
    assert [(each["remaining"], each["livePayments"]) for each in after["liquidations"]] == [(0, 0)]
    for name, annulment in (("liquidations", liquidation), ("payments", payment)):
        assert "annulledBy" not in before[name][0]
        assert (after[name][0]["annulledBy"], after[name][0]["annulledAt"]) == tuple(annulment.values())
        assert after[name][0]["record"] == before[name][0]["record"]


def test_a_radicado_tells_what_was_done(entity: Client) -> None:
    """Registration, amendment and annulment are found by their receipts, each with the record that did it."""
    receipts = [
        _registered(entity, operation, body)["radicado"]
        for operation, body in (
            ("registerActDocument", ACT),
            ("registerActDocument", ACT | {"type": 1}),
            ("registerLiquidation", LIQUIDATION),
            ("registerPayment", PAYMENT),
            ("registerPayment", PAYMENT | {"type": 0}),
        )
    ]
    unknown = radicado.draw()[0]
    found = _asked(entity, radicados=[*receipts, unknown, "Z" * 26, "0" * 26])["radicados"]
    assert [each["radicado"] for each in found] == [*receipts, unknown, "Z" * 26, "0" * 26]
    assert [each["registered"] for each in found] == [True] * 5 + [False] * 3
    assert [(each["service"], each["operation"]) for each in found[:5]] == [
        ("actoDocumento", "registro"),
        ("actoDocumento", "adicion"),
        ("liquidacion", "registro"),
        ("pago", "registro"),
        ("pago", "anulacion"),
    ]
    assert found[4]["record"]["valuePaid"] == PAYMENT["valuePaid"]
    assert found[2]["record"]["taxpayerDocumentNumber"] == TAXPAYER


def test_a_thousand_ids_of_the_longest_come_in_one_call(entity: Client) -> None:
    """1,000 codes and taxpayers of 120 characters, each character six times escaped, are read and answered."""
    longest = "ñ" * 116
    acts = [
        {"actDocumentCode": f"{longest}{number:04}", "taxpayerDocumentNumber": f"{longest}{number:04}"}
        for number in range(MOST)
    ]
    _registered(entity, "registerActDocument", ACT | acts[-1])
    body = json.dumps({"actDocuments": acts})
    assert len(body) > contract.maximum_body_bytes()
    answer = entity.post("getRecords", body)
    assert [each["registered"] for each in answer.body["data"]["actDocuments"]] == [False] * (MOST - 1) + [True]
    limit = contract.operation("getRecords").maximum_body_bytes
    assert entity.post("getRecords", " " * (limit + 1)).codes == ["body-too-large"]
    assert entity.post("findChanges", " " * (contract.maximum_body_bytes() + 1)).codes == ["body-too-large"]


def test_the_act_documents_of_a_code_count_for_the_most(entity: Client) -> None:
    """A code without taxpayer counts as many records as it has; one more than the most is refused."""
    for taxpayer in ("1", "2"):
        _registered(entity, "registerActDocument", ACT | {"taxpayerDocumentNumber": taxpayer})
    for others, codes in ((MOST - 2, []), (MOST - 1, ["records-too-many"])):
        lists = {"actDocuments": [{"actDocumentCode": CODE}], "payments": [str(number) for number in range(others)]}
        assert entity.post("getRecords", lists).codes == codes


def test_every_finding_of_a_list_comes_with_its_position(entity: Client) -> None:
    """Several wrong elements, in several lists, are all told at once."""
    answer = entity.post("getRecords", {"liquidations": ["L1", 2, "x" * 121, "L1"], "payments": [], "radicados": "no"})
    assert [(error["code"], error["parameter"]) for error in answer.body["errors"]] == [
        ("list-invalid", "payments"),
        ("list-invalid", "radicados"),
        ("list-id-invalid", "liquidations[1]"),
        ("list-repeated", "liquidations[3]"),
        ("text-too-long", "liquidations[2]"),
    ]


@pytest.mark.parametrize("is_of_its_territory", [False, True])
def test_another_entitys_records_are_as_if_nobody_had_registered_them(
    entity: Client, *, is_of_its_territory: bool
) -> None:
    """Neither by id nor by radicado does an entity see what another registered, its own territorial one neither."""
    receipts = [
        _registered(entity, operation, body)["radicado"]
        for operation, body in (
            ("registerActDocument", ACT),
            ("registerLiquidation", LIQUIDATION),
            ("registerPayment", PAYMENT),
        )
    ]
    other = new_entity("900000002", territorial=entity.nit if is_of_its_territory else None)
    data = _asked(
        other,
        actDocuments=[{"actDocumentCode": CODE}, {"actDocumentCode": CODE, "taxpayerDocumentNumber": TAXPAYER}],
        liquidations=[LIQUIDATION_ID],
        payments=[PAYMENT_ID],
        radicados=receipts,
    )
    assert not any(each["registered"] for found in data.values() for each in found)
