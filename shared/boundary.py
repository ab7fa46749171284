"""The outer edge of a function: unknown paths and methods, every exception's answer, and one log line per call."""

import json
import logging
import sys
import time
import traceback
import uuid
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import contract, page
from shared.auth import refusal
from shared.call import Call
from shared.rejection import Finding, Rejection

UNAUTHORIZED = 401
LONGEST_HEADER_KEPT = 255

_log = logging.getLogger("sigec")
_log.setLevel(logging.INFO)
_log.propagate = False
_log.addHandler(logging.StreamHandler(sys.stdout))
logging.getLogger("mangum").setLevel(logging.WARNING)  # it would log each path as sent: personal data, if a client errs


class Boundary:
    """Outermost ASGI middleware: the one place where foreign exceptions become our answers.

    `served`: the ids of the operations of this function.
    """

    def __init__(self, app: ASGIApp, served: frozenset[str]) -> None:
        self.app = app
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every request, in the standard shape when it is refused."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = Call(_request_id(scope), x_road=_x_road(scope))
        scope["extensions"] = {"connexion_context": {"call": call}}
        started = time.perf_counter()
        outcome: dict[str, Any] = {}

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                outcome["status"] = message["status"]
            await send(message)

        try:
            call.operation = self._operation(scope)
            await self.app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - nothing may leave the function unanswered
            rejection = _rejection(error)
            outcome["rules"] = [finding.rule for finding in rejection.findings]
            if rejection is not error and rejection.status != UNAUTHORIZED:
                outcome["failure"] = where(error)
            await _answer(rejection, call, watch)
        _log.info(_line(call, outcome, time.perf_counter() - started))

    def _operation(self, scope: Scope) -> contract.Operation:
        """The operation of this function that stands at the path; another function's is as unknown here as any."""
        here = [each for each in map(contract.operation, self.served) if each.path == scope["path"]]
        if not here:
            raise Rejection([Finding("path-unknown")])
        for operation in here:
            if operation.method.upper() == scope["method"]:
                return operation
        allowed = sorted(operation.method.upper() for operation in here)
        finding = Finding("method-not-allowed", values={"methods": " o ".join(allowed)})
        raise Rejection([finding], headers={"Allow": ", ".join(allowed)})


def _request_id(scope: Scope) -> str:
    """API Gateway's request id, so that our answers, its own and the logs agree."""
    context = scope.get("aws.event", {}).get("requestContext", {})
    return context.get("requestId") or str(uuid.uuid4())


def _x_road(scope: Scope) -> dict[str, str]:
    headers = Headers(scope=scope)
    names = (name for name in contract.headers() if name.startswith("X-Road-") and name in headers)
    return {name: headers[name][:LONGEST_HEADER_KEPT] for name in names}


def _rejection(error: Exception) -> Rejection:
    if isinstance(error, Rejection):
        return error
    if isinstance(error, HTTPException) and error.status_code == UNAUTHORIZED:
        return refusal()  # connexion found no bearer token to ask about
    return Rejection([Finding("internal-error")])


async def _answer(rejection: Rejection, call: Call, send: Send) -> None:
    if call.operation is not None and call.operation.is_page:
        headers, body = {"Content-Type": page.MEDIA_TYPE, **page.HEADERS}, page.refusal(rejection, call.request_id)
    else:
        headers, body = {"Content-Type": "application/json"}, rejection.body(call.request_id)
    headers |= rejection.headers
    await send(
        {
            "type": "http.response.start",
            "status": rejection.status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})


def where(error: Exception) -> list[str]:
    """The error's type and the lines it passed through; its text may hold personal data and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames)]


def _line(call: Call, outcome: dict[str, Any], seconds: float) -> str:
    """X-Road-UserId names a person: the table keeps it, the log does not."""
    return json.dumps(
        {
            "requestId": call.request_id,
            "operation": call.operation.id if call.operation else None,
            "entity": call.caller.nit if call.caller else None,
            **outcome,
            "milliseconds": round(seconds * 1000, 1),
            "xRoad": {name: value for name, value in call.x_road.items() if name != "X-Road-UserId"},
        },
        ensure_ascii=False,
    )
