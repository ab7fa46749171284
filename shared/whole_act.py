"""An act document with all that hangs on it, as of one moment: versions, liquidations, payments, annulments.

Liquidations and payments are found by the index, which may lag, and read from the table. Nothing is shown before it is
complete: an act counts the liquidations that were ever registered on it, a liquidation its payments. Nor before it is
all of one moment: what is read changes only together with act or liquidations, and these are read again. As long as
something is missing or was written meanwhile, all is read anew.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from shared import reading
from shared.models import (
    ActDocument,
    ActVersion,
    Groups,
    Liquidation,
    Payment,
    act_key,
    liquidations_of,
    taxpayer_key,
    version_key,
)
from shared.reading import Item, Key
from shared.rejection import Finding, Rejection

PATIENCE = 5.0  # seconds for the index to catch up; it lags for a fraction of one
PAUSE = 0.1  # seconds

Act = TypeVar("Act", "WholeAct", "LiquidatedAct")


@dataclass(frozen=True)
class WholeLiquidation:
    """A liquidation and its payments, annulled ones too, in the order in which they were registered."""

    row: Liquidation
    payments: tuple[Payment, ...]

    @property
    def paid(self) -> int:
        """What its live payments come to, in centavos."""
        return sum(int(each.value) for each in self.payments if each.annulled_by is None)

    @property
    def balances(self) -> bool:
        """Whether its payments are all that it counts, and the live ones come to what is missing of it."""
        live = sum(each.annulled_by is None for each in self.payments)
        counted = (self.row.payments, self.row.live_payments, self.row.remaining)
        return (len(self.payments), live, self.row.value - self.paid) == counted


@dataclass(frozen=True)
class LiquidatedAct:
    """An act document and its liquidations, annulled ones too, in the order of their registration.

    What is paid of a liquidation is known by what remains of it, without its payments.
    """

    row: ActDocument
    liquidations: tuple[Liquidation, ...]

    @property
    def live(self) -> list[Liquidation]:
        """The liquidations that are not annulled."""
        return [each for each in self.liquidations if each.annulled_by is None]

    @property
    def balances(self) -> bool:
        """Whether its liquidations are all that it counts, and the live ones come to as much as it knows."""
        liquidated = sum(int(each.value) for each in self.live)
        return (len(self.liquidations), liquidated) == (self.row.liquidations, self.row.liquidated)


@dataclass(frozen=True)
class WholeAct:
    """An act document, its amendments and its liquidations, annulled ones too, in the order of their registration."""

    row: ActDocument
    versions: tuple[ActVersion, ...]
    liquidations: tuple[WholeLiquidation, ...]

    @property
    def live(self) -> list[WholeLiquidation]:
        """The liquidations that are not annulled."""
        return [each for each in self.liquidations if each.row.annulled_by is None]

    @property
    def balances(self) -> bool:
        """Whether its last amendment is there, and all liquidations that it counts, which come to what it knows."""
        liquidated = sum(int(each.row.value) for each in self.live)
        counted = (self.row.liquidations, self.row.liquidated)
        is_amended_as_it_says = self.row.amended_by in {None, *(each.radicado for each in self.versions)}
        is_whole = is_amended_as_it_says and (len(self.liquidations), liquidated) == counted
        return is_whole and all(each.balances for each in self.liquidations)


def read(nit: str, code: str, taxpayer: str, deadline: float) -> WholeAct | None:
    """The act document of an entity with this code and taxpayer. Raises Rejection (unavailable).

    `taxpayer` is the document number as it is registered.
    """
    key = act_key(nit, code), taxpayer_key(taxpayer)
    return _balanced(lambda: _read(key, taxpayer, deadline), deadline)


def read_liquidated(nit: str, code: str, taxpayer: str, deadline: float) -> LiquidatedAct | None:
    """The same, without what only its history needs. Raises Rejection (unavailable).

    Read once: of two changes during one reading that come to nothing together, one may be seen without the other.
    """
    key = act_key(nit, code), taxpayer_key(taxpayer)
    return _balanced(lambda: (_read_liquidated(key, taxpayer, deadline), True), deadline)


def _balanced(read_now: Callable[[], tuple[Act | None, bool]], deadline: float) -> Act | None:
    """What is read, once it balances and was not written while it was read."""
    until = min(deadline, time.monotonic() + PATIENCE)
    while True:
        act, steady = read_now()
        if act is None or (steady and act.balances):
            return act
        if time.monotonic() > until:
            raise Rejection([Finding("unavailable")])
        time.sleep(PAUSE)


def _read(key: Key, taxpayer: str, deadline: float) -> tuple[WholeAct | None, bool]:
    """The act document as far as the index knows it, and whether nothing of it was written while it was read."""
    keys = _liquidations(key, taxpayer, deadline)
    payments = reading.at_once(lambda liquidation: _payments(liquidation, deadline), keys)
    rows = reading.get([key, *keys, *(each for several in payments for each in several)], deadline)
    versions = reading.query(key[0], deadline, ActVersion.sk.startswith(version_key("")))
    of_taxpayer = [each for each in map(_version, versions) if each.taxpayer_document_number == taxpayer]
    again = reading.get([key, *keys], deadline)
    if key not in rows:
        return None, True
    act = ActDocument.from_raw_data(dict(rows[key]))
    liquidations = (
        WholeLiquidation(_liquidation(rows[own]), tuple(Payment.from_raw_data(dict(rows[each])) for each in several))
        for own, several in zip(keys, payments, strict=True)
    )
    whole = WholeAct(act, tuple(_amendments(act, of_taxpayer)), tuple(liquidations))
    return whole, all(rows[each] == again[each] for each in (key, *keys))


def _read_liquidated(key: Key, taxpayer: str, deadline: float) -> LiquidatedAct | None:
    keys = _liquidations(key, taxpayer, deadline)
    rows = reading.get([key, *keys], deadline)
    if key not in rows:
        return None
    liquidations = tuple(_liquidation(rows[each]) for each in keys)
    return LiquidatedAct(ActDocument.from_raw_data(dict(rows[key])), liquidations)


def _liquidations(act: Key, taxpayer: str, deadline: float) -> list[Key]:
    """The keys of an act document's liquidations, in the order of their registration."""
    found = reading.query_group(act[0], deadline, Groups.place.startswith(liquidations_of(taxpayer)))
    return [reading.key_of(item) for item in found]


def _payments(liquidation: Key, deadline: float) -> list[Key]:
    """The keys of a liquidation's payments, likewise: they are grouped under its own."""
    return [reading.key_of(item) for item in reading.query_group(liquidation[0], deadline)]


def _liquidation(item: Item) -> Liquidation:
    return Liquidation.from_raw_data(dict(item))


def _version(item: Item) -> ActVersion:
    return ActVersion.from_raw_data(dict(item))


def _amendments(act: ActDocument, versions: Iterable[ActVersion]) -> list[ActVersion]:
    """Each amendment once, in order, the one that counts last: of two at once the radicados do not tell which does.

    A file that is loaded again leaves a version under the radicado of what was there already.
    """
    in_order = sorted(versions, key=lambda each: (each.radicado, each.registered_at))
    first = {each.radicado: each for each in reversed(in_order) if each.radicado != act.radicado}
    return sorted(first.values(), key=lambda each: (each.radicado == act.amended_by, each.radicado))
