"""The catalogue of act documents: what its blocks find, and that searches keep it complete, whatever befalls them."""

import hashlib
import itertools
import random
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import folding, journal, radicado, reading, retry
from shared.catalogue import block, upkeep
from shared.catalogue.block import AT_THE_BEGINNING, CONTAINED, VERSION, WHOLE, Act, Block
from shared.catalogue.upkeep import BlockRow
from shared.folding import folded
from tests import fault_proxy
from tests.bodies import ACT, LIQUIDATION
from tests.client import Client, new_entity
from tests.conftest import STAMPS
from tests.fault_proxy import FaultProxy
from tests.proof.world import at_once

pytestmark = pytest.mark.queries

MATCHES: dict[str, Callable[[str, str], bool]] = {
    CONTAINED: str.__contains__,
    AT_THE_BEGINNING: str.startswith,
    WHOLE: str.__eq__,
}
FIELDS = ("code", "document", "name")
TEXTS = st.text("aÁñÑ -ßİ1", min_size=1, max_size=6)
WRITERS, SEARCHERS, ACTS_EACH = 4, 3, 25


@settings(max_examples=300, deadline=None)
@given(
    acts=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=12),
    border=st.integers(0, 12),
    match=st.sampled_from(list(MATCHES)),
    criteria=st.dictionaries(st.sampled_from(FIELDS), TEXTS.map(folded).filter(bool)),
)
def test_a_block_finds_what_looking_at_each_act_finds(
    acts: list[tuple[str, str, str]], border: int, match: str, criteria: dict[str, str]
) -> None:
    """The newest first, with its texts as they were written; also packed, and made of two."""
    every = [Act.of(*texts, f"{number:026d}") for number, texts in enumerate(acts)]
    block = Block.of("0", "4", every[:border]).followed_by(Block.of("4", "9", every[border:]))
    block = Block.unpacked(block.after, block.until, block.packed())
    expected = [
        act
        for act, texts in zip(every[::-1], acts[::-1], strict=True)
        if all(MATCHES[match](folded(texts[FIELDS.index(field)]), text) for field, text in criteria.items())
    ]
    assert block.matching({field: match.format(text) for field, text in criteria.items()}) == expected
    assert [(act.written_code, act.written_document) for act in expected] == [
        acts[int(act.radicado)][:2] for act in expected
    ]


def _register(client: Client, code: str) -> None:
    answer = client.post("registerActDocument", ACT | {"actDocumentCode": code})
    assert answer.status == 200, answer.text


def _search(client: Client, name: str = "ariza") -> list[str]:
    answer = client.post("findActDocuments", {"taxpayerName": name, "pageSize": 50})
    assert answer.status == 200, answer.text
    return [each["actDocumentCode"] for each in answer.body["data"]]


def _blocks(nit: str) -> list[BlockRow]:
    rows = reading.query(upkeep.catalogue_key(nit), retry.deadline())
    return [BlockRow.from_raw_data(dict(row)) for row in rows]


