"""`make reporte`: asks the services for a report, waits for it, and brings its two files."""

import re
import time
from pathlib import Path
from typing import Any

import requests

from local import CannotRunError, folder, say
from local.load import PAUSE, STILL_RUNNING, TIME_OUT, answer_of, where
from shared import contract

NAME = re.compile(r'filename="([\w.-]+)"')


def bring(kind: str, first_day: str, last_day: str, entity: str | None, nit: str | None) -> int:
    """A report of the demo's entity of this NIT, or of its first, about an entity; 0 if it is there.

    Raises CannotRunError.
    """
    base_url, token = where(nit)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    asked = {"reportType": kind, "from": first_day, "to": last_day, **({"entity": entity} if entity else {})}
    try:
        ticket = _post(session, base_url, "requestReport", asked)["ticket"]
        answer = _follow(session, base_url, ticket)
        shown = answer["data"]
        say(f"Ticket {ticket}: {shown['state']}; filas: {shown.get('rows', 0)}")
        if "reason" in shown:
            say(shown["reason"]["message"])
            return 1
        for extension in ("csv", "xlsx"):
            say(f"{_save(shown, extension)}")
    except requests.RequestException as error:
        raise CannotRunError(f"{base_url} no responde como debe: {error}") from None
    if "message" in answer:
        say(answer["message"])
    return 0


def _follow(session: requests.Session, base_url: str, ticket: str) -> dict[str, Any]:
    """The ticket once its report has ended."""
    while True:
        answer = _post(session, base_url, "getReport", {"ticket": ticket})
        if answer["data"]["state"] not in STILL_RUNNING:
            return answer
        time.sleep(PAUSE)


def _save(shown: dict[str, Any], extension: str) -> Path:
    with requests.get(shown["results"][extension], timeout=TIME_OUT, stream=True) as response:
        response.raise_for_status()
        [name] = NAME.findall(response.headers["Content-Disposition"])
        path: Path = folder.path() / name
        with path.open("wb") as file:
            for chunk in response.iter_content(1 << 20):
                file.write(chunk)
    return path


def _post(session: requests.Session, base_url: str, operation_id: str, body: dict[str, Any]) -> dict[str, Any]:
    path = contract.operation(operation_id).path
    return answer_of(session.post(base_url + path, json=body, timeout=TIME_OUT))
