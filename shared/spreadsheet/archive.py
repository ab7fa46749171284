"""The container of an .xlsx file, a ZIP archive: its directory checked, its parts inflated within a limit.

Parts are inflated here and not by zipfile, which stops at the size that the directory declares: a lie would pass it.
Nothing is extracted, so no name of a part can reach a path.
"""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from shared.contract import loads
from shared.rejection import Finding, Rejection

WINDOW = 1 << 18  # bytes; longer than any cell of Excel, 32,767 characters, in the longest of encodings and escapes
CHUNK = 1 << 16  # bytes inflated at once; small enough for memory to be used again, and not asked of the system anew
LARGEST_DIRECTORY = 1 << 20  # bytes; a workbook's is of a few kilobytes

RAW_DEFLATE = -15  # zlib's name for a stream without header, of any window

_END = struct.Struct("<4s4H2LH")
_LOCAL_HEADER = struct.Struct("<26x2H")
_ENCRYPTED = 1
_BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error)


def damaged() -> Rejection:
    """The refusal of a file that cannot be read to its end."""
    return Rejection([Finding("file-damaged")])


def expands() -> Rejection:
    """The refusal of a file that takes too much memory."""
    return Rejection([Finding("file-expands-too-much")])


def parts(path: Path) -> list[zipfile.ZipInfo]:
    """What the directory lists. Raises Rejection (file-damaged, file-encrypted, file-expands-too-much)."""
    _check_end(path)
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except _BROKEN:
        raise damaged() from None
    if any(part.flag_bits & _ENCRYPTED for part in found):
        raise Rejection([Finding("file-encrypted")])
    names = {part.filename.casefold() for part in found}
    methods = {part.compress_type for part in found}
    if len(names) < len(found) or not methods <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise damaged()
    if sum(part.file_size for part in found) > loads.bulk().maximum_inflated_bytes:
        raise expands()
    return found


def windows(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part, inflated, in windows that begin at a `<`: every tag of XML stands whole in one of them.

    A window longer than WINDOW has no other `<`. Raises Rejection (file-damaged) when the part is not what the
    directory says, in size and checksum too.
    """
    inflated, checksum, carried = 0, 0, b""
    for chunk in _chunks(path, part):
        inflated += len(chunk)
        checksum = isal_zlib.crc32(chunk, checksum)
        if inflated > part.file_size:
            raise damaged()
        window = carried + chunk
        tag = window.rfind(b"<")
        if tag <= 0 and len(window) <= WINDOW:
            carried = window
        else:
            cut = tag if tag > 0 else len(window)
            yield window[:cut]
            carried = window[cut:]
    if inflated != part.file_size or checksum != part.CRC:
        raise damaged()
    yield carried


def _chunks(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.header_offset)
        header = file.read(30)
        if len(header) < 30:
            raise damaged()
        file.seek(sum(_LOCAL_HEADER.unpack(header)), 1)
        yield from _inflated(file, part) if part.compress_type == zipfile.ZIP_DEFLATED else _stored(file, part)


def _stored(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    left = part.compress_size
    while left > 0 and (chunk := file.read(min(left, CHUNK))):
        left -= len(chunk)
        yield chunk


def _inflated(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    left, packed = part.compress_size, b""
    inflate = isal_zlib.decompressobj(RAW_DEFLATE)
    while not inflate.eof:
        if not packed:
            packed = file.read(min(left, CHUNK))
            left -= len(packed)
        try:
            chunk = inflate.decompress(packed, CHUNK)
        except isal_zlib.error:  # type: ignore[misc] # a class, whatever its stub says
            raise damaged() from None
        if not packed and not chunk:
            return  # nothing more goes in or comes out
        packed = inflate.unconsumed_tail
        yield chunk


def _check_end(path: Path) -> None:
    """One directory, at the end of the file: whatever reads the archive finds the same."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size))
        tail = file.read()
    if len(tail) < _END.size:
        raise damaged()
    signature, *_, length, offset, _comment = _END.unpack(tail)
    if signature != b"PK\5\6" or length > LARGEST_DIRECTORY or offset + length != size - _END.size:
        raise damaged()
