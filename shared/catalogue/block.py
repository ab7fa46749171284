"""A block of the catalogue: what a search looks at of some act documents, as columns of text. Pure.

A column has a line per act document, the newest first, so that a text is looked for in all of them at once. No text of
a client has a control character in it (the contract's patterns), so none of them ends a line or a column.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from shared.folding import folded

VERSION = 1
"""Of what a block holds and how: raised when its columns or what texts fold to change (shared/folding.py)."""
END_OF_LINE, END_OF_COLUMN = "\n", "\x1e"
FULL = 65_536  # bytes of text: some 700 act documents

# How a text is looked for in a column.
CONTAINED = "{}"
AT_THE_BEGINNING = END_OF_LINE + "{}"
WHOLE = END_OF_LINE + "{}" + END_OF_LINE


class Act(NamedTuple):
    """An act document as the catalogue has it: its texts folded, as they are compared, and as they were written."""

    code: str
    document: str
    name: str
    written_code: str
    written_document: str
    radicado: str

    @classmethod
    def of(cls, code: str, document: str, name: str, radicado: str) -> Self:
        """That of a creation's texts."""
        return cls(folded(code), folded(document), folded(name), code, document, radicado)

    @property
    def size(self) -> int:
        """Bytes of its lines."""
        return sum(len(each.encode()) + 1 for each in self)


@dataclass(frozen=True)
class Block:
    """Every act document that an entity created after one radicado and up to another."""

    after: str
    until: str
    columns: tuple[str, ...]

    @classmethod
    def of(cls, after: str, until: str, acts: Iterable[Act]) -> Self:
        """That of act documents in the order of their radicados."""
        newest_first = list(acts)[::-1]
        lines = zip(*newest_first, strict=True) if newest_first else [()] * len(Act._fields)
        return cls(after, until, tuple("".join(each + END_OF_LINE for each in column) for column in lines))

    @classmethod
    def unpacked(cls, after: str, until: str, packed: bytes) -> Self:
        """What `packed` was made of."""
        return cls(after, until, tuple(zlib.decompress(packed).decode().split(END_OF_COLUMN)))

    def packed(self) -> bytes:
        """Its columns, compressed to a third."""
        return zlib.compress(END_OF_COLUMN.join(self.columns).encode())

    def followed_by(self, other: "Block") -> "Block":
        """One block of it and of the one that begins where it ends."""
        columns = (newer + older for newer, older in zip(other.columns, self.columns, strict=True))
        return Block(self.after, other.until, tuple(columns))

    @property
    def size(self) -> int:
        """Bytes of its text."""
        return sum(len(each.encode()) for each in self.columns)

    def matching(self, wanted: Mapping[str, str]) -> list[Act]:
        """Its act documents in which each of these fields has what is looked for, the newest first.

        `wanted`: field -> folded text in one of the forms above.
        """
        found = [set(_lines(self._column(field), text)) for field, text in wanted.items()]
        lines = sorted(set.intersection(*found)) if found else range(self._column("radicado").count(END_OF_LINE))
        if not lines:
            return []
        columns = [each.split(END_OF_LINE) for each in self.columns]
        return [Act(*(column[line] for column in columns)) for line in lines]

    def _column(self, field: str) -> str:
        return self.columns[Act._fields.index(field)]


def _lines(column: str, text: str) -> Iterator[int]:
    """The numbers of the lines in which the text is, each once."""
    lines = END_OF_LINE + column
    line, start = -1, 0
    while (found := lines.find(text, start)) >= 0:
        inside = found + text.startswith(END_OF_LINE)
        line += lines.count(END_OF_LINE, start, inside)
        yield line
        start = lines.index(END_OF_LINE, inside)
