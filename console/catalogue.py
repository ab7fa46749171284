"""Makes the catalogue of an entity before anybody searches it (shared/catalogue/upkeep.py)."""

from collections.abc import Callable

from shared import radicado, reading, retry
from shared.catalogue import upkeep
from shared.catalogue.upkeep import BlockRow
from shared.rejection import Finding, Rejection

FURTHER_APART = 3600  # seconds: more than AWS lets a machine's clock be wrong when it signs a call


def prepare(nit: str, report: Callable[[str], None]) -> str:
    """Search as whoever is the first does, again and again while the catalogue grows; the moment (UTC) it reaches.

    `report` is told that moment each time it has moved. Raises Rejection (unavailable) when the table does not answer;
    what was made stays so.
    """
    reached = _reached(nit)
    while True:
        answered = _searched(nit)
        before, reached = reached, _reached(nit)
        if reached == before:
            break
        report(radicado.moment_of(reached))
    if not answered or reached == upkeep.BEGINNING:
        raise Rejection([Finding("unavailable")])
    return radicado.moment_of(reached)


def _searched(nit: str) -> bool:
    """Whether a search had its time: by its newest block it has read all of the log that it will."""
    try:
        next(upkeep.newest_first(nit, None, retry.deadline(), FURTHER_APART))
    except Rejection:
        return False
    return True


def _reached(nit: str) -> str:
    """The radicado up to which the last block goes."""
    newest = reading.query(upkeep.catalogue_key(nit), retry.deadline(), newest_first=True, page_size=1)
    return next((BlockRow.from_raw_data(dict(item)).until for item in newest), upkeep.BEGINNING)
