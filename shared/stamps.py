"""The stamps an entity may use: its own and its territorial entity's. Kept once known: none is ever withdrawn."""

from shared import retry
from shared.call import Caller
from shared.models import STAMP_PREFIX, Stamp, entity_key

_known: dict[str, frozenset[str]] = {}


def is_known(caller: Caller, stamp_number: str, deadline: float) -> bool:
    """Whether the caller may use the stamp; one not known is looked up again before it is denied."""
    if any(stamp_number in _known.get(owner, ()) for owner in caller.stamp_owners):
        return True
    for owner in caller.stamp_owners:
        _known[owner] = retry.until(deadline, lambda owner=owner: _read(owner))  # type: ignore[misc]
    return any(stamp_number in _known[owner] for owner in caller.stamp_owners)


def _read(owner: str) -> frozenset[str]:
    rows = Stamp.query(entity_key(owner), Stamp.sk.startswith(STAMP_PREFIX), consistent_read=True)
    return frozenset(row.stamp_number for row in rows)
