"""Of the contract, what bulk loads are held to, and the files that they take."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared import contract


@dataclass(frozen=True)
class Column:
    """One column of a file: its name in the header, its Spanish title, and the parameter that it holds.

    No parameter: it names the `entity`, territorial or decentralised, which is known from the token.
    `description`: its own, where there is no parameter's or that one does not fit a file.
    """

    name: str
    title: str
    parameter: str | None
    entity: str | None
    description: str | None


@dataclass(frozen=True)
class File:
    """The files that an operation takes (`x-file`; manual, tables 1 to 3), one registration per row.

    `registers`: the id of the operation that a row is for. `required`: what a file needs and a body may omit.
    `depends_on`: rows that agree in all the parameters of one of these groups are registered in the file's order.
    `identity`: parameters that two rows may not share, if they have the values of `identity_when`.
    """

    service: str
    registers: str
    columns: tuple[Column, ...]
    required: frozenset[str]
    depends_on: tuple[tuple[str, ...], ...]
    identity: tuple[str, ...]
    identity_when: Mapping[str, str]


@dataclass(frozen=True)
class Bulk:
    """What a file may hold (`x-bulk`): rows of records; bytes, in a request's body too; a workbook's bytes inflated.

    `states` and `results` are what clients read of a load and of a row; `result_columns` is what its result files add.
    """

    maximum_rows: int
    maximum_bytes: int
    maximum_body_bytes: int
    maximum_inflated_bytes: int
    states: Mapping[str, str]
    results: Mapping[str, str]
    result_columns: tuple[str, ...]
    accepted_messages: tuple[str, str]


def megabytes(limit: int) -> str:
    """A file's limit in bytes as clerks are told it."""
    return str(limit >> 20)


@cache
def bulk() -> Bulk:
    """Limits and words of bulk loads."""
    declared = contract.document()["x-bulk"]
    accepted = contract.document()["components"]["schemas"]["LoadAccepted"]
    return Bulk(
        maximum_rows=declared["maximumRows"],
        maximum_bytes=declared["maximumBytes"],
        maximum_body_bytes=declared["maximumBodyBytes"],
        maximum_inflated_bytes=declared["maximumInflatedBytes"],
        states=declared["states"],
        results=declared["results"],
        result_columns=tuple(declared["resultColumns"]),
        accepted_messages=tuple(accepted["properties"]["message"]["enum"]),
    )


@cache
def files() -> dict[str, File]:
    """The files that may be loaded, by the id of the operation that takes them."""
    return {each: _file(said["x-file"]) for each, (_, _, said) in contract.declarations().items() if "x-file" in said}


@cache
def services() -> dict[str, str]:
    """What clients call that which a registration registers, by its id: as the files of it are named."""
    return {file.registers: file.service for file in files().values()}


def _file(declared: dict[str, Any]) -> File:
    fields = contract.operation(declared["registers"]).fields
    parameters = {name: field.name for field in fields for name in field.names}
    return File(
        service=declared["service"],
        registers=declared["registers"],
        columns=tuple(
            Column(
                each["name"], each["title"], parameters.get(each["name"]), each.get("entity"), each.get("description")
            )
            for each in declared["columns"]
        ),
        required=frozenset(declared["required"]),
        depends_on=tuple(tuple(group) for group in declared["dependsOn"]),
        identity=tuple(declared["identity"]["parameters"]),
        identity_when=declared["identity"]["when"],
    )
