"""The cells of a report's row, both as CSV and as a workbook has them: the same values, each in the way of its format.

What several rows share (their act, their liquidation) is made once, so a row costs little more than its payment.
"""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from shared import colombia, money
from shared.contract import ReportColumn
from shared.spreadsheet.output import inert, xml_text

ROW = "\0"
"""Stands for the row's number in the XML of its cells; nothing that is written holds one."""
FIRST_ORDINAL = datetime.date(1899, 12, 30).toordinal()
FIRST_SERIAL = 61  # 1900-03-01: Excel counts a day before it that never was
EXACT_CENTAVOS = 10**15  # a spreadsheet keeps 15 digits


class Cells(NamedTuple):
    """Cells beside one another: texts for the CSV, XML for the workbook."""

    flat: list[str]
    xml: str


class Styles(NamedTuple):
    """The numbers of a workbook's cell formats."""

    amount: int
    moment: int
    day: int


class Part:
    """Columns beside one another, from one on."""

    def __init__(self, columns: Sequence[ReportColumn], first: int, styles: Styles) -> None:
        self._columns = [
            (each.name, each.format, xl_col_to_name(place)) for place, each in enumerate(columns, start=first)
        ]
        self._styles = styles
        self.blank = self.cells({})

    def cells(self, values: Mapping[str, Any]) -> Cells:
        """The cells of these values by column name; those that are missing stay empty."""
        flat: list[str] = []
        xml: list[str] = []
        for name, form, place in self._columns:
            value = values.get(name)
            if value is None:
                flat.append("")
                continue
            text, cell = _FORMATS[form](value, self._styles)
            flat.append(text)
            xml.append(f'<c r="{place}{ROW}"{cell}</c>')
        return Cells(flat, "".join(xml))


def row_xml(number: int, parts: Iterable[Cells]) -> str:
    """A row of a sheet, numbered from 1."""
    return f'<row r="{ROW}">{"".join(part.xml for part in parts)}</row>'.replace(ROW, str(number))


def text_cell(text: str) -> str:
    """What follows a cell's reference, for a text."""
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f' t="inlineStr"><is><t{space}>{xml_text(text)}</t></is>'


def amount_text(centavos: int) -> str:
    """Pesos with the comma of a spreadsheet in Spanish."""
    return money.pesos(centavos).replace(".", ",")


def amount_number(centavos: int) -> float | None:
    """Pesos as a spreadsheet's number; none if that would change its digits."""
    return centavos / 100 if abs(centavos) < EXACT_CENTAVOS else None


def _text(value: str, _styles: Styles) -> tuple[str, str]:
    return inert(value), text_cell(value)


def _amount(value: int, styles: Styles) -> tuple[str, str]:
    text = amount_text(value)
    if amount_number(value) is None:
        return text, text_cell(text)
    return text, f' s="{styles.amount}"><v>{money.pesos(value)}</v>'


def _moment(value: str, styles: Styles) -> tuple[str, str]:
    day = _serial(value[:10])
    if day < FIRST_SERIAL:
        return value, text_cell(value)
    seconds = int(value[11:13]) * 3600 + int(value[14:16]) * 60 + int(value[17:19])
    return value, f' s="{styles.moment}"><v>{day + seconds / 86_400:.10f}</v>'


def _registered(value: str, styles: Styles) -> tuple[str, str]:
    return _moment(colombia.told(value), styles)


def _day(value: str, styles: Styles) -> tuple[str, str]:
    day = _serial(value)
    return value, text_cell(value) if day < FIRST_SERIAL else f' s="{styles.day}"><v>{day}</v>'


@functools.lru_cache(4096)
def _serial(day: str) -> int:
    """A day as a spreadsheet counts it."""
    return datetime.date.fromisoformat(day).toordinal() - FIRST_ORDINAL


_FORMATS: dict[str, Callable[[Any, Styles], tuple[str, str]]] = {
    "text": _text,
    "amount": _amount,
    "moment": _moment,
    "registered": _registered,
    "day": _day,
}
