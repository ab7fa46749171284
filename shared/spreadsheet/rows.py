"""One record of a file -> the record of a registration, by the validation that a JSON body goes through."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from shared import nit, validation
from shared.call import Caller
from shared.contract import Field, Operation, loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet import columns
from shared.spreadsheet.cells import Cell, document_number, is_blank, member


def read_row(
    registration: Operation, file: loads.File, caller: Caller, header: tuple[str, ...], cells: Sequence[Cell]
) -> validation.Record:
    """The record of a row whose cells stand as the table's header does; an empty cell is an absent parameter.

    Raises Rejection with everything wrong with the row, in the catalogue's order; with the one finding that it is no
    record, when most of what a record needs is not there.
    """
    _check_complete(file, header, cells)
    findings = [Finding("row-too-wide")] if len(cells) > len(header) else []
    members: dict[str, str] = {}
    unreadable: dict[str, Finding] = {}
    for (column, field, _), cell in zip(_columns(registration.id, header), cells, strict=False):
        if field is None:
            findings += _about_entity(column, cell, caller)
        elif not is_blank(cell):
            read = member(field, cell)
            if isinstance(read, Finding):
                unreadable[field.name] = read
            else:
                members[field.name] = read
        elif field.name in file.required:
            unreadable[field.name] = Finding(field.rules["invalid"], field.name)
    try:
        record = validation.read_members(registration, members, unreadable)
    except Rejection as rejection:
        raise Rejection([*findings, *rejection.findings]) from None
    if findings:
        raise Rejection(findings)
    return record


def _check_complete(file: loads.File, header: tuple[str, ...], cells: Sequence[Cell]) -> None:
    """Raises Rejection (row-incomplete): a total or a note below the records is told once, not cell by cell."""
    needed = [number for number, (*_, is_needed) in enumerate(_columns(file.registers, header)) if is_needed]
    empty = [number for number in needed if is_blank(cells[number])]
    if 2 * len(empty) > len(needed):
        raise Rejection(
            [Finding("row-incomplete", values={"columns": ", ".join(header[number].strip() for number in empty)})]
        )


@lru_cache(maxsize=16)
def _columns(registration: str, header: tuple[str, ...]) -> tuple[tuple[loads.Column, Field | None, bool], ...]:
    """What each column of the header holds, and whether a row must fill it; no field: an entity."""
    file = next(each for each in loads.files().values() if each.registers == registration)
    known = {columns.read_name(column.name): (column, field) for column, field in columns.with_fields(file)}
    found = (known[columns.read_name(written)] for written in header)
    return tuple((column, field, columns.is_required(file, column, field)) for column, field in found)


def _about_entity(column: loads.Column, cell: Cell, caller: Caller) -> Iterator[Finding]:
    """The entity that the row names is the token's; a territorial entity names no decentralised one (5.12)."""
    own = {"territorial": caller.territorial, "decentralised": "" if caller.nit == caller.territorial else caller.nit}
    expected = own[column.entity or ""]
    written = "" if is_blank(cell) else document_number(column.name, cell)
    if isinstance(written, Finding):
        yield written
    elif written != expected and not (expected and nit.is_same(written, expected)):
        yield Finding("entity-not-own", column.name)
