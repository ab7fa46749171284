"""Calls the services as a client does: through the Lambda handlers, an API Gateway event in and its answer out."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console import registry
from functions import act_document, bulk_load, certificate, liquidation, payment, public, query
from shared import contract

HANDLERS = {
    "registerActDocument": act_document.handler,
    "registerLiquidation": liquidation.handler,
    "registerPayment": payment.handler,
    **dict.fromkeys(
        ("loadActDocuments", "loadLiquidations", "loadPayments", "getTicket", "findTickets", "getTemplate"),
        bulk_load.handler,
    ),
    **dict.fromkeys(("findActDocuments", "findStamps", "getActDocument", "getRecords", "findChanges"), query.handler),
    "findPublicly": public.handler,
    **dict.fromkeys(("requestReport", "getReport"), bulk_load.handler),
    **dict.fromkeys(
        ("getCertificate", "verifyCertificate", "showVerification", "getCertificateKey"), certificate.handler
    ),
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    text: str

    @property
    def codes(self) -> list[str]:
        """The rules of the findings, in order."""
        return [error["code"] for error in self.body.get("errors", [])]


@dataclass
class Client:
    """An entity's system: its NIT and its token."""

    nit: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def post(
        self,
        operation: str,
        body: Mapping[str, Any] | str | bytes,
        headers: Mapping[str, str | list[str]] | None = None,
        *,
        method: str = "POST",
        path: str | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Send a body (JSON text, bytes, or what is to be made JSON), and the token if the operation asks for one."""
        raw = json.dumps(body) if isinstance(body, Mapping) else body
        is_public = contract.operation(operation).is_public
        every: dict[str, Any] = {
            **({} if is_public else {"Authorization": f"Bearer {self.token}"}),
            "Content-Type": "application/json",
            **self.headers,
            **(headers or {}),
        }
        return send(operation, raw, every, method=method, path=path, request_id=request_id)


def send(
    operation: str,
    raw: str | bytes,
    headers: Mapping[str, Any],
    *,
    method: str = "POST",
    path: str | None = None,
    query: Mapping[str, str] | None = None,
    request_id: str | None = None,
) -> Answer:
    """One event through the handler of an operation's function. A header with a list of values is sent repeated."""
    event = {
        "resource": "/{proxy+}",
        "path": path or contract.operation(operation).path,
        "httpMethod": method,
        "headers": {name: value if isinstance(value, str) else value[-1] for name, value in headers.items()},
        "multiValueHeaders": {n: [v] if isinstance(v, str) else v for n, v in headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "requestContext": {"requestId": request_id or str(uuid.uuid4()), "identity": {"sourceIp": "192.0.2.1"}},
        **_body(raw),
    }
    result = HANDLERS[operation](event, None)
    text = result["body"]
    is_json = result["headers"]["content-type"] == "application/json"
    return Answer(result["statusCode"], json.loads(text) if is_json else {}, {**result["headers"]}, text)


def browse(operation: str, **query: str) -> Answer:
    """What a browser is shown that opens an operation's address."""
    return send(operation, "", {}, method="GET", query=query)


def _body(raw: str | bytes) -> dict[str, Any]:
    """API Gateway hands text over as text, and what is not text in base64."""
    if isinstance(raw, str):
        return {"body": raw, "isBase64Encoded": False}
    return {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}


def new_entity(nit: str, *stamps: str, territorial: str | None = None) -> Client:
    """An entity registered by the operator, with stamps and a token."""
    registry.create_entity(nit, f"Entidad {nit}", territorial)
    for stamp in stamps:
        registry.add_stamp(nit, stamp, f"Estampilla {stamp}")
    return Client(nit, registry.issue_token(nit))
