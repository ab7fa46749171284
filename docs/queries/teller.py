"""Asks the services as the guide's reader does, and writes down the command line and the answer."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from docs.integrators import LOCAL
from local import demo
from shared import answers, contract
from shared.validation.body import NumberText
from tests.client import Answer, Client

TERRITORIAL, DECENTRALISED = "8888888888", "900111222"
"""Of the entities that `make run` has too."""
TOKENS = {TERRITORIAL: "TOKEN", DECENTRALISED: "TOKEN_DESCENTRALIZADA"}
"""The variables of the shell that have their tokens."""
WIDEST = 120  # characters of a value on one line

_ULID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z")
_REQUEST = re.compile(r'("requestId": )"[^"]*"')
_LINK = re.compile(r'https://[^"?]*/([^"/?]+)\?[^"]*')
_CURSOR = re.compile(r'("cursor": )"(?!CURSOR")[^"]*"')  # a reader puts the one that was answered in place of CURSOR


def example_ticket() -> str:
    """The ticket that the guide shows."""
    ticket: str = contract.document()["components"]["examples"]["reportTicketRequest"]["value"]["ticket"]
    return ticket


def ground() -> dict[str, Client]:
    """The demo's entities, by NIT, in the table of this process."""
    registered = demo.register(Path("no such file"))
    return {each["nit"]: Client(each["nit"], each["token"]) for each in registered}


class Registrar(Protocol):
    """Registers what the guide's examples are about."""

    def register(self, service: str, body: Mapping[str, Any], by: str = TERRITORIAL) -> Any:
        """Register something that the guide does not show."""


class Teller:
    """One section's asker."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients = clients
        self._short: dict[str, str] = {}

    def register(self, service: str, body: Mapping[str, Any], by: str = TERRITORIAL) -> Answer:
        """Register something that the guide does not show."""
        answer = self._clients[by].post(service, body)
        assert answer.status == 200, answer.text
        return answer

    def ask(self, operation_id: str, body: Mapping[str, Any], by: str = TERRITORIAL) -> tuple[str, Answer]:
        """The command line and its answer as the guide shows them, and the answer itself."""
        answer = self._clients[by].post(operation_id, body)
        return f"{self._line(operation_id, body, by)}\n\n{self.shown(answer.text)}", answer

    def shown(self, text: str) -> str:
        """JSON as the guide shows it: amounts digit for digit, what differs each time cut short."""
        short = json.loads(self._shortened(text), parse_float=NumberText, parse_int=NumberText)
        return f"```json\n{_laid_out(short)}\n```"

    def _line(self, operation_id: str, body: Mapping[str, Any], by: str) -> str:
        operation = contract.operation(operation_id)
        token = "" if operation.is_public else f'  -H "Authorization: Bearer ${TOKENS[by]}" \\\n'
        ticket = example_ticket()
        placed = {name: name.upper() for name in ("cursor", "ticket") if name in body}
        said = json.dumps({**body, **placed}, ensure_ascii=False)
        line = self._shortened(
            f"```bash\ncurl -s {LOCAL}{operation.path} \\\n{token}"
            f"  -H 'Content-Type: application/json' \\\n  -d '{said}'\n```"
        )
        return line.replace("TICKET", ticket)

    def _shortened(self, text: str) -> str:
        """Receipts, moments, cursors and request ids, which are others each time, the same whenever this is run."""
        text = _LINK.sub(r"https://…/\1?…", text)
        text = _CURSOR.sub(r'\1"…"', _REQUEST.sub(r'\1"…"', _MOMENT.sub("…", text)))
        return _ULID.sub(lambda found: self._short.setdefault(found[0], f"01…{chr(ord('A') + len(self._short))}"), text)


def _laid_out(value: Any, indent: int = 0) -> str:
    """JSON for people: what is short stands on one line."""
    flat = answers.dumps(value)
    if indent + len(flat) <= WIDEST or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(name)}: {_laid_out(each, indent + 2)}" for name, each in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + _laid_out(each, indent + 2) for each in value) + "\n" + " " * indent + "]"
