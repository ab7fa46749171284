"""What a report is made of, brought from the table into a file of this machine: an SQLite database, put in order there.

A million rows do not fit into memory, and the log has them in the order of their registration, not as a report does.
Amounts are text, since they may have twenty digits; `exact_sum` adds them up.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from shared.journal import WITHHELD
from shared.radicado import milliseconds_of
from shared.reading import Item

CACHE = 65_536  # KiB
AT_ONCE = 1_000  # rows of the table that are asked for together
LOGGED = ("sk", "operation", "registeredAt", "record")
"""What is read of a log entry."""

# No constraints, and indexes only once all is there: sorting at once is far quicker than keeping it sorted.
_TABLES = f"""
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -{CACHE};
    CREATE TABLE acts (entity INTEGER, code TEXT, taxpayer TEXT, start TEXT, facts TEXT, is_row INTEGER);
    CREATE TABLE amendments (entity INTEGER, code TEXT, taxpayer TEXT, radicado TEXT, facts TEXT);
    CREATE TABLE liquidations (
        entity INTEGER, id TEXT, radicado TEXT, registered TEXT, code TEXT, taxpayer TEXT, stamp TEXT, value, remaining
    );
    CREATE TABLE payments (entity INTEGER, liquidation TEXT, radicado TEXT, registered TEXT, id TEXT, value, day TEXT);
    CREATE TABLE annulments (entity INTEGER, what TEXT, id TEXT, radicado TEXT, registered TEXT);
"""
_INDEXES = """
    CREATE UNIQUE INDEX act ON acts (entity, code, taxpayer);
    CREATE INDEX amendment ON amendments (entity, code, taxpayer, radicado);
    CREATE UNIQUE INDEX liquidation ON liquidations (entity, id);
    CREATE INDEX of_act ON liquidations (entity, code, taxpayer, radicado);
    CREATE INDEX of_liquidation ON payments (entity, liquidation, radicado);
    CREATE UNIQUE INDEX annulment ON annulments (entity, what, id);
    CREATE VIEW each_liquidation AS
        SELECT l.*, a.radicado AS annulled_by, a.registered AS annulled_at FROM liquidations l
        LEFT JOIN annulments a ON a.entity = l.entity AND a.what = 'liquidations' AND a.id = l.id;
    CREATE VIEW each_payment AS
        SELECT p.*, a.radicado AS annulled_by, a.registered AS annulled_at FROM payments p
        LEFT JOIN annulments a ON a.entity = p.entity AND a.what = 'payments' AND a.id = p.id;
