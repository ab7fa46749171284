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
    """

    name: str
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


@dataclass(frozen=True)
class Requirement:
    """At least one of `names` must be present, unless `unless_absent` is itself absent."""

    names: frozenset[str]
    unless_absent: str | None


@dataclass(frozen=True)
class Operation:
    """One operation of the contract and the shape of its request."""

    id: str
    path: str
    method: str
    fields: tuple[Field, ...]
    requirements: tuple[Requirement, ...]
    media_types: tuple[str, ...]
    stored_message: str


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


@cache
def headers() -> dict[str, dict[str, Any]]:
    """The schemas of the request headers, by the header's name."""
    return {each["name"]: each["schema"] for each in document()["components"]["parameters"].values()}


@cache
def maximum_body_bytes() -> int:
    """The largest body that is read, in bytes."""
    limit: int = document()["components"]["responses"]["BodyTooLarge"]["x-max-body-bytes"]
    return limit


def routes(operation_ids: Iterable[str]) -> dict[str, Any]:
    """The part of the contract that routing and security need, for these operations only."""
    whole = document()
    wanted = set(operation_ids)
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "security": whole["security"],
        "components": {"securitySchemes": whole["components"]["securitySchemes"]},
        "paths": {
            each.path: {each.method: {"operationId": each.id, "responses": {"200": {"description": ""}}}}
            for each in operations().values()
            if each.id in wanted
        },
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
    content = operation["requestBody"]["content"]
    request = _resolve(next(iter(content.values()))["schema"])
    stored = _resolve(operation["responses"]["200"]["content"]["application/json"]["schema"])
    properties = {name: _resolve(schema) for name, schema in request["properties"].items()}
    return Operation(
        id=operation["operationId"],
        path=path,
        method=method,
        fields=tuple(
            _field(name, schema, properties) for name, schema in properties.items() if "x-alias-of" not in schema
        ),
        requirements=tuple(_requirements(request)),
        media_types=tuple(content),
        stored_message=stored["properties"]["message"]["enum"][0],
    )


def _field(name: str, schema: dict[str, Any], properties: dict[str, dict[str, Any]]) -> Field:
    aliases = {other: each for other, each in properties.items() if each.get("x-alias-of") == name}
    pattern = schema.get("pattern")
    return Field(
        name=name,
        names=(name, *aliases),
        kind=schema.get("format", "code"),
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
    )


def _requirements(request: dict[str, Any]) -> Iterable[Requirement]:
    for name in request["required"]:
        yield Requirement(frozenset([name]), None)
    for clause in request["allOf"]:
        options = clause["anyOf"]
        names = frozenset(each["required"][0] for each in options if "required" in each)
        yield Requirement(names, next((each["not"]["required"][0] for each in options if "not" in each), None))
