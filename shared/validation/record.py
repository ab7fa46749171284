"""A request's record: the normal form of every parameter, or every finding about its format at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contract import Field, Operation, Requirement
from shared.rejection import Finding, Rejection
from shared.validation.body import NumberText, parse
from shared.validation.formats import NotNormalError, normal
from shared.validation.lists import Element, read_list


@dataclass(frozen=True)
class Record:
    """What a client reported.

    `values`: canonical name -> normal form (text, or centavos for an amount), defaults applied.
    `received`: canonical name -> what was sent, in its own type, defaults applied.
    `names`: canonical name -> the name by which messages call the parameter.
    `lists`: name -> the elements of a list, which stands neither in `values` nor in `received`.
    """

    values: Mapping[str, str | int]
    received: Mapping[str, Any]
    names: Mapping[str, str]
    lists: Mapping[str, tuple[Element, ...]]

    def text(self, name: str) -> str:
        """A parameter that is not an amount."""
        return str(self.values[name])

    def amount(self, name: str) -> int:
        """An amount, in centavos."""
        return int(self.values[name])

    def named(self, name: str, alias: str) -> bool:
        """Whether messages call the parameter by this alias: the client wrote it so, and not canonically."""
        return self.names[name] == alias

    def finding(self, rule: str, parameter: str, **values: str) -> Finding:
        """A finding of this rule about a parameter, named as this client wrote it."""
        return Finding(rule, self.names[parameter], {**self.names, **values})

    def received_json(self) -> str:
        """`received` as a JSON object, its numbers digit for digit as they were sent."""
        members = (f"{json.dumps(name)}: {_json(value)}" for name, value in self.received.items())
        return "{" + ", ".join(members) + "}"


def read(operation: Operation, raw: bytes) -> Record:
    """The record of a request's raw body.

    Raises Rejection with every format finding, in the order of the manual's tables.
    """
    return read_members(operation, parse(raw))


def read_members(
    operation: Operation, members: Mapping[str, Any], unreadable: Mapping[str, Finding] | None = None
) -> Record:
    """The record of a request's members: text, or NumberText for a number.

    `unreadable`: canonical name -> what is wrong with a parameter that could not be made a member.
    Raises Rejection as `read` does.
    """
    reading = _Reading(operation, members, unreadable or {})
    findings = list(reading.findings())
    if findings:
        raise Rejection(findings)
    in_order = [field.name for field in operation.fields if field.name in reading.received]
    return Record(reading.values, {name: reading.received[name] for name in in_order}, reading.names, reading.lists)


def _json(value: Any) -> str:
    return value if isinstance(value, NumberText) else json.dumps(value, ensure_ascii=False)


class _Reading:
    """One pass over a body, field by field in the contract's order."""

    def __init__(self, operation: Operation, body: Mapping[str, Any], unreadable: Mapping[str, Finding]) -> None:
        self.operation = operation
        self.body = body
        self.unreadable = unreadable
        self.values: dict[str, str | int] = {}
        self.received: dict[str, Any] = {}
        self.lists: dict[str, tuple[Element, ...]] = {}
        self.names = {field.name: self._name(field) for field in operation.fields}

    def findings(self) -> Iterator[Finding]:
        """What is wrong; fills `values`, `received` and `lists` on the way."""
        for field in self.operation.fields:
            if field.name in self.unreadable:
                yield self.unreadable[field.name]
                continue
            if field.item and field.name in self.body:
                self.lists[field.name], wrong_in_it = read_list(field, field.item, self.body[field.name])
                yield from wrong_in_it
                continue
            wrong = self._read(field)
            if wrong:
                yield self._finding(field, wrong)
        for field in self.operation.fields:
            self._default_by_others(field)
            if self._lies_before(field):
                yield self._finding(field, "notBefore")

    def _finding(self, field: Field, wrong: str) -> Finding:
        limit = {"maximum": str(field.maximum_length)}
        return Finding(field.rules[wrong], self.names[field.name], {**self.names, **limit})

    def _name(self, field: Field) -> str:
        written = (name for name in field.names if name in self.body)
        return next(written, field.name) if field.named_as_written else field.name

    def _read(self, field: Field) -> str | None:
        written = [name for name in field.names if name in self.body]
        if not written:
            if self._required(field):
                return "invalid"
            self._default(field, field.default)
            return None
        if field.aliases_ignored:
            del written[1:]
        try:
            forms = {normal(field, self.body[name]) for name in written}
        except NotNormalError as error:
            return error.reason
        if len(forms) > 1:
            return "conflict"
        self.values[field.name] = forms.pop()
        sent = self.body[written[0]]
        text_was_normalised = not isinstance(sent, NumberText) and isinstance(self.values[field.name], str)
        self.received[field.name] = self.values[field.name] if text_was_normalised else sent
        return None

    def _required(self, field: Field) -> bool:
        return any(
            not requirement.names.isdisjoint(field.names)
            and requirement.names.isdisjoint(self.body)
            and self._applies(requirement)
            for requirement in self.operation.requirements
        )

    def _applies(self, requirement: Requirement) -> bool:
        other = requirement.unless_absent
        if other is None:
            return True
        return other in self.body and (not requirement.values or self.body[other] in requirement.values)

    def _default(self, field: Field, value: str | int | None) -> None:
        if value is not None:
            self.values[field.name] = str(value)
            self.received[field.name] = value

    def _default_by_others(self, field: Field) -> None:
        if field.name not in self.values and self.body.keys().isdisjoint(field.names):
            for other, choices in field.default_by.items():
                self._default(field, choices.get(str(self.values.get(other))))

    def _lies_before(self, field: Field) -> bool:
        end, start = self.values.get(field.name), self.values.get(str(field.not_before))
        applies = field.not_before_when.items() <= self.values.items()
        return applies and end is not None and start is not None and str(end) < str(start)