"""
_INSERT = {
    "acts": "INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?)",
    "amendments": "INSERT INTO amendments VALUES (?, ?, ?, ?, ?)",
    "liquidations": "INSERT INTO liquidations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "payments": "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)",
    "annulments": "INSERT INTO annulments VALUES (?, ?, ?, ?, ?)",
}


# Whether a row that was read by its key counts a registration of these.
_COUNTED = {
    "amendments": "SELECT 1 FROM acts WHERE is_row AND (entity, code, taxpayer) = (:entity, :code, :taxpayer)",
    "liquidations": "SELECT 1 FROM acts WHERE is_row AND (entity, code, taxpayer) = (:entity, :code, :taxpayer)",
    "payments": "SELECT 1 FROM liquidations WHERE remaining IS NOT NULL AND (entity, id) = (:entity, :liquidation)",
}


class Entry(NamedTuple):
    """A log entry as the books have it: the table and the row that it becomes."""

    radicado: str
    table: str
    row: tuple[Any, ...]


class Act(NamedTuple):
    """An act document as it is today, its facts by their names in the table."""

    entity: int
    code: str
    taxpayer: str
    facts: dict[str, Any]


class Liquidation(NamedTuple):
    """A liquidation. `remaining` only if it was read by its key: then not all of its payments are here."""

    entity: int
    id: str
    radicado: str
    registered: str
    stamp: str
    value: str
    remaining: str | None
    annulled_by: str | None
    annulled_at: str | None


class Payment(NamedTuple):
    """A payment of a liquidation."""

    id: str
    radicado: str
    registered: str
    value: str
    day: str
    annulled_by: str | None
    annulled_at: str | None


class Books:
    """What some entities registered; each entity is known by its place among them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._file = sqlite3.connect(self._path, isolation_level=None)
        self._file.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")

    def close(self) -> None:
        """Neither read nor write any more."""
        self._file.close()

    def empty(self) -> None:
        """Begin anew."""
        self.close()
        self._path.unlink()
        self._begin()

    # --- Filling ---

    def add(self, entries: Iterable[Entry]) -> None:
        """Entries of the logs, in any order, each once."""
        for table, some in groupby(sorted(entries, key=_table), key=_table):
            self._file.executemany(_INSERT[table], (each.row for each in some))

    def put_in_order(self) -> None:
        """Every entry is there: from now on they are found."""
        self._file.execute("COMMIT")
        self._file.executescript(_INDEXES)

    def add_act(self, entity: int, row: Mapping[str, Any]) -> None:
        """An act document as the table has it, with its own balance: not all of its liquidations are here."""
        key = (entity, row["actDocumentCode"], row["taxpayerDocumentNumber"])
        self._file.execute(
            "INSERT OR REPLACE INTO acts VALUES (?, ?, ?, ?, ?, 1)",
            (*key, row["generatorFactStartDate"], json.dumps(row)),
        )

    def keep_last_amendment(self, act: tuple[int, str, str], named: str | None) -> bool:
        """Forget an act's amendments but the one that came last: that which the act itself names, if it is here.

        Otherwise the act was amended again, and the youngest that is here came last if none was under way with it.
        False if that is not known.
        """
        found = self._file.execute(
            "SELECT radicado FROM amendments WHERE entity = ? AND code = ? AND taxpayer = ? ORDER BY radicado DESC", act
        )
        here = [number for (number,) in found]
        if named not in here:
            youngest, other = map(milliseconds_of, here[:2])
            if youngest - other <= WITHHELD * 1000:
                return False
            named = here[0]
        self._file.execute(
            "DELETE FROM amendments WHERE entity = ? AND code = ? AND taxpayer = ? AND radicado <> ?", (*act, named)
        )
        return True

    def add_liquidation(self, entity: int, row: Mapping[str, Any]) -> None:
        """A liquidation as the table has it; of one that is here, whose it is."""
        identifier, taxpayer = row["liquidatedValueId"], row["taxpayerDocumentNumber"]
        changed = self._file.execute(
            "UPDATE liquidations SET taxpayer = ? WHERE entity = ? AND id = ?", (taxpayer, entity, identifier)
        )
        if not changed.rowcount:
            known = (row["radicado"], row["registeredAt"], row["actDocumentCode"], taxpayer, row["stampNumber"])
            values = (str(row["liquidatedValue"]), str(row["remaining"]))
            self._file.execute(_INSERT["liquidations"], (entity, identifier, *known, *values))

    def have_rows_changed_by(self, entries: Iterable[Entry]) -> bool:
        """Whether what was read by its key may be as these have left it: of an annulment nobody asks whose it is."""
        return any(
            each.table == "annulments" or (each.table in _COUNTED and self._is_counted(each)) for each in entries
        )

    def _is_counted(self, each: Entry) -> bool:
        columns = [name for (name,) in self._file.execute("SELECT name FROM pragma_table_info(?)", (each.table,))]
        named = dict(zip(columns, each.row, strict=True))
        return self._file.execute(_COUNTED[each.table], named).fetchone() is not None

    # --- What is known of too little ---

    def liquidations_of(self, first: str, last: str) -> Iterator[list[tuple[int, str]]]:
        """Entity and id of the liquidations that payments of these radicados are of, and that are not known in full."""
        return self._asked_for(
            "SELECT DISTINCT p.entity, p.liquidation FROM payments p"
            " LEFT JOIN liquidations l ON l.entity = p.entity AND l.id = p.liquidation"
            " WHERE p.radicado >= ? AND p.radicado < ? AND l.taxpayer IS NULL",
            (first, last),
        )

    def liquidations_without_taxpayer(self) -> Iterator[list[tuple[int, str]]]:
        """Entity and id of the liquidations whose log entry does not say whose they are."""
        return self._asked_for("SELECT entity, id FROM liquidations WHERE taxpayer IS NULL", ())

    def acts_of(self, first: str, last: str) -> Iterator[list[tuple[int, str, str]]]:
        """Entity, code and taxpayer of the acts that payments of these radicados are of, and that are not known."""
        return self._asked_for(
            "SELECT DISTINCT l.entity, l.code, l.taxpayer FROM payments p"
            " JOIN liquidations l ON l.entity = p.entity AND l.id = p.liquidation"
            " LEFT JOIN acts t ON t.entity = l.entity AND t.code = l.code AND t.taxpayer = l.taxpayer"
            " WHERE p.radicado >= ? AND p.radicado < ? AND t.facts IS NULL",
            (first, last),
        )

    def acts_of_liquidations(self) -> Iterator[list[tuple[int, str, str]]]:
        """Entity, code and taxpayer of the acts that liquidations are of, and that are not known."""
        return self._asked_for(
            "SELECT DISTINCT l.entity, l.code, l.taxpayer FROM liquidations l"
            " LEFT JOIN acts t ON t.entity = l.entity AND t.code = l.code AND t.taxpayer = l.taxpayer"
            " WHERE t.facts IS NULL",
            (),
        )

    def acts_amended_often(self) -> Iterator[list[tuple[int, str, str]]]:
        """Entity, code and taxpayer of acts with several amendments: the order of the log does not tell the last."""
        return self._asked_for(
            "SELECT t.entity, t.code, t.taxpayer FROM acts t"
            " JOIN amendments m ON m.entity = t.entity AND m.code = t.code AND m.taxpayer = t.taxpayer"
            " WHERE NOT t.is_row GROUP BY t.entity, t.code, t.taxpayer HAVING COUNT(*) > 1",
            (),
        )

    def _asked_for(self, query: str, values: tuple[str, ...]) -> Iterator[list[Any]]:
        """What a query finds now, some at a time, whatever is added meanwhile."""
        self._file.execute("DROP TABLE IF EXISTS asked")
        self._file.execute("CREATE TABLE asked AS " + query, values)
        found = self._file.execute("SELECT * FROM asked")
        while some := found.fetchmany(AT_ONCE):
            yield some

    # --- Reading, in a report's order ---

    def acts(self, first_day: str, last_day: str) -> Iterator[Act]:
        """The acts that start between two days, by entity, code and taxpayer."""
        found = self._file.execute(
            "SELECT t.entity, t.code, t.taxpayer, t.facts, m.facts FROM acts t"
            " LEFT JOIN amendments m ON NOT t.is_row"
            " AND m.entity = t.entity AND m.code = t.code AND m.taxpayer = t.taxpayer"
            " WHERE t.start >= ? AND t.start < ? ORDER BY t.entity, t.code, t.taxpayer",
            (first_day, f"{last_day}~"),
        )
        for entity, code, taxpayer, facts, amendment in found:
            yield Act(entity, code, taxpayer, json.loads(facts) | json.loads(amendment or "{}"))

    def liquidations(self, act: Act) -> Iterator[Liquidation]:
        """An act's liquidations, in the order of their radicados."""
        found = self._file.execute(
            "SELECT entity, id, radicado, registered, stamp, value, remaining, annulled_by, annulled_at"
            " FROM each_liquidation WHERE entity = ? AND code = ? AND taxpayer = ? ORDER BY radicado",
            act[:3],
        )
        return map(Liquidation._make, found)

    def payments(self, liquidation: Liquidation, first: str, last: str) -> Iterator[Payment]:
        """A liquidation's payments of these radicados, in their order."""
        found = self._file.execute(
            "SELECT id, radicado, registered, value, day, annulled_by, annulled_at FROM each_payment"
            " WHERE entity = ? AND liquidation = ? AND radicado >= ? AND radicado < ? ORDER BY radicado",
            (*liquidation[:2], first, last),
        )
        return map(Payment._make, found)

    def liquidated(self, act: Act) -> int:
        """What the act's live liquidations come to, in centavos."""
        if "liquidated" in act.facts:
            return int(act.facts["liquidated"])
        return self._sum(
            "SELECT exact_sum(value) FROM each_liquidation"
            " WHERE entity = ? AND code = ? AND taxpayer = ? AND annulled_by IS NULL",
            act[:3],
        )

    def paid(self, liquidation: Liquidation) -> int:
        """What the liquidation's live payments come to, in centavos."""
        if liquidation.remaining is not None:
            return int(liquidation.value) - int(liquidation.remaining)
        return self._sum(
            "SELECT exact_sum(value) FROM each_payment WHERE entity = ? AND liquidation = ? AND annulled_by IS NULL",
            liquidation[:2],
        )

    def _sum(self, query: str, values: tuple[Any, ...]) -> int:
        [[total]] = self._file.execute(query, values)
        return int(total or 0)


