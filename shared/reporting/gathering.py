"""Brings what a report is made of from the table: the entities' logs as of one moment, and what these do not tell.

What is settled of a log never changes (shared/journal.py) and is read once. What is younger is read until two readings
agree: then both show what was there at the moment between them, though its parts are not read at the same time.
An act names the last of its amendments; where that one is younger than the moment, the log tells, or is read on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared import colombia, journal, radicado, reading
from shared.contract import reports
from shared.journal import Part
from shared.models import LIQUIDATION, ActDocument, Row, act_key, liquidation_key, taxpayer_key
from shared.models import Liquidation as LiquidationRow
from shared.reading import Item, Key
from shared.reporting.books import LOGGED, Books, Entry, entry

CLOCKS_APART = 5  # seconds: a radicado of another machine may be of a moment to come
ALWAYS = (radicado.first_of(0), "~")
"""Before and after all radicados."""


@dataclass(frozen=True)
class Criteria:
    """What a report is about: entities, and a range of days, of acts' starts or of payments' registrations."""

    entities: Sequence[str]
    kind: str
    first_day: str
    last_day: str

    @property
    def by_payment(self) -> bool:
        """Whether payments are chosen, and not acts."""
        return reports.declared().types[self.kind].by == "payment"

    @property
    def payments(self) -> tuple[str, str]:
        """The first radicado of payments that are chosen, and the first that is not any more."""
        if not self.by_payment:
            return ALWAYS
        after = colombia.midnight(self.last_day) + colombia.DAY_MILLISECONDS
        return radicado.first_of(colombia.midnight(self.first_day)), radicado.first_of(after)

    @property
    def acts(self) -> tuple[str, str]:
        """The first and the last day of the starts of acts that are chosen."""
        return ("", "~") if self.by_payment else (self.first_day, self.last_day)


def _soon() -> str:
    """A radicado after all that were drawn up to now."""
    return radicado.first_of(int((time.time() + CLOCKS_APART) * 1000))


class _Young:
    """What was registered since the logs were settled."""

    def __init__(self, entities: Sequence[str], settled: str, deadline: float) -> None:
        self._entities, self._settled, self._deadline = entities, settled, deadline
        self._known: set[str] = set()

    def add_to(self, books: Books) -> None:
        """Add what was not there before, until two readings agree."""
        last = _soon()
        while fresh := self.fresh(last):
            books.add(fresh)
            self._known.update(each.radicado for each in fresh)

    def fresh(self, last: str) -> list[Entry]:
        """What was not added yet, before a radicado."""
        pieces = _read(self._entities, self._settled, last, self._deadline)
        return [each for piece in pieces for each in piece if each.radicado not in self._known]


def gather(books: Books, criteria: Criteria, deadline: float) -> None:
    """Fill the books with all that the report needs. Raises Rejection (unavailable).

    Of a payment in the range nothing older than itself is in the log read: its liquidation and act are read by key.
    If one of these was changed since the log was read, all of the log is read, which tells them as of one moment too.
    """
    first = criteria.payments[0]
    young = _gather(books, criteria, first, deadline)
    if first != ALWAYS[0] and books.have_rows_changed_by(young.fresh(_soon())):
        books.empty()
        _gather(books, criteria, ALWAYS[0], deadline)


def _gather(books: Books, criteria: Criteria, first: str, deadline: float) -> _Young:
    """Fill the books with what was registered from this radicado on; what of that was young."""
    settled = first
    for _ in range(2):  # the second time what was settled while much was read, so that what is young is little
        after, settled = settled, max(settled, journal.settled())
        for piece in _read(criteria.entities, after, settled, deadline):
            books.add(piece)
    young = _Young(criteria.entities, settled, deadline)
    young.add_to(books)
    books.put_in_order()
    while not _tell_last_amendments(books, criteria, deadline):
        young.add_to(books)
    _complete(books, criteria, deadline)
    return young


def _tell_last_amendments(books: Books, criteria: Criteria, deadline: float) -> bool:
    """Whether it is known of all acts which of their amendments came last. It is told by the act, not by the log."""
    told = [
        books.keep_last_amendment((place, row["actDocumentCode"], row["taxpayerDocumentNumber"]), row.get("amendedBy"))
        for some in books.acts_amended_often()
        for place, row in _by_key(ActDocument, _act_key, some, criteria, deadline)
    ]
    return all(told)


def _read(entities: Sequence[str], after: str, before: str, deadline: float) -> Iterator[list[Entry]]:
    parts = [(place, part) for place, nit in enumerate(entities) for part in journal.parts(nit, after, before)]

    def read(which: tuple[int, Part]) -> Iterator[Entry]:
        place, part = which
        return (entry(place, item) for item in journal.part(part, after, before, deadline, LOGGED))

    return reading.ahead(read, parts)


def _complete(books: Books, criteria: Criteria, deadline: float) -> None:
    """Read by key what the log does not tell, or not in full."""

    def add_liquidations(asked: Iterator[list[tuple[int, str]]]) -> None:
        for some in asked:
            for place, row in _by_key(LiquidationRow, _liquidation_key, some, criteria, deadline):
                books.add_liquidation(place, row)

    def add_acts(asked: Iterator[list[tuple[int, str, str]]]) -> None:
        for some in asked:
            for place, row in _by_key(ActDocument, _act_key, some, criteria, deadline):
                books.add_act(place, row)

    add_liquidations(books.liquidations_of(*criteria.payments))
    if criteria.by_payment:
        add_acts(books.acts_of(*criteria.payments))
    else:
        add_liquidations(books.liquidations_without_taxpayer())
        add_acts(books.acts_of_liquidations())


def _by_key(
    model: type[Row], key_of: Callable[..., Key], asked: Iterable[Any], criteria: Criteria, deadline: float
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The place and the values of each row that is asked for."""
    keys = {key_of(criteria.entities[place], *rest): place for place, *rest in asked}
    rows = reading.get(keys, deadline)
    for key, place in keys.items():  # all of them are there: what refers to them was registered on that condition
        yield place, _values(model, rows[key])


def _liquidation_key(nit: str, identifier: str) -> Key:
    return liquidation_key(nit, identifier), LIQUIDATION


def _act_key(nit: str, code: str, taxpayer: str) -> Key:
    return act_key(nit, code), taxpayer_key(taxpayer)


def _values(model: type[Row], item: Item) -> dict[str, Any]:
    """A row's values by their names in the table."""
    return {name: value for name, value in model.from_raw_data(dict(item)).wire().items() if value is not None}
