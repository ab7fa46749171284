"""One case per rule of a request: a passing and a failing twin that differ by one line (tests/cases/*.yaml)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions import bulk_load, certificate
from tests.client import HANDLERS, Answer, Client

pytestmark = pytest.mark.untraced

FILES = {
    path.stem: yaml.load(path.read_text(), yaml.CSafeLoader)
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
}
BODIES = {file["service"]: file["body"] for name, file in FILES.items() if name != "request"}


@pytest.fixture(autouse=True)
def place(request: pytest.FixtureRequest, file: Any) -> None:
    """Bucket and queues for files, and a key for certificates."""
    needed = {bulk_load.handler: "bucket", certificate.handler: "certifying"}.get(HANDLERS[file["service"]])
    if needed:
        request.getfixturevalue(needed)


QUICK = {"act_detail", "act_document", "liquidation", "payment", "records", "request"}
ABOUT_FILES = {"load", "report", "report_ticket", "ticket", "tickets", "template"}


def _twins(kind: str) -> Iterator[Any]:
    for name, file in FILES.items():
        mark = pytest.mark.files if name in ABOUT_FILES else pytest.mark.queries
        marks = () if name in QUICK else (mark,)
        for case in file["cases"]:
            for number, twin in enumerate(case[kind], start=1):
                yield pytest.param(file, case, twin, id=f"{name}-{case['rule']}-{case['source']}-{number}", marks=marks)


def _body(base: Mapping[str, Any], *changes: Mapping[str, Any]) -> str:
    """The base with each change applied, as JSON text; `literal` values go in as they are written."""
    members = {name: json.dumps(value) for name, value in base.items()}
    for change in changes:
        members.pop(change.get("remove", ""), None)
        members |= {name: json.dumps(value) for name, value in change.get("set", {}).items()}
        members |= {name: json.dumps("x" * length) for name, length in change.get("repeat", {}).items()}
        members |= {name: json.dumps([*map(str, range(count))]) for name, count in change.get("numbered", {}).items()}
        members |= change.get("literal", {})
    text = "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"
    return next((change["raw"] for change in changes if "raw" in change), text)


def _do_what_is_given(entity: Client, file: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, str]:
    """What may stand in a twin as <name>: what was answered last under a name of GIVEN."""
    answered: dict[str, str] = {}
    for step in [*file.get("given", []), *case.get("given", [])]:
        for _ in range(step.get("times", 1)):
            given = entity.post(step["service"], _body(BODIES[step["service"]], step), step.get("headers"))
            assert given.status < 300, given.text
            answered |= _answered(given.body)
    return answered


GIVEN = {"ticket", "cursor", "actReference", "code"}


def _answered(body: Any) -> dict[str, str]:
    members = body.items() if isinstance(body, dict) else list(enumerate(body)) if isinstance(body, list) else ()
    found = {str(name): str(value) for name, value in members if name in GIVEN}
    for _, under in members:
        found |= _answered(under)
    return found


def _send(
    entity: Client, file: Mapping[str, Any], case: Mapping[str, Any], twin: Mapping[str, Any], answered: dict[str, str]
) -> Answer:
    body = _body(file["body"], case, twin)
    for name, value in (answered | {"filling": "x" * twin.get("filling", 0)}).items():
        body = body.replace(f"<{name}>", value)
    headers = {**case.get("headers", {}), **twin.get("headers", {})}
    where = {"method": twin.get("method", "POST"), "path": twin.get("path")}
    return entity.post(file["service"], body.ljust(twin.get("pad", 0)), headers, **where)


def _parameter(case: Mapping[str, Any]) -> str | None:
    """The parameter or header that a case's text names, or that the case says in its place."""
    named = re.search(r"(?:parámetro|encabezado) ([\w-]+)", case["message"])
    return case.get("parameter", named and named[1])


@pytest.mark.parametrize(("file", "case", "twin"), list(_twins("passes")))
def test_passing_twin_is_registered(entity: Client, file: Any, case: Any, twin: Any) -> None:
    """What keeps the rule is registered, or done as asked."""
    answered = _do_what_is_given(entity, file, case)
    answer = _send(entity, file, case, twin, answered)
    assert answer.status < 300, answer.text


@pytest.mark.parametrize(("file", "case", "twin"), list(_twins("fails")))
def test_failing_twin_is_refused_by_its_rule_alone(
    stored_rows: Callable[[], Any], entity: Client, file: Any, case: Any, twin: Any
) -> None:
    """What breaks the rule is refused with its id, the manual's text and the parameter's name, and changes nothing."""
    answered = _do_what_is_given(entity, file, case)
    before = stored_rows()
    answer = _send(entity, file, case, twin, answered)
    assert answer.codes == [case["rule"]], answer.text
    [error] = answer.body["errors"]
    assert answer.body["message"] == error["message"] == case["message"]
    assert error.get("parameter") == _parameter(case)
    assert answer.status == answer.body["httpstatus"] >= 400
    assert answer.headers["content-type"] == "application/json"
    assert stored_rows() == before
