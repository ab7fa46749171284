"""The columns of a file: by which names a header has them, which parameters they hold, and which a row must fill."""

from collections.abc import Iterator, Mapping

from shared import contract
from shared.contract import Field
from shared.contract.loads import Column, File


def read_name(written: object) -> str:
    """A name as a header is read: case and surrounding space are forgiven."""
    return str(written).strip().casefold()


def by_name(file: File) -> Mapping[str, Column]:
    """The columns under the names by which a header is read."""
    return {read_name(column.name): column for column in file.columns}


def with_fields(file: File) -> Iterator[tuple[Column, Field | None]]:
    """Each column and the field of its parameter; no field: it names an entity."""
    fields = {field.name: field for field in contract.operation(file.registers).fields}
    return ((column, fields.get(column.parameter or "")) for column in file.columns)


def is_required(file: File, column: Column, field: Field | None) -> bool:
    """Whether every row must fill it."""
    if field is None:
        return column.entity == "territorial"
    requirements = contract.operation(file.registers).requirements
    required = (each.names for each in requirements if each.unless_absent is None)
    return field.name in file.required or any(field.name in names for names in required)
