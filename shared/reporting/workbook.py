"""A report as a workbook for people: a sheet that sums it up, and the rows on as many sheets as they need.

xlsxwriter makes everything but the rows, which come as XML (cells.py): that takes a tenth of its time for each cell.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from shared import contract
from shared.contract import ReportColumn
from shared.reporting.cells import Cells, Styles, amount_number, amount_text, row_xml, text_cell
from shared.reporting.figures import AMOUNTS
from shared.spreadsheet.output import PlainSheet

MOST_ROWS = 1_048_576  # of a sheet, its header among them; Excel's own limit
AMOUNT, MOMENT, DAY = '"$" #,##0.00', "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
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
        self._amount = self._book.add_format({"num_format": AMOUNT})
        self.styles = Styles(
            self._amount._get_xf_index(),  # noqa: SLF001 - what a cell's XML names a format by
            *(self._book.add_format({"num_format": each})._get_xf_index() for each in (MOMENT, DAY)),  # noqa: SLF001
        )
        self._columns = list(columns)
        self._names = contract.reports().sheets
        self._summary = self._book.add_worksheet(self._names["summary"], PlainSheet)
        self._sheets = 0
        self._begin_sheet()

    def add(self, parts: tuple[Cells, ...]) -> None:
        """The next row."""
        if self._row == MOST_ROWS:
            self._end_sheet()
            self._begin_sheet()
        self._row += 1
        self._sheet.fh.write(row_xml(self._row, parts))

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
        bold = self._bold._get_xf_index()  # noqa: SLF001
        cells = "".join(
            f'<c r="{xl_col_to_name(place)}1" s="{bold}"{text_cell(column.title)}</c>'
            for place, column in enumerate(self._columns)
        )
        self._sheet.fh.write(f'<row r="1" ht="{HEADER_HEIGHT}" customHeight="1">{cells}</row>')
        self._row = 1

    def _end_sheet(self) -> None:
        """Tell xlsxwriter of the rows that it has not seen."""
        sheet, last = self._sheet, len(self._columns) - 1
        sheet.dim_rowmin, sheet.dim_rowmax, sheet.dim_colmin, sheet.dim_colmax = 0, self._row - 1, 0, last
        sheet.autofilter(0, 0, self._row - 1, last)

    def _sum_up(self, sheet: Worksheet, heading: Mapping[str, str | int], table: list[Mapping[str, str | int]]) -> None:
        words = contract.reports().summary
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
            self._summary.write_number(row, column, number, self._amount)
