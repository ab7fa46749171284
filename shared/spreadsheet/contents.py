"""What a workbook's parts hold: refused as a whole for what is not data, or for what would not fit in memory.

Every part is read once, with searches that cost a fraction of calamine's own reading. Only where one of them finds
something are the cells' positions read one by one.
"""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from shared.contract import loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet import archive, positions

SMALL = 1 << 20  # bytes of a sheet whose positions are always read, for it costs nothing
LEAST_CELL = 32  # bytes in a sheet of a cell that refers to a shared string, about

_MARKUP = (".xml", ".rels", ".vml")
_MACROS = re.compile(r"vbaproject[^/]*\.bin$|/macrosheets/")
_LINKS = re.compile(r"/externallinks/|/connections\.xml$|/querytables/")
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
# A cell that does not begin as nearly all writers begin it, or stands beyond column Z; and one of a prefixed namespace.
# They see every byte of a sheet: two assertions cost less than one of two alternatives, and one byte to look for less
# than two.
_ODD_CELL = re.compile(rb'<c(?! r="[A-Z][0-9]{1,6}+")(?![A-Za-z])')
_PREFIXED_CELL = re.compile(rb":(?=c[\s/>])")
_ROW = re.compile(rb' r="[A-Za-z]?([0-9]+)"')
_STRING_END = re.compile(rb"</(?:[\w.-]+:)?si>")
_STRINGS_DECLARED = re.compile(rb'uniqueCount(?:="([0-9]{1,9})")?')
_RELATIONSHIP = re.compile(rb"<(?:[\w.-]+:)?Relationship\s[^>]*>")
_WORKBOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def check(path: Path, mismatch: Rejection) -> dict[str, set[tuple[int, int]]]:
    """The cells in error of each part that has any: row and column, from 0.

    Raises Rejection: `mismatch` for an archive that is no .xlsx, file-encrypted, file-with-macros, file-with-links,
    file-expands-too-much, file-damaged.
    """
    parts = archive.parts(path)
    names = {part: "/" + part.filename.casefold() for part in parts}
    types = next((part for part in parts if part.filename == "[Content_Types].xml"), None)
    declared = b"".join(archive.windows(path, types)) if types else b""
    if any(map(_MACROS.search, names.values())) or b"macroEnabled" in declared:
        raise Rejection([Finding("file-with-macros")])
    if _WORKBOOK not in declared:
        raise mismatch
    if any(map(_LINKS.search, names.values())):
        raise Rejection([Finding("file-with-links")])
    strings = [part for part, name in names.items() if name.endswith("sharedstrings.xml")]
    others = [part for part in parts if part not in strings]
    room = loads.bulk().maximum_inflated_bytes // (1 + sum(part.file_size for part in others) // LEAST_CELL)
    long = any([_has_long_string(path, part, room) for part in strings])  # noqa: C419 - each is to be read
    suspects = [part for part in others if _is_suspect(path, part) or long]
    return _errors(path, suspects, strings if long else [])


def _errors(
    path: Path, suspects: Iterable[zipfile.ZipInfo], strings: Iterable[zipfile.ZipInfo]
) -> dict[str, set[tuple[int, int]]]:
    """The cells in error of the parts whose cells are looked at one by one; `strings`: those with a long one.

    Raises Rejection (file-expands-too-much).
    """
    errors = {}
    lengths = [each for part in strings for each in positions.string_lengths(archive.windows(path, part))]
    for part in suspects:
        found = positions.of(archive.windows(path, part), lengths)
        if found.memory > loads.bulk().maximum_inflated_bytes:
            raise archive.expands()
        if found.errors:
            errors[part.filename] = found.errors
    return errors


def _is_suspect(path: Path, part: zipfile.ZipInfo) -> bool:
    """Whether its cells must be looked at one by one, should it be a sheet, whatever its name is."""
    name = part.filename.casefold()
    suspect = part.file_size <= SMALL
    for number, window in enumerate(archive.windows(path, part)):
        if name.endswith(_MARKUP):
            _check_markup(window)
        elif number == 0 and window.startswith(_UTF_16):
            raise archive.damaged()
        if name.endswith(".rels"):
            _check_relationships(window)
        suspect = suspect or _looks_odd(window)
    return suspect


def _looks_odd(window: bytes) -> bool:
    """Whether a part of a sheet may have a cell in error, one far out, or one that does not say where it stands."""
    if _ODD_CELL.search(window) or _PREFIXED_CELL.search(window):
        return True
    if b"#" in window and b't="e' in window:
        return True
    last = _ROW.match(window, window.rfind(b' r="'))
    return last is not None and int(last[1][:9]) > 2 * loads.bulk().maximum_rows


def _has_long_string(path: Path, part: zipfile.ZipInfo, room: int) -> bool:
    """Whether a shared string takes more bytes than there is room for in each cell."""
    open_bytes = 0
    long = False
    for window in archive.windows(path, part):
        _check_markup(window)
        # calamine makes room for as many strings as it is told; and what looks like a string's end must be one.
        counts = _STRINGS_DECLARED.findall(window)
        if any(not count or int(count) > part.file_size for count in counts) or (b"!" in window and b"<!" in window):
            raise archive.damaged()
        end = _STRING_END.search(window)
        marker = end[0] if end else b"</si>"
        start = -open_bytes
        while not long and start + room < len(window):
            last = window.rfind(marker, max(start, 0), max(start + room, 0))
            long = last < 0
            start = last + len(marker)
        start = max(start, window.rfind(marker) + len(marker) if end else start)
        open_bytes = len(window) - start
    return long


def _check_markup(window: bytes) -> None:
    """Raises Rejection: file-with-links for entities; file-damaged for text not in UTF-8, or longer than any cell's."""
    if b"!" in window and _ENTITIES.search(window):
        raise Rejection([Finding("file-with-links")])
    if b"\0" in window or (len(window) > archive.WINDOW and b"<" not in window[1:]):
        raise archive.damaged()


def _check_relationships(window: bytes) -> None:
    """Raises Rejection (file-with-links) for what the workbook takes from outside; a cell's hyperlink is only text."""
    for relationship in _RELATIONSHIP.findall(window):
        if b"External" in relationship and b"/hyperlink" not in relationship:
            raise Rejection([Finding("file-with-links")])
