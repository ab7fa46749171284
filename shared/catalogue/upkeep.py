"""Reads an entity's act documents for a search, and keeps its catalogue while it is at it.

    ENTITY#<nit>#CATALOGUE#<version>  <radicado after which the block begins>

A block holds what the log has between two radicados, and is made of it. What no block holds is read from the log each
time, so a search sees what was registered a moment ago, and it does not matter whether a block is missing or old. Who
reads much of the log puts it into the catalogue, up to where the log is settled: nothing is written when an act
document is registered, and the first search of an entity makes it all. Of several who do so at once one is heard.
"""

import json
import time
from collections.abc import Iterable, Iterator
from itertools import chain

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from shared import journal, radicado, reading, retry
from shared.catalogue.block import FULL, VERSION, Act, Block
from shared.models import Row
from shared.reading import Item
from shared.rejection import Rejection

BEGINNING = "0"
"""Before every radicado, and a key, which an empty text is not."""
FRESH = 600_000  # milliseconds of the log that are read each time rather than put into the catalogue
CLOCKS_APART = 30  # seconds that another function's clock may be ahead of ours, or behind it
PATIENCE = 0.5  # seconds, in which a write of the catalogue may be tried again
LONGEST_READ = 5.0  # seconds of reading the log after which a block ends, full or not: no search reads in vain
ROWS_AT_ONCE = 16
LOGGED_AS = "registerActDocument"
CREATION = "0"  # the act document's `type` (table 1, row 12)


class BlockRow(Row):
    """A block of the catalogue. A full one never changes again; one that is not full is the last."""

    until = UnicodeAttribute()
    full = BooleanAttribute()
    facts = BinaryAttribute(legacy_encoding=False)

    @property
    def block(self) -> Block:
        """What it holds."""
        return Block.unpacked(self.sk, self.until, self.facts)


def catalogue_key(nit: str) -> str:
    """pk of an entity's catalogue; one of another version is not looked at."""
    return f"ENTITY#{nit}#CATALOGUE#{VERSION}"


def newest_first(nit: str, before: str | None, deadline: float, further_apart: float = 0.0) -> Iterator[Block]:
    """Blocks that hold every act document that the entity has created, or all of those before a radicado.

    Blocks may be read as they were a moment ago: one that has grown since leaves a gap, which is read from the log.
    What somebody may still register by a clock behind ours is not put into the catalogue, where nobody looks for more.
    `further_apart`: seconds, for a clock of which less is known than of a function's. Raises Rejection (unavailable).
    """
    end = _horizon() if before is None else min(before, _horizon())
    earlier = BlockRow.sk < end
    rows = reading.query(
        catalogue_key(nit), deadline, earlier, newest_first=True, page_size=ROWS_AT_ONCE, consistent=False
    )
    is_newest, settled = before is None, journal.settled(time.time() - CLOCKS_APART - further_apart)
    for row in chain((BlockRow.from_raw_data(dict(item)) for item in rows), [None]):
        until = row.until if row else BEGINNING
        if until < end:
            missing = _of_log(nit, until, end, settled, deadline)
            yield from reversed(list(_kept(nit, row, missing, settled, deadline) if is_newest else missing))
        if row is None:
            return
        yield row.block
        end, is_newest = row.sk, False


def _horizon() -> str:
    """After every radicado that was drawn up to now, by whichever clock."""
    return radicado.first_of(int((time.time() + CLOCKS_APART) * 1000))


def _of_log(nit: str, after: str, before: str, settled: str, deadline: float) -> Iterator[Block]:
    """The creations of a part of the log, in blocks, of which one ends where the log was settled before it was read."""
    acts: list[Act] = []
    size, began = 0, time.monotonic()
    for item in journal.entries(nit, after, before, deadline, operation=LOGGED_AS, attributes=("record",)):
        number = item["sk"]["S"]
        if after < settled < number:
            yield Block.of(after, settled, acts)
            after, acts, size = settled, [], 0
        if act := _created(item):
            acts.append(act)
            size += act.size
        if number > after and (size >= FULL or time.monotonic() - began > LONGEST_READ):
            yield Block.of(after, number, acts)
            after, acts, size, began = number, [], 0, time.monotonic()
    if after < settled < before:
        yield Block.of(after, settled, acts)
        after, acts = settled, []
    yield Block.of(after, before, acts)


def _created(item: Item) -> Act | None:
    """The act document that an entry of the log created, if it did."""
    record = json.loads(item["record"]["S"]) if "record" in item else {}
    if record.get("type") != CREATION:
        return None
    return Act.of(record["actDocumentCode"], record["taxpayerDocumentNumber"], record["taxpayerName"], item["sk"]["S"])


def _kept(nit: str, last: BlockRow | None, blocks: Iterable[Block], settled: str, deadline: float) -> Iterator[Block]:
    """The blocks that follow the last one of the catalogue, put into it on the way: all that is settled.

    But not a few minutes up to where the log is settled; and nothing after a block that was not put into it.
    """
    keeps = True
    for block in blocks:
        is_worth_it = block.until < settled or block.size >= FULL or _span(block) > FRESH
        keeps = keeps and block.until <= settled and is_worth_it
        if keeps:
            whole: Block = block
            condition: Condition = BlockRow.pk.does_not_exist()
            if last is not None and not last.full:
                whole, condition = last.block.followed_by(block), BlockRow.until == last.until
            facts = whole.packed()
            last = BlockRow(catalogue_key(nit), whole.after, until=whole.until, full=whole.size >= FULL, facts=facts)
            keeps = _put(last, condition, deadline)
        yield block


def _span(block: Block) -> int:
    """Milliseconds of the log."""
    return radicado.milliseconds_of(block.until) - radicado.milliseconds_of(block.after)


def _put(row: BlockRow, condition: Condition, deadline: float) -> bool:
    """Whether the row was written: not if another was faster, or the table fails; the next search does it then.

    Raises PutError for what does not pass, such as a right that the function lacks.
    """
    try:
        retry.until(min(time.monotonic() + PATIENCE, deadline), lambda: row.save(condition))
    except Rejection:
        return False
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return False
    return True