class _ExactSum:
    def __init__(self) -> None:
        self.total = 0

    def step(self, value: str) -> None:
        self.total += int(value)

    def finalize(self) -> str:
        return str(self.total)


def entry(entity: int, item: Item) -> Entry:
    """A log entry of the entity at this place."""
    radicado, registered = item["sk"]["S"], item["registeredAt"]["S"]
    table, row = _READERS[item["operation"]["S"]](json.loads(item["record"]["S"]), radicado, registered)
    return Entry(radicado, table, (entity, *row))


def _table(each: Entry) -> str:
    return each.table


def _act(record: dict[str, Any], radicado: str, registered: str) -> tuple[str, tuple[Any, ...]]:
    key = (record["actDocumentCode"], record["taxpayerDocumentNumber"])
    value, end = record["generatorFactValue"], record["generatorFactEndDate"]
    if record["type"] == "1":
        changed = {"generatorFactValue": value, "generatorFactEndDate": end}
        return "amendments", (*key, radicado, json.dumps({**changed, "amendedBy": radicado, "amendedAt": registered}))
    facts = {**record, "firstGeneratorFactValue": value, "radicado": radicado, "registeredAt": registered}
    return "acts", (*key, record["generatorFactStartDate"], json.dumps(facts), 0)


def _liquidation(record: dict[str, Any], radicado: str, registered: str) -> tuple[str, tuple[Any, ...]]:
    identifier = record["liquidatedValueId"]
    if record["type"] == "0":
        return "annulments", ("liquidations", identifier, radicado, registered)
    whose = (record["actDocumentCode"], record.get("taxpayerDocumentNumber"))
    value = str(record["liquidatedValue"])
    return "liquidations", (identifier, radicado, registered, *whose, record["stampNumber"], value, None)


def _payment(record: dict[str, Any], radicado: str, registered: str) -> tuple[str, tuple[Any, ...]]:
    identifier = record["paidValueId"]
    if record["type"] == "0":
        return "annulments", ("payments", identifier, radicado, registered)
    kept = (record["liquidatedValueId"], radicado, registered, identifier)
    return "payments", (*kept, str(record["valuePaid"]), record["paymentDate"])


_READERS: dict[str, Callable[[dict[str, Any], str, str], tuple[str, tuple[Any, ...]]]] = {
    "registerActDocument": _act,
    "registerLiquidation": _liquidation,
    "registerPayment": _payment,
}
