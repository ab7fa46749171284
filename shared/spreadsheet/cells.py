"""One cell of a file -> the member that a careful person would have written in a JSON body, or why there is none.

What no rule here can read stays as it was written, so that validation refuses it with the manual's text.
"""

import datetime
import math
import re
from collections.abc import Callable
from typing import TypeGuard

from shared.contract import Field
from shared.rejection import Finding
from shared.spreadsheet import amounts, dates
from shared.validation.body import NumberText

Cell = str | float | datetime.date | datetime.time | datetime.timedelta
"""What a cell holds: CSV has text alone; a workbook also numbers, true and false, dates, times. Empty text: nothing."""

# Excel's errors in English and Spanish, and the marks that a CSV gets from a column too narrow for its numbers.
_ERROR = re.compile("#(?:N/[AD]|[¡¿]?[A-Z/0]+[!?]|##+)")
_FLOAT_WITHOUT_FRACTION = re.compile(r"([0-9]+)\.0")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([., \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*")
_NOT_A_DIGIT = re.compile("[^0-9]")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}")


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in the cell, or only space."""
    return isinstance(cell, str) and not cell.strip()


def member(field: Field, cell: Cell) -> str | Finding:
    """The value of the field's parameter, NumberText for a number, or what makes the cell unreadable."""
    if isinstance(cell, str) and _ERROR.fullmatch(cell.strip()):
        return Finding("cell-in-error", field.name)
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return _KINDS[field.kind](field, cell)


def identifier(name: str, cell: Cell) -> str | Finding:
    """The digits of a number without fraction, and text as it is, but for a float's `.0` (`8807276732.0`).

    What Excel has made of an identifier otherwise (a date, a shortened number) cannot be undone.
    """
    read: str | None = None
    if isinstance(cell, str):
        if _ERROR.fullmatch(cell.strip()):
            return Finding("cell-in-error", name)
        whole = _FLOAT_WITHOUT_FRACTION.fullmatch(cell.strip())
        if whole:
            read = whole[1] if len(whole[1]) <= amounts.EXACT_DIGITS else None
        elif not _SCIENTIFIC.fullmatch(cell.strip()):
            read = cell
    elif _is_number(cell) and math.isfinite(cell) and cell == int(cell):
        read = amounts.of_number(float(cell))
    return Finding("digits-lost", name) if read is None else read


def document_number(name: str, cell: Cell) -> str | Finding:
    """An identifier without the marks that group its digits by thousands (`8.807.276.732`): one person, written once.

    What is no such number stays as it is, a passport as well as a number grouped in another way.
    """
    read = identifier(name, cell)
    if isinstance(read, str) and _GROUPED.fullmatch(read.strip()):
        return _NOT_A_DIGIT.sub("", read)
    return read


def _is_number(cell: Cell) -> TypeGuard[float]:
    return isinstance(cell, float | int) and not isinstance(cell, bool)


def _identifier(field: Field, cell: Cell) -> str | Finding:
    return identifier(field.name, cell)


def _document_number(field: Field, cell: Cell) -> str | Finding:
    return document_number(field.name, cell)


def _name(field: Field, cell: Cell) -> str | Finding:
    return cell if isinstance(cell, str) else _identifier(field, cell)


def _amount(field: Field, cell: Cell) -> str | Finding:
    if _is_number(cell):
        number = amounts.of_number(float(cell))
        return Finding("digits-lost", field.name) if number is None else NumberText(number)
    text = str(cell)
    if _SCIENTIFIC.fullmatch(text.strip()):
        return Finding("digits-lost", field.name)
    readings = amounts.readings(text)
    if len(readings) > 1:
        return Finding("amount-ambiguous", field.name, {"first": readings[0], "second": readings[1]})
    return readings[0] if readings else text


def _date(field: Field, cell: Cell) -> str | Finding:
    if isinstance(cell, datetime.date):
        return dates.written(cell, field.kind)
    text = str(cell)
    readings = [dates.written(each, field.kind) for each in dates.readings(text)]
    if len(readings) > 1:
        return Finding("date-ambiguous", field.name, {"first": readings[0], "second": readings[1]})
    return readings[0] if readings else text


def _code(field: Field, cell: Cell) -> str | Finding:
    """The contract's spelling, in whatever case it was written; a number where the contract lists a number."""
    if _is_number(cell) and cell == int(cell):
        return NumberText(int(cell))
    text = str(cell).strip()
    whole = _FLOAT_WITHOUT_FRACTION.fullmatch(text)
    spelling = (whole[1] if whole else text).casefold()
    return next((str(code) for code in field.codes if str(code).casefold() == spelling), str(cell))


_KINDS: dict[str, Callable[[Field, Cell], str | Finding]] = {
    "identifier": _identifier,
    "document-number": _document_number,
    "stamp-code": _identifier,
    "name": _name,
    "amount": _amount,
    "moment": _date,
    "day": _date,
    "code": _code,
}
