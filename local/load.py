"""`make carga`: sends a file to the services, shows how its load goes on, and says what became of it."""

import json
import os
import time
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local import CannotRunError, folder
from shared import contract
from shared.contract import loads

PAUSE = 0.5  # seconds between two looks at the ticket
TIME_OUT = 60  # seconds
LARGEST_IN_A_FORM = loads.bulk().maximum_body_bytes
STILL_RUNNING = frozenset({loads.bulk().states[state] for state in ("received", "underWay")})


def load(path: Path, service: str, *, only_check: bool, nit: str | None) -> int:
    """Load a file to its end, of the demo's entity of this NIT, or of its first; 0 if every row is registered.

    Raises CannotRunError.
    """
    base_url, token = where(nit)
    operations = {file.service: contract.operation(each) for each, file in loads.files().items()}
    if service not in operations:
        raise CannotRunError(f"TIPO debe ser uno de {', '.join(operations)}.")
    if not path.is_file():
        raise CannotRunError(f"No existe el archivo {path}.")
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    try:
        ticket = _send(session, base_url + operations[service].path, path, only_check=only_check)
        shown = _follow(session, base_url + contract.operation("getTicket").path, ticket)
    except requests.RequestException as error:
        raise CannotRunError(f"{base_url} no responde como debe: {error}") from None
    return _tell(shown)


def where(nit: str | None) -> tuple[str, str]:
    """Address and token: those of the environment, or those of an entity of the local demo. Raises CannotRunError."""
    if "SIGEC_URL" in os.environ and "SIGEC_TOKEN" in os.environ:
        return os.environ["SIGEC_URL"].rstrip("/"), os.environ["SIGEC_TOKEN"]
    return demo_entity(nit)


def demo_entity(nit: str | None) -> tuple[str, str]:
    """Address and token of the entity of the local demo that has this NIT, or of its first. Raises CannotRunError."""
    demo = folder.path() / folder.DEMO
    if not demo.exists():
        raise CannotRunError(
            "Inicie antes los servicios con `make run`. "
            "Para cargas y reportes con otros servicios, defina SIGEC_URL y SIGEC_TOKEN."
        )
    known = json.loads(demo.read_text())
    tokens = {each["nit"]: each["token"] for each in known["entities"]}
    if nit is not None and nit not in tokens:
        raise CannotRunError(f"NIT debe ser uno de {', '.join(tokens)}.")
    return known["baseUrl"], tokens[nit or next(iter(tokens))]


def _send(session: requests.Session, url: str, path: Path, *, only_check: bool) -> str:
    validar = {"validar": "true"} if only_check else {}
    with path.open("rb") as content:
        if path.stat().st_size <= LARGEST_IN_A_FORM:
            answer = answer_of(
                session.post(url, data=validar, files={"archivo": (path.name, content)}, timeout=TIME_OUT)
            )
        else:
            body = {"fileName": path.name, **validar}
            answer = answer_of(session.post(url, json=body, timeout=TIME_OUT))
            upload = answer["upload"]
            sent = requests.post(upload["url"], data=upload["fields"], files={"file": content}, timeout=TIME_OUT)
            sent.raise_for_status()
    ticket: str = answer["ticket"]
    return ticket


def _follow(session: requests.Session, url: str, ticket: str) -> dict[str, Any]:
    """The ticket once its load has ended."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Recibido", total=None)
        while True:
            shown: dict[str, Any] = answer_of(session.post(url, json={"ticket": ticket}, timeout=TIME_OUT))["data"]
            rows = shown["rows"]
            progress.update(task, description=shown["state"], completed=rows["done"], total=rows["total"] or None)
            if shown["state"] not in STILL_RUNNING:
                return shown
            time.sleep(PAUSE)


def answer_of(response: requests.Response) -> dict[str, Any]:
    """What a service answered. Raises CannotRunError if it is a refusal."""
    answer: dict[str, Any] = response.json()
    if response.status_code >= 400:
        raise CannotRunError(answer["message"])
    return answer


def _tell(shown: dict[str, Any]) -> int:
    console = Console(soft_wrap=True, highlight=False)
    rows = shown["rows"]
    console.print(f"Ticket {shown['ticket']}: [bold]{shown['state']}[/bold]")
    console.print(
        f"Filas: {rows['total']}; registradas: {rows['registered']}; ya registradas: {rows['alreadyRegistered']}; "
        f"rechazadas: {rows['rejected']}; sin procesar: {rows['notProcessed']}; válidas: {rows['valid']}"
    )
    if "reason" in shown and shown["reason"] not in shown["errors"]:
        console.print(shown["reason"]["message"], markup=False)
    for error in shown["errors"]:
        place = f"Fila {error['row']}: " if "row" in error else ""
        console.print(f"  {place}{error['message']}", markup=False)
    for name, url in shown.get("results", {}).items():
        if name != "expiresAt":
            console.print(f"{name}: {url}", markup=False)
    good = rows["registered"] + rows["alreadyRegistered"] + rows["valid"]
    return 0 if rows["total"] and rows["total"] == good else 1
