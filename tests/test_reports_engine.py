"""Reports on the engine, while others write: each is of one moment, and has all that was acknowledged before it."""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared import journal, reading, retry
from shared.models import ActDocument, act_key, taxpayer_key
from shared.reading import Item
from shared.reporting import gathering, making, tickets
from shared.reporting.tickets import ReportTicket
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.reporting import BY_ACT, BY_PAYMENT, flat_rows

pytestmark = pytest.mark.slow

WRITERS, REPORTS, AMENDMENTS = 4, 2, 8
PATIENCE = 0.4  # seconds that a writer waits for its turn, at most


@pytest.fixture
def entity(table: str) -> Client:
    """An entity in the engine's table."""
    del table
    return new_entity("900000000", "194-000-001")


def made(client: Client, kind: str, folder: Path) -> list[dict[str, str]]:
    """The rows of a report that is made now."""
    folder.mkdir()
    ticket = ReportTicket(tickets.reports_key(client.nit), "", territorial=client.nit, kind=kind)
    ticket.first_day, ticket.last_day, ticket.entities = "2000-01-01", "2100-12-31", [client.nit]
    making.write(ticket, folder, retry.deadline())
    return flat_rows((folder / "reporte.csv").read_bytes())


def test_of_amendments_racing_the_one_that_came_last_is_shown(entity: Client, tmp_path: Path) -> None:
    """Radicados are drawn before their writes commit, so their order does not tell: the act does."""
    assert entity.post("registerActDocument", ACT).status == 200

    def amend(number: int) -> int:
        return entity.post("registerActDocument", ACT | {"type": 1, "generatorFactValue": 5_000_000 + number}).status

    with _threads(AMENDMENTS) as pool:
        assert set(pool.map(amend, range(AMENDMENTS))) == {200}
    row = ActDocument.get(act_key(entity.nit, ACT["actDocumentCode"]), taxpayer_key(ACT["taxpayerDocumentNumber"]))
    [told] = made(entity, BY_ACT, tmp_path / "report")
    assert told["actValue"] == f"{int(row.value) // 100},00"
    assert told["amendedBy"] == row.amended_by


def _threads(number: int) -> ThreadPoolExecutor:
    """Threads in which a handler may be called: it expects an event loop."""
    return ThreadPoolExecutor(number, initializer=lambda: asyncio.set_event_loop(asyncio.new_event_loop()))


def histories(
    client: Client, writer: int, acknowledged: list[str], turns: threading.Semaphore, stop: threading.Event
) -> None:
    """Acts, each with a liquidation paid twice, one payment annulled; then one without payments, annulled."""
    for number in itertools.count():
        code = f"W{writer}-{number}"
        act = ACT | {"actDocumentCode": code}
        liquidation = LIQUIDATION | {"actDocumentCode": code, "liquidatedValue": 100, "liquidatedValueId": code}
        payment = PAYMENT | {"liquidatedValueId": code, "valuePaid": 30}
        other = liquidation | {"liquidatedValueId": f"{code}-2"}
        for service, body in (
            ("registerActDocument", act),
            ("registerLiquidation", liquidation),
            ("registerPayment", payment | {"paidValueId": f"{code}-1"}),
            ("registerPayment", payment | {"paidValueId": f"{code}-2"}),
            ("registerPayment", payment | {"paidValueId": f"{code}-2", "type": 0}),
            ("registerLiquidation", other),
            ("registerLiquidation", other | {"type": 0}),
        ):
            turns.acquire(timeout=PATIENCE)
            if stop.is_set():
                return
            answer = client.post(service, body)
            assert answer.status == 200, answer.text
            acknowledged.append(answer.body["radicado"])


@pytest.fixture
def turns() -> threading.Semaphore:
    """Whoever writes takes one, or waits for a while."""
    return threading.Semaphore(0)


@pytest.fixture
def acknowledged(entity: Client, turns: threading.Semaphore) -> Iterator[list[str]]:
    """The radicados of what several writers register, until the test has ended."""
    told: list[str] = []
    stop = threading.Event()
    with _threads(WRITERS) as pool:
        writers = [pool.submit(histories, entity, each, told, turns, stop) for each in range(WRITERS)]
        try:
            yield told
        finally:
            stop.set()
    for each in writers:
        each.result()


@pytest.fixture
def far_apart(acknowledged: list[str], turns: threading.Semaphore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a log are read one after the other, and much is registered between one and the next."""
    original, tick = journal.part, threading.Event()

    def part(*arguments: Any) -> Iterator[Item]:
        rows = list(original(*arguments))
        if rows:
            goal = len(acknowledged) + 3 * WRITERS
            turns.release(3 * WRITERS)
            while len(acknowledged) < goal:
                tick.wait(0.01)
        return iter(rows)

    monkeypatch.setattr(journal, "part", part)
    monkeypatch.setattr(reading, "AHEAD", 1)
    monkeypatch.setattr(gathering, "CLOCKS_APART", 2)  # seconds, in which registrations go on that a report may have


@pytest.mark.usefixtures("far_apart")
def test_reports_made_while_others_write_are_each_of_one_moment(
    entity: Client, acknowledged: list[str], tmp_path: Path
) -> None:
    """Balances are the sums of the rows, and nothing that was acknowledged before is missing, by act and by payment."""
    seen = 0
    for number, kind in enumerate((BY_ACT, BY_PAYMENT) * REPORTS):
        before = set(acknowledged)
        rows = made(entity, kind, tmp_path / str(number))
        _balances(rows, kind)
        told = {value for row in rows for name, value in row.items() if name.endswith(("Radicado", "By"))}
        paid = {row["paymentRadicado"] for row in rows if row["paymentRadicado"]}
        if kind == BY_ACT:
            assert before <= told
        assert len(paid) >= seen
        seen = len(paid)
    assert seen > WRITERS


def _balances(rows: list[dict[str, str]], kind: str) -> None:
    """What a row says of its liquidation and act is what the rows come to."""
    live: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        live["paid", row["liquidationId"]] += _centavos(row["paymentSum"])
        live["liquidated", row["code"]] += _centavos(row["liquidationSum"])
    for row in rows:
        assert _centavos(row["paid"]) == live["paid", row["liquidationId"]]
        if kind == BY_ACT:
            assert _centavos(row["liquidated"]) == live["liquidated", row["code"]]
        if row["liquidationState"] == "Vigente":
            assert _centavos(row["unpaid"]) == _centavos(row["liquidationValue"]) - _centavos(row["paid"])


def _centavos(amount: str) -> int:
    return int(amount.replace(",", "") or "0")
