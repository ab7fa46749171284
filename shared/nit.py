"""The NIT, Colombia's tax number, in the forms in which people write it."""

import re

_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
_WRITTEN = re.compile(r"([0-9]{1,15})(?:-([0-9]))?")
_SEPARATORS = re.compile("[. \u00a0\u202f]")


def check_digit(number: str) -> str:
    """The check digit of up to 15 digits: modulo 11 of their weighted sum (DIAN, Orden Administrativa 4 of 1989)."""
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, reversed(number), strict=False)) % 11
    return str(rest if rest < 2 else 11 - rest)


def is_same(written: str, nit: str) -> bool:
    """Whether the text is this NIT: `800123456`, or `800.123.456-7` and `8001234567` when the check digit is right."""
    return nit in readings(written)


def readings(written: str) -> tuple[str, ...]:
    """The NITs that the text may mean: without a hyphen, its last digit may be the check digit or not."""
    found = _WRITTEN.fullmatch(_SEPARATORS.sub("", written))
    if not found:
        return ()
    number, digit = found.groups()
    if digit is not None:
        return (number,) if digit == check_digit(number) else ()
    return (number, number[:-1]) if number[:-1] and number[-1] == check_digit(number[:-1]) else (number,)
