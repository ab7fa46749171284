"""The integrators' guide says what the contract says, and everything it shows to be sent can be sent."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from docs import integrators as docs
from docs import markdown
from shared import contract, tokens, validation

pytestmark = pytest.mark.around

GUIDE = docs.GUIDE.read_text()
OPERATIONS = {each.id: each for each in contract.registrations()}
TITLES = {markdown.title(each): each for each in OPERATIONS.values()}
PATHS = {each.path: each for each in OPERATIONS.values()}
STEPS = [(case, step) for case in docs.use_cases() for step in case["steps"]]

JSON_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
REQUEST = re.compile(r"^\*\*(?:\d+\. )?([^*\n]+)\*\*[^\n]*\n\n```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CURL = re.compile(rf"^curl -s {re.escape(docs.LOCAL)}(\S+) .*?-d '(.*?)'$", re.DOTALL | re.MULTILINE)


def _requests() -> Iterator[tuple[contract.Operation, str]]:
    yield from ((TITLES[title], body) for title, body in REQUEST.findall(GUIDE))
    yield from ((PATHS[path], body) for path, body in CURL.findall(GUIDE))


def _answers() -> list[Any]:
    requests = {body for _, body in REQUEST.findall(GUIDE)}
    return [json.loads(body) for body in JSON_BLOCK.findall(GUIDE) if body not in requests]


def anchors(guide: str) -> set[str]:
    """What a link within a guide can name: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", guide, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_parts_are_what_the_contract_makes_now() -> None:
    """Running `python -m docs` changes nothing, and every part it can make stands in the guide."""
    assert markdown.written(GUIDE, docs.PARTS) == GUIDE
    assert re.findall(r"<!-- generado: (\S+) -->", GUIDE) == list(docs.PARTS)


@pytest.mark.parametrize("rule", docs.rules())
def test_every_rule_is_explained_once(rule: str) -> None:
    """A rule has one heading, and under it each text a client may get."""
    (section,) = re.findall(rf"^#### {rule}\n(.*?)(?=^#|\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    for text in markdown.texts_of(rule):
        assert section.count(f"`{text}`") == 1
    assert "Causa: " in section
    assert "Remedio: " in section


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_every_name_of_the_contract_is_mentioned(operation: contract.Operation) -> None:
    """Each parameter appears by every name that is accepted, and each header and status that can be met."""
    names = {name for field in operation.fields for name in field.names}
    headers = {parameter["name"] for parameter in contract.document()["components"]["parameters"].values()}
    assert {name for name in names | headers if f"`{name}`" not in GUIDE} == set()
    statuses = contract.document()["paths"][operation.path][operation.method]["responses"]
    assert {status for status in statuses if f"| {status} |" not in GUIDE} == set()


def test_every_request_shown_is_well_formed() -> None:
    """Whatever the guide shows to be sent is free of format findings in its service."""
    requests = list(_requests())
    assert len(requests) == len(STEPS) + len(CURL.findall(GUIDE)) * 2 + 1  # the cases, both dialects, the ceiling
    for operation, body in requests:
        validation.read(operation, body.encode())


def test_every_answer_shown_has_the_shape_of_the_contract() -> None:
    """An answer has the members that the contract requires, and its messages are those of the rules it cites."""
    schemas = contract.document()["components"]["schemas"]
    for answer in _answers():
        schema = schemas["Rejection" if "errors" in answer else "ActDocumentStored"]
        assert set(schema["required"]) <= set(answer) <= set(schema["properties"])
        for error in answer.get("errors", []):
            assert re.fullmatch(_any_values(contract.rules()[error["code"]].message), error["message"])


def _any_values(message: str) -> str:
    return re.sub(r"\\\{\w+\\\}", r"\\S+", re.escape(message))


@pytest.mark.parametrize(("case", "step"), STEPS, ids=lambda value: str(value.get("case") or value["service"]))
def test_a_use_case_says_the_same_in_both_dialects(case: Any, step: Any) -> None:
    """A step in the annex's dialect is read as the same record, unless the case says otherwise."""
    del case
    operation = OPERATIONS[step["service"]]
    annex = docs.in_annex_dialect(step)
    assert annex["body"] != step["body"]
    script_record, annex_record = (
        validation.read(operation, json.dumps(each["body"]).encode()) for each in (step, annex)
    )
    otherwise = step.get("annex", {}).get("body", {})
    assert annex_record.values == {**script_record.values, **otherwise}


@pytest.mark.parametrize("step", [step for _, step in STEPS] + [docs.in_annex_dialect(step) for _, step in STEPS])
def test_what_a_use_case_expects_is_in_the_contract(step: Any) -> None:
    """A step's message, transcribed from the manual, is the contract's for a success and the rule's for a refusal."""
    expect = step["expect"]
    if expect["status"] == 200:
        assert expect["message"] == OPERATIONS[step["service"]].stored_message
        return
    rule = contract.rules()[expect["code"]]
    assert expect["status"] == rule.status
    assert expect["message"] in markdown.texts_of(rule.id)


def test_the_script_that_exceeds_its_act_is_warned_of() -> None:
    """The guide says that one script liquidates 87,500,000 on an act of 5,000,000, and that the text counts."""
    (paragraph,) = re.findall(r"^.*87\.500\.000.*\n.*$", GUIDE, re.MULTILINE)
    assert "5.000.000" in paragraph
    assert "El texto cuenta" in paragraph


def test_the_token_of_every_environment_is_described() -> None:
    """A reader tells a token's environment by its prefix."""
    assert {prefix for prefix in tokens.PREFIXES.values() if f"`{prefix}...`" not in GUIDE} == set()
    assert f"{tokens.RANDOM_CHARACTERS} letras y dígitos" in GUIDE
    assert f"{tokens.CHECK_CHARACTERS} caracteres de verificación" in GUIDE


def test_every_link_within_the_guide_leads_somewhere() -> None:
    """Each `#anchor` is that of a heading."""
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= anchors(GUIDE)
