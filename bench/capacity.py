"""Capacity units of each operation: as the engine reports them, and by DynamoDB's rules from what is stored.

A row that the index finds costs a unit more for each KiB begun of its entry there, whenever it is written whole.
"""

import math
from typing import Any

from bench import ground
from bench.ground import ACT, LIQUIDATION, PAYMENT, Ground
from shared.models import Row

KIBIBYTE = 1024
# By DynamoDB's rules a transaction's write takes two units for each KiB begun of each item.
UNITS_OF_A_TRANSACTION = 2

ACT_1 = {**ACT, "actDocumentCode": "CAPACITY"}
LIQUIDATION_1 = {**LIQUIDATION, "actDocumentCode": "CAPACITY", "liquidatedValueId": "CAPACITY"}
PAYMENT_1 = {**PAYMENT, "liquidatedValueId": "CAPACITY", "paidValueId": "CAPACITY"}
OPERATIONS: tuple[tuple[str, str, dict[str, Any], dict[str, str]], ...] = (
    ("act document, created", "act_document", ACT_1, {}),
    ("act document, amended", "act_document", {**ACT_1, "type": 1}, {}),
    ("liquidation", "liquidation", LIQUIDATION_1, {}),
    ("payment", "payment", PAYMENT_1, {}),
    ("payment, annulled", "payment", {**PAYMENT_1, "type": 0}, {}),
    ("liquidation, annulled", "liquidation", {**LIQUIDATION_1, "type": 0}, {}),
    ("payment with Idempotency-Key", "payment", {**PAYMENT_1, "paidValueId": "K"}, {"Idempotency-Key": "capacity-1"}),
)


def measure(place: Ground) -> list[dict[str, Any]]:
    """For each operation: items, their bytes, and write units, reported and computed. To be called where calls go."""
    client = Row.connection().client
    client.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", _keep_request)
    client.meta.events.register("after-call.dynamodb.TransactWriteItems", _keep_answer)
    found = []
    for title, service, body, headers in OPERATIONS:
        if headers:  # the liquidation before is annulled by now
            identifier = {"liquidatedValueId": "CAPACITY-2"}
            ground.call(place, "liquidation", {**LIQUIDATION_1, **identifier})
            body = {**body, **identifier}  # noqa: PLW2901
        ground.call(place, service, body, **headers)
        writes = _requests[-1]["TransactItems"]
        sizes = [_stored_size(client, write) for write in writes]
        entries = sum("group" in write.get("Put", {}).get("Item", {}) for write in writes)
        found.append(
            {
                "operation": title,
                "bytes": sizes,
                "entries": entries,
                "reported": sum(each["CapacityUnits"] for each in _answers[-1].get("ConsumedCapacity", ())),
                "computed": sum(UNITS_OF_A_TRANSACTION * math.ceil(size / KIBIBYTE) for size in sizes) + entries,
            }
        )
    return found


_requests: list[dict[str, Any]] = []
_answers: list[dict[str, Any]] = []


def _keep_request(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"
    _requests.append(params)


def _keep_answer(parsed: dict[str, Any], **_: Any) -> None:
    _answers.append(parsed)


def _stored_size(client: Any, write: dict[str, Any]) -> int:
    """Bytes of the item as it is after the write; none of them shrinks by more than a digit."""
    [(_, what)] = write.items()
    item = what.get("Item") or what["Key"]
    answer = client.get_item(TableName=what["TableName"], Key={name: item[name] for name in ("pk", "sk")})
    return sum(len(name.encode()) + _value_size(value) for name, value in answer["Item"].items())


def _value_size(value: dict[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "N":  # about a byte for two significant digits, and one more
        return math.ceil(len(content.strip("-").replace(".", "").strip("0")) / 2) + 1
    if kind == "S":
        return len(content.encode())
    assert kind in {"BOOL", "NULL"}, kind
    return 1
