"""The measure of all: boto3, one equal transaction, and nothing else. No token is read and nothing is validated."""

import json
import os
from collections.abc import Callable
from typing import Any

import rows


def _handler(writes: Callable[..., list[dict[str, Any]]]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        body = json.loads(event["body"])
        kept = rows.receipt(event["requestContext"]["requestId"])
        rows.client.transact_write_items(TransactItems=writes(os.environ["BENCH_NIT"], body, kept))
        answer = {"data": body, "radicado": kept["radicado"]["S"], "registeredAt": kept["registeredAt"]["S"]}
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}

    return handler


act_document = _handler(rows.act_document)
liquidation = _handler(rows.liquidation)
payment = _handler(rows.payment)
