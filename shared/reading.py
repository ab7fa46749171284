"""Reads many rows: pages of a query, one after the other or of several keys at once, and any number of rows by key.

Each page is tried again by itself while the table fails for a passing reason (shared/retry.py).
"""

import contextlib
import functools
import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pynamodb.expressions.condition import Condition

from shared import retry
from shared.models import Groups, Row

AT_ONCE = 8
AHEAD = 4  # readers, and as many pieces of PIECE rows that wait for who asks
PIECE = 500
BATCH = 100  # keys; DynamoDB's own limit

Item = Mapping[str, Any]
"""A row as the table has it: attribute -> {type: value}."""
Key = tuple[str, str]

Asked = TypeVar("Asked")
Found = TypeVar("Found")


def query(  # noqa: PLR0913 - each is one of DynamoDB's own
    pk: str,
    deadline: float | None,
    range_condition: Condition | None = None,
    *,
    filtered: Condition | None = None,
    newest_first: bool = False,
    page_size: int | None = None,
    attributes: Iterable[str] | None = None,
    consistent: bool = True,
) -> Iterator[Item]:
    """The rows of a partition, as they are now, in the order of their sk. Raises Rejection (unavailable).

    Without a deadline, each page has one of its own: for a worker, who may read for longer than a call takes.
    With `attributes`, no others of each row; that costs the same, but is sooner read.
    If not `consistent`, each row may be as it was a moment ago; that costs half.
    With `filtered`, the bare key of the last row of each page that another follows, too: so far all has been read,
    though nothing may have been found.
    """
    options = {
        "filter_condition": filtered,
        "scan_index_forward": not newest_first,
        "limit": page_size,
        "attributes_to_get": None if attributes is None else list(attributes),
    }
    return _pages(pk, deadline, range_condition, consistent_read=consistent, **options)


def query_group(
    group: str, deadline: float, range_condition: Condition | None = None, *, page_size: int | None = None
) -> Iterator[Item]:
    """The keys of a group of the index, in the order of their place: what was written a moment ago may be missing.

    Raises Rejection (unavailable).
    """
    return _pages(group, deadline, range_condition, index_name=Groups.Meta.index_name, limit=page_size)


def pages(ask: Callable[[Item | None], Any], deadline: float | None = None) -> Iterator[Any]:
    """DynamoDB's answers, of which `ask` is told after which key the next begins. Raises Rejection (unavailable).

    Without a deadline, each has one of its own.
    """
    start = None
    while True:
        page = retry.until(retry.deadline() if deadline is None else deadline, functools.partial(ask, start))
        yield page
        start = page.get("LastEvaluatedKey")
        if start is None:
            return


def get(keys: Iterable[Key], deadline: float) -> dict[Key, Item]:
    """The rows with these keys as they are now; a key without a row is left out. Raises Rejection (unavailable)."""
    wanted = list(dict.fromkeys(keys))
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    found: dict[Key, Item] = {}
    for items in at_once(lambda batch: _get(batch, deadline), batches):
        found |= {key_of(item): item for item in items}
    return found


def at_once(ask: Callable[[Asked], Found], asked: Iterable[Asked]) -> list[Found]:
    """What `ask` answers to each, several asked at the same time."""
    every = list(asked)
    if len(every) <= 1:
        return [ask(each) for each in every]
    with ThreadPoolExecutor(min(AT_ONCE, len(every))) as pool:
        return list(pool.map(ask, every))


def ahead(read: Callable[[Asked], Iterable[Found]], asked: Iterable[Asked]) -> Iterator[list[Found]]:
    """What is read for each, piece by piece in whatever order it comes: a little of it in advance, never all.

    Raises whatever `read` raises.
    """
    left, found = queue.SimpleQueue[Asked](), queue.Queue[list[Found] | Exception | None](AHEAD)
    for each in asked:
        left.put(each)
    stopped = threading.Event()

    def work() -> None:
        try:
            while not stopped.is_set():
                rows = iter(read(left.get_nowait()))
                while not stopped.is_set() and (piece := list(itertools.islice(rows, PIECE))):
                    found.put(piece)
        except queue.Empty:
            found.put(None)
        except Exception as error:  # noqa: BLE001 - raised to who asks
            found.put(error)

    readers = [threading.Thread(target=work, daemon=True) for _ in range(AHEAD)]
    for reader in readers:
        reader.start()
    try:
        yield from _until_all_ended(found, len(readers))
    finally:
        stopped.set()
        while any(reader.is_alive() for reader in readers):  # one may wait for room
            with contextlib.suppress(queue.Empty):
                found.get(timeout=0.1)


def _until_all_ended(found: "queue.Queue[list[Found] | Exception | None]", readers: int) -> Iterator[list[Found]]:
    while readers:
        piece = found.get()
        if isinstance(piece, Exception):
            raise piece
        if piece is None:
            readers -= 1
        else:
            yield piece


def key_of(item: Item) -> Key:
    """The key of a row."""
    return item["pk"]["S"], item["sk"]["S"]


def _pages(key: str, deadline: float | None, range_condition: Condition | None, **options: Any) -> Iterator[Item]:
    table = Row.connection()

    def ask(start: Item | None) -> Any:
        return table.query(Row.Meta.table_name, key, range_condition, exclusive_start_key=start, **options)

    for page in pages(ask, deadline):
        yield from page["Items"]
        if options.get("filter_condition") is not None and "LastEvaluatedKey" in page:
            yield page["LastEvaluatedKey"]


def _get(batch: list[Key], deadline: float) -> list[Item]:
    """DynamoDB answers as many as its throughput lets it, one at least, and names the others."""
    left: Any = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in batch]
    found: list[Item] = []

    def ask() -> None:
        nonlocal left
        answer = Row.connection().batch_get_item(Row.Meta.table_name, left, consistent_read=True)
        found.extend(answer["Responses"][Row.Meta.table_name])
        left = answer["UnprocessedKeys"].get(Row.Meta.table_name, {}).get("Keys")
        if left:
            raise retry.UnfinishedError

    retry.until(deadline, ask)
    return found
