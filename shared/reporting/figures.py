"""What a report comes to, by entity: each act, liquidation and payment counted once, and annulled money apart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

COUNTED = {  # what is counted, and what its amounts are called
    "acts": "actsValue",
    "liquidations": "liquidated",
    "annulledLiquidations": "annulledLiquidated",
    "payments": "paid",
    "annulledPayments": "annulledPaid",
}
AMOUNTS = frozenset(COUNTED.values())


class Figures:
    """Counts, and sums in centavos."""

    def __init__(self) -> None:
        self.rows = 0
        self._of: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def count(self, entity: int, what: str, amount: int) -> None:
        """One more of an entity's."""
        counter = self._of[entity]
        counter[what] += 1
        counter[COUNTED[what]] += amount

    def table(self, entities: Iterable[tuple[str, str]], total: str) -> list[Mapping[str, str | int]]:
        """A line for each entity (NIT and name), in the order in which they are counted, and one for all of them."""
        lines = [self._line(nit, name, self._of[place]) for place, (nit, name) in enumerate(entities)]
        return [*lines, self._line("", total, sum(self._of.values(), Counter()))]

    def _line(self, nit: str, name: str, counter: Counter[str]) -> Mapping[str, str | int]:
        figures = {each: counter[each] for pair in COUNTED.items() for each in pair}
        return {"nit": nit, "entity": name, **figures}
