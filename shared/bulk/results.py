"""The files that a client gets back: its own columns and rows with what became of each, as CSV and as XLSX.

Written row by row; xlsxwriter keeps one row in memory.
"""

import datetime
import math
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import xlsxwriter

from shared.bulk.outcomes import NOT_PROCESSED, REJECTED, Outcome
from shared.contract import loads
from shared.spreadsheet.cells import Cell
from shared.spreadsheet.output import LONGEST_CELL, CsvFile, PlainSheet, inert
from shared.spreadsheet.table import Table

TO_MEND = frozenset({REJECTED, NOT_PROCESSED})
MOMENT_FORMAT = "yyyy-mm-dd hh:mm:ss"


class Results:
    """The result files of one load, in a folder: of all rows, and of those alone that are to be mended."""

    def __init__(self, folder: Path, table: Table) -> None:
        self._folder = folder
        self._header = (*table.header, *loads.bulk().result_columns)
        self._width = len(table.header)
        self._delimiter = table.separator
        self._files = ExitStack()
        self._all: list[_Csv | _Xlsx] = []
        self._to_mend: list[_Csv | _Xlsx] = []

    def __enter__(self) -> Self:
        self._all = self._open("resultados")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._files.close()

    @property
    def paths(self) -> list[Path]:
        """The files that were written."""
        return [each.path for each in (*self._all, *self._to_mend)]

    def add(self, number: int, cells: Sequence[Cell], outcome: Outcome) -> None:
        """The next row of the client's file and what became of it."""
        codes = " ".join(each["code"] for each in outcome.findings)
        messages = "\n".join(each["message"] for each in outcome.findings)
        result = loads.bulk().results[outcome.result]
        told = (number, result, outcome.radicado or "", codes, messages)
        row = (*cells[: self._width], *told, *cells[self._width :])
        for each in self._all:
            each.add(row)
        if outcome.result in TO_MEND:
            if not self._to_mend:
                self._to_mend = self._open("rechazados")
            for each in self._to_mend:
                each.add(row)

    def _open(self, name: str) -> "list[_Csv | _Xlsx]":
        csv_path, xlsx_path = self._folder / f"{name}.csv", self._folder / f"{name}.xlsx"
        opened: list[_Csv | _Xlsx] = [_Csv(csv_path, self._delimiter), _Xlsx(xlsx_path)]
        for each in opened:
            self._files.callback(each.close)
            each.add(self._header)
        return opened


class _Csv(CsvFile):
    """The client's own cells, each as text."""

    def add(self, row: Sequence[Cell]) -> None:
        super().add([inert(_text(cell)) for cell in row])


class _Xlsx:
    """Text is written as text: nothing in it becomes a formula or a link."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
        self._sheet = self._book.add_worksheet(worksheet_class=PlainSheet)
        self._moment = self._book.add_format({"num_format": MOMENT_FORMAT})
        self._sheet.freeze_panes(1, 0)
        self._row = 0

    def add(self, row: Sequence[Cell]) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, datetime.datetime | datetime.date):
                self._sheet.write_datetime(self._row, column, cell, self._moment)
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
                self._sheet.write_number(self._row, column, cell)
            elif cell not in {None, ""}:
                self._sheet.write_string(self._row, column, _text(cell)[:LONGEST_CELL])
        self._row += 1

    def close(self) -> None:
        self._book.close()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)
