"""What a success answers: the record received, under canonical names, and a receipt."""

import json
import re
from typing import Any

from shared.models import ActVersion, act_key
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


def test_answers_are_utf_8_as_it_is_written(entity: Client) -> None:
    """Accents stand in an answer as such, not as escapes: in its text, in what was received and in a refusal."""
    accented = ACT | {"taxpayerName": "Ñuñez & Cía."}  # not in the call: mutmut's runs print its line
    stored = entity.post("registerActDocument", accented)
    assert '"taxpayerName": "Ñuñez & Cía."' in stored.text
    liquidated = entity.post("registerLiquidation", LIQUIDATION)
    assert '"message": "Carga de la liquidación almacenada"' in liquidated.text
    assert '"Error. El valor del parámetro' in entity.post("registerLiquidation", LIQUIDATION).text


def test_texts_are_trimmed_and_composed(entity: Client) -> None:
    """Identifiers and names are trimmed and brought to Unicode NFC, so one name has one spelling."""
    spaced = ACT | {"actDocumentCode": " An\u0303o-0 "}
    assert '"actDocumentCode": "Año-0"' in entity.post("registerActDocument", spaced).text
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


def test_both_things_wrong_with_an_amendment_are_told(entity: Client) -> None:
    """An amendment that ends before the stored start and falls below what is liquidated breaks two rules."""
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION)
    body = ACT | {"type": 1, "generatorFactValue": 1, "generatorFactEndDate": "2020-01-01 00:00:00"}
    assert entity.post("registerActDocument", body).codes == ["act-end-before-start", "amendment-below-liquidated"]


def test_an_amendment_is_judged_by_the_stored_start(entity: Client) -> None:
    """The start that an amendment's body repeats counts for nothing, right or wrong."""
    entity.post("registerActDocument", ACT)
    body = ACT | {"type": 1, "generatorFactStartDate": "2030-01-01 00:00:00"}
    assert entity.post("registerActDocument", body).status == 200


def test_an_act_with_amendments_is_still_the_only_one_of_its_code(entity: Client) -> None:
    """Each amendment is kept, and a liquidation that names no taxpayer finds the act among them."""
    entity.post("registerActDocument", ACT)
    radicados = [entity.post("registerActDocument", ACT | {"type": 1}).body["radicado"] for _ in range(2)]
    versions = ActVersion.query(act_key(entity.nit, "CCE-147-2023"), ActVersion.sk.startswith("VERSION#"))
    assert [version.sk for version in versions] == [f"VERSION#{radicado}" for radicado in sorted(radicados)]
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    assert entity.post("registerLiquidation", without).status == 200


def test_refusals_come_in_the_contracts_order(entity: Client) -> None:
    """Of all that is wrong with a request itself the first in the order is told: 401, X-Road, 413, 415, key, body."""
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("token-invalid", {"headers": {"Authorization": "no"}}),
        ("x-road-client-repeated", {"headers": {"X-Road-Client": ["a", "b"]}}),
        ("body-too-large", {"body": "x" * 70_000}),
        ("media-type-unsupported", {"headers": {"Content-Type": "text/plain"}}),
        ("idempotency-key-invalid", {"headers": {"Idempotency-Key": ""}}),
        ("body-not-json", {"body": "x"}),
    ]
    for number, (rule, _) in enumerate(wrong):
        rest = [change for _, change in reversed(wrong[number:])]
        headers = {name: value for change in rest for name, value in change.get("headers", {}).items()}
        body = [change["body"] for change in rest if "body" in change][-1]
        assert entity.post("registerActDocument", body, headers).codes == [rule]


def test_every_code_of_the_manuals_tables_is_taken(entity: Client) -> None:
    """Tables 5, 9, 10 and 11, and section 5.12: each code of each list is good."""
    lists = {
        "platform": (1, 2, 3, 4),
        "parametricActDocumentCodeType": ("AD1", "AD2", "AD3", "AD4", "AD5", "AD6", "AD7", "AD8"),
        "parametricprocedureCode": ("TR1", "TR2", "TR3", "TR4", "TR5"),
        "payerDocumentParametricTypeCode": ("RC", "TI", "CC", "TE", "CE", "NIT", "PAS", "DIE", "PEP", "NITE", "NUIP"),
    }
    for parameter, codes in lists.items():
        for code in codes:
            body = ACT | {"actDocumentCode": f"{parameter}-{code}", parameter: code}
            assert entity.post("registerActDocument", body).status == 200, body


def test_every_identifier_has_its_length(entity: Client) -> None:
    """120 characters, counted as they are kept (NFC), are the most of every identifier, under either of its names."""
    for operation, body, parameter in (
        ("registerActDocument", ACT, "taxpayerDocumentNumber"),
        ("registerLiquidation", LIQUIDATION, "liquidatedValueId"),
        ("registerLiquidation", LIQUIDATION, "stampNumber"),
        ("registerPayment", PAYMENT, "liquidatedValueId"),
        ("registerPayment", PAYMENT, "paidValueId"),
        ("registerPayment", {name: PAYMENT[name] for name in PAYMENT if name != "paidValueId"}, "payedValueId"),
    ):
        long = entity.post(operation, body | {parameter: "e" * 121})
        assert (long.codes, long.body["errors"][0]["parameter"]) == (["text-too-long"], parameter)
    composed = {"actDocumentCode": "e\u0301" * 120}
    assert entity.post("registerActDocument", ACT | composed).status == 200
    decomposed = {"actDocumentCode": "\u0958" * 61}
    assert entity.post("registerActDocument", ACT | decomposed).codes == ["text-too-long"]


def test_what_only_looks_alike_stays_apart(entity: Client) -> None:
    """NFC joins spellings of one text, not different characters: the ligature is another code."""
    assert entity.post("registerActDocument", ACT | {"actDocumentCode": "fi²"}).status == 200
    assert entity.post("registerActDocument", ACT | {"actDocumentCode": "\ufb01²"}).status == 200
    assert entity.post("registerActDocument", ACT | {"actDocumentCode": "fi2"}).status == 200


def test_header_names_are_taken_in_any_case_together(entity: Client) -> None:
    """A header repeated under another spelling of its name is repeated."""
    twice = {"X-Road-Client": "a", "x-road-client": "b"}
    assert entity.post("registerActDocument", ACT, twice).codes == ["x-road-client-repeated"]
    odd = {"Host": "a:b:c", "X-Forwarded-Port": "abc"}
    assert entity.post("registerActDocument", ACT, odd).status == 200
