"""An .xlsx file -> the rows of its visible sheets, once it is known to be a workbook without macros, links or traps."""

import mmap
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from shared.rejection import Finding, Rejection
from shared.spreadsheet import archive, contents
from shared.spreadsheet.cells import Cell
from shared.spreadsheet.unpacked import unpacked

ERROR = "#N/A"
"""What a cell in error holds for its readers: calamine leaves it empty."""

_ZIP = b"PK\3\4"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATIONS_OF_WORKBOOK = re.compile(r"(?P<folder>(?:.*/)?)_rels/(?P<name>workbook[^/]*\.xml)\.rels", re.IGNORECASE)


class Sheet:
    """One visible sheet. `first_column`: which of the spreadsheet's columns, from 0, its rows begin with.

    `height`: the number of its last row with data.
    """

    separator = ";"  # what Excel in Spanish writes and reads

    def __init__(self, path: Path, book: CalamineWorkbook, index: int, errors: Mapping[int, Sequence[int]]) -> None:
        self._path = path
        self._index = index
        self._errors = errors
        sheet = book.get_sheet_by_index(index)
        self._loaded: CalamineSheet | None = sheet
        self.first_column = (sheet.start or (0, 0))[1]
        self.height = (sheet.end or (-1, 0))[0] + 1

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Every row with its number, from 1, blank ones too. Raises Rejection (file-damaged)."""
        with _guarded():
            rows = enumerate(self._load().iter_rows(), start=1)
            yield from self._with_errors(rows) if self._errors else rows

    def release(self) -> None:
        """Forget what was loaded; who reads again, loads again."""
        self._loaded = None

    def _with_errors(self, rows: Iterable[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
        for number, row in rows:
            for column in self._errors.get(number, ()):
                place = column - self.first_column
                row.extend([""] * (place + 1 - len(row)))
                row[place] = ERROR
            yield number, row

    def _load(self) -> CalamineSheet:
        if self._loaded is None:
            with _guarded(), CalamineWorkbook.from_path(self._path) as book:
                self._loaded = book.get_sheet_by_index(self._index)
        return self._loaded


def sheets(path: Path, mismatch: Rejection) -> Iterator[Sheet]:
    """The visible sheets, in the workbook's order, each loaded when it is asked for.

    Raises Rejection: `mismatch` when the file is something else, file-encrypted, file-with-macros, file-with-links,
    file-expands-too-much, file-damaged.
    """
    with path.open("rb") as file:
        start = file.read(len(_OLE2))
        if start == _OLE2:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                raise Rejection([Finding("file-encrypted")]) if content.find(_ENCRYPTED) >= 0 else mismatch
    if not start.startswith(_ZIP):
        raise mismatch
    errors = contents.check(path, mismatch)
    places = _parts_of_sheets(path) if errors else []
    copy = unpacked(path)
    with _guarded(), CalamineWorkbook.from_path(copy) as book:
        for index, each in enumerate(book.sheets_metadata):
            if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet:
                yield Sheet(copy, book, index, _by_row(errors.get(places[index], ()) if errors else ()))


def _by_row(
    cells: Iterator[tuple[int, int]] | Sequence[tuple[int, int]] | set[tuple[int, int]],
) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, column in cells:
        rows.setdefault(row + 1, []).append(column)
    return rows


def _parts_of_sheets(path: Path) -> list[str]:
    """The name of each sheet's part, in the workbook's order. Raises Rejection (file-damaged)."""
    with zipfile.ZipFile(path) as opened:
        found = next(filter(None, map(_RELATIONS_OF_WORKBOOK.fullmatch, opened.namelist())), None)
        if not found:
            raise archive.damaged()
        try:
            relations = ET.fromstring(opened.read(found[0]))  # noqa: S314 - small, and known to have no entities
            book = ET.fromstring(opened.read(found["folder"] + found["name"]))  # noqa: S314 - likewise
        except (ET.ParseError, KeyError):
            raise archive.damaged() from None
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    sheets = (each for each in book.iter() if each.tag.endswith("}sheet"))
    return [
        posixpath.join("/", found["folder"], targets.get(each.get(_RELATION), "")).removeprefix("/") for each in sheets
    ]


@contextmanager
def _guarded() -> Iterator[None]:
    """Turns what calamine raises into Rejection (file-damaged): its errors, and its panics, which have no class."""
    try:
        yield
    except (CalamineError, OSError, ValueError, OverflowError):
        raise archive.damaged() from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise archive.damaged() from None
        raise
