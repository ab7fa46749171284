"""The cells of a report's row, both as CSV and as a workbook has them: the same values, each in the way of its format.

What several rows share (their act, their liquidation) is made once, so a row costs little more than its payment.
"""

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from shared import colombia, money
from shared.contract.reports import ReportColumn
from shared.spreadsheet.output import inert

FIRST_ORDINAL = datetime.date(1899, 12, 30).toordinal()
FIRST_SERIAL = 61  # 1900-03-01: Excel counts a day before it that never was
EXACT_CENTAVOS = 10**15  # a spreadsheet keeps 15 digits

Typed = tuple[int, str, str | float]
"""A cell of a workbook: its column, what it is (text, amount, moment or day), and its value there."""


class Cells(NamedTuple):
    """Cells beside one another: all of them for the CSV, and those that are not empty for the workbook."""

    flat: list[str]
    typed: list[Typed]


class Part:
    """Columns beside one another, from one on."""

    def __init__(self, columns: Sequence[ReportColumn], first: int) -> None:
        self._columns = [(each.name, each.format, place) for place, each in enumerate(columns, start=first)]
        self.blank = self.cells({})

    def cells(self, values: Mapping[str, Any]) -> Cells:
        """The cells of these values by column name; those that are missing stay empty."""
        flat: list[str] = []
        typed: list[Typed] = []
        for name, form, place in self._columns:
            value = values.get(name)
            if value is None:
                flat.append("")
                continue
            text, kind, cell = _FORMATS[form](value)
            flat.append(text)
            typed.append((place, kind, cell))
        return Cells(flat, typed)


def amount_text(centavos: int) -> str:
    """Pesos with the comma of a spreadsheet in Spanish."""
    return money.pesos(centavos).replace(".", ",")


def amount_number(centavos: int) -> float | None:
    """Pesos as a spreadsheet's number; none if that would change its digits."""
    return centavos / 100 if abs(centavos) < EXACT_CENTAVOS else None


def _text(value: str) -> tuple[str, str, str | float]:
    return inert(value), "text", value


def _amount(value: int) -> tuple[str, str, str | float]:
    text, number = amount_text(value), amount_number(value)
    return (text, "text", text) if number is None else (text, "amount", number)


def _moment(value: str) -> tuple[str, str, str | float]:
    day = _serial(value[:10])
    if day < FIRST_SERIAL:
        return value, "text", value
    seconds = int(value[11:13]) * 3600 + int(value[14:16]) * 60 + int(value[17:19])
    return value, "moment", day + seconds / 86_400


def _registered(value: str) -> tuple[str, str, str | float]:
    return _moment(colombia.told(value))


def _day(value: str) -> tuple[str, str, str | float]:
    day = _serial(value)
    return (value, "text", value) if day < FIRST_SERIAL else (value, "day", day)


@functools.lru_cache(4096)
def _serial(day: str) -> int:
    """A day as a spreadsheet counts it."""
    return datetime.date.fromisoformat(day).toordinal() - FIRST_ORDINAL


_FORMATS: dict[str, Callable[[Any], tuple[str, str, str | float]]] = {
    "text": _text,
    "amount": _amount,
    "moment": _moment,
    "registered": _registered,
    "day": _day,
}
