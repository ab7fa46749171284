"""Reads the contract, openapi.yaml: operations, fields, rules. The code obeys it and repeats none of it.

A built function has it as openapi.json (pack.py): reading YAML would be a tenth of its cold start.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent.parent / "openapi.yaml"
STRUCTURES = frozenset({"array", "object"})


@dataclass(frozen=True)
class Rule:
    """One entry of the rule catalogue (`x-rules`)."""

    id: str
    status: int
    message: str
    order: int
    retry_after: int | None  # seconds


@dataclass(frozen=True)
class Field:
    """One parameter of a request, under its canonical name.

    `names` are the canonical name and its aliases, in that order of precedence.
    `rules` maps what can be wrong (invalid, tooLong, conflict, notBefore) to a rule's id.
    `not_before`: it may not lie before that parameter, when others have the values of `not_before_when`.
    `named_as_written`: messages name it as the client wrote it, not by its canonical name.
    `words`: what a code is called in answers, where they do not give the code itself.
    `item`: of a list, what each of its elements is, `maximum_items` of them at most.
    `members`: of an object, what it consists of; those named in `required` may not be absent.
    """

    name: str
    description: str
    names: tuple[str, ...]
    kind: str
    pattern: re.Pattern[str] | None
    maximum_length: int | None
    codes: tuple[str | int, ...]
    rules: Mapping[str, str]
    aliases_ignored: bool
    named_as_written: bool
    default: str | int | None
    default_by: Mapping[str, Mapping[str, str]]
    not_before: str | None
    not_before_when: Mapping[str, str]
    words: Mapping[str, str]
    item: "Field | None"
    maximum_items: int
    members: tuple["Field", ...]
    required: frozenset[str]


@dataclass(frozen=True)
class Requirement:
    """At least one of `names` must be present, unless `unless_absent` is absent itself, or not one of `values`.

    No `values`: whatever it has.
    """

    names: frozenset[str]
    unless_absent: str | None
    values: tuple[str, ...]


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


@dataclass(frozen=True)
class ReportType:
    """How to choose what a report has: `by` the start of the act document (act), or the registration of the payment."""

    by: str
    title: str
    file_name: str


@dataclass(frozen=True)
class ReportAbout:
    """How a report says whose it is, by NIT and name in its heading, and by NIT in the names of its files."""

    title: str
    file_name: str


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report: what it holds, its Spanish title, how it is written, and what the guide says of it."""

    name: str
    title: str
    format: str
    description: str


@dataclass(frozen=True)
class Reports:
    """What a report is (`x-reports`; manual, 5.11). `columns` by part: act, liquidation, payment, sums.

    `about` one entity, or every one: a territorial entity and its decentralised ones.
    `states` of a liquidation and of a payment: live, and annulled. `sheets` and `summary` are what a workbook says.
    """

    types: Mapping[str, ReportType]
    about: Mapping[str, ReportAbout]
    file_name: str
    states: Mapping[str, tuple[str, str]]
    columns: Mapping[str, tuple[ReportColumn, ...]]
    sheets: Mapping[str, str]
    summary: Mapping[str, str]
    requested_message: str
    empty_message: str


@dataclass(frozen=True)
class Certificates:
    """What certificates are held to (`x-certificate`), and what is said when one is verified.

    `same_for`: seconds in which the same facts are certified by the same certificate. `maximum_bytes`: of its JSON.
    `unknown`, `to_check`: what is said to a person of a code that no certificate has.
    `changes`: what is said of each kind of change since one was issued.
    """

    same_for: int
    maximum_bytes: int
    unchanged: str
    changed: str
    unknown: str
    to_check: str
    changes: Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract and the shape of its request.

    `is_public`: anybody may call it, without a token. `is_page`: its answers are pages for people, refusals too.
    `media_types`: of its body; without any, its parameters stand in the address.
    `maximum_body_bytes`: the largest JSON body of it that is read. `stored_message`: what a registration answers.
    """

    id: str
    path: str
    method: str
    is_public: bool
    is_page: bool
    fields: tuple[Field, ...]
    requirements: tuple[Requirement, ...]
    media_types: tuple[str, ...]
    maximum_body_bytes: int
    stored_message: str | None
    file: File | None


def megabytes(limit: int) -> str:
    """A file's limit in bytes as clerks are told it."""
    return str(limit >> 20)


@cache
def document() -> dict[str, Any]:
    """The whole contract, parsed."""
    packed = PATH.with_suffix(".json")
    contract: dict[str, Any] = json.loads(packed.read_bytes()) if packed.exists() else _from_yaml(PATH.read_bytes())
    return contract


