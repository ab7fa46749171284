"""Reads an entity's log: everything that it registered, in the order of the radicados.

A radicado is drawn before its write commits. So what is younger than WITHHELD may still be joined by something older;
what is not, never is.
"""

import heapq
import time
from collections.abc import Iterable, Iterator

from shared import radicado, reading
from shared.models import LOG_SHARDS, LogEntry, log_partition
from shared.reading import Item

FIRST_MONTH = "2026-01"  # nothing was registered before
WITHHELD = 30  # seconds: what a function may take for a call, and what two clocks may be apart


def settled(now: float | None = None) -> str:
    """Every radicado before this one that will ever be in the log is in it; `now` in epoch seconds."""
    moment = time.time() if now is None else now
    return radicado.first_of(int((moment - WITHHELD) * 1000))


def entries(nit: str, after: str, before: str, deadline: float, *, operation: str | None = None) -> Iterator[Item]:
    """The log's rows after one radicado and before another, of one operation or of all, read as they are asked for.

    Raises Rejection (unavailable).
    """
    for month in months(after, before):
        yield from heapq.merge(
            *(_shard(nit, month, shard, after, before, deadline, operation) for shard in range(LOG_SHARDS)),
            key=lambda item: item["sk"]["S"],
        )


def months(after: str, before: str) -> Iterable[str]:
    """The months of the log (yyyy-mm, UTC) between two radicados."""
    month, last = max(_month(after), FIRST_MONTH), _month(before)
    while month <= last:
        yield month
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12}-{number % 12 + 1:02d}"


def _month(of: str) -> str:
    return time.strftime("%Y-%m", time.gmtime(radicado.milliseconds_of(of) / 1000)) if of else FIRST_MONTH


def _shard(  # noqa: PLR0913, PLR0917 - where, from, to, until when, what
    nit: str, month: str, shard: int, after: str, before: str, deadline: float, operation: str | None
) -> Iterator[Item]:
    """`between` takes both bounds in, so that `after` itself is left out here; `before` is nobody's radicado."""
    only = None if operation is None else LogEntry.operation == operation
    found = reading.query(
        log_partition(nit, month, shard), deadline, LogEntry.sk.between(after or " ", before), filtered=only
    )
    return (item for item in found if item["sk"]["S"] != after)
