"""What the contract says of any body, read by a JSON Schema validator instead of by our code.

The two may differ only where docs/decisions.md says so.
Forgiven, though the schema says no:
- a text that is too long only by blanks around it or by its decomposed spelling (texts are trimmed and brought to NFC);
- any value under an alias that is ignored beside its canonical name (`factCodeGenerator` beside `actDocumentCode`).
Refused, though the schema cannot say no:
- a number written otherwise than its text form may be: 1e5, 10.000, -0, 1.0 for a code, too many digits for a stamp;
- a date that is in no calendar, an end before its start;
- a text that is too long only in NFC (a few characters compose to several);
- a canonical name and its alias with different values;
- an id that stands in a list twice, in two spellings of one normal form.
"""

import datetime
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal
from functools import cache
from typing import Any, Self

from jsonschema import ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator

from shared import contract

DOCUMENT = contract.document()
# ECMA-262's \s and $, which JSON Schema means; Python's differ.
BLANKS = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
EXACT = Context(prec=50_000)
SPEAKS_OF_STATE = re.compile(
    "existir|creado en el sistema|único|de una carga|de un reporte|de una constancia|página anterior"
    "|que pueda consultar"
)
# Of an amendment the start is the stored one; several lists together may be too many, and so may the acts of one code.
OF_MORE_THAN_ONE_VALUE = {"act-end-before-start", "records-too-many"}


class Written(Decimal):
    """A JSON number: its exact value, and its text."""

    text: str

    def __new__(cls, text: str) -> Self:
        """The number that a JSON text is."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class UnreadableError(Exception):
    """The body is no JSON object, or repeats a name; `rule` says which."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def findings(operation: str, raw: bytes) -> set[tuple[str, str | None]]:
    """The rules about format that a body breaks, each with its parameter's canonical name."""
    try:
        body = read(raw)
    except UnreadableError as error:
        return {(error.rule, None)}
    schema = request(operation)
    fields = {name: each for name, each in schema["properties"].items() if "x-alias-of" not in each}
    lists = {name: each for name, each in fields.items() if each.get("type") == "array" and name in body}
    alone = {name: each for name, each in fields.items() if name not in lists}
    found = {name: reason for name, each in alone.items() if (reason := _reason(schema, name, each, body))}
    for name, each in fields.items():
        before = each.get("x-not-before")
        compared = {name, before["parameter"], *before["when"]} if before else set()
        if before and not compared & found.keys() and {name, before["parameter"]} <= body.keys():
            sent = {other: _sent(schema, other, body) for other in before["when"]}
            if sent == before["when"] and body[name] < body[before["parameter"]]:
                found[name] = "notBefore"
    in_lists = {pair for name, each in lists.items() for pair in _in_list(name, each, body[name])}
    return {(fields[name]["x-rules"][reason], name) for name, reason in found.items()} | in_lists


def is_valid(operation: str, raw: bytes) -> bool:
    """Whether a body obeys its schema, to the letter."""
    try:
        return bool(_Validator(request(operation)).is_valid(read(raw)))
    except UnreadableError:
        return False


@cache
def state_rules(operation: str) -> frozenset[str]:
    """The rules that a body may break though its format is right.

    Those of status 400 that no parameter of the operation cites, and those that it cites whose text speaks of both:
    `act-unknown` is said of a code that is missing and of one that nobody registered.
    """
    cited = {rule for each in request(operation)["properties"].values() for rule in each.get("x-rules", {}).values()}
    elsewhere = {rule for name in SERVICES for rule in _cited(name)} | _cited_by_headers() | UNREADABLE
    both = {rule for rule in cited if SPEAKS_OF_STATE.search(contract.rules()[rule].message)}
    others = {rule for rule, each in contract.rules().items() if each.status == 400} - elsewhere - ABOUT_FILES
    return frozenset(both | others | (cited & OF_MORE_THAN_ONE_VALUE))


def canonical(operation: str, parameter: str | None) -> str | None:
    """The canonical name of a parameter named as a client wrote it."""
    return request(operation)["properties"].get(parameter, {}).get("x-alias-of", parameter)


