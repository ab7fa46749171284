"""Headers and raw body -> request, refusing in the contract's order: X-Road, 413, 415, Idempotency-Key, body."""

import hashlib
import re
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import contract, validation
from shared.call import Call, Idempotency, Request, Upload
from shared.contract import Operation
from shared.rejection import Finding, Rejection


class Intake:
    """ASGI middleware between security and the view: puts the `request` where the view takes it from."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse (Rejection), or go on with the request."""
        if scope["type"] == "http":
            context = scope["extensions"]["connexion_context"]
            call: Call = context["call"]
            assert call.operation is not None
            assert call.operation.is_public or call.caller is not None
            if call.operation.media_types:
                context["request"] = await self._request(call, call.operation, Headers(scope=scope), receive)
            else:
                context["request"] = _asked(call, call.operation, scope["query_string"])
        await self.app(scope, receive, send)

    async def _request(self, call: Call, operation: Operation, headers: Headers, receive: Receive) -> Request:
        _matching("X-Road-Client", headers)  # of several only the last is verified by the security server
        media_type = _declared_media_type(headers.get("content-type", ""), operation)
        maximum, too_large = self.largest(operation, media_type)
        body = await _body(receive, maximum)
        if len(body) > maximum:
            raise Rejection([too_large])
        if media_type is None:
            raise Rejection([Finding("media-type-unsupported", "Content-Type")])
        idempotency = _idempotency(headers, body) if operation.stored_message else None
        record, file = self.read(operation, media_type, headers["content-type"], body)
        return Request(call, operation, record, idempotency, file)

    def largest(self, operation: Operation, _media_type: str | None) -> tuple[int, Finding]:
        """The bytes of the largest body of this type that is read, and what is told of a larger one."""
        maximum = operation.maximum_body_bytes
        return maximum, Finding("body-too-large", values={"maximum": str(maximum)})

    def read(
        self, operation: Operation, _media_type: str, _content_type: str, body: bytes
    ) -> tuple[validation.Record, Upload | None]:
        """What the body says, and the file that came with it. Raises Rejection."""
        return validation.read(operation, body), None


def _asked(call: Call, operation: Operation, query: bytes) -> Request:
    """What is asked in the address alone, where an empty parameter is none, and of several the last one counts.

    Raises Rejection.
    """
    members = dict(parse_qsl(query.decode("ascii", "replace")))
    return Request(call, operation, validation.read_members(operation, members))


async def _body(receive: Receive, maximum: int) -> bytes:
    """The raw body, read no further than needed to know that it is too large."""
    chunks, size, more = [], 0, True
    while more and size <= maximum:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
    return b"".join(chunks)


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


def _declared_media_type(content_type: str, operation: Operation) -> str | None:
    """The media type, if the operation takes it; text is UTF-8 or nothing."""
    media_type, *parameters = (part.strip().lower().replace('"', "") for part in content_type.split(";"))
    charsets = {parameter.partition("=")[2] for parameter in parameters if parameter.startswith("charset=")}
    return media_type if media_type in operation.media_types and charsets <= {"utf-8", "utf8"} else None
