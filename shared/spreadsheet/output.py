"""Writes rows as CSV and as XLSX, row by row: nothing is kept, and no text in a cell becomes a formula or a link."""

import csv
from collections.abc import Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from shared.spreadsheet.flat import FORMULA_STARTS

LONGEST_CELL = 32_767  # characters, Excel's own limit


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
