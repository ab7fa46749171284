"""A report as a workbook for people: a sheet that sums it up, and the rows on as many sheets as they need.

xlsxwriter keeps one row in memory.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shared.contract import reports
from shared.contract.reports import ReportColumn
from shared.reporting.cells import Cells, amount_number, amount_text
from shared.reporting.figures import AMOUNTS
from shared.spreadsheet.output import LONGEST_CELL, PlainSheet

MOST_ROWS = 1_048_576  # of a sheet, its header among them; Excel's own limit
NUMBERS = {"amount": '"$" #,##0.00', "moment": "yyyy-mm-dd hh:mm:ss", "day": "yyyy-mm-dd"}
WIDTHS = {"text": 24, "amount": 22, "moment": 19, "registered": 19, "day": 11}
LEGAL_PAPER = 5
PAGES_ACROSS = 4
HEADER_HEIGHT = 45  # points: three lines


class Workbook:
    """The workbook of a report. Rows are added in their order; what sums them up is told at the end."""

    def __init__(self, path: Path, columns: Iterable[ReportColumn]) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.use_zip64()  # a million rows are more than 4 GiB, before they are packed
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._formats = {kind: self._book.add_format({"num_format": each}) for kind, each in NUMBERS.items()}
        self._columns = list(columns)
        self._names = reports.declared().sheets
        self._summary = self._book.add_worksheet(self._names["summary"], PlainSheet)
        self._sheets = 0
        self._begin_sheet()

    def add(self, parts: tuple[Cells, ...]) -> None:
        """The next row."""
        if self._row == MOST_ROWS:
            self._end_sheet()
            self._begin_sheet()
        for place, kind, value in chain.from_iterable(part.typed for part in parts):
            if isinstance(value, str):
                self._sheet.write_string(self._row, place, value[:LONGEST_CELL])
            else:
                self._sheet.write_number(self._row, place, value, self._formats[kind])
        self._row += 1

    def close(self, heading: Mapping[str, str | int], table: list[Mapping[str, str | int]]) -> None:
        """No more rows: what the report is about, and its sums, one line per entity and one for all of them."""
        self._end_sheet()
        self._sum_up(self._summary, heading, table)
        self._book.close()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = self._names["rows"] if self._sheets == 1 else f"{self._names['rows']} {self._sheets}"
        self._sheet: Worksheet = self._book.add_worksheet(name, PlainSheet)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_landscape()
        self._sheet.set_paper(LEGAL_PAPER)
        self._sheet.fit_to_pages(PAGES_ACROSS, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_footer("&L&A&R&P / &N")
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, WIDTHS[column.format])
        self._sheet.set_row(0, HEADER_HEIGHT)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(0, place, column.title, self._bold)
        self._row = 1

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)

    def _sum_up(self, sheet: Worksheet, heading: Mapping[str, str | int], table: list[Mapping[str, str | int]]) -> None:
        words = reports.declared().summary
        for row, (name, value) in enumerate(heading.items()):
            sheet.write_string(row, 0, name, self._bold)
            self._write(row, 1, value, is_amount=False)
        first = len(heading) + 1
        for column, name in enumerate(table[0]):
            sheet.write_string(first, column, words[name], self._bold)
        for number, line in enumerate(table, start=first + 1):
            for column, (name, value) in enumerate(line.items()):
                self._write(number, column, value, is_amount=name in AMOUNTS)
        sheet.set_column(0, 0, WIDTHS["text"])
        sheet.set_column(1, len(table[0]) - 1, WIDTHS["amount"])
        sheet.set_landscape()
        sheet.set_paper(LEGAL_PAPER)
        sheet.fit_to_pages(1, 0)

    def _write(self, row: int, column: int, value: str | int, *, is_amount: bool) -> None:
        if isinstance(value, str):
            self._summary.write_string(row, column, value)
        elif not is_amount:
            self._summary.write_number(row, column, value)
        elif (number := amount_number(value)) is None:
            self._summary.write_string(row, column, amount_text(value))
        else:
            self._summary.write_number(row, column, number, self._formats["amount"])
