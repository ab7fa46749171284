"""The names by which people know entities and stamps."""

from collections.abc import Iterable

from shared import reading
from shared.models import PROFILE, STAMP_PREFIX, Entity, Stamp, entity_key


def entities(nits: Iterable[str], deadline: float) -> dict[str, Entity]:
    """The entities by NIT. Raises Rejection (unavailable)."""
    rows = reading.get(((entity_key(nit), PROFILE) for nit in nits), deadline)
    return {item["nit"]["S"]: Entity.from_raw_data(dict(item)) for item in rows.values()}


def of_entities(nits: Iterable[str], deadline: float) -> dict[str, str]:
    """The names of entities by NIT. Raises Rejection (unavailable)."""
    return {nit: each.name for nit, each in entities(nits, deadline).items()}


def of_stamps(owners: Iterable[str], deadline: float) -> dict[str, str]:
    """The names of the stamps of some entities by number; the first owner's counts. Raises Rejection (unavailable)."""

    def read(owner: str) -> dict[str, str]:
        rows = reading.query(entity_key(owner), deadline, Stamp.sk.startswith(STAMP_PREFIX))
        return {item["stampNumber"]["S"]: item["name"]["S"] for item in rows}

    found: dict[str, str] = {}
    for names in reading.at_once(read, owners):
        found = names | found
    return found
