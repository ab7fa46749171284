"""A list of ids: its elements in normal form, or every finding, each with the name of the list and the position in it.

Positions count from 0, as in JSONPath: `liquidations[0]`, `actDocuments[2].actDocumentCode`.
"""

from collections.abc import Mapping
from typing import Any

from shared.contract import Field
from shared.rejection import Finding
from shared.validation.formats import NotNormalError, normal

Element = tuple[str | int | None, ...]
"""The normal forms of an element's members, in the contract's order, None for an absent one; or of its only value."""


def read_list(field: Field, item: Field, value: Any) -> tuple[tuple[Element, ...], list[Finding]]:
    """The elements of a parameter that is a list of `item`, and what is wrong with it or with any of them."""
    if not isinstance(value, list) or not value:
        return (), [Finding(field.rules["invalid"], field.name)]
    if len(value) > field.maximum_items:
        return (), [Finding(field.rules["tooMany"], field.name, {"maximum": str(field.maximum_items)})]
    first: dict[Element, str] = {}
    findings: list[Finding] = []
    for position, each in enumerate(value):
        name = f"{field.name}[{position}]"
        element, wrong = _element(item, name, each)
        if wrong:
            findings += wrong
        elif element in first:
            findings.append(Finding(field.rules["repeated"], name, {"first": first[element]}))
        else:
            first[element] = name
    return tuple(first), findings


def _element(item: Field, name: str, value: Any) -> tuple[Element, list[Finding]]:
    if not item.members:
        form, finding = _value(item, name, value)
        return (form,), [finding] if finding else []
    if not isinstance(value, Mapping):
        return (), [Finding(item.rules["invalid"], name)]
    forms: list[str | int | None] = []
    findings: list[Finding] = []
    for member in item.members:
        form, finding = None, None
        if member.name in value:
            form, finding = _value(member, f"{name}.{member.name}", value[member.name])
        elif member.name in item.required:
            finding = Finding(member.rules["invalid"], f"{name}.{member.name}")
        forms.append(form)
        findings += [finding] if finding else []
    return tuple(forms), findings


def _value(field: Field, name: str, value: Any) -> tuple[str | int | None, Finding | None]:
    try:
        return normal(field, value), None
    except NotNormalError as error:
        return None, Finding(field.rules[error.reason], name, {"maximum": str(field.maximum_length)})
