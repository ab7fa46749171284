"""Cursors: where a page of a list ended, for its reader to give back unread.

Good for one list alone, of one entity by its NIT; for the public, which has none, of one question.
"""

import base64
import binascii
import hashlib

from shared.rejection import Finding, Rejection

CHECK_BYTES = 6


def write(position: str, whose: str, operation_id: str) -> str:
    """The cursor of a position in a list."""
    raw = position.encode()
    return base64.urlsafe_b64encode(_check(raw, whose, operation_id) + raw).decode()


def read(cursor: str, whose: str, operation_id: str) -> str:
    """The position. Raises Rejection (cursor-invalid) for one that was changed, or is of another list."""
    try:
        position = base64.urlsafe_b64decode(cursor)[CHECK_BYTES:].decode()
    except (binascii.Error, ValueError):
        position = ""
    # Compared as it was given out: decoding forgives what stands behind the end, and whatever is no letter of base64.
    if not position or cursor != write(position, whose, operation_id):
        raise Rejection([Finding("cursor-invalid", "cursor")])
    return position


def _check(position: bytes, whose: str, operation_id: str) -> bytes:
    """Against mistakes, not against malice: a position opens nothing that its reader may not see."""
    return hashlib.sha256(b"\0".join((whose.encode(), operation_id.encode(), position))).digest()[:CHECK_BYTES]
