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

PATH = Path(__file__).parents[2] / "openapi.yaml"
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
def declarations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Path, method, and what the contract says of each operation, by operationId."""
    return {
        operation["operationId"]: (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if not method.startswith("x-")
    }


@cache
def operation(operation_id: str) -> Operation:
    """One operation: a function reads no more than those that it serves. Raises KeyError for an unknown id."""
    return _operation(*declarations()[operation_id])


@cache
def operations() -> dict[str, Operation]:
    """All operations by operationId, in the contract's order."""
    return {each: operation(each) for each in declarations()}


def registrations() -> list[Operation]:
    """The operations that register one record (manual, 6.1 to 6.3)."""
    return [each for each in operations().values() if each.stored_message]


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
def server(environment: str) -> str:
    """The address of an environment, without a slash at its end."""
    return next(str(each["url"]) for each in document()["servers"] if each["x-environment"] == environment)


def routes(operation_ids: Iterable[str]) -> dict[str, Any]:
    """The part of the contract that routing and security need, for these operations only."""
    whole = document()
    paths: dict[str, dict[str, Any]] = {}
    for each in map(operation, operation_ids):
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
