"""Whatever the bytes, the answer is a 4xx in the standard shape, never a 500, and nothing is registered."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client

pytestmark = pytest.mark.untraced

OPERATIONS = ("registerActDocument", "registerLiquidation", "registerPayment", "findPublicly")
BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  \n",
    "not JSON": b"platform=2",
    "XML": b"<?xml version='1.0'?><a/>",
    "cut short": b'{"platform": "2',
    "not UTF-8": '{"taxpayerName": "Muñoz"}'.encode("latin-1"),
    "UTF-16": '{"platform": 2}'.encode("utf-16"),
    "lone surrogate bytes": b'{"platform": "\xed\xa0\x80"}',
    "NUL": b'{"platform": "\x00"}',
    "array": b"[]",
    "array of objects": b'[{"platform": 2}]',
    "number": b"7",
    "NaN": b'{"liquidatedValue": NaN, "valuePaid": NaN, "generatorFactValue": NaN}',
    "minus infinity": b'{"liquidatedValue": -Infinity}',
    "1e400": b'{"liquidatedValue": 1e400, "valuePaid": 1e400, "generatorFactValue": 1e400}',
    "6,000 digits": b'{"liquidatedValue": %b, "type": %b}' % (b"9" * 6000, b"1" * 6000),
    "6,000 decimals": b'{"valuePaid": 0.%b}' % (b"1" * 6000),
    "deep arrays": b"[" * 30000,
    "deep closed arrays": b'{"platform": %b%b}' % (b"[" * 20000, b"]" * 20000),
    "deep objects": b'{"a":' * 10000 + b"1" + b"}" * 10000,
    "duplicate keys": b'{"type": 1, "type": 0}',
    "duplicate odd keys": b'{"\\ud800": 1, "\\ud800": 0}',
    "2 MB": b'{"taxpayerName": "%b"}' % (b"x" * 2_000_000),
    "2 MB of keys": b"{" + b",".join(b'"k%d": 1' % number for number in range(150_000)) + b"}",
    "format placeholders": b'{"{rule}": 1, "actDocumentCode": "{0.__class__}", "taxpayerName": "%s"}',
    "surrogate escape": b'{"actDocumentCode": "\\ud83d", "liquidatedValueId": "\\udc00", "paidValueId": "\\ud800"}',
    "prototype names": b'{"__proto__": {"type": 1}, "constructor": null, "__class__": 1}',
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", BODIES)
def test_hostile_body_is_refused_in_the_standard_shape(
    entity: Client, stored_rows: Callable[[], list[dict[str, Any]]], operation: str, name: str
) -> None:
    """A body that no client means well is answered with findings, and the table stays as it was."""
    before = stored_rows()
    answer = entity.post(operation, BODIES[name])
    assert answer.status in {400, 413}, answer.text
    assert set(answer.body) == {"httpstatus", "message", "errors", "requestId"}
    assert answer.body["message"].startswith("Error. ")
    assert stored_rows() == before


def test_a_byte_order_mark_is_forgiven(entity: Client) -> None:
    """What some systems write before UTF-8 does not keep a body from being read."""
    answer = entity.post("registerPayment", b"\xef\xbb\xbf" + b'{"type": 1}')
    assert "body-not-json" not in answer.codes
