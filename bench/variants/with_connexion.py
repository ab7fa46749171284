"""WS pago with connexion as it comes: all its middlewares, and JSON Schema validation by the whole contract."""

import asyncio
from pathlib import Path
from typing import Any

import work
from connexion import AsyncApp
from connexion.context import request
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from mangum import Mangum

ALIASES = {"payedValueId": "paidValueId", "valuePayed": "valuePaid", "Type": "type"}


async def register(body: dict[str, Any], user: str) -> tuple[dict[str, Any], int]:
    """Register a payment."""
    work.check_headers(request.headers)
    record = {ALIASES.get(name, name): str(value) for name, value in body.items()}
    return work.pay(user, record, request.scope["aws.event"]["requestContext"]["requestId"]), 200


async def _refused(asked: ConnexionRequest, error: work.RefusedError) -> ConnexionResponse:
    request_id = asked.scope["aws.event"]["requestContext"]["requestId"]
    body = work.json.dumps(error.answer(request_id))
    return ConnexionResponse(status_code=error.status, content_type="application/json", body=body)


app = AsyncApp(__name__, specification_dir=Path(__file__).parent)
app.add_api("openapi.yaml", resolver=lambda _operation_id: register)
app.add_error_handler(work.RefusedError, _refused)
_mangum = Mangum(app, lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler; without Content-Length, which API Gateway leaves out, connexion sees no body."""
    event["headers"]["Content-Length"] = str(len(event["body"].encode()))
    return _mangum(event, context)


asyncio.set_event_loop(asyncio.new_event_loop())
