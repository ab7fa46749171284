"""A file -> its table: the header, and the records below it. What is wrong with the file as a whole is found here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import Protocol

from shared.contract import loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet import columns, flat, workbook
from shared.spreadsheet.cells import Cell, is_blank
from shared.validation.body import LONGEST_NAME_SHOWN

HEADER_WITHIN = 10  # rows


class Sheet(Protocol):
    """What a reader makes of a file: rows of cells, as often as they are asked for."""

    height: int
    first_column: int
    separator: str

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Every row with its number, from 1, blank ones too."""

    def release(self) -> None:
        """Forget what was loaded."""


_NOTHING = ("", " ")
_READERS: dict[str, Callable[[Path, Rejection], Iterable[Sheet]]] = {".csv": flat.sheets, ".xlsx": workbook.sheets}


class Table:
    """The records of a file. `header`: the names of its columns as the client wrote them, in the client's order.

    Columns that a result file has added are left out. `separator`: what stands between the columns of a CSV like this.
    """

    def __init__(self, sheet: Sheet, header_row: int, header: tuple[str, ...]) -> None:
        added = loads.bulk().result_columns
        self._sheet = sheet
        self._header_row = header_row
        self._width = len(header)
        self._kept = [place for place, name in enumerate(header) if columns.read_name(name) not in added]
        self.header = tuple(header[place] for place in self._kept)
        self.separator = sheet.separator

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Each record with its row's number in the spreadsheet, from 1; the file is read again at each call.

        Its cells stand as the header does, empty text for none; further ones follow only where a row is too wide.
        """
        yield from self._records()
        self._sheet.release()

    def count_rows(self) -> int:
        """How many records there are."""
        return sum(1 for _ in self._records())

    def is_larger_than(self, rows: int) -> bool:
        """Whether there are more records than that."""
        return self._sheet.height - self._header_row > rows and self.count_rows() > rows

    def is_empty(self) -> bool:
        """Whether there is no record."""
        return next(self._records(), None) is None

    def _records(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        records = self._whole_records()
        return records if len(self._kept) == self._width else self._without_added(records)

    def _without_added(self, records: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
        for number, row in records:
            yield number, (*(row[place] for place in self._kept), *row[self._width :])

    def _whole_records(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        rows = islice(self._sheet.rows(), self._header_row, None)
        width = self._width
        for number, row in rows:
            if not all(map(is_blank, row)):
                if not _describes(row, width):
                    yield number, _fitted(row, width)
                break
        for record in rows:  # here every call counts, and every tuple
            number, row = record
            if len(row) == width and row[0] not in _NOTHING:
                yield record
            elif not all(map(is_blank, row)):
                yield number, _fitted(row, width)


def open_table(path: Path, file_name: str, file: loads.File) -> Table:
    """The table of a file that the client calls `file_name`: of the first visible sheet that has the header.

    Raises Rejection with what is wrong with the file as a whole (file-*), before any record is read.
    """
    limits = loads.bulk()
    extension = PurePath(file_name).suffix
    mismatch = Rejection([Finding("file-type-mismatch", None, {"extension": extension})])
    read = _READERS.get(extension.lower())
    if read is None:
        raise mismatch
    size = path.stat().st_size
    if size > limits.maximum_bytes:
        raise Rejection([Finding("file-too-large", None, {"maximum": loads.megabytes(limits.maximum_bytes)})])
    if size == 0:
        raise Rejection([Finding("file-empty")])
    table = _first_table(read(path, mismatch), file)
    if table.is_larger_than(limits.maximum_rows):
        raise Rejection([Finding("file-rows-too-many", None, {"maximum": str(limits.maximum_rows)})])
    if table.is_empty():
        raise Rejection([Finding("file-empty")])
    return table


def _first_table(sheets: Iterable[Sheet], file: loads.File) -> Table:
    known = columns.by_name(file)
    blank = True
    for sheet in sheets:
        for number, row in islice(sheet.rows(), HEADER_WITHIN):
            blank = blank and all(map(is_blank, row))
            names = [columns.read_name(cell) for cell in row]
            if 2 * len(known.keys() & names) >= len(known):
                return Table(sheet, number, _checked_header(row, sheet.first_column, file))
        sheet.release()
    raise Rejection([Finding("file-empty" if blank else "file-header-unknown")])


def _checked_header(row: Sequence[Cell], first_column: int, file: loads.File) -> tuple[str, ...]:
    """The header without the empty columns behind it. Raises Rejection (file-column-*)."""
    width = max(place for place, cell in enumerate(row, start=1) if not is_blank(cell))
    header = tuple(str(cell) for cell in row[:width])
    names = [columns.read_name(cell) for cell in header]
    known = columns.by_name(file)
    missing = [Finding("file-column-missing", column.name) for name, column in known.items() if name not in names]
    added = loads.bulk().result_columns
    unknown = [
        Finding("file-column-unknown", written.strip()[:LONGEST_NAME_SHOWN] or _letters(first_column + place))
        for place, (written, name) in enumerate(zip(header, names, strict=True))
        if name not in known and name not in added
    ]
    repeated = [Finding("file-column-repeated", column.name) for name, column in known.items() if names.count(name) > 1]
    findings = [*missing, *unknown, *repeated]
    if findings:
        raise Rejection(findings)
    return header


def _fitted(row: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    """The row as wide as the header; wider, when there is something behind."""
    kept = row[:width] if all(map(is_blank, row[width:])) else row
    return (*kept, *[""] * (width - len(kept)))


def _describes(row: Sequence[Cell], width: int) -> bool:
    """Whether a row is the template's description of its columns: a text for most of them, and no digit at all."""
    texts = [cell for cell in row if isinstance(cell, str) and not any(map(str.isdigit, cell))]
    return len(texts) == len(row) and 2 * sum(not is_blank(text) for text in texts) >= width


def _letters(column: int) -> str:
    """A spreadsheet's name of a column, from 0: A, B, ... Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
