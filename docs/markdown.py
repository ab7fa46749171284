"""Generated parts of a guide, and what they are made of.

Each stands in its guide between `<!-- generado: name -->` and `<!-- fin: name -->`; the rest is written by hand.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared import contract
from shared.contract import Operation

Json = dict[str, Any]


def written(guide: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """The guide with every generated part made anew. Raises KeyError for one that is not known."""

    def part(match: re.Match[str]) -> str:
        opening, name, closing = match.groups()
        return f"{opening}\n\n{parts[name]().strip()}\n\n{closing}"

    return re.sub(r"(<!-- generado: (\S+) -->).*?(<!-- fin: \2 -->)", part, guide, flags=re.DOTALL)


def rule(rule_id: str) -> str:
    """A rule under a heading of its own: its texts, cause and remedy."""
    entry = entry_of(rule_id)
    texts = " o ".join(f"`{text}`" for text in texts_of(rule_id))
    return (
        f"#### {rule_id}\n\n{texts}\n\n"
        f"- Estado {entry['status']}. Fuente: {entry['source']}.\n"
        f"- Causa: {entry['cause']}\n- Remedio: {entry['remedy']}\n"
    )


def entry_of(rule_id: str) -> Json:
    """A rule's entry in the catalogue."""
    entry: Json = next(each for each in contract.document()["x-rules"] if each["id"] == rule_id)
    return entry


def texts_of(rule_id: str) -> list[str]:
    """A rule's text as a client may get it: under the scripts' name of a parameter and under the annex's."""
    message = contract.rules()[rule_id].message
    if rule_id == "body-too-large":
        return [message.format(maximum=contract.maximum_body_bytes())]
    fields = (field for operation in contract.registrations() for field in operation.fields)
    named = next((field for field in fields if f"{{{field.name}}}" in message), None)
    return [message.replace(f"{{{named.name}}}", name) for name in named.names] if named else [message]


def title(operation: Operation) -> str:
    """The service's name in Spanish."""
    name: str = contract.document()["paths"][operation.path][operation.method]["tags"][0]
    return name


def last(schema: Mapping[str, str]) -> str:
    """The name of the schema that is referred to."""
    return schema["$ref"].rpartition("/")[2]


def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def json_block(value: Any) -> str:
    """A block of JSON."""
    return f"```json\n{pretty(value)}\n```"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    lines = [list(header), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
