"""Two ways to find act documents: by their code in the index, or by any of their texts in the catalogue.

Both give each act document with its position in the order in which they are found, which is good to go on behind it.
"""

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, takewhile

from shared import radicado, reading
from shared.catalogue import upkeep
from shared.models import ACT_SHARDS, Row, act_key, acts_group, taxpayer_key
from shared.reading import Item, Key

LONGEST_PLACE = 1024  # bytes; DynamoDB's own limit
_RADICADO = re.compile(f"[{radicado.ALPHABET}]{{{radicado.DIGITS}}}")

Found = tuple[str, Key]
"""The position of an act document, and its key."""


def is_place(position: str) -> bool:
    """Whether `by_code` can go on behind it."""
    return len(position.encode()) <= LONGEST_PLACE


def is_radicado(position: str) -> bool:
    """Whether `newest_first` can go on behind it."""
    return _RADICADO.fullmatch(position) is not None


def by_code(nits: Sequence[str], beginning: str, after: str | None, most: int, deadline: float) -> list[Found]:
    """So many at most of those whose code, folded, begins so, in the order of their codes; the index may lag.

    It costs the same whatever their number. Raises Rejection (unavailable).
    """
    groups = [acts_group(nit, shard) for nit in nits for shard in range(ACT_SHARDS)]
    # Not by `startswith`: for that the engine looks at all that begin so, whatever the page's size.
    condition = Row.place >= beginning if after is None else Row.place > after

    def read(group: str) -> list[Item]:
        return list(islice(reading.query_group(group, deadline, condition, page_size=most), most))

    found = heapq.merge(*reading.at_once(read, groups), key=_place)
    matching = takewhile(lambda item: _place(item).startswith(beginning), found)
    return [(_place(item), reading.key_of(item)) for item in islice(matching, most)]


def newest_first(
    nits: Sequence[str], wanted: Mapping[str, str], before: str | None, deadline: float
) -> Iterator[Found]:
    """Those that have in each of these fields what is looked for (Block.matching), as they are asked for.

    Raises Rejection (unavailable).
    """

    def of_one(nit: str) -> Iterator[Found]:
        for block in upkeep.newest_first(nit, before, deadline):
            for act in block.matching(wanted):
                if before is None or act.radicado < before:
                    yield act.radicado, (act_key(nit, act.written_code), taxpayer_key(act.written_document))

    every = [of_one(nit) for nit in nits]
    firsts = reading.at_once(lambda each: list(islice(each, 1)), every)  # for the time that each needs to begin
    return heapq.merge(*map(chain, firsts, every), reverse=True)


def _place(item: Item) -> str:
    place: str = item["place"]["S"]
    return place