def _from_yaml(text: bytes) -> Any:
    import yaml  # noqa: PLC0415 - no built function needs it

    return yaml.load(text, Loader=yaml.CSafeLoader)  # a safe loader, in C


@cache
def rules() -> dict[str, Rule]:
    """The rule catalogue by id, in order of precedence."""
    return {
        entry["id"]: Rule(entry["id"], entry["status"], entry["message"], order, entry.get("retryAfter"))
        for order, entry in enumerate(document()["x-rules"])
    }


@cache
def operations() -> dict[str, Operation]:
    """The operations by operationId."""
    return {
        operation["operationId"]: _operation(path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if not method.startswith("x-")
    }


def registrations() -> list[Operation]:
    """The operations that register one record (manual, 6.1 to 6.3)."""
    return [each for each in operations().values() if each.stored_message]


@cache
def services() -> dict[str, str]:
    """What clients call that which a registration registers, by its id: as the files of it are named."""
    return {each.file.registers: each.file.service for each in operations().values() if each.file}


@cache
def headers() -> dict[str, dict[str, Any]]:
    """The schemas of the request headers, by the header's name."""
    return {each["name"]: each["schema"] for each in document()["components"]["parameters"].values()}


@cache
def contract_kinds() -> frozenset[str]:
    """The kinds of act document that are contracts: the public finds them by year and code, not by taxpayer alone."""
    return frozenset(document()["components"]["schemas"]["ActDocumentKind"]["x-contracts"])


@cache
def code_names(schema: str) -> Mapping[str, str]:
    """The Spanish names of the codes of a schema (Platform, ActDocumentKind, ...), for people to read."""
    names: Mapping[str, str] = document()["components"]["schemas"][schema]["x-names"]
    return names


@cache
def codes_of(schema: str) -> tuple[str, ...]:
    """The codes of a schema, in the contract's order."""
    return tuple(document()["components"]["schemas"][schema]["enum"])


@cache
def company_document_kinds() -> frozenset[str]:
    """The kinds of identification that a company has."""
    return frozenset(document()["components"]["schemas"]["TaxpayerDocumentKind"]["x-companies"])


@cache
def nothing_found() -> str:
    """What a search that found nothing answers (manual, 5.9)."""
    message: str = document()["components"]["schemas"]["NothingFound"]["enum"][0]
    return message


@cache
def maximum_body_bytes() -> int:
    """The largest JSON body that is read, in bytes, where an operation does not say otherwise (`x-max-body-bytes`)."""
    limit: int = document()["components"]["responses"]["BodyTooLarge"]["x-max-body-bytes"]
    return limit


@cache
def bulk() -> Bulk:
    """Limits and words of bulk loads."""
    declared = document()["x-bulk"]
    accepted = document()["components"]["schemas"]["LoadAccepted"]
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
def reports() -> Reports:
    """Columns and words of reports."""
    declared, schemas = document()["x-reports"], document()["components"]["schemas"]
    [requested] = schemas["ReportRequested"]["properties"]["message"]["enum"]
    [empty] = schemas["ReportShown"]["properties"]["message"]["enum"]
    return Reports(
        types={
            name: ReportType(each["by"], each["title"], each["fileName"]) for name, each in declared["types"].items()
        },
        about={name: ReportAbout(each["title"], each["fileName"]) for name, each in declared["about"].items()},
        file_name=declared["fileName"],
        states={name: (live, annulled) for name, (live, annulled) in declared["states"].items()},
        columns={
            part: tuple(ReportColumn(**column) for column in columns) for part, columns in declared["columns"].items()
        },
        sheets=declared["sheets"],
        summary=declared["summary"],
        requested_message=requested,
        empty_message=empty,
    )


def certificates() -> Certificates:
    """Limits and words of certificates."""
    declared = document()["x-certificate"]
    return Certificates(
        same_for=declared["sameForSeconds"],
        maximum_bytes=declared["maximumBytes"],
        unchanged=declared["unchanged"],
        changed=declared["changed"],
        unknown=declared["unknown"],
        to_check=declared["toCheck"],
        changes=declared["changes"],
    )


@cache
def server(environment: str) -> str:
    """The address of an environment, without a slash at its end."""
    return next(str(each["url"]) for each in document()["servers"] if each["x-environment"] == environment)


def routes(operation_ids: Iterable[str]) -> dict[str, Any]:
    """The part of the contract that routing and security need, for these operations only."""
    whole = document()
    wanted = set(operation_ids)
    paths: dict[str, dict[str, Any]] = {}
    for each in operations().values():
        if each.id in wanted:
            security: dict[str, Any] = {"security": []} if each.is_public else {}
            routed = {"operationId": each.id, "responses": {"200": {"description": ""}}, **security}
            paths.setdefault(each.path, {})[each.method] = routed
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "security": whole["security"],
        "components": {"securitySchemes": whole["components"]["securitySchemes"]},
        "paths": paths,
    }


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to, its own keys winning."""
    if "$ref" in schema:
        target: Any = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _resolve(target)
    if "allOf" in schema and "properties" not in schema:
        return {**_resolve(schema["allOf"][0]), **schema}
    return schema


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    request = _resolve(content["application/json"]["schema"]) if content else _query(operation)
    properties = {name: _resolve(schema) for name, schema in request["properties"].items()}
    return Operation(
        id=operation["operationId"],
        path=path,
        method=method,
        is_public=operation.get("security") == [],
        is_page="text/html" in operation["responses"].get("200", {}).get("content", {}),
        fields=tuple(
            _field(name, schema, properties) for name, schema in properties.items() if "x-alias-of" not in schema
        ),
        requirements=tuple(_requirements(request)),
        media_types=tuple(content),
        maximum_body_bytes=operation.get("x-max-body-bytes", maximum_body_bytes()),
        stored_message=_stored_message(operation),
        file=_file(operation["x-file"]) if "x-file" in operation else None,
    )


def _query(operation: dict[str, Any]) -> dict[str, Any]:
    """The parameters in an operation's address, as the schema of an object."""
    declared = [each for each in map(_resolve, operation["parameters"]) if each["in"] == "query"]
    return {
        "properties": {each["name"]: each["schema"] for each in declared},
        "required": [each["name"] for each in declared if each["required"]],
    }


