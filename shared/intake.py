"""Headers and raw body -> report, refusing in the contract's order: X-Road, 413, 415, Idempotency-Key, body."""

import hashlib
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import contract, validation
from shared.call import Call, Caller, Idempotency, Report
from shared.contract import Operation
from shared.rejection import Finding, Rejection


class Intake:
    """ASGI middleware between security and the view: puts the `report` where connexion hands it to the view."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse (Rejection), or go on with the report."""
        if scope["type"] == "http":
            context = scope["extensions"]["connexion_context"]
            call: Call = context["call"]
            assert call.operation is not None
            assert call.caller is not None
            context["report"] = _report(call, call.operation, call.caller, Headers(scope=scope), await _body(receive))
        await self.app(scope, receive, send)


async def _body(receive: Receive) -> bytes:
    """The raw body, read no further than needed to know that it is too large."""
    chunks, size, more = [], 0, True
    while more and size <= contract.maximum_body_bytes():
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
    return b"".join(chunks)


def _report(call: Call, operation: Operation, caller: Caller, headers: Headers, body: bytes) -> Report:
    _matching("X-Road-Client", headers)  # of several only the last is verified by the security server
    maximum = contract.maximum_body_bytes()
    if len(body) > maximum:
        raise Rejection([Finding("body-too-large", values={"maximum": str(maximum)})])
    if not _is_declared_json(headers.get("content-type", ""), operation):
        raise Rejection([Finding("media-type-unsupported", "Content-Type")])
    idempotency = _idempotency(headers, body)
    return Report.of(call, operation, caller, validation.read(operation, body), idempotency)


def _idempotency(headers: Headers, body: bytes) -> Idempotency | None:
    key = _matching("Idempotency-Key", headers)
    return None if key is None else Idempotency(key, hashlib.sha256(body).hexdigest())


def _matching(name: str, headers: Headers) -> str | None:
    """The header, which must match its pattern in the contract; the adapter joins a repeated one with commas."""
    value = headers.get(name)
    schema = contract.headers()[name]
    if value is not None and re.fullmatch(schema["pattern"], value) is None:
        raise Rejection([Finding(schema["x-rules"]["invalid"], name)])
    return value


def _is_declared_json(content_type: str, operation: Operation) -> bool:
    media_type, *parameters = (part.strip().lower().replace('"', "") for part in content_type.split(";"))
    charsets = {parameter.partition("=")[2] for parameter in parameters if parameter.startswith("charset=")}
    return media_type in operation.media_types and charsets <= {"utf-8", "utf8"}
