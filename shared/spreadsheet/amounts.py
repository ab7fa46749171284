"""Amounts as people and spreadsheets write them -> plain decimal text in pesos: digits, at most one point."""

import re
from decimal import ROUND_HALF_UP, Decimal

LONGEST = 18  # digits of pesos that the contract's patterns admit
EXACT_DIGITS = 15  # what Excel keeps of a number
CENTAVO = Decimal("0.01")
RESIDUE = CENTAVO / 10  # that a formula may leave beside an amount

_GROUP = "[.,'\u2019 \u00a0\u202f]"
_GROUPED = f"[1-9][0-9]{{0,2}}(?:{_GROUP}[0-9]{{3}})+"
_WHOLE = re.compile(f"{_GROUPED}|[0-9]+")
_WITH_DECIMALS = re.compile(f"(?P<whole>{_GROUPED}|[0-9]+)(?P<mark>[.,])(?P<decimals>[0-9]+)")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]{1,2})?")
_NOT_A_DIGIT = re.compile("[^0-9]")


def readings(text: str) -> tuple[str, ...]:
    """Every amount that the text can mean: none, one, or two when a separator may stand for thousands or decimals.

    `$`, spaces and separators are understood, and the manual's `100.200.12`, where one mark is both (5.12).
    """
    text = text.strip().removeprefix("$").strip()
    if _PLAIN.fullmatch(text):
        return (text,)
    whole = _digits(text) if _WHOLE.fullmatch(text) else None
    split = _WITH_DECIMALS.fullmatch(text)
    # `1.234.567` has thousands only: nobody writes three decimals behind the mark that separates thousands.
    if split and len(split["decimals"]) > 2 and split["mark"] in split["whole"]:
        split = None
    if max(len(whole or ""), len(_digits(split["whole"])) if split else 0) > LONGEST:
        return ()
    if whole and split:
        exact = Decimal(f"{_digits(split['whole'])}.{split['decimals']}")
        return (whole, f"{exact.quantize(CENTAVO, ROUND_HALF_UP):f}")
    if whole:
        return (whole,)
    if split and not split["decimals"][2:].strip("0"):
        return (f"{_digits(split['whole'])}.{split['decimals'][:2]}",)
    return ()


def of_number(number: float) -> str | None:
    """A spreadsheet's number as text, as the sheet shows it; None when it may have had more digits than Excel keeps.

    What a formula leaves behind the 15th digit (1234.5600000000002) is not shown, and is dropped; not so a part of a
    centavo that is only not shown for the length of the pesos (1234567890123.125).
    """
    text = f"{Decimal(repr(number)):f}".removesuffix(".0")
    whole, _, decimals = text.lstrip("-").partition(".")
    if len(whole) > EXACT_DIGITS:
        return None
    if len((whole + decimals).lstrip("0")) <= EXACT_DIGITS:
        return text
    if len(decimals) <= 2:
        return None
    shown = Decimal(f"{number:.{EXACT_DIGITS}g}")
    is_amount = shown == shown.quantize(CENTAVO) and abs(shown - Decimal(text)) < RESIDUE
    return f"{shown:f}" if is_amount else text


def _digits(text: str) -> str:
    return _NOT_A_DIGIT.sub("", text)
