"""Radicado: our receipt number. 26 characters, sortable by time of registration, unique, never reused (a ULID)."""

import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 80
DIGITS = 26


def draw() -> tuple[str, str]:
    """A new radicado and the moment it holds, as UTC text with milliseconds."""
    milliseconds = time.time_ns() // 1_000_000
    return _text(milliseconds << RANDOM_BITS | secrets.randbits(RANDOM_BITS)), _moment(milliseconds)


def first_of(milliseconds: int) -> str:
    """The smallest radicado of a moment in epoch milliseconds."""
    return _text(milliseconds << RANDOM_BITS)


def milliseconds_of(radicado: str) -> int:
    """The moment that a radicado holds, in epoch milliseconds."""
    number = 0
    for digit in radicado:
        number = number << 5 | ALPHABET.index(digit)
    return number >> RANDOM_BITS


def moment_of(radicado: str) -> str:
    """The moment that a radicado holds, as UTC text with milliseconds."""
    return _moment(milliseconds_of(radicado))


def is_one(text: str) -> bool:
    """Whether a text has the form of a radicado."""
    return len(text) == DIGITS and set(text) <= set(ALPHABET)


def _moment(milliseconds: int) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{seconds}.{milliseconds % 1000:03d}Z"


def _text(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(DIGITS)))
