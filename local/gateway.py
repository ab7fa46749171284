"""HTTP <-> Lambda proxy events: what API Gateway does between a client and the functions."""

import asyncio
import base64
import importlib
import logging
import re
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local import template
from shared import contract
from shared.app import Handler

CALLS_AT_ONCE = 32
MAXIMUM_BYTES = 10 * 1024 * 1024  # API Gateway's own
GREEDY = "/{proxy+}"
# What API Gateway does not hand on.
HOP_BY_HOP = frozenset({"connection", "content-length", "expect", "keep-alive", "transfer-encoding"})

_log = logging.getLogger(__name__)


class Gateway:
    """ASGI application: each request becomes an event for the function that the contract names."""

    def __init__(self) -> None:
        self._handlers = _handlers()
        self._event_loops: list[asyncio.AbstractEventLoop] = []
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE, "function", self._set_event_loop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request, str(uuid.uuid4()))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    def close(self) -> None:
        """Wait for the calls under way."""
        self._pool.shutdown()
        for loop in self._event_loops:
            loop.close()

    def _set_event_loop(self) -> None:
        """The handlers expect one, as in a Lambda function's only thread."""
        loop = asyncio.new_event_loop()
        self._event_loops.append(loop)
        asyncio.set_event_loop(loop)

    async def _answer(self, request: Request, request_id: str) -> Response:
        body = await _body(request)
        if body is None:
            return _own_response("REQUEST_TOO_LARGE", request_id)
        path = request.scope["raw_path"].decode("latin-1")
        resource = path if path in self._handlers else GREEDY
        event = _event(request, path, resource, body, request_id)
        context = SimpleNamespace(aws_request_id=request_id)
        loop = asyncio.get_running_loop()
        try:
            result = await loop.run_in_executor(self._pool, self._handlers[resource], event, context)
        except Exception:  # noqa: BLE001 - a function may fail in any way
            _log.exception("The function ended without an answer")
            return _own_response("DEFAULT_5XX", request_id)
        return _response(result)


def _handlers() -> dict[str, Handler]:
    """By resource: the contract names each resource's function, the template that function's handler."""
    found = {}
    for path, methods in contract.document()["paths"].items():
        uri = methods["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        [function] = re.findall(r"\$\{(\w+)\.Arn\}", uri)
        module, _, name = template.resources()[function]["Properties"]["Handler"].rpartition(".")
        found[path] = getattr(importlib.import_module(module), name)
    return found


async def _body(request: Request) -> bytes | None:
    """The body, unless it is too large: read to its end all the same, or the client would not hear the answer."""
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAXIMUM_BYTES:
            body += chunk
    return bytes(body) if size <= MAXIMUM_BYTES else None


def _event(request: Request, path: str, resource: str, body: bytes, request_id: str) -> dict[str, Any]:
    """A proxy event of a REST API (payload version 1.0)."""
    headers = [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]
    query = parse_qsl(request.url.query, keep_blank_values=True)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _multiple(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _multiple(query) or None,
        "pathParameters": {"proxy": path.removeprefix("/")} if resource == GREEDY else None,
        "stageVariables": None,
        "requestContext": {
            "requestId": request_id,
            "resourcePath": resource,
            "path": path,
            "httpMethod": request.method,
            "protocol": "HTTP/1.1",
            "stage": "local",
            "requestTimeEpoch": time.time_ns() // 1_000_000,
            "identity": {
                "sourceIp": request.client.host if request.client else None,
                "userAgent": request.headers.get("user-agent"),
            },
        },
        **_event_body(body),
    }


def _multiple(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _event_body(body: bytes) -> dict[str, Any]:
    try:
        return {"body": body.decode() or None, "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _response(result: Mapping[str, Any]) -> Response:
    text = result.get("body") or ""
    response = Response(base64.b64decode(text) if result.get("isBase64Encoded") else text, result["statusCode"])
    for name, value in (result.get("headers") or {}).items():
        response.headers[name] = value
    for name, values in (result.get("multiValueHeaders") or {}).items():
        for value in values:
            response.headers.append(name, value)
    return response


def _own_response(kind: str, request_id: str) -> Response:
    """What API Gateway answers by itself, as the contract defines it."""
    answer = contract.document()["x-amazon-apigateway-gateway-responses"][kind]
    [(media_type, body)] = answer["responseTemplates"].items()
    text = body.replace("$context.requestId", request_id)
    return Response(text, answer["statusCode"], media_type=media_type)
