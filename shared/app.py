"""Builds a connexion app for some operations of the contract, and its Lambda handler."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mangum import Mangum
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import contract
from shared.boundary import Boundary
from shared.call import Answer, Report, Request
from shared.framework import Bearer, ConnexionMiddleware, RoutingMiddleware, SecurityMiddleware
from shared.intake import Intake
from shared.ledger.registration import Receipt

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
View = Callable[[Request], Answer]
NOT_FOR_THE_ADAPTER = frozenset({"host", "x-forwarded-port"})


def lambda_handler(intake: type[Intake] = Intake, /, **views: View) -> Handler:
    """A handler of API Gateway events for these operations, named by their operationId in the contract."""
    app = ConnexionMiddleware(
        _views(views),
        # Of connexion's own stack, what routes and checks the token; refusals are ours, in Spanish.
        middlewares=[
            partial(Boundary, served=frozenset(views)),
            RoutingMiddleware,
            SecurityMiddleware,
            intake,
        ],
        resolver=views.__getitem__,
        security_map={"bearer": Bearer},
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


def registration(report: Callable[[Report], Receipt]) -> View:
    """The view of an operation that registers something."""

    def view(request: Request) -> Answer:
        receipt = report(Report.of(request))
        return Answer(receipt.answer, headers={"idempotency-replayed": "true"} if receipt.replayed else {})

    return view


def _views(views: Mapping[str, View]) -> ASGIApp:
    """What connexion's stack leads to: the view of the routed operation, without what connexion's own does around it.

    It blocks while it writes: a function's instance serves one call at a time.
    """

    async def view(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        extensions = scope["extensions"]
        answer = views[extensions["connexion_routing"]["operation_id"]](extensions["connexion_context"]["request"])
        headers = [(b"content-type", answer.media_type.encode())]
        headers.extend((name.encode(), value.encode()) for name, value in answer.headers.items())
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.text.encode()})

    return view


async def _build(app: ConnexionMiddleware) -> None:
    """Connexion builds its stack at the first call: make that call now, so that no client waits for it."""

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(_message: dict[str, Any]) -> None:
        return

    await app({"type": "lifespan"}, receive, send)
