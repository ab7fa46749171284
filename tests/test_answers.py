"""What a success answers: the record received, under canonical names, and a receipt."""

import json
import re

from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client


def test_success_texts_are_the_annexs(entity: Client) -> None:
    """Each service answers with the manual's text (sections 6.1 c, 6.2 c and 6.3 d)."""
    assert entity.post("registerActDocument", ACT).body["message"] == "Carga del acto documento almacenada"
    assert entity.post("registerLiquidation", LIQUIDATION).body["message"] == "Carga de la liquidación almacenada"
    assert entity.post("registerPayment", PAYMENT).body["message"] == "Carga del pago almacenada"


def test_annex_dialect_is_answered_with_canonical_names(entity: Client) -> None:
    """`data` is the record received: canonical names, values in the type received, defaults applied."""
    body = {name: value for name, value in ACT.items() if name not in {"actDocumentCode", "platform"}}
    answer = entity.post(
        "registerActDocument",
        body | {"factCodeGenerator": "CCE-147-2023", "Platform": "2", "parametricProcedureCode": "TR5"},
    )
    assert answer.body["data"] == ACT | {"platform": "2", "parametricprocedureCode": "TR5", "type": 0}
    assert list(answer.body["data"])[:2] == ["actDocumentCode", "platform"]


def test_a_procedure_not_sent_is_suscripcion_or_adicion(entity: Client) -> None:
    """The procedure defaults to TR1, and to TR2 for an amendment."""
    assert entity.post("registerActDocument", ACT).body["data"]["parametricprocedureCode"] == "TR1"
    assert entity.post("registerActDocument", ACT | {"type": 1}).body["data"]["parametricprocedureCode"] == "TR2"


def test_amounts_come_back_digit_for_digit(entity: Client) -> None:
    """An amount is answered as it was sent, to the last of 18 digits and two decimals."""
    for number in ("999999999999999999.99", "10500000.00", '"10500000.00"', "0.10"):
        raw = json.dumps(ACT | {"taxpayerDocumentNumber": number}).replace("4599999.99", number)
        answer = entity.post("registerActDocument", raw)
        assert answer.status == 200
        assert f'"generatorFactValue": {number},' in answer.text


def test_texts_are_trimmed_and_composed(entity: Client) -> None:
    """Identifiers and names are trimmed and brought to Unicode NFC, so one name has one spelling."""
    entity.post("registerActDocument", ACT | {"actDocumentCode": "Año-1"})
    again = entity.post("registerActDocument", ACT | {"actDocumentCode": "  An\u0303o-1 "})
    assert again.codes == ["act-taken"]
    assert again.body["existing"]["identical"] is True


def test_radicados_sort_by_registration(entity: Client) -> None:
    """Receipts are unique, of 26 characters, and sort in the order in which they were given, with their time in UTC."""
    answers = [entity.post("registerActDocument", ACT | {"actDocumentCode": f"A-{number}"}) for number in range(20)]
    radicados = [answer.body["radicado"] for answer in answers]
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", radicado) for radicado in radicados)
    assert len(set(radicados)) == 20
    times = [radicado[:10] for radicado in radicados]
    assert times == sorted(times)
    moments = [answer.body["registeredAt"] for answer in answers]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment) for moment in moments)
    assert moments == sorted(moments)


def test_unknown_parameters_are_ignored(entity: Client) -> None:
    """A parameter that no table of the manual has is neither refused nor answered."""
    answer = entity.post("registerActDocument", ACT | {"stampNumber": "90", "otro": {"hondo": [1, None]}})
    assert answer.status == 200
    assert "otro" not in answer.body["data"]


def test_all_findings_come_at_once_in_the_manuals_order(entity: Client) -> None:
    """An empty body is answered with every obligatory parameter's text, in the order of the tables."""
    assert entity.post("registerActDocument", {}).codes == [
        "act-code-required",  # table 5
        "act-platform-invalid",  # table 5
        "act-value-invalid",  # table 6
        "act-start-invalid",  # table 7
        "act-end-invalid",  # table 8
        "act-kind-invalid",  # table 9
        "taxpayer-document-kind-invalid",  # table 11
        "taxpayer-document-number-required",  # table 12
        "taxpayer-name-required",  # table 13
    ]
    assert entity.post("registerLiquidation", {}).codes == [
        "act-unknown",  # table 15
        "liquidation-id-required",  # table 16
        "stamp-unknown",  # table 17
        "liquidated-value-invalid",  # table 18
        "liquidation-type-invalid",  # table 19
    ]
    assert entity.post("registerPayment", {}).codes == [
        "liquidation-unknown",  # table 21
        "payment-id-required",  # table 22
        "paid-value-invalid",  # table 23
        "payment-date-invalid",  # table 24
        "payment-type-invalid",  # table 25
    ]


def test_an_unknown_stamp_hides_no_other_state_finding(entity: Client) -> None:
    """State findings come all at once too: unknown act, unknown stamp and taken id together."""
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION)
    answer = entity.post("registerLiquidation", LIQUIDATION | {"stampNumber": "91", "actDocumentCode": "none"})
    assert answer.codes == ["act-unknown", "stamp-unknown", "liquidation-id-taken"]
    over = entity.post(
        "registerLiquidation",
        LIQUIDATION | {"liquidatedValueId": "L-2", "stampNumber": "91", "liquidatedValue": 99999999},
    )
    assert over.codes == ["stamp-unknown", "liquidation-above-act"]


def test_annulment_checks_come_in_the_order_4a_to_4d(entity: Client) -> None:
    """With live payments and other data an annulment breaks 4b and 4c; repeated with other data, 4c and 4d."""
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION)
    entity.post("registerPayment", PAYMENT)
    annulment = LIQUIDATION | {"type": 0}
    assert entity.post("registerLiquidation", annulment | {"liquidatedValue": 1}).codes == [
        "liquidation-has-payments",
        "liquidation-annulment-differs",
    ]
    assert entity.post("registerPayment", PAYMENT | {"type": 0}).status == 200
    assert entity.post("registerLiquidation", annulment).status == 200
    assert entity.post("registerLiquidation", annulment | {"liquidatedValue": 1}).codes == [
        "liquidation-annulment-differs",
        "liquidation-annulled",
    ]
