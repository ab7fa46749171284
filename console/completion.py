"""Gives rows of before the index `groups` what the services write into new ones: where the index finds them.

Goes over the whole table once, in segments at the same time; each row is changed on condition that it still lacks what
it is given, so it may be broken off, repeated, and run while entities report.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared import groups, reading, retry
from shared.ledger.acts import AMENDMENT
from shared.models import (
    LIQUIDATION,
    PAYMENT,
    PROFILE,
    ActDocument,
    Liquidation,
    LogEntry,
    Row,
    act_key,
    liquidation_key,
    log_key,
    taxpayer_key,
)
from shared.reading import Item
from shared.transaction import Transaction

SEGMENTS = 8
BETWEEN_REPORTS = 5.0  # seconds

READ = "read"
ACTS, LIQUIDATIONS, PAYMENTS, MEMBERS = "acts", "liquidations", "payments", "members"
CREATIONS, TAXPAYERS = "creations", "taxpayers"  # of the log: what it lacks is the group, or who the taxpayer is
KINDS = (ACTS, LIQUIDATIONS, PAYMENTS, MEMBERS, CREATIONS, TAXPAYERS)

COUNTS = {ACTS: ActDocument.liquidations, LIQUIDATIONS: Liquidation.payments}
"""Where an act document counts its liquidations, and a liquidation its payments."""

Counts = Counter[str]
"""Rows read, and rows completed by kind."""


def complete(report: Callable[[Counts], None]) -> Counts:
    """Complete every row that lacks something; `report` is told now and then how far it is.

    Raises Rejection (unavailable) when the table does not answer; what was completed stays so.
    """
    counts: Counts = Counter()
    lock, stop = threading.Lock(), threading.Event()

    def segment(number: int) -> None:
        for page in _pages(number):
            found = _complete(page)
            with lock:
                counts.update(found)
            if stop.is_set():
                return

    with ThreadPoolExecutor(SEGMENTS) as pool:
        left = {pool.submit(segment, number) for number in range(SEGMENTS)}
        try:
            while left:
                done, left = wait(left, BETWEEN_REPORTS, FIRST_EXCEPTION)
                for each in done:
                    each.result()
                with lock:
                    report(counts.copy())
        finally:
            stop.set()
    return counts


def _pages(segment: int) -> Iterator[list[Item]]:
    """The rows of a segment of the table, page by page."""

    def ask(start: Any) -> Any:
        return Row.connection().scan(
            Row.Meta.table_name, segment=segment, total_segments=SEGMENTS, exclusive_start_key=start
        )

    return (page["Items"] for page in reading.pages(ask))


def _complete(page: Sequence[Item]) -> Counts:
    """Complete the rows of a page."""
    counts = Counter({READ: len(page)})
    lacking = [item for item in page if "group" not in item]
    for item in lacking:
        kind, found = _place(item)
        if found and _find(item, kind, found):
            counts[kind] += 1
    entries = [entry for entry in map(_log_entry, lacking) if entry and _lacks_taxpayer(entry)]
    counts[TAXPAYERS] += sum(_give_taxpayers(entries))
    return counts


def _find(item: Item, kind: str, found: groups.Found) -> bool:
    """Whether the row was given its place in the index, and counted where what the index finds is counted."""
    row = Row(*reading.key_of(item))
    changes: list[Action] = [Row.group.set(found["group"]), Row.place.set(found["place"])]
    if kind in COUNTS:
        changes.append(COUNTS[kind].add(0))
    counting = _counting(item, kind)
    if counting is None:
        return _update(row, changes, Row.group.does_not_exist())
    transaction = Transaction()
    transaction.update("row", row, changes, Row.pk.exists() & Row.group.does_not_exist())
    transaction.update("counting", counting[0], [counting[1]], Row.pk.exists())
    return not transaction.commit(retry.deadline())


def _counting(item: Item, kind: str) -> tuple[Row, Action] | None:
    """The row that counts this one, and how."""
    nit = item["pk"]["S"].split("#")[1]
    if kind == LIQUIDATIONS:
        act = act_key(nit, item["actDocumentCode"]["S"]), taxpayer_key(item["taxpayerDocumentNumber"]["S"])
        return ActDocument(*act), COUNTS[ACTS].add(1)
    if kind == PAYMENTS:
        liquidation = liquidation_key(nit, item["liquidatedValueId"]["S"])
        return Liquidation(liquidation, LIQUIDATION), COUNTS[LIQUIDATIONS].add(1)
    return None


def _place(item: Item) -> tuple[str, groups.Found | None]:
    """What kind of row it is, and where the index should find it, if it should."""
    pk, sk = reading.key_of(item)
    nit = pk.split("#")[1]
    values = {name: value["S"] for name, value in item.items() if "S" in value}
    if sk.startswith(taxpayer_key("")):
        return ACTS, groups.of_act(nit, values["actDocumentCode"], values["radicado"])
    if sk == LIQUIDATION:
        of_act = values["actDocumentCode"], values["taxpayerDocumentNumber"]
        return LIQUIDATIONS, groups.of_liquidation(nit, *of_act, values["radicado"])
    if sk == PAYMENT:
        return PAYMENTS, groups.of_payment(nit, values["liquidatedValueId"], values["radicado"])
    if sk == PROFILE:
        return MEMBERS, None if values["territorial"] == nit else groups.of_member(values["territorial"], nit)
    entry = _log_entry(item)
    if entry and entry.operation == "registerActDocument" and entry.record["type"] != AMENDMENT:
        return CREATIONS, groups.of_creation(entry.record, entry.radicado)
    return "", None


def _log_entry(item: Item) -> LogEntry | None:
    """The entry of the log that a row is, if it is one."""
    pk, sk = reading.key_of(item)
    moment = item.get("registeredAt", {}).get("S")
    is_one = moment is not None and "record" in item and pk == log_key(pk.split("#")[1], moment, sk)
    return LogEntry.from_raw_data(dict(item)) if is_one else None


def _lacks_taxpayer(entry: LogEntry) -> bool:
    return entry.operation == "registerLiquidation" and "taxpayerDocumentNumber" not in entry.record


def _give_taxpayers(entries: Sequence[LogEntry]) -> Iterator[bool]:
    """Take the taxpayer of each logged liquidation from the liquidation itself, which never changes it."""
    keys = [
        (liquidation_key(entry.pk.split("#")[1], entry.record["liquidatedValueId"]), LIQUIDATION) for entry in entries
    ]
    rows = reading.get(keys, retry.deadline())
    for entry, key in zip(entries, keys, strict=True):
        if key not in rows:
            continue
        record = {**entry.record, "taxpayerDocumentNumber": rows[key]["taxpayerDocumentNumber"]["S"]}
        yield _update(entry, [LogEntry.record.set(record)], LogEntry.record == entry.record)


def _update(row: Row, changes: Sequence[Action], condition: Condition) -> bool:
    """Whether the row was changed: it is there, and the condition held."""
    try:
        retry.until(retry.deadline(), lambda: row.update([*changes], Row.pk.exists() & condition))
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return False
    return True
