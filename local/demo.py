"""The demo: its entities, their tokens, one curl line per service and per consultation, and a file to load.

What a line needs of an earlier one's answer stands in it in capitals: TICKET, CODIGO.
"""

import csv
import json
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console import registry
from shared import contract, journal, tokens
from shared.contract import loads


@dataclass(frozen=True)
class Entity:
    """An entity of the demo; `stamps` by number, `territorial` is the NIT of its territorial entity."""

    nit: str
    name: str
    stamps: dict[str, str] = field(default_factory=dict)
    territorial: str | None = None


CAPITAL = "8888888888"
ENTITIES = (
    Entity(
        "2222222222",
        "Departamento de Prueba",
        {"90": "Estampilla Pro Desarrollo", "100": "Estampilla Pro Hospitales", "QA202471": "Estampilla Pro Cultura"},
    ),
    Entity(
        CAPITAL,
        "Distrito Capital de Prueba",
        {"194-000-001": "Estampilla Pro Universidad", "194-000-002": "Estampilla Pro Adulto Mayor"},
    ),
    Entity("900111222", "Instituto de Cultura de Prueba", territorial=CAPITAL),
)
# The contract's examples with the figures of use case 2, which follow from one another.
EXAMPLES = "Annex"
REPORTER = CAPITAL  # it has the stamp of those examples
LOADER = ENTITIES[0].nit  # whose act documents the demo's file has
ROWS = 3


def register(file: Path) -> list[dict[str, Any]]:
    """Register what is missing; the entities as demo.json has them, with the tokens of `file` while they live."""
    known = json.loads(file.read_text())["entities"] if file.exists() else []
    kept = {each["nit"]: each["token"] for each in known}
    return [_register(each, kept.get(each.nit)) for each in ENTITIES]


def write(file: Path, base_url: str, entities: list[dict[str, Any]]) -> None:
    """Write demo.json, whole or not at all, for its owner's eyes only."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump({"baseUrl": base_url, "entities": entities}, out, ensure_ascii=False, indent=2)
    draft.replace(file)


def curl_lines(base_url: str, entities: list[dict[str, Any]]) -> list[str]:
    """One line per service, in the contract's order, with the bodies of its examples."""
    token = next(each["token"] for each in entities if each["nit"] == REPORTER)
    return [_curl(base_url, token, operation, _example(operation)) for operation in contract.registrations()]


def consultation_lines(base_url: str, entities: list[dict[str, Any]]) -> list[str]:
    """One line per consultation, about what the lines of the services register; some under a comment."""
    token = next(each["token"] for each in entities if each["nit"] == REPORTER)
    return [
        f"{_COMMENTS.get(name, '')}{_curl(base_url, token, contract.operation(name), body)}"
        for name, body in _consultations().items()
    ]


_COMMENTS = {
    "findChanges": f"# Lo registrado aparece aquí {journal.WITHHELD} segundos después:\n",
    "getReport": "# Con el ticket que respondió la anterior en lugar de TICKET:\n",
    "verifyCertificate": "# Con el code que respondió la anterior en lugar de CODIGO:\n",
}


def _consultations() -> dict[str, dict[str, Any]]:
    """Bodies by operation."""
    act, liquidation, payment = map(_example, contract.registrations())
    code = {"actDocumentCode": act["actDocumentCode"]}
    ids = {
        "actDocuments": [code],
        "liquidations": [liquidation["liquidatedValueId"]],
        "payments": [payment["paidValueId"]],
    }
    known = {"taxpayerDocumentNumber": act["taxpayerDocumentNumber"], "year": act["generatorFactStartDate"][:4]}
    return {
        "findStamps": {},
        "findActDocuments": {"taxpayerName": act["taxpayerName"].split()[-1]},
        "getActDocument": code,
        "getRecords": ids,
        "findChanges": {},
        "requestReport": contract.document()["components"]["examples"]["reportRequest"]["value"],
        "getReport": {"ticket": "TICKET"},
        "findPublicly": {"searchType": "Contrato", **code, **known},
        "getCertificate": {**code, **known},
        "verifyCertificate": {"codigo": "CODIGO"},
        "getCertificateKey": {},
    }


def write_file(file: Path) -> None:
    """Write a file of act documents to load: the contract's example, under other codes."""
    declared = loads.files()[_loading().id]
    registration = contract.operation(declared.registers)
    example = _example(registration) | {"type": 0}
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([column.name for column in declared.columns])
        for number in range(1, ROWS + 1):
            values = example | {"actDocumentCode": f"CARGA-{number}-2024"}
            entities = {"territorial": LOADER, "decentralised": ""}
            lines.writerow(
                [values[each.parameter] if each.parameter else entities[str(each.entity)] for each in declared.columns]
            )


def file_lines(base_url: str, entities: list[dict[str, Any]], file: Path) -> list[str]:
    """The line that sends a file of act documents, and the one that tells how its load goes on."""
    token = next(each["token"] for each in entities if each["nit"] == LOADER)
    address = base_url + _loading().path
    options = ("-sS", "-w", r"\n", address, "-H", f"Authorization: Bearer {token}", "-F", f"archivo=@{file}")
    ticket = _curl(base_url, token, contract.operation("getTicket"), {"ticket": "TICKET"})
    return [shlex.join(("curl", *options)), f"{_COMMENTS['getReport']}{ticket}"]


def _loading() -> contract.Operation:
    """The operation that takes files of the first registration's kind."""
    first = contract.registrations()[0].id
    return next(contract.operation(each) for each, file in loads.files().items() if file.registers == first)


def _register(entity: Entity, token: str | None) -> dict[str, Any]:
    try:
        row = registry.entity(entity.nit)
    except registry.RegistryError:
        registry.create_entity(entity.nit, entity.name, entity.territorial)
        row = registry.entity(entity.nit)
    for number, name in entity.stamps.items():
        try:
            registry.add_stamp(entity.nit, number, name)
        except registry.RegistryError:
            continue  # it has it: a stamp is never withdrawn
    if token is None or tokens.sha256(token) != row.token_sha256:
        token = registry.issue_token(entity.nit)
    return {"nit": entity.nit, "name": row.name, "kind": row.kind, "token": token, "stamps": list(entity.stamps)}


def _curl(base_url: str, token: str, operation: contract.Operation, body: dict[str, Any]) -> str:
    [media_type] = operation.media_types
    arguments = (
        "curl",
        *("-sS", "-w", r"\n", base_url + operation.path),
        *(() if operation.is_public else ("-H", f"Authorization: Bearer {token}")),
        *("-H", f"Content-Type: {media_type}"),
        *("-d", json.dumps(body, ensure_ascii=False)),
    )
    return shlex.join(arguments)


def _example(operation: contract.Operation) -> dict[str, Any]:
    """The body of the contract's example, under canonical names, so that it reads like what is answered."""
    content = contract.document()["paths"][operation.path][operation.method]["requestBody"]["content"]
    [request] = content.values()
    reference = next(each["$ref"] for name, each in request["examples"].items() if name.endswith(EXAMPLES))
    example = contract.document()["components"]["examples"][reference.rpartition("/")[2]]["value"]
    canonical = {name: each.name for each in operation.fields for name in each.names}
    return {canonical[name]: value for name, value in example.items()}
