"""Writes rows as CSV and as XLSX, row by row: nothing is kept, and no text in a cell becomes a formula or a link."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import Worksheet

from shared.spreadsheet.flat import FORMULA_STARTS

LONGEST_CELL = 32_767  # characters, Excel's own limit

# What XML has no way to write, and what Excel would take for a way to write that.
_TO_ENCODE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class CsvFile:
    """UTF-8 with the mark by which Excel knows it; every cell in quotes. Its cells are inert already."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter, quoting=csv.QUOTE_ALL)

    def add(self, row: Sequence[str]) -> None:
        """The next row."""
        self._writer.writerow(row)

    def close(self) -> None:
        """No more rows."""
        self._file.close()


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose text is text: xlsxwriter would take `<r>...</r>` for what it makes of formatted text itself."""

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, str]]) -> None:
        self._xml_inline_string(string, preserve=True, attributes=attributes)


def inert(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def xml_text(text: str) -> str:
    """The text within a cell's XML, as Excel reads it back."""
    return escape(_TO_ENCODE.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:LONGEST_CELL]))