def read(raw: bytes) -> dict[str, Any]:
    """A body's members, numbers as Written. Raises UnreadableError."""
    try:
        body = json.loads(
            raw.decode("utf-8-sig"),
            parse_int=Written,
            parse_float=Written,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableError("body-not-json") from error
    if not isinstance(body, dict):
        raise UnreadableError("body-not-json")
    return body


@cache
def request(operation: str) -> dict[str, Any]:
    """The schema of an operation's body, with nothing left to look up."""
    [post] = [
        method
        for methods in DOCUMENT["paths"].values()
        for method in methods.values()
        if method.get("operationId") == operation
    ]
    schema: dict[str, Any] = _whole(post["requestBody"]["content"]["application/json"]["schema"])
    return schema


def _whole(node: Any) -> Any:
    if isinstance(node, list):
        return [_whole(each) for each in node]
    if not isinstance(node, dict):
        return Decimal(str(node)) if isinstance(node, float) else node
    if "$ref" in node:
        return _whole(DOCUMENT["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    return {name: _whole(each) for name, each in node.items()}


def _in_list(name: str, schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    """The rules that a list or its elements break, each with the list's name and the position in it."""
    broken = {error.validator for error in _Validator(schema).iter_errors(value) if not error.absolute_path}
    if broken & {"type", "minItems"}:
        yield schema["x-rules"]["invalid"], name
        return
    if "maxItems" in broken:
        yield schema["x-rules"]["tooMany"], name
        return
    seen = []
    for position, each in enumerate(value):
        where = f"{name}[{position}]"
        wrong = list(_in_element(schema["items"], where, each))
        yield from wrong
        if not wrong:
            normal = _normal_element(schema["items"], each)
            if normal in seen:
                yield schema["x-rules"]["repeated"], where
            seen.append(normal)


def _in_element(schema: Mapping[str, Any], where: str, value: Any) -> Iterator[tuple[str, str]]:
    if "properties" not in schema:
        reason = _wrong(_flat(schema), value)
        if reason:
            yield schema["x-rules"][reason], where
    elif not isinstance(value, dict):
        yield schema["x-rules"]["invalid"], where
    else:
        for name, each in schema["properties"].items():
            if name in value:
                yield from _in_element(each, f"{where}.{name}", value[name])
            elif name in schema["required"]:
                yield each["x-rules"]["invalid"], f"{where}.{name}"


def _normal_element(schema: Mapping[str, Any], value: Any) -> Any:
    if "properties" not in schema:
        return _normal(_flat(schema), value)
    members = schema["properties"].items()
    return [_normal_element(each, value[name]) if name in value else None for name, each in members]


def _reason(schema: Mapping[str, Any], name: str, field: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """What is wrong with a parameter, as its `x-rules` call it."""
    aliases = {other: each for other, each in schema["properties"].items() if each.get("x-alias-of") == name}
    written = [each for each in (name, *aliases) if each in body]
    if not written:
        return "invalid" if name in _missing(schema, body) else None
    if any("x-ignored-beside-canonical" in each for each in aliases.values()):
        del written[1:]
    flat = _flat(field)
    reasons = [_wrong(flat, body[each]) for each in written]
    if any(reasons):
        return next(filter(None, reasons))
    return "conflict" if len({_normal(flat, body[each]) for each in written}) > 1 else None


def _sent(schema: Mapping[str, Any], name: str, body: Mapping[str, Any]) -> str:
    """A right code, under whichever of its names, or its default."""
    properties = schema["properties"]
    names = (name, *(other for other, each in properties.items() if each.get("x-alias-of") == name))
    value = next((body[each] for each in names if each in body), _flat(properties[name]).get("default"))
    return value.text if isinstance(value, Written) else str(value)


def _flat(field: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter with what it takes from elsewhere."""
    return {**field.get("allOf", [{}])[0], **field}


def _missing(schema: Mapping[str, Any], body: Mapping[str, Any]) -> set[str]:
    """The names that a body should have and has not: of each broken clause, all that it asks for."""
    missing = {name for name in schema.get("required", ()) if name not in body}
    for clause in schema.get("allOf", ()):
        if not _Validator(clause).is_valid(body):
            missing |= {name for option in clause["anyOf"] for name in option.get("required", ())}
    return missing


def _wrong(schema: Mapping[str, Any], value: Any) -> str | None:
    broken = {error.validator for error in _Validator(schema).iter_errors(value)}
    if broken - {"maxLength"}:
        return "invalid"
    if isinstance(value, Written) and not _may_be_written(schema, value.text):
        return "invalid"
    if schema.get("format") in {"moment", "day"} and not _is_in_calendar(value):
        return "invalid"
    return "tooLong" if "maxLength" in schema and len(_normal(schema, value)) > schema["maxLength"] else None


def _may_be_written(schema: Mapping[str, Any], text: str) -> bool:
    match schema.get("format"):
        case "amount":
            return _matches(schema["pattern"], text)
        case "stamp-code" | "year":
            return text.isdecimal()
        case _:
            return text in {str(code) for option in schema["oneOf"] for code in option["enum"]}


def _is_in_calendar(text: str) -> bool:
    year, month, day = (int(each) for each in text[:10].split("-"))
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _normal(schema: Mapping[str, Any], value: Any) -> Any:
    if schema.get("format") == "amount":
        return Decimal(value)
    text = value.text if isinstance(value, Written) else value
    return unicodedata.normalize("NFC", _without_blanks_around(text)) if "maxLength" in schema else text


def _without_blanks_around(text: str) -> str:
    shown = [place for place, each in enumerate(text) if not re.match(f"[{BLANKS}]", each)]
    return text[shown[0] : shown[-1] + 1] if shown else ""


def _matches(pattern: str, text: str) -> bool:
    return re.search(pattern.replace(r"\s", BLANKS).replace("$", r"\Z"), text) is not None


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError("pattern")


def _multiple_of(_validator: Any, unit: Decimal, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, Written) and EXACT.remainder(value, unit) != 0:
        yield ValidationError("multipleOf")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise UnreadableError("parameter-repeated")
    return dict(pairs)


def _cited(operation: str) -> set[str]:
    return set(_cited_in(request(operation)))


def _cited_in(schema: Mapping[str, Any]) -> Iterator[str]:
    for each in [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]:
        yield from each.get("x-rules", {}).values()
        yield from _cited_in(each)


def _cited_by_headers() -> set[str]:
    headers = DOCUMENT["components"]["parameters"].values()
    return {rule for each in headers for rule in each["schema"].get("x-rules", {}).values()}


_is: Callable[[type], Callable[[Any, Any], bool]] = lambda kind: lambda _checker, value: isinstance(value, kind)  # noqa: E731
_Validator = extend(
    OAS30Validator,
    {"pattern": _pattern, "multipleOf": _multiple_of},
    type_checker=OAS30Validator.TYPE_CHECKER.redefine_many(
        {
            "number": _is(Written),
            "integer": lambda _, value: isinstance(value, Written) and value.text.lstrip("-").isdecimal(),
        }
    ),
)
UNREADABLE = {"body-not-json", "parameter-repeated"}
ABOUT_FILES = {each["id"] for each in DOCUMENT["x-rules"] if "5.12" in each["source"]}  # no JSON body has a file
SERVICES = tuple(name for name, each in contract.operations().items() if each.media_types)  # those with a body
