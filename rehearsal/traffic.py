"""Entities and their calls over a stack's API, as its clients make them."""

import http.client
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from console import registry
from docs.integrators import in_annex_dialect, use_cases
from rehearsal import check
from shared import contract, validation
from shared.validation import Record

TIMEOUT = 60.0  # seconds
DIALECTS = ("scripts", "annex")

Json = dict[str, Any]

_nits = itertools.count(900_100_000)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Json

    @property
    def codes(self) -> list[str]:
        """The rules of the findings, in order."""
        return [error["code"] for error in self.body.get("errors", [])]


@dataclass(frozen=True)
class Api:
    """A stack's API in the emulator, which tells the API by its host name and not by its address."""

    host: str
    stage: str
    port: int

    @classmethod
    def at(cls, address: str, port: int) -> "Api":
        """The API of a stack's output Address: https://<id>.execute-api.<region>.amazonaws.com/<stage>."""
        parts = urlsplit(address)
        return cls(f"{parts.netloc.split('.')[0]}.execute-api.localhost:{port}", parts.path, port)

    def send(self, method: str, path: str, token: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One call."""
        headers = {"Host": self.host, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, self.stage + path, json.dumps(body or {}).encode(), headers)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        finally:
            connection.close()

    def post(self, operation: str, token: str, body: Mapping[str, Any]) -> Answer:
        """One call to an operation of the contract."""
        return self.send("POST", contract.operation(operation).path, token, body)


@dataclass(frozen=True)
class Stored:
    """What was registered, and its receipt."""

    token: str
    operation: str
    body: Json
    radicado: str


def use_table(environment: str, table: str) -> None:
    """Let the console work on a stack's table from here on."""
    os.environ |= {"SIGEC_ENVIRONMENT": environment, "TABLE_NAME": table}


def register_entity(*stamp_numbers: str) -> str:
    """A new entity with these stamps; its token."""
    return new_entity(*stamp_numbers)[1]


def new_entity(*stamp_numbers: str) -> tuple[str, str]:
    """A new entity with these stamps: its NIT and its token."""
    nit = str(next(_nits))
    registry.create_entity(nit, f"Entidad de ensayo {nit}")
    for stamp in stamp_numbers:
        registry.add_stamp(nit, stamp, f"Estampilla {stamp}")
    return nit, registry.issue_token(nit)


def stamps(case: Json) -> list[str]:
    """The stamps of what a use case registers."""
    done = (step for step in case["steps"] if step["expect"]["status"] == 200)
    return sorted({str(step["body"]["stampNumber"]) for step in done if "stampNumber" in step["body"]})


def run_use_cases(api: Api) -> list[Stored]:
    """The manual's use cases in both dialects, each by an entity of its own. Raises RehearsalError."""
    return [stored for case in use_cases() for dialect in DIALECTS for stored in _run(api, case, dialect)]


def check_kept(api: Api, stored: list[Stored]) -> None:
    """Everything that was registered is refused a second time, with the receipt of the first. Raises RehearsalError."""
    for each in stored:
        answer = api.post(each.operation, each.token, each.body)
        check("Un registro repetido", answer.status, 400)
        check("El radicado de un registro repetido", answer.body["existing"]["radicado"], each.radicado)


def check_public(api: Api, stored: list[Stored]) -> None:
    """Whoever has no token finds a stamp of what was registered, by its exact data. Raises RehearsalError."""
    registration = contract.operation("registerActDocument")
    acts = [each.body for each in stored if each.operation == registration.id]
    rows = (_publicly(api, validation.read(registration, json.dumps(act).encode())) for act in acts)
    check("Estampillas en la consulta pública", next(filter(None, rows), []) != [], expected=True)


def _publicly(api: Api, act: Record) -> list[Json]:
    names = ("taxpayerDocumentNumber", "actDocumentCode")
    question = {name: act.text(name) for name in names} | {"year": act.text("generatorFactStartDate")[:4]}
    answer = api.post("findPublicly", "", question | {"searchType": "Contrato"})
    check("La consulta pública", answer.status, 200)
    rows: list[Json] = answer.body["data"]
    return rows


def _run(api: Api, case: Json, dialect: str) -> list[Stored]:
    token = register_entity(*stamps(case))
    stored = []
    for number, written in enumerate(case["steps"], start=1):
        step = in_annex_dialect(written) if dialect == "annex" else written
        answer = api.post(step["service"], token, step["body"])
        expected = step["expect"]
        where = f"Caso {case['case']}, paso {number}, {dialect}"
        check(where, (answer.status, answer.body.get("message")), (expected["status"], expected["message"]))
        if "code" in expected:
            check(where, answer.codes, [expected["code"]])
        if answer.status == 200 and _creates(step):
            stored.append(Stored(token, step["service"], step["body"], answer.body["radicado"]))
    return stored


def _creates(step: Json) -> bool:
    """Whether it registers something new: no amendment (an act document of type 1), no annulment (others of type 0)."""
    kind = str(step["body"].get("type", step["body"].get("Type", 0)))
    return kind == ("0" if step["service"] == "registerActDocument" else "1")
