"""The contract's reference pages (Swagger UI, offline) and the contract as this machine serves it."""

import json
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from local import packages
from shared import contract

PAGE = Path(__file__).with_name("reference.html")
AWS_EXTENSION = "x-amazon-"


def routes() -> list[BaseRoute]:
    """/docs, and the contract at /openapi.json and /openapi.yaml."""
    return [
        Route("/docs", _page),
        Route("/docs/", _to_page),
        Mount("/docs", StaticFiles(directory=packages.folder("swagger-ui-dist"))),
        Route("/openapi.json", _json),
        Route("/openapi.yaml", _yaml),
    ]


def _page(_request: Request) -> Response:
    return FileResponse(PAGE)


def _to_page(_request: Request) -> Response:
    return RedirectResponse("/docs")


def _json(request: Request) -> Response:
    return Response(json.dumps(_served_contract(request), ensure_ascii=False), media_type="application/json")


def _yaml(request: Request) -> Response:
    text = yaml.safe_dump(_served_contract(request), allow_unicode=True, sort_keys=False)
    return Response(text, media_type="application/yaml")


def _served_contract(request: Request) -> dict[str, Any]:
    """The contract with this server, by the name it was called, as its only one, and without what only AWS reads."""
    contents: dict[str, Any] = _without_aws(contract.document())
    base_url = str(request.base_url).rstrip("/")
    paths = {path: methods for path, methods in contents["paths"].items() if methods}
    return {**contents, "servers": [{"url": base_url, "description": "Este equipo"}], "paths": paths}


def _without_aws(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_aws(each) for name, each in value.items() if not name.startswith(AWS_EXTENSION)}
    return [_without_aws(each) for each in value] if isinstance(value, list) else value
