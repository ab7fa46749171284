"""Where the cells of a sheet stand, read from its XML: for the few sheets of which calamine does not tell enough.

calamine keeps a sheet as one rectangle from its first to its last cell, so a stray cell in the last column of the last
row would take more memory than there is; a text that many cells share it copies for each; and errors it leaves empty.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

CELL_BYTES = 32  # of calamine's memory

_TAG = re.compile(
    rb"<(/?)(?:[\w.-]+:)?(row|c)(?=[\s/>])([^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*)>(?:<(?:[\w.-]+:)?v>([0-9]+)<)?"
)
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
_TYPE = re.compile(rb"\st\s*=\s*[\"'](\w*)[\"']")
_STRING_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")


@dataclass
class Positions:
    """What was found in a sheet: `memory` that calamine needs for it, in bytes, and the cells in error.

    Rows and columns count from 0.
    """

    memory: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)


def string_lengths(windows: Iterable[bytes]) -> list[int]:
    """The bytes of each shared string, markup included."""
    lengths, open_bytes = [], 0
    for window in windows:
        start = 0
        for end in _STRING_END.finditer(window):
            lengths.append(open_bytes + end.end() - start)
            open_bytes, start = 0, end.end()
        open_bytes += len(window) - start
    return lengths


def of(windows: Iterable[bytes], strings: Sequence[int]) -> Positions:
    """The positions in a sheet; `strings`: the bytes of each shared string."""
    found = Positions()
    longest = max(strings, default=0)
    last_row = last_column = copied = 0
    for row, column, kind, index in _cells(windows):
        last_row, last_column = max(last_row, row), max(last_column, column)
        if kind == b"e":
            found.errors.add((row, column))
        elif kind == b"s":
            known = index and len(index) < 10 and int(index) < len(strings)
            copied += strings[int(index)] if known else longest
    found.memory = (last_row + 1) * (last_column + 1) * CELL_BYTES + copied
    return found


def _cells(windows: Iterable[bytes]) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Row, column, type and content of each cell that is not empty, counted as calamine does."""
    row = column = 0
    for window in windows:
        for closing, name, attributes, content in _TAG.findall(window):
            empty = attributes.endswith(b"/")
            reference = None if closing else _REFERENCE.search(attributes)
            if name == b"row":
                if closing or empty:
                    row, column = row + 1, 0
                elif reference:
                    row = _number(reference[2])
            elif not closing:
                at = row
                if reference:
                    at, column = _number(reference[2]), _column(reference[1])
                if not empty:
                    kind = _TYPE.search(attributes)
                    yield at, column, kind[1] if kind else b"", content
                column += 1


def _number(digits: bytes) -> int:
    return max(0, int(digits[:12]) - 1)


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters[:12].upper():
        column = column * 26 + letter - 64
    return max(0, column - 1)
