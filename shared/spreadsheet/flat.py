"""A CSV file -> its rows: UTF-8 or Windows-1252, separated by commas or semicolons."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.rejection import Rejection
from shared.spreadsheet import archive
from shared.spreadsheet.cells import Cell

SEPARATORS = (",", ";")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST_LINE = 1 << 20  # bytes

_ENCODINGS = ("utf-8-sig", "cp1252")


class Sheet:
    """A CSV file read with one of the separators. `height`: how many rows there are; `first_column`: as in a workbook.

    Raises Rejection (file-damaged): quotes that do not close, or a cell longer than any of Excel's.
    """

    first_column = 0

    def __init__(self, path: Path, encoding: str, separator: str) -> None:
        self._path = path
        self._encoding = encoding
        self.separator = separator
        self.height = sum(1 for _ in self.rows())

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Every row with its number, from 1, blank ones too. Raises Rejection (file-damaged)."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            try:
                for number, row in enumerate(csv.reader(file, delimiter=self.separator, strict=True), start=1):
                    yield number, [_without_mark(cell) for cell in row]
            except csv.Error:
                raise archive.damaged() from None

    def release(self) -> None:
        """Nothing is kept."""


def _without_mark(cell: str) -> str:
    """The apostrophe by which a spreadsheet, or a result file of ours, keeps text from being taken for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULA_STARTS else cell


def sheets(path: Path, mismatch: Rejection) -> Iterator[Sheet]:
    """The file read with each separator in turn. Raises Rejection: `mismatch` when it is no text, file-damaged."""
    encoding = next((each for each in _ENCODINGS if _decodes(path, each)), None)
    if encoding is None:
        raise mismatch
    failure: Rejection | None = None
    for separator in SEPARATORS:
        try:
            yield Sheet(path, encoding, separator)
        except Rejection as rejection:  # with the other separator its quotes may be in order
            failure = rejection
    if failure:
        raise failure


def _decodes(path: Path, encoding: str) -> bool:
    """Whether all of the file is text in that encoding. Raises Rejection (file-damaged) for a line without end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(LONGEST_LINE):
                if b"\0" in chunk:
                    return False
                if len(chunk) == LONGEST_LINE and b"\n" not in chunk and b"\r" not in chunk:
                    raise archive.damaged()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
