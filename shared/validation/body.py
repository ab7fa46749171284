"""Raw bytes -> JSON object, strictly: no duplicate keys, no NaN, and every number kept as the text that was sent."""

import json
from typing import Any, NoReturn

from shared.rejection import Finding, Rejection

LONGEST_NAME_SHOWN = 120


class NumberText(str):
    """A JSON number as it was written: `1e5`, `100000.0` and 18 digits with decimals stay apart and exact."""

    __slots__ = ()


def parse(raw: bytes) -> dict[str, Any]:
    """The members of a JSON object in UTF-8 (a byte order mark is forgiven).

    Raises Rejection (body-not-json, parameter-repeated).
    """
    try:
        body = json.loads(
            raw.decode("utf-8-sig"),
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Rejection([Finding("body-not-json")])
    return body


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    repeated = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    shown = repeated.encode(errors="replace").decode()[:LONGEST_NAME_SHOWN]
    raise Rejection([Finding("parameter-repeated", shown)])
