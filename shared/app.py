"""Builds a connexion app for some operations of the contract, and its Lambda handler."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from mangum import Mangum

from shared import contract
from shared.boundary import Boundary
from shared.call import Report
from shared.framework import AsyncApp, ConnexionResponse, ContextMiddleware, RoutingMiddleware, SecurityMiddleware
from shared.intake import Intake
from shared.ledger.registration import Receipt

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
NOT_FOR_THE_ADAPTER = frozenset({"host", "x-forwarded-port"})


def lambda_handler(**reports: Callable[[Report], Receipt]) -> Handler:
    """A handler of API Gateway events for these operations, named by their operationId in the contract."""
    views = {operation_id: _view(report) for operation_id, report in reports.items()}
    app = AsyncApp(
        __name__,
        # Of connexion's own stack, what routes, checks the token and calls the view; refusals are ours, in Spanish.
        middlewares=[
            partial(Boundary, served=frozenset(views)),
            RoutingMiddleware,
            SecurityMiddleware,
            Intake,
            ContextMiddleware,
        ],
        resolver=views.__getitem__,
    )
    app.add_api(contract.routes(views))
    adapter = Mangum(app, lifespan="off")  # gives this thread an event loop, if it has none
    asyncio.get_event_loop().run_until_complete(_build(app))
    return lambda event, context: adapter({**event, "headers": {}, "multiValueHeaders": _headers(event)}, context)


def _headers(event: dict[str, Any]) -> dict[str, list[str]]:
    """Every value of each header, whatever the case of its name, without those that the adapter reads numbers from."""
    sent = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    headers: dict[str, list[str]] = {}
    for name, values in sent.items():
        headers.setdefault(name.lower(), []).extend(values)
    return {name: values for name, values in headers.items() if name not in NOT_FOR_THE_ADAPTER}


def _view(register: Callable[[Report], Receipt]) -> Callable[..., Any]:
    """A view that blocks while it writes: a function's instance serves one call at a time."""

    async def view(report: Report) -> ConnexionResponse:
        receipt = register(report)
        headers = {"Idempotency-Replayed": "true"} if receipt.replayed else {}
        return ConnexionResponse(
            status_code=200, content_type="application/json", body=receipt.answer.encode(), headers=headers
        )

    return view


async def _build(app: AsyncApp) -> None:
    """Connexion builds its stack at the first call: make that call now, so that no client waits for it."""

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(_message: dict[str, Any]) -> None:
        return

    await app({"type": "lifespan"}, receive, send)
