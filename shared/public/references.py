"""References to act documents that the public was shown: what it asks the certificate with.

A reference is the entity's NIT and the radicado of the act's creation, whose 80 random bits nobody can guess: who has
it was shown the act, or was given it by somebody who was. It opens what the public may see of this act alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from shared import radicado, reading
from shared.models import ActDocument, LogEntry, act_key, log_key, public_group, taxpayer_key
from shared.reading import Item, Key


@dataclass(frozen=True)
class Referred:
    """An act document as its entity registered it: by its code and its taxpayer's document."""

    reference: str
    nit: str
    code: str
    taxpayer: str

    @property
    def radicado(self) -> str:
        """That of the act's creation."""
        return self.reference.partition("-")[2]


def of_creation(key: Key, entry: Item) -> Referred:
    """The act document that a log entry created."""
    nit = key[0].split("#")[1]
    record = LogEntry.from_raw_data(dict(entry)).record
    return Referred(f"{nit}-{key[1]}", nit, record["actDocumentCode"], record["taxpayerDocumentNumber"])


def find(reference: str, deadline: float) -> Referred | None:
    """The act document of a reference (schema ActReference of the contract). Raises Rejection (unavailable)."""
    nit, _, number = reference.partition("-")
    key = (log_key(nit, radicado.moment_of(number), number), number)
    entry = reading.get([key], deadline).get(key)
    is_creation = entry is not None and entry.get("group", {}).get("S", "").startswith(public_group(""))
    return of_creation(key, entry) if entry is not None and is_creation else None


def liquidated(creations: Iterable[Key], size: int, deadline: float) -> Iterator[Referred]:
    """The acts of these log entries that have something liquidated: others cost no more than a look, however many.

    They are looked at `size` at a time, as far as is asked.
    """
    keys = iter(creations)
    while some := list(islice(keys, size)):
        entries = reading.get(some, deadline)
        referred = [of_creation(key, entries[key]) for key in some]
        rows = reading.get(map(_key, referred), deadline)
        there = [each for each in referred if _key(each) in rows]  # others are just being registered
        yield from (each for each in there if ActDocument.from_raw_data(dict(rows[_key(each)])).liquidated)


def _key(act: Referred) -> Key:
    return act_key(act.nit, act.code), taxpayer_key(act.taxpayer)