def _codes(blocks: list[BlockRow]) -> list[str]:
    return [act.written_code for row in blocks for act in row.block.matching({})[::-1]]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is settled goes into the catalogue at once, by some five act documents a block."""
    monkeypatch.setattr(
        journal, "WITHHELD", -upkeep.CLOCKS_APART - 0.001
    )  # the millisecond in which the last of them was registered, too
    monkeypatch.setattr(upkeep, "FRESH", 0)
    monkeypatch.setattr(upkeep, "FULL", 400)


@pytest.mark.usefixtures("eager")
def test_blocks_follow_one_another_and_grow_until_they_are_full(entity: Client) -> None:
    """Each begins where the one before it ends, all but the last are full, and each act document is in one of them."""
    codes = [f"C-{number:02d}" for number in range(30)]
    for code in codes:
        _register(entity, code)
        _search(entity)
    blocks = _blocks(entity.nit)
    assert [row.sk for row in blocks] == [upkeep.BEGINNING, *(row.until for row in blocks[:-1])]
    assert [row.full for row in blocks[:-1]] == [True] * (len(blocks) - 1)
    assert all(row.block.size < 2 * 400 for row in blocks)
    assert _codes(blocks) == codes
    assert 3 < len(blocks) < 15


def test_what_is_young_is_not_written_again_and_again(entity: Client) -> None:
    """One block says that nothing was there before; what came since is read from the log, and not written."""
    _search(entity)
    [first] = _blocks(entity.nit)
    for number in range(10):
        _register(entity, f"C-{number}")
        assert len(_search(entity)) == number + 1
    [only] = _blocks(entity.nit)
    assert (only.until, _codes([only])) == (first.until, [])


def test_minutes_of_the_log_that_took_long_to_read_are_kept_too(
    entity: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the catalogue is to grow by them: what follows is not joined to it over their place."""
    now, ages = time.time(), iter((3000, 2980, 2970, 1000))  # seconds

    def draw() -> tuple[str, str]:
        number = radicado.first_of(int((now - next(ages)) * 1000))
        return number, radicado.moment_of(number)

    monkeypatch.setattr(radicado, "draw", draw)
    _register(entity, "C-0")
    with monkeypatch.context() as then:
        then.setattr(journal, "WITHHELD", 2990 - upkeep.CLOCKS_APART)
        assert _search(entity) == ["C-0"]
    for code in ("C-1", "C-2", "C-3"):
        _register(entity, code)
    monkeypatch.setattr(upkeep, "LONGEST_READ", -1.0)
    codes = ["C-0", "C-1", "C-2", "C-3"]
    assert _search(entity) == codes[::-1]
    assert _codes(_blocks(entity.nit)) == codes
    assert _search(entity) == codes[::-1]


@pytest.mark.usefixtures("eager")
def test_a_block_that_is_missing_or_as_it_was_is_made_up_from_the_log(entity: Client) -> None:
    """Whichever blocks are lost, and whichever is read as it was before it grew, every act document is found once."""
    codes = [f"C-{number:02d}" for number in range(16)]
    older: list[BlockRow] = []
    for code in codes:
        _register(entity, code)
        _search(entity)
        older += [row for row in _blocks(entity.nit) if not row.full]
    blocks = _blocks(entity.nit)
    assert len(blocks) > 2
    for row in blocks:
        for earlier in [each for each in older if each.sk == row.sk]:
            earlier.save()
            assert _search(entity) == codes[::-1]
        row.delete()
        assert _search(entity) == codes[::-1]
        for each in _blocks(entity.nit):
            each.delete()
        for each in blocks:
            each.save()


