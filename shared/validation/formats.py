"""The normal form of one value, by the kind its field has in the contract (`format`, or codes when it has an `enum`).

Texts are trimmed and brought to Unicode NFC; codes, amounts, dates and digits are taken as written.
"""

import datetime
import unicodedata
from collections.abc import Callable
from typing import Any

from shared import money
from shared.contract import Field
from shared.validation.body import NumberText

BLANKS = (
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What the contract's patterns take for blanks at the ends of a text: spaces, and the byte order mark of an export."""
LONGEST_DECOMPOSITION = 4  # characters that one is composed of, at most
_MISTYPED = str.maketrans("OIL", "011", "- ")


class NotNormalError(Exception):
    """The value has no normal form; `reason` is the key under which the field cites its rule."""

    def __init__(self, reason: str = "invalid") -> None:
        super().__init__(reason)
        self.reason = reason


def normal(field: Field, value: Any) -> str | int:
    """Text, or centavos for an amount. Raises NotNormalError."""
    return _KINDS[field.kind](field, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, NumberText) or not _matches(field, value):
        raise NotNormalError
    text = value.strip(BLANKS)
    # To normalise takes time that grows with the square of a text's combining marks.
    if field.maximum_length is not None and len(text) > field.maximum_length * LONGEST_DECOMPOSITION:
        raise NotNormalError("tooLong")
    text = unicodedata.normalize("NFC", text)
    if field.maximum_length is not None and len(text) > field.maximum_length:
        raise NotNormalError("tooLong")
    return text


def _digits(field: Field, value: Any) -> str:
    """A JSON number is taken as its digits."""
    if isinstance(value, NumberText) and value.isdecimal():
        return _text(field, str(value))
    return _text(field, value)


def _amount(field: Field, value: Any) -> int:
    if not isinstance(value, str) or not _matches(field, value):
        raise NotNormalError
    return money.centavos(value)


def _date(field: Field, value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, NumberText) or not _matches(field, value):
        raise NotNormalError
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        raise NotNormalError from None
    return value


def _token(field: Field, value: Any) -> str:
    """Text that we gave out: taken as it is."""
    if not isinstance(value, str) or isinstance(value, NumberText) or not _matches(field, value):
        raise NotNormalError
    if field.maximum_length is not None and len(value) > field.maximum_length:
        raise NotNormalError("tooLong")
    return value


def _typed_code(field: Field, value: Any) -> str:
    """A code of ours that somebody has typed from paper (Crockford's base 32): O is zero, I and L are one."""
    return _token(field, value).upper().translate(_MISTYPED)


def _code(field: Field, value: Any) -> str:
    """A number is a code only where the contract lists it as a number; likewise true and false."""
    if isinstance(value, bool):
        if value not in {code for code in field.codes if isinstance(code, bool)}:
            raise NotNormalError
        return str(value).lower()
    written = int if isinstance(value, NumberText) else str
    if not isinstance(value, str) or value not in {str(code) for code in field.codes if type(code) is written}:
        raise NotNormalError
    return str(value)


def _matches(field: Field, text: str) -> bool:
    return field.pattern is not None and field.pattern.fullmatch(text) is not None


_KINDS: dict[str, Callable[[Field, Any], str | int]] = {
    "identifier": _text,
    "document-number": _text,
    "name": _text,
    "stamp-code": _digits,
    "year": _digits,
    "file-name": _text,
    "token": _token,
    "amount": _amount,
    "moment": _date,
    "day": _date,
    "typed-code": _typed_code,
    "code": _code,
}