def _stored_message(operation: dict[str, Any]) -> str | None:
    content = operation["responses"].get("200", {}).get("content", {})
    if "application/json" not in content:
        return None
    stored = _resolve(content["application/json"]["schema"])["properties"]
    return str(stored["message"]["enum"][0]) if "radicado" in stored else None


def _file(declared: dict[str, Any]) -> File:
    schemas = (each for methods in document()["paths"].values() for each in methods.values())
    registration = next(each for each in schemas if each.get("operationId") == declared["registers"])
    properties = _resolve(registration["requestBody"]["content"]["application/json"]["schema"])["properties"]
    canonical = {name: _resolve(schema).get("x-alias-of", name) for name, schema in properties.items()}
    return File(
        service=declared["service"],
        registers=declared["registers"],
        columns=tuple(
            Column(
                each["name"], each["title"], canonical.get(each["name"]), each.get("entity"), each.get("description")
            )
            for each in declared["columns"]
        ),
        required=frozenset(declared["required"]),
        depends_on=tuple(tuple(group) for group in declared["dependsOn"]),
        identity=tuple(declared["identity"]["parameters"]),
        identity_when=declared["identity"]["when"],
    )


def _field(name: str, schema: dict[str, Any], properties: Mapping[str, dict[str, Any]]) -> Field:
    aliases = {other: each for other, each in properties.items() if each.get("x-alias-of") == name}
    pattern = schema.get("pattern")
    members = {member: _resolve(each) for member, each in schema.get("properties", {}).items()}
    return Field(
        name=name,
        description=schema.get("description", ""),
        names=(name, *aliases),
        kind=schema.get("format", schema["type"] if schema.get("type") in STRUCTURES else "code"),
        pattern=re.compile(pattern) if pattern else None,
        maximum_length=schema.get("maxLength"),
        codes=tuple(code for each in (schema, *schema.get("oneOf", ())) for code in each.get("enum", ())),
        rules=schema["x-rules"],
        aliases_ignored=any("x-ignored-beside-canonical" in each for each in aliases.values()),
        named_as_written=schema.get("x-named-as-written", False),
        default=schema.get("default"),
        default_by=schema.get("x-default-by", {}),
        not_before=schema.get("x-not-before", {}).get("parameter"),
        not_before_when=schema.get("x-not-before", {}).get("when", {}),
        words=schema.get("x-words", {}),
        item=_field(name, _resolve(schema["items"]), {}) if "items" in schema else None,
        maximum_items=schema.get("maxItems", 0),
        members=tuple(_field(member, each, members) for member, each in members.items()),
        required=frozenset(schema.get("required", ())),
    )


def _requirements(request: dict[str, Any]) -> Iterable[Requirement]:
    for name in request.get("required", ()):
        yield Requirement(frozenset([name]), None, ())
    for clause in request.get("allOf", ()):
        options = clause["anyOf"]
        names = frozenset(each["required"][0] for each in options if "required" in each)
        present: dict[str, Any] = next((each["not"] for each in options if "not" in each), {})
        [name] = present.get("required", [None])
        yield Requirement(names, name, tuple(present.get("properties", {}).get(name, {}).get("enum", ())))
