"""Reads an entity's log: everything that it registered, in the order of the radicados.

A radicado is drawn before its write commits. So what is younger than WITHHELD may still be joined by something older;
what is not, never is.
"""

import calendar
import heapq
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared import radicado, reading
from shared.models import LOG_SHARDS, LogEntry, log_key, log_partition
from shared.reading import Item, Key

FIRST_MONTH = "2026-01"  # nothing was registered before
# Seconds from drawing a radicado to the last that its function may do: its own time limit, where a client waits. A
# worker of loads has more time, but draws and writes within a deadline and one attempt, which take less.
LONGEST_WRITE = 28
CLOCKS_APART = 2  # seconds that the clocks of two functions may be apart, and that the table may take to do it
WITHHELD = LONGEST_WRITE + CLOCKS_APART
MONTHS_AT_ONCE = 12
"""That a page looks into at most: an entity that registered nothing for years costs no more."""


@dataclass(frozen=True)
class Page:
    """Entries of a log. `until`: a radicado before which nothing is left to tell. `more`: there may be others now."""

    entries: tuple[Item, ...]
    until: str
    more: bool


Part = tuple[str, str, int]
"""Entity, month and shard of a partition of the log."""


def settled(now: float | None = None) -> str:
    """Every radicado before this one that will ever be in the log is in it; `now` in epoch seconds."""
    moment = time.time() if now is None else now
    return radicado.first_of(int((moment - WITHHELD) * 1000))


def key_of(nit: str, number: str) -> Key:
    """Where the entry with a radicado stands, which the radicado itself tells."""
    return log_key(nit, radicado.moment_of(number), number), number


def page(nit: str, after: str, before: str, most: int, deadline: float) -> Page:
    """The next entries after one radicado and before another, so many at most. Raises Rejection (unavailable)."""
    if after >= before:  # clocks are apart, or the reader asks from a day that has just begun
        return Page((), after, more=False)
    found: list[Item] = []
    ahead = months(after, before)
    for month in itertools.islice(ahead, MONTHS_AT_ONCE):
        missing = most + 1 - len(found)
        found += itertools.islice(_of_month(nit, month, after, before, deadline, most=missing), missing)
        if len(found) > most:
            return Page(tuple(found[:most]), found[most - 1]["sk"]["S"], more=True)
    following = next(ahead, None)
    if following is None:
        return Page(tuple(found), before, more=False)
    return Page(tuple(found), _beginning(following), more=True)


def entries(  # noqa: PLR0913 - where, from, to, until when, what, and what of it
    nit: str,
    after: str,
    before: str,
    deadline: float,
    *,
    operation: str | None = None,
    attributes: tuple[str, ...] | None = None,
) -> Iterator[Item]:
    """The log's rows after one radicado and before another, of one operation or of all, read as they are asked for.

    `attributes`: what is wanted of them beside their sk, if not all. Of one operation, a bare key now and then, too:
    how far has been read. Raises Rejection (unavailable).
    """
    for month in months(after, before):
        yield from _of_month(nit, month, after, before, deadline, operation=operation, attributes=attributes)


def parts(nit: str, after: str, before: str) -> Iterator[Part]:
    """The partitions in which the log between two radicados stands, to be read in any order (`part`)."""
    if after < before:  # otherwise DynamoDB would refuse
        for month in months(after, before):
            yield from ((nit, month, shard) for shard in range(LOG_SHARDS))


def part(
    which: Part, after: str, before: str, deadline: float, attributes: Iterable[str] | None = None
) -> Iterator[Item]:
    """The rows of one partition of the log from one radicado to another. Raises Rejection (unavailable)."""
    between = LogEntry.sk.between(after or " ", before)
    return reading.query(log_partition(*which), deadline, between, attributes=attributes)


def months(after: str, before: str) -> Iterator[str]:
    """The months of the log (yyyy-mm, UTC) between two radicados."""
    month, last = max(_month(after), FIRST_MONTH), _month(before)
    while month <= last:
        yield month
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12}-{number % 12 + 1:02d}"


def _month(of: str) -> str:
    return radicado.moment_of(of)[:7] if of else FIRST_MONTH


def _beginning(month: str) -> str:
    """A radicado before all of a month."""
    seconds = calendar.timegm((int(month[:4]), int(month[5:]), 1, 0, 0, 0))
    return radicado.first_of(seconds * 1000)


def _of_month(  # noqa: PLR0913 - where, from, to, until when, how many, what, and what of it
    nit: str,
    month: str,
    after: str,
    before: str,
    deadline: float,
    *,
    most: int | None = None,
    operation: str | None = None,
    attributes: tuple[str, ...] | None = None,
) -> Iterator[Item]:
    """The entries of a month in order; its shards begin at once. `most`: how many will be asked for."""
    bounds = LogEntry.sk.between(after or " ", before)  # both bounds included, and `before` is nobody's radicado
    only = None if operation is None else LogEntry.operation == operation
    # What falls into one shard is a share of all, more or less as chance has it.
    size = None if most is None else most // LOG_SHARDS + math.isqrt(most) + 1
    wanted = attributes and ("sk", *attributes)
    shards = [
        reading.query(
            log_partition(nit, month, shard), deadline, bounds, filtered=only, attributes=wanted, page_size=size
        )
        for shard in range(LOG_SHARDS)
    ]
    merged = heapq.merge(*reading.at_once(_begun, shards), key=_radicado)
    return (item for item in merged if _radicado(item) != after)


def _begun(items: Iterator[Item]) -> Iterable[Item]:
    """The same, its first page read."""
    first = next(items, None)
    return () if first is None else itertools.chain((first,), items)


def _radicado(item: Item) -> str:
    number: str = item["sk"]["S"]
    return number
