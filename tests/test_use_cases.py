"""The eight use cases of the manual (5.13), with its figures, over HTTP events, in both dialects."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.models import ActDocument, ActVersion, Liquidation, act_key, liquidation_key, taxpayer_key
from tests.client import Client, new_entity

CASES = yaml.safe_load((Path(__file__).parent / "use_cases.yaml").read_text())
ANNEX = {
    "actDocumentCode": "factCodeGenerator",
    "platform": "Platform",
    "type": "Type",
    "paidValueId": "payedValueId",
    "valuePaid": "valuePayed",
}
NUMBERS = {"platform", "type", "generatorFactValue", "liquidatedValue", "valuePaid", "stampNumber"}


def _annex(service: str, body: dict[str, Any]) -> dict[str, Any]:
    """The same body as section 6 would have it (the mapping that use_cases.yaml states)."""
    said = {ANNEX.get(name, name): _number(value) if name in NUMBERS else value for name, value in body.items()}
    if service == "registerActDocument":
        said["parametricprocedureCode"] = "TR2" if str(body.get("type")) == "1" else "TR1"
    return said


def _number(value: Any) -> Any:
    text = str(value)
    if not text.replace(".", "", 1).isdigit():
        return value
    return float(text) if "." in text else int(text)


def _entity(case: dict[str, Any]) -> Client:
    return new_entity(case["entity"], "90", "100", "QA202471", "194-000-001", "194-000-002")


def _run(case: dict[str, Any], dialect: str) -> Client:
    entity = _entity(case)
    for number, step in enumerate(case["steps"], start=1):
        annex = dialect == "annex"
        body = _annex(step["service"], step["body"]) | step.get("annex", {}).get("body", {}) if annex else step["body"]
        expected = step["expect"] | (step.get("annex", {}).get("expect", {}) if annex else {})
        answer = entity.post(step["service"], body)
        assert (answer.status, answer.body["message"]) == (expected["status"], expected["message"]), number
        if "code" in expected:
            assert answer.codes == [expected["code"]]
    return entity


@pytest.mark.parametrize("dialect", ["scripts", "annex"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case {case['case']}")
def test_use_case(table: str, case: dict[str, Any], dialect: str) -> None:
    """Every call of the use case is answered as the manual says."""
    del table
    _run(case, dialect)


def test_the_eight_use_cases_are_there() -> None:
    """None is missing."""
    assert [case["case"] for case in CASES] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_case_2_leaves_the_liquidation_wholly_paid(table: str) -> None:
    """Two payments of 50000.00 pay a liquidation of 100000.00."""
    del table
    entity = _run(CASES[1], "scripts")
    liquidation = Liquidation.get(liquidation_key(entity.nit, "LIQ-0002-2024"), "LIQUIDATION")
    assert (liquidation.value, liquidation.remaining, liquidation.live_payments) == (100_000_00, 0, 2)


def test_case_7_replaces_value_and_end_date_and_keeps_both_versions(table: str) -> None:
    """An amendment replaces the total value and the end date, nothing else, and what was before stays readable."""
    del table
    entity = _run(CASES[6], "annex")
    pk = act_key(entity.nit, "CCE-12345-2024")
    act = ActDocument.get(pk, taxpayer_key("19396910"))
    assert (act.value, act.end) == (5_500_000_99, "2025-01-31 00:00:00")
    assert (act.first_value, act.first_end) == (4_599_999_99, "2024-12-31 00:00:00")
    assert act.remaining == act.value - act.liquidated
    [version] = ActVersion.query(pk, ActVersion.sk.startswith("VERSION#"))
    assert (version.taxpayer_document_number, version.value, version.end) == (
        "19396910",
        5_500_000_99,
        "2025-01-31 00:00:00",
    )


def test_case_8_registers_the_assignee_beside_the_first_taxpayer(table: str) -> None:
    """The same code with another taxpayer is an act document of its own; the first stays."""
    del table
    entity = _run(CASES[7], "scripts")
    acts = list(ActDocument.query(act_key(entity.nit, "CCE-12345-2024"), ActDocument.sk.startswith("TAXPAYER#")))
    assert {act.taxpayer_document_number: act.value for act in acts} == {
        "19396910": 4_599_999_99,
        "1033277373": 4_999_999_99,
    }
