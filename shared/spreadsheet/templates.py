"""The templates of bulk loads (manual, tables 1 to 3), generated from the contract."""

import csv
import datetime
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter

from shared import contract
from shared.contract import loads
from shared.spreadsheet import columns

CREATED = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - any moment will do: two makings are to be equal

_FORMATS = {"amount": "#,##0.00", "moment": "yyyy-mm-dd hh:mm:ss", "day": "yyyy-mm-dd"}
_TEXT = "@"
_WIDTHS = (34, 48, 90, 12)  # characters, of the columns of the instructions


def csv_template(file: loads.File) -> bytes:
    """The header row of a file, separated by commas as the manual has it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(column.name for column in file.columns)
    return text.getvalue().encode()


def xlsx_template(file: loads.File) -> bytes:
    """A workbook with the header row over columns that keep what is typed into them, and a sheet that explains them.

    Text columns are text, so that Excel takes no digit away; dates and amounts have their format, codes their list.
    """
    texts: dict[str, Any] = contract.document()["x-bulk"]["template"]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        bold = book.add_format({"bold": True})
        records = book.add_worksheet(texts["records"])
        records.freeze_panes(1, 0)
        for place, (column, field) in enumerate(columns.with_fields(file)):
            kind = field.kind if field else ""
            form = book.add_format({"num_format": _FORMATS.get(kind, _TEXT)})
            records.set_column(place, place, max(20, len(column.name) + 2), form)
            records.write_string(0, place, column.name, bold)
            if field and field.codes:
                choice = {
                    "validate": "list",
                    "source": list(dict.fromkeys(map(str, field.codes))),
                    "error_title": texts["invalidTitle"],
                    "error_message": texts["invalidText"],
                }
                records.data_validation(1, place, loads.bulk().maximum_rows, place, choice)
        instructions = book.add_worksheet(texts["instructions"])
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for place, width in enumerate(_WIDTHS):
            instructions.set_column(place, place, width, wrapped)
        instructions.write_row(0, 0, texts["heading"], bold)
        for row, explained in enumerate(_explained(file, texts), start=1):
            instructions.write_row(row, 0, explained, wrapped)
    return content.getvalue()


def _explained(file: loads.File, texts: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """For each column its name, its Spanish title, what it takes, and whether it must be there."""
    for column, field in columns.with_fields(file):
        hint = texts["hints"][field.kind if field else "document-number"]
        description = column.description or (field.description if field else "")
        needed = texts["required" if columns.is_required(file, column, field) else "optional"]
        yield column.name, column.title, f"{description} {hint}", needed
