"""An act document with all that hangs on it, as of one moment: versions, liquidations, payments, annulments.

Liquidations and payments are found by the index, which may lag, and read from the table. So the books are balanced
before anything is shown: an act knows what is liquidated on it, a liquidation what remains of it, and both are right at
every moment. As long as the sums differ something is missing or was written meanwhile, and all is read again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from shared import reading
from shared.models import (
    ActDocument,
    ActVersion,
    Annullable,
    Liquidation,
    Payment,
    act_key,
    liquidation_key,
    taxpayer_key,
    version_key,
)
from shared.rejection import Finding, Rejection

PATIENCE = 5.0  # seconds for the books to balance; an index lags for a fraction of one
PAUSE = 0.1  # seconds

T = TypeVar("T", bound=Annullable)
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
        """Whether its live payments are those that it counts, and their sum what is missing of it."""
        live = sum(each.annulled_by is None for each in self.payments)
        return (live, self.row.value - self.paid) == (self.row.live_payments, self.row.remaining)


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
        """Whether its live liquidations come to what it knows is liquidated."""
        return bool(sum(int(each.value) for each in self.live) == self.row.liquidated)


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
        """Whether its live liquidations come to what it knows is liquidated, and each of them balances."""
        liquidated = sum(int(each.row.value) for each in self.live)
        return liquidated == self.row.liquidated and all(each.balances for each in self.liquidations)


def read(nit: str, code: str, taxpayer: str, deadline: float) -> WholeAct | None:
    """The act document of an entity with this code and taxpayer. Raises Rejection (unavailable).

    `taxpayer` is the document number as it is registered.
    """
    return _balanced(lambda: _read(nit, code, taxpayer, deadline), deadline)


def read_liquidated(nit: str, code: str, taxpayer: str, deadline: float) -> LiquidatedAct | None:
    """The same, without what only its history needs. Raises Rejection (unavailable)."""
    return _balanced(lambda: _read_liquidated(nit, code, taxpayer, deadline), deadline)


def _balanced(read_now: Callable[[], Act | None], deadline: float) -> Act | None:
    until = min(deadline, time.monotonic() + PATIENCE)
    while True:
        act = read_now()
        if act is None or act.balances:
            return act
        if time.monotonic() > until:
            raise Rejection([Finding("unavailable")])
        time.sleep(PAUSE)


def _read(nit: str, code: str, taxpayer: str, deadline: float) -> WholeAct | None:
    act = _read_liquidated(nit, code, taxpayer, deadline)
    if act is None:
        return None
    pk = act_key(nit, code)
    versions = (
        ActVersion.from_raw_data(dict(item))
        for item in reading.query(pk, deadline, ActVersion.sk.startswith(version_key("")))
    )

    def whole(liquidation: Liquidation) -> WholeLiquidation:
        group = liquidation_key(nit, liquidation.liquidated_value_id)
        return WholeLiquidation(liquidation, tuple(_found(Payment, group, deadline)))

    return WholeAct(
        act.row,
        tuple(sorted((each for each in versions if each.taxpayer_document_number == taxpayer), key=_radicado)),
        tuple(reading.at_once(whole, act.liquidations)),
    )


def _read_liquidated(nit: str, code: str, taxpayer: str, deadline: float) -> LiquidatedAct | None:
    pk = act_key(nit, code)
    key = (pk, taxpayer_key(taxpayer))
    act = reading.get([key], deadline).get(key)
    if act is None:
        return None
    liquidations = (each for each in _found(Liquidation, pk, deadline) if each.taxpayer_document_number == taxpayer)
    return LiquidatedAct(ActDocument.from_raw_data(dict(act)), tuple(liquidations))


def _found(model: type[T], group: str, deadline: float) -> Iterable[T]:
    """The rows of a group, as they are now."""
    keys = [reading.key_of(item) for item in reading.query_group(group, deadline)]
    rows = reading.get(keys, deadline)
    return [model.from_raw_data(dict(rows[key])) for key in keys if key in rows]


def _radicado(row: ActVersion) -> str:
    return row.radicado
