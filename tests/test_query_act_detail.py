"""An act document as consultaActoDocumento/obtener shows it (manual, 5.10)."""

import json
from decimal import Decimal
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from shared import answers, contract
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity

CODE = ACT["actDocumentCode"]
HOSPITAL = "900111222"
TAXPAYER = ACT["taxpayerDocumentNumber"]
OTHER_TAXPAYER = "800123456"


def _post(entity: Client, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = entity.post(operation, body)
    assert answer.status == 200, answer.text
    return {name: answer.body[name] for name in ("radicado", "registeredAt")}


def _act(entity: Client, **values: Any) -> dict[str, Any]:
    return _post(entity, "registerActDocument", {**ACT, **values})


def _liquidation(entity: Client, number: str, value: str, **values: Any) -> dict[str, Any]:
    body = {**LIQUIDATION, "liquidatedValueId": number, "liquidatedValue": value, **values}
    return _post(entity, "registerLiquidation", body)


def _payment(entity: Client, liquidation: str, number: str, value: str, **values: Any) -> dict[str, Any]:
    body = {**PAYMENT, "liquidatedValueId": liquidation, "paidValueId": number, "valuePaid": value, **values}
    return _post(entity, "registerPayment", body)


def _by(annulment: dict[str, Any]) -> dict[str, Any]:
    """How what is annulled names its annulment."""
    return {"annulledBy": annulment["radicado"], "annulledAt": annulment["registeredAt"]}


def _shown(client: Client, **criteria: Any) -> dict[str, Any]:
    """The data, its numbers as they are written."""
    answer = client.post("getActDocument", {"actDocumentCode": CODE, **criteria})
    assert answer.status == 200, answer.text
    schema = {"$ref": "#/components/schemas/ActDocumentShown", "components": contract.document()["components"]}
    OAS30Validator(schema).validate(answer.body)
    data: dict[str, Any] = json.loads(answer.text, parse_float=str, parse_int=str)["data"]
    return data


def test_every_field_of_the_manual_is_shown(entity: Client) -> None:
    """The act document with its entities' names and the Spanish name of each code."""
    _act(entity)
    shown = _shown(entity)
    assert {name: value for name, value in shown.items() if name not in {"versions", "totals", "liquidations"}} == {
        "territorialEntity": entity.nit,
        "territorialEntityName": f"Entidad {entity.nit}",
        "actDocumentCode": CODE,
        "platform": "2",
        "platformName": "SECOP II",
        "generatorFactValue": "4599999.99",
        "generatorFactStartDate": "2024-01-01 00:00:00",
        "generatorFactEndDate": "2024-12-31 00:00:00",
        "parametricActDocumentCodeType": "AD4",
        "parametricActDocumentCodeTypeName": "Contratos",
        "parametricprocedureCode": "TR1",
        "parametricprocedureCodeName": "Suscripción",
        "payerDocumentParametricTypeCode": "CC",
        "payerDocumentParametricTypeName": "Cédula de Ciudadanía",
        "taxpayerDocumentNumber": "19396910",
        "taxpayerName": ACT["taxpayerName"],
    }


def test_a_decentralised_entitys_act_is_shown_with_both_entities(entity: Client) -> None:
    """To itself and, by its NIT, to its territorial entity; with stamps of either."""
    hospital = new_entity(HOSPITAL, "propia", territorial=entity.nit)
    _act(hospital)
    _liquidation(hospital, "1", "1", stampNumber="propia")
    _liquidation(hospital, "2", "1", stampNumber="90")
    shown = _shown(hospital)
    assert shown == _shown(entity, entity=HOSPITAL)
    assert (shown["territorialEntityName"], shown["descentralizedEntityName"]) == (
        f"Entidad {entity.nit}",
        f"Entidad {HOSPITAL}",
    )
    assert [each["stampName"] for each in shown["liquidations"]] == ["Estampilla propia", "Estampilla 90"]


def test_every_version_is_shown_in_order(entity: Client) -> None:
    """The creation as it was, then each amendment; the act document has the last one's value and end."""
    created = _act(entity)
    first = _act(entity, type=1, generatorFactValue="5500000.99", generatorFactEndDate="2025-01-31 00:00:00")
    second = _act(entity, type=1, generatorFactValue="6000000")
    shown = _shown(entity)
    assert (shown["generatorFactValue"], shown["generatorFactEndDate"]) == ("6000000.00", "2024-12-31 00:00:00")
    assert shown["versions"] == [
        {
            "version": "Creación",
            **created,
            "generatorFactValue": "4599999.99",
            "generatorFactEndDate": "2024-12-31 00:00:00",
        },
        {
            "version": "Adición",
            **first,
            "generatorFactValue": "5500000.99",
            "generatorFactEndDate": "2025-01-31 00:00:00",
        },
        {
            "version": "Adición",
            **second,
            "generatorFactValue": "6000000.00",
            "generatorFactEndDate": "2024-12-31 00:00:00",
        },
    ]


def test_registrations_and_annulments_are_rows_of_their_own(entity: Client) -> None:
    """Liquidations and payments in the order of their registration, each annulment after what is no longer owed."""
    _act(entity)
    stamp = {"stampNumber": "194-000-001", "stampName": "Estampilla 194-000-001"}
    one = _liquidation(entity, "1", "100")
    two = _liquidation(entity, "2", "200.5")
    paid = _payment(entity, "2", "1", "50.25")
    unpaid = _payment(entity, "2", "1", "50.25", type=0)
    again = _payment(entity, "2", "2", "0.5")
    annulled = _liquidation(entity, "1", "100", type=0)
    shown = _shown(entity)
    assert shown["liquidations"] == [
        {
            "rowType": "Registro",
            "liquidatedValueId": "1",
            **stamp,
            "liquidatedValue": "100.00",
            **one,
            "valuePaid": "0.00",
            "missingValue": "0.00",
            **_by(annulled),
            "payments": [],
        },
        {"rowType": "Anulación", "liquidatedValueId": "1", **stamp, "liquidatedValue": "100.00", **annulled},
        {
            "rowType": "Registro",
            "liquidatedValueId": "2",
            **stamp,
            "liquidatedValue": "200.50",
            **two,
            "valuePaid": "0.50",
            "missingValue": "200.00",
            "state": "LIQUIDADO",
            "payments": [
                {
                    "rowType": "Registro",
                    "paidValueId": "1",
                    "paymentDate": "2024-03-19",
                    "valuePaid": "50.25",
                    **paid,
                    **_by(unpaid),
                },
                {
                    "rowType": "Anulación",
                    "paidValueId": "1",
                    "paymentDate": "2024-03-19",
                    "valuePaid": "50.25",
                    **unpaid,
                },
                {"rowType": "Registro", "paidValueId": "2", "paymentDate": "2024-03-19", "valuePaid": "0.50", **again},
            ],
        },
    ]
    assert shown["totals"] == {
        "liquidatedValue": "200.50",
        "valuePaid": "0.50",
        "missingValue": "200.00",
        "remainingValue": "4599799.49",
        "state": "LIQUIDADO",
    }


def test_an_act_is_legalised_when_all_that_is_liquidated_is_paid(entity: Client) -> None:
    """Each liquidation has a state, and the act one; neither without anything live."""
    _act(entity)
    assert "state" not in _shown(entity)["totals"]
    for number in ("1", "2"):
        _liquidation(entity, number, "100")
    _payment(entity, "1", "1", "100")
    shown = _shown(entity)
    assert [each["state"] for each in shown["liquidations"]] == ["LEGALIZADO", "LIQUIDADO"]
    assert shown["totals"]["state"] == "LIQUIDADO"
    _payment(entity, "2", "2", "100")
    assert _shown(entity)["totals"]["state"] == "LEGALIZADO"


def test_amounts_are_digit_for_digit(entity: Client) -> None:
    """Eighteen digits and two decimals come back as they were sent, and so do their differences."""
    value = "999999999999999999.99"
    _act(entity, generatorFactValue=value)
    _liquidation(entity, "1", "0.01")
    shown = _shown(entity)
    assert (shown["generatorFactValue"], shown["versions"][0]["generatorFactValue"]) == (value, value)
    assert shown["totals"]["remainingValue"] == str(Decimal(value) - Decimal("0.01"))


def test_an_assignment_is_another_act(entity: Client) -> None:
    """Of a code that several taxpayers have, only what is the one's is shown; the message names some of the others."""
    taxpayers = [f"8001234{number:02}" for number in range(12)]
    for taxpayer in taxpayers:
        _act(entity, taxpayerDocumentNumber=taxpayer)
    _liquidation(entity, "1", "100", taxpayerDocumentNumber=taxpayers[1])
    assert _shown(entity, taxpayerDocumentNumber=taxpayers[0])["liquidations"] == []
    assert len(_shown(entity, taxpayerDocumentNumber=taxpayers[1])["liquidations"]) == 1
    told = entity.post("getActDocument", {"actDocumentCode": CODE})
    assert told.codes == ["queried-act-ambiguous"]
    assert told.body["message"].endswith(": 800123400, " + ", ".join(f"80012340{n}" for n in range(1, 10)) + " y 2 más")


def test_an_act_does_not_exist_for_another_entity(entity: Client, other_entity: Client) -> None:
    """Neither for a stranger, whatever it names, nor for a decentralised entity, nor unasked for its territorial."""
    hospital = new_entity(HOSPITAL, territorial=entity.nit)
    _act(entity)
    asked = {"actDocumentCode": CODE}
    for other in (other_entity, hospital):
        for taxpayer in ({}, {"taxpayerDocumentNumber": TAXPAYER}):
            assert other.post("getActDocument", asked | taxpayer).codes == ["act-unknown"]
            assert other.post("getActDocument", asked | taxpayer | {"entity": entity.nit}).codes == [
                "entity-not-reachable"
            ]
    _act(hospital, actDocumentCode="H")
    assert entity.post("getActDocument", {"actDocumentCode": "H"}).codes == ["act-unknown"]


def test_an_answer_that_is_too_large_is_not_given(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte; and the client learns what to ask for instead."""
    _act(entity, taxpayerName="Ñandú")
    text = entity.post("getActDocument", {"actDocumentCode": CODE}).text
    monkeypatch.setattr(answers, "LARGEST", len(text.encode()))
    assert entity.post("getActDocument", {"actDocumentCode": CODE}).status == 200
    monkeypatch.setattr(answers, "LARGEST", len(text.encode()) - 1)
    told = entity.post("getActDocument", {"actDocumentCode": CODE})
    assert (told.status, told.codes) == (400, ["answer-too-large"])
    assert "reporte" in told.body["message"]


def test_nothing_of_a_person_reaches_the_log(entity: Client, lines: Any) -> None:
    """Neither what was asked for nor what was answered."""
    _act(entity)
    _act(entity, taxpayerDocumentNumber=OTHER_TAXPAYER)
    lines()
    entity.post("getActDocument", {"actDocumentCode": CODE})
    entity.post("getActDocument", {"actDocumentCode": CODE, "taxpayerDocumentNumber": TAXPAYER})
    logged = "\n".join(lines())
    assert "getActDocument" in logged
    assert not [each for each in (CODE, TAXPAYER, OTHER_TAXPAYER, ACT["taxpayerName"]) if each in logged]


def test_with_a_token_a_document_is_compared_as_it_was_registered(entity: Client) -> None:
    """Points make another document for search, detail and reconciliation, as for who registers; not for the public."""
    _act(entity)
    _liquidation(entity, "1", "1")
    for document, found in ((ACT["taxpayerDocumentNumber"], True), ("19.396.910", False)):
        asked = {"actDocumentCode": CODE, "taxpayerDocumentNumber": document}
        assert bool(entity.post("findActDocuments", asked).body["data"]) is found
        assert entity.post("getActDocument", asked).codes == ([] if found else ["act-unknown"])
        records = entity.post("getRecords", {"actDocuments": [asked]}).body["data"]["actDocuments"]
        assert records[0]["registered"] is found
        assert entity.post("findPublicly", {"searchType": "Contrato", "year": 2024, **asked}).body["data"]