@pytest.mark.usefixtures("eager")
def test_blocks_of_another_version_are_not_looked_at(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """When texts are to fold otherwise, searches make blocks anew; those of before stay for who still searches so."""
    _register(entity, "C-1")
    assert _search(entity, "ariza") == ["C-1"]
    before = [row.serialize() for row in _blocks(entity.nit)]
    with monkeypatch.context() as otherwise:
        otherwise.setattr(upkeep, "VERSION", VERSION + 1)
        for module in (block, folding):
            otherwise.setattr(module, "folded", str.upper)
        assert _search(entity, "ariza") == ["C-1"]
        assert _codes(_blocks(entity.nit)) == ["C-1"]
    assert [row.serialize() for row in _blocks(entity.nit)] == before


def test_who_changes_what_texts_fold_to_raises_the_version() -> None:
    """Then write the new digest here, raise VERSION, and have the places of act documents in the index written anew.

    A new Unicode changes nothing: it never folds a character otherwise that an old one has. So each is folded here that
    the oldest at hand has, within a word and after a space.
    """
    characters = (chr(number) for number in range(sys.maxunicode + 1))
    known = (each for each in characters if unicodedata.ucd_3_2_0.category(each) not in {"Cn", "Co", "Cs"})
    told = "\n".join(folded(f"A{each}z {each}") for each in known)
    digest = hashlib.sha256(told.encode()).hexdigest()
    assert {VERSION: digest} == {1: "982a8650d42ced797d56836cdfb8a95566388d66b9af8f35fe340e4cd0c07d13"}


@pytest.mark.usefixtures("drawn")
def test_the_search_that_makes_the_catalogue_reads_the_log_of_every_month(entity: Client) -> None:
    """What was registered long before the first search is found by it, and by the next, which reads the log no more."""
    codes = [f"C-{number:02d}" for number in range(30)]
    for code in codes:
        _register(entity, code)
    assert _search(entity) == codes[::-1]
    [row] = _blocks(entity.nit)
    assert _codes([row]) == codes
    assert row.until <= journal.settled()
    assert _search(entity) == codes[::-1]


@pytest.fixture
def on_engine(faulty: FaultProxy) -> Client:
    """An entity on the engine."""
    del faulty
    return new_entity("8888888888", *STAMPS)


@pytest.mark.slow
@pytest.mark.usefixtures("clock", "drawn", "eager")
@pytest.mark.parametrize("ends", [{}, {"FULL": 65_536, "LONGEST_READ": -1.0}], ids=["full", "long read"])
def test_a_search_that_runs_out_of_time_is_followed_by_one_that_goes_on(
    on_engine: Client, faulty: FaultProxy, monkeypatch: pytest.MonkeyPatch, ends: dict[str, float]
) -> None:
    """It answers 503 with Retry-After and leaves the blocks that it has made, full ones and those of a long read."""
    for name, value in ends.items():
        monkeypatch.setattr(upkeep, name, value)
    codes = [f"C-{number:02d}" for number in range(36)]
    for code in codes:
        _register(on_engine, code)
    calls = itertools.count()
    refused = fault_proxy.error(400, "ThrottlingException")
    faulty.plan = lambda target: refused if target == "Query" and next(calls) > 30 else None
    answer = on_engine.post("findActDocuments", {})
    assert (answer.status, answer.codes) == (503, ["unavailable"])
    assert answer.headers["retry-after"]
    faulty.plan = lambda _target: None
    made = _codes(_blocks(on_engine.nit))
    assert 5 < len(made) < 36
    faulty.reads.clear()
    assert _search(on_engine) == codes[::-1]
    months = {read["ExpressionAttributeValues"][":0"]["S"][-9:-2] for read in faulty.reads if "#LOG#" in str(read)}
    assert "2026-01" not in months
    assert _codes(_blocks(on_engine.nit)) == codes


@pytest.mark.slow
@pytest.mark.usefixtures("clock", "drawn", "eager")
@pytest.mark.parametrize("others", ["amendments", "liquidations"])
def test_a_long_stretch_without_creations_is_not_read_in_vain(
    on_engine: Client, faulty: FaultProxy, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    """Each search that runs out of time within it leaves the next one less to read, until one answers."""
    _register(on_engine, "C-1")
    for number in range(40):
        if others == "amendments":
            body = ACT | {"actDocumentCode": "C-1", "type": 1, "generatorFactValue": 90_000_000 + number}
            answer = on_engine.post("registerActDocument", body)
        else:
            body = LIQUIDATION | {"actDocumentCode": "C-1", "liquidatedValueId": f"L-{number}"}
            answer = on_engine.post("registerLiquidation", body | {"liquidatedValue": 1})
        assert answer.status == 200, answer.text
    monkeypatch.setattr(upkeep, "FULL", 65_536)
    monkeypatch.setattr(upkeep, "LONGEST_READ", -1.0)
    one_row_a_page(monkeypatch)
    refused = fault_proxy.error(400, "ThrottlingException")
    reached = [""]
    for _ in range(30):
        calls = itertools.count()
        faulty.plan = lambda target, calls=calls: refused if target == "Query" and next(calls) > 20 else None
        answer = on_engine.post("findActDocuments", {})
        faulty.plan = lambda _target: None
        if answer.status == 200:
            break
        assert answer.codes == ["unavailable"]
        reached.append(max(row.until for row in _blocks(on_engine.nit)))
        assert reached[-1] > reached[-2]
    assert [each["actDocumentCode"] for each in answer.body["data"]] == ["C-1"]
    assert len(reached) > 3


def one_row_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is filtered, as if each row filled a page of the table."""
    original = reading.query

    def query(*arguments: Any, **options: Any) -> Iterator[Any]:
        return original(*arguments, **options | ({"page_size": 1} if options.get("filtered") is not None else {}))

    monkeypatch.setattr(reading, "query", query)


@pytest.mark.slow
@pytest.mark.usefixtures("drawn", "eager")
@pytest.mark.parametrize("fault", ["drop_request", "drop_answer", "throttled"])
def test_a_catalogue_that_cannot_be_written_hinders_no_search(
    on_engine: Client, faulty: FaultProxy, fault: str
) -> None:
    """The search answers as always, and a later one writes what is missing."""
    codes = [f"C-{number:02d}" for number in range(12)]
    for code in codes:
        _register(on_engine, code)
    refused = fault_proxy.error(400, "ThrottlingException")
    faulty.always("PutItem", refused if fault == "throttled" else getattr(fault_proxy, fault))
    assert _search(on_engine) == codes[::-1]
    faulty.plan = lambda _target: None
    assert _search(on_engine) == codes[::-1]
    assert _codes(_blocks(on_engine.nit)) == codes


@pytest.mark.slow
@pytest.mark.usefixtures("drawn", "eager")
def test_a_catalogue_that_is_read_late_hinders_no_search(on_engine: Client, faulty: FaultProxy) -> None:
    """Reads that may lag find no block at all: everything is there, once, from the log."""
    codes = [f"C-{number:02d}" for number in range(12)]
    for code in codes:
        _register(on_engine, code)
    _search(on_engine)
    before = _blocks(on_engine.nit)
    faulty.plan = lambda _target: fault_proxy.answer_stale
    assert _search(on_engine) == codes[::-1]
    faulty.plan = lambda _target: None
    assert _codes(_blocks(on_engine.nit)) == _codes(before) == codes


@pytest.mark.slow
def test_no_search_misses_what_was_acknowledged_before_it_began(
    on_engine: Client, faulty: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With writers whose commits are late and searchers who all keep the catalogue: complete, and without repeats."""
    monkeypatch.setattr(journal, "WITHHELD", 2 - upkeep.CLOCKS_APART)
    monkeypatch.setattr(upkeep, "FRESH", 0)
    monkeypatch.setattr(upkeep, "FULL", 400)
    chance = random.Random("late")
    faulty.plan = lambda target: _late(chance.choice([0, 0, 0.1, 1])) if target == "TransactWriteItems" else None
    acknowledged: list[str] = []
    wrong: list[str] = []

    def write(writer: int) -> None:
        for number in range(ACTS_EACH):
            _register(on_engine, f"{writer}-{number}")
            acknowledged.append(f"{writer}-{number}")

    def search() -> None:
        while len(acknowledged) < WRITERS * ACTS_EACH:
            before = list(acknowledged)
            shown = list(_all_pages(on_engine))
            wrong.extend(f"missed {code}" for code in set(before) - set(shown))
            wrong.extend(f"repeated {code}" for code, times in Counter(shown).items() if times > 1)

    with at_once(WRITERS + SEARCHERS) as pool:
        for each in [pool.submit(write, number) for number in range(WRITERS)] + [
            pool.submit(search) for _ in range(SEARCHERS)
        ]:
            each.result()
    assert not wrong
    monkeypatch.setattr(journal, "WITHHELD", -upkeep.CLOCKS_APART - 0.001)
    _search(on_engine)
    blocks = _blocks(on_engine.nit)
    assert [row.sk for row in blocks] == [upkeep.BEGINNING, *(row.until for row in blocks[:-1])]
    assert sorted(_codes(blocks)) == sorted(acknowledged)
    assert len(blocks) > 5


def _late(seconds: float) -> fault_proxy.Fault:
    """It takes so long on its way."""

    def fault(handler: Any, _target: str, body: bytes) -> None:
        time.sleep(seconds)
        handler.reply(*handler.forward(body))

    return fault


def _all_pages(client: Client) -> Iterator[str]:
    more: dict[str, str] = {}
    while True:
        answer = client.post("findActDocuments", {"taxpayerName": "ariza", "pageSize": 50, **more})
        assert answer.status == 200, answer.text
        yield from (each["actDocumentCode"] for each in answer.body["data"])
        if "cursor" not in answer.body:
            return
        more = {"cursor": answer.body["cursor"]}
