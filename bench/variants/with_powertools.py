"""WS pago with AWS Lambda Powertools, validation on."""

import json
from typing import Any

import work
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from payment_model import Payment, refused

app = APIGatewayRestResolver(enable_validation=True)


def _answer(error: work.RefusedError) -> Response[str]:
    request_id = app.current_event["requestContext"]["requestId"]
    print(json.dumps({"requestId": request_id, "status": error.status}), flush=True)  # noqa: T201 - the log line
    body = json.dumps(error.answer(request_id), ensure_ascii=False)
    return Response(error.status, "application/json", body)


@app.exception_handler(work.RefusedError)
def _refused(error: work.RefusedError) -> Response[str]:
    return _answer(error)


@app.exception_handler(RequestValidationError)
def _invalid(error: RequestValidationError) -> Response[str]:
    try:
        body = json.loads(app.current_event.body or "")
    except ValueError:
        body = None
    return _answer(refused(error.errors(), body))


@app.not_found
def _unknown(_error: NotFoundError) -> Response[str]:
    return _answer(work.refusal("path-unknown", 404))


def _authenticated(resolver: Any, following: Any) -> Any:
    """Before validation, as the contract's order of refusals has it."""
    headers = resolver.current_event.headers
    resolver.append_context(nit=work.entity(headers.get("Authorization", "")))
    work.check_headers(headers)
    return following(resolver)


app.use([_authenticated])


@app.post("/gateway/stamp/v1/stamp/interoperabilityPago/registrar")
def register_payment(body: Payment) -> dict[str, Any]:
    """Register a payment."""
    return work.pay(app.context["nit"], body.record(), app.current_event["requestContext"]["requestId"])


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler."""
    return app.resolve(event, context)
