"""Whose records a caller may see: its own, and a territorial entity those of its decentralised ones too."""

from shared import nit, reading
from shared.call import Caller
from shared.models import PROFILE, entity_key, members_group
from shared.rejection import Finding, Rejection

EVERY = "TODAS"
PARAMETER = "entity"


def reach(caller: Caller, asked: str | None, deadline: float) -> tuple[str, ...]:
    """The NITs of the entities asked for: none is the caller's own; EVERY is its own and its decentralised entities'.

    A decentralised entity that was registered a moment ago may be missing among EVERY, not under its own NIT.
    Raises Rejection (entity-not-reachable, unavailable): the same for an entity that is another's and for none.
    """
    own = caller.nit
    meant = (own,) if asked is None else nit.readings(asked)
    if own in meant:
        return (own,)
    if own != caller.territorial:
        raise _unreachable()
    if str(asked).upper() == EVERY:
        return (own, *(each["place"]["S"] for each in reading.query_group(members_group(own), deadline)))
    profiles = reading.get([(entity_key(each), PROFILE) for each in meant], deadline)
    for each in meant:
        profile = profiles.get((entity_key(each), PROFILE))
        if profile is not None and profile["territorial"]["S"] == own:
            return (each,)
    raise _unreachable()


def _unreachable() -> Rejection:
    return Rejection([Finding("entity-not-reachable", PARAMETER)])
