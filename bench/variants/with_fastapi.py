"""WS pago with FastAPI behind Mangum. The view blocks, like ours: an instance serves one call at a time."""

import json
from typing import Annotated, Any

import work
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from mangum import Mangum
from payment_model import Payment, refused
from starlette.exceptions import HTTPException

app = FastAPI(openapi_url=None)


def _answer(request: Request, error: work.RefusedError) -> JSONResponse:
    request_id = request.scope["aws.event"]["requestContext"]["requestId"]
    print(json.dumps({"requestId": request_id, "status": error.status}), flush=True)  # noqa: T201 - the log line
    return JSONResponse(error.answer(request_id), error.status)


@app.exception_handler(work.RefusedError)
async def _refused(request: Request, error: work.RefusedError) -> JSONResponse:
    return _answer(request, error)


@app.exception_handler(RequestValidationError)
async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return _answer(request, refused(error.errors(), error.body))


@app.exception_handler(HTTPException)
async def _unknown(request: Request, error: HTTPException) -> JSONResponse:
    rule = "method-not-allowed" if error.status_code == 405 else "path-unknown"
    return _answer(request, work.refusal(rule, error.status_code))


async def _caller(request: Request) -> str:
    nit = work.entity(request.headers.get("authorization", ""))
    work.check_headers(request.headers)
    return nit


@app.post("/gateway/stamp/v1/stamp/interoperabilityPago/registrar", response_model=None)
async def register_payment(request: Request, nit: Annotated[str, Depends(_caller)], body: Payment) -> Any:
    """Register a payment."""
    request_id = request.scope["aws.event"]["requestContext"]["requestId"]
    return JSONResponse(work.pay(nit, body.record(), request_id))


handler = Mangum(app, lifespan="off")
