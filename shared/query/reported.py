"""What was reported, as clients read it: under canonical names, amounts as numbers."""

from collections.abc import Mapping
from typing import Any

from shared import answers, contract
from shared.contract import Operation, loads
from shared.models import Annullable, LogEntry
from shared.reading import Item


def record(operation: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a registration that `values` has in normal form, in the contract's order."""
    return {
        field.name: answers.amount(values[field.name]) if field.kind == "amount" else values[field.name]
        for field in operation.fields
        if values.get(field.name) is not None
    }


def entry(item: Item) -> dict[str, Any]:
    """A row of the log: what was done when, and the record that did it."""
    row = LogEntry.from_raw_data(dict(item))
    operation = contract.operation(row.operation)
    kind = next(field for field in operation.fields if field.words)
    ticket = {} if row.ticket is None else {"ticket": row.ticket}
    return {
        "radicado": row.radicado,
        "registeredAt": row.registered_at,
        "service": loads.services()[operation.id],
        "operation": kind.words[row.record[kind.name]],
        "record": record(operation, row.record),
        **ticket,
    }


def annulled(row: Annullable) -> dict[str, str]:
    """By which radicado the row was annulled, and when; nothing if it was not."""
    return {} if row.annulled_by is None else {"annulledBy": row.annulled_by, "annulledAt": row.annulled_at}
