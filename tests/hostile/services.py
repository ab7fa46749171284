"""What Schemathesis cannot read in the contract: how to write what it should know, and what else to check.

Loaded by Schemathesis itself (SCHEMATHESIS_HOOKS).
"""

import json
import re
import zlib
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from shared import contract
from shared.contract import certificates
from tests.hostile import oracle

# Registered before the run (runner.py), so that right data can reach a registration and not only its refusal.
CODE, TAXPAYER, LIQUIDATION, STAMP = "HOSTIL-ACTO", "HOSTIL-SUJETO", "HOSTIL-LIQUIDACION", "194-000-001"
START, END = "generatorFactStartDate", "generatorFactEndDate"
DATES = {START, END, "paymentDate"}
NO_SURROGATES = r"\uD800-\uDFFF"
ADDRESSES = {(each.method.upper(), each.path): each.id for each in contract.operations().values() if not each.is_page}


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Its regex engine cannot name surrogates, of which UTF-8 has none: without them it reads the patterns."""
    for named in raw_schema["components"]["schemas"].values():
        for schema in (named, *named.get("properties", {}).values()):
            if "pattern" in schema:
                schema["pattern"] = schema["pattern"].replace(NO_SURROGATES, "")


@schemathesis.hook
def map_case(_context: HookContext, case: Case) -> Case:
    """Let most right bodies name real days and what is registered; the body alone tells which, so a seed replays."""
    body = case.body
    chance = zlib.crc32(json.dumps(body, sort_keys=True, default=str).encode()) % 4
    if isinstance(body, dict) and chance and case.meta is not None and case.meta.generation.mode.is_positive:
        body.update({name: _real_day(body[name]) for name in DATES & body.keys()})
        if body.keys() > {START, END}:
            body[START], body[END] = sorted((body[START], body[END]))
        body.update(_registered(case.operation.definition.raw["operationId"], body, chance))
    return case


def _registered(operation: str, body: dict[str, Any], chance: int) -> dict[str, Any]:
    if operation == "registerPayment":
        return {"liquidatedValueId": LIQUIDATION, "type": 1}
    if operation == "registerLiquidation":
        taxpayer = {"taxpayerDocumentNumber": TAXPAYER} if "taxpayerDocumentNumber" in body else {}
        return {"actDocumentCode": CODE, "stampNumber": STAMP, **taxpayer}
    return {"actDocumentCode": CODE, "taxpayerDocumentNumber": TAXPAYER, "type": 1} if chance == 1 else {}


def _real_day(text: str) -> str:
    """The same text with a month that is and a day that every month has."""
    year, month, day = text[:10].split("-")
    return f"{max(int(year), 1):04}-{int(month) % 12 + 1:02}-{int(day) % 28 + 1:02}{text[10:]}"


@schemathesis.check
def findings_are_the_contracts(_context: CheckContext, response: Response, _case: Case) -> None:
    """A body is refused for its format exactly as the oracle says, and if that is right by rules of state alone."""
    operation = ADDRESSES.get(
        (response.request.method or "", re.sub(r"^https?://[^/]*", "", response.request.url or ""))
    )
    if operation is None or response.status_code not in {200, 202, 400, 422}:
        return
    if not response.request.headers.get("Content-Type", "").startswith("application/json"):
        return  # a form is no JSON; tests/test_bulk_form.py asks what is found in one
    raw = response.request.body or b""
    raw = raw.encode() if isinstance(raw, str) else raw
    answered = {
        (each["code"], oracle.canonical(operation, each.get("parameter"))) for each in response.json().get("errors", ())
    }
    codes = {code for code, _ in answered}
    if codes <= {"idempotency-key-invalid", "x-road-client-repeated", "idempotency-key-reused"} and codes:
        return
    expected = oracle.findings(operation, raw)
    if codes & oracle.UNREADABLE:
        answered = {(code, None) for code in codes}
    if expected:
        assert answered == expected, f"{answered} for what breaks {expected}"
    else:
        assert codes <= oracle.state_rules(operation), f"{codes} for a body of right format"


@schemathesis.check
def refusals_have_the_standard_shape(_context: CheckContext, response: Response, _case: Case) -> None:
    """A refusal tells its status, a text of the catalogue, a known rule for each finding, and a request id."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    if response.headers["content-type"][0].startswith("text/html"):
        texts = {each.message.partition("{")[0] for each in contract.rules().values()}
        assert any(text in response.text for text in texts | {certificates.declared().unknown})
        return
    body = response.json()
    rules = [contract.rules()[each["code"]] for each in body["errors"]]
    assert body["httpstatus"] == response.status_code == rules[0].status
    assert body["message"] == body["errors"][0]["message"]
    assert body["message"].startswith(rules[0].message.partition("{")[0])
    assert [rule.order for rule in rules] == sorted(rule.order for rule in rules)
    assert body["requestId"]
