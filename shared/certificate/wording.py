"""Amounts, days, moments and codes as a reader in Colombia writes them, and texts so that they are what they seem."""

import datetime
import re

from shared import colombia

MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
NOON = 12
GROUP = 4

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def money(pesos: str) -> str:
    """`1234567.89` is `$ 1.234.567,89`, with a space that does not break."""
    whole, decimals = pesos.split(".")
    return f"$\u00a0{int(whole):,}".replace(",", ".") + f",{decimals}"


def day(text: str) -> str:
    """`2024-03-19`, with or without a time behind it, is `19 de marzo de 2024`."""
    year, month, number = text[:10].split("-")
    return f"{int(number)} de {MONTHS[int(month) - 1]} de {year}"


def day_and_time(text: str) -> str:
    """`2024-03-19 15:04:05` is `19 de marzo de 2024 a las 15:04:05`."""
    return f"{day(text)} a las {text[11:]}"


def short_day(text: str) -> str:
    """`2024-03-19` is `19/03/2024`."""
    year, month, number = text[:10].split("-")
    return f"{number}/{month}/{year}"


def moment(text: str) -> str:
    """A moment in UTC, in Colombia: `19 de marzo de 2024, 3:04:05 p. m.`."""
    there = datetime.datetime.fromisoformat(text).astimezone(colombia.TIME)
    half = "a." if there.hour < NOON else "p."
    clock = f"{(there.hour - 1) % NOON + 1}:{there:%M:%S}"
    return f"{day(there.date().isoformat())}, {clock}\u00a0{half}\u00a0m."


def grouped(code: str) -> str:
    """A code as it is read aloud and typed: in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def straight(text: str) -> str:
    """A text without what changes the direction of writing: a name may not turn the number that stands beside it."""
    return _TURNING.sub(lambda found: spelt_out(found[0]), text)


def spelt_out(character: str) -> str:
    """A character by its code point."""
    return f"[U+{ord(character):04X}]"
