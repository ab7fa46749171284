"""Loads on the engine: workers killed at any moment, messages brought twice, and a file of many rows."""

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.parsers import ResponseParserError
from pynamodb.connection.table import TableConnection

from functions import bulk_work
from local import bulk as local_bulk
from shared import retry
from shared.bulk import bucket, queues
from shared.models import ActDocument, Row
from tests.bulk import AMPLE, Deliveries, csv_file, results, send, ticket
from tests.client import Client, new_entity
from tests.sizes import sized
from tests.test_bulk_load import act, counts, told

pytestmark = pytest.mark.slow

SEED = 2611
ROWS, CODES, LANE = 900, 240, 60
LONG = sized(2_500, 20_000)  # rows, of which a lane has 1,200
KILLS, WORKERS = sized(6, 12), 2
VISIBLE_AGAIN = 1  # seconds after which a message of a dead worker comes again
LOOK = 0.02  # seconds between two looks at the ticket
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: the cell in a column, and what the row is told."""

    column: int
    cell: Callable[[int], str]
    outcome: tuple[str, str]


FAULTS = (
    Fault(0, lambda _: "1", ("rechazado", "entity-not-own")),
    Fault(2, lambda _: "", ("rechazado", "act-code-required")),
    Fault(2, lambda number: f"A{number - 1}", ("ya registrado", "")),
    Fault(4, lambda _: "100.200", ("rechazado", "amount-ambiguous")),
    Fault(4, lambda _: "1e5", ("rechazado", "act-value-invalid")),
    Fault(5, lambda _: "1/2/2024", ("rechazado", "date-ambiguous")),
    Fault(6, lambda _: "2023-12-31 00:00:00", ("rechazado", "act-end-before-start")),
    Fault(7, lambda _: "AD9", ("rechazado", "act-kind-invalid")),
    Fault(11, lambda _: "1", ("rechazado", "amended-act-unknown")),
)


@pytest.fixture
def site(table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine, and bucket and queues at a server that other processes reach too."""
    del table
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "BUCKET_NAME", *local_bulk.QUEUES):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("MOST_RECEIVES", "")
    monkeypatch.setattr(local_bulk, "QUEUES", dict.fromkeys(local_bulk.QUEUES, VISIBLE_AGAIN))
    for made_before in (bucket.client, bucket.worker_client, queues.client):
        made_before.cache_clear()
    with local_bulk.server():
        yield
    for made_here in (bucket.client, bucket.worker_client, queues.client):
        made_here.cache_clear()


@pytest.fixture
def small_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many lanes of many steps in few rows."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_LANE", LANE)
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_STEP", 6)


def rows_of(nit: str, dice: random.Random) -> list[list[Any]]:
    """Creations and amendments of few acts, so that many depend on one another and some must be rejected."""
    return [act(nit, f"A{dice.randrange(CODES)}", f"{100 + n}.00", kind=dice.choice("001")) for n in range(ROWS)]


def send_rows(client: Client) -> str:
    """The ticket of the file with the entity's rows."""
    content = csv_file(rows_of(client.nit, random.Random(SEED)), "actoDocumento")
    number: str = send(client, "actoDocumento", "a.csv", content).body["ticket"]
    return number


def divide() -> None:
    """Bring the file that has arrived to its function."""
    deliveries = Deliveries()
    for url, message in [each for each in deliveries.waiting() if "Records" in each[1]]:
        assert deliveries.bring(url, message)


@contextmanager
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that take lanes."""
    running = [_worker() for _ in range(WORKERS)]
    try:
        yield running
    finally:
        for each in running:
            each.kill()
            each.wait()


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.bulk_worker"], stdout=subprocess.DEVNULL)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again."""
    clock = threading.Event()
    for _ in range(int(PATIENCE / LOOK)):
        if is_so():
            return
        clock.wait(LOOK)
    raise AssertionError(is_so)


def repeat_lanes(number: str, nit: str, dice: random.Random) -> None:
    """Messages that come twice: any lane of the load, once more."""
    lanes = [{"nit": nit, "ticket_id": number, "lane": dice.randrange(ROWS // LANE)} for _ in range(3)]
    queues.send(os.environ["LANES_QUEUE"], lanes, retry.deadline())


def state(nit: str) -> tuple[dict[str, tuple[int, str]], int]:
    """Value and end of each act, and how many registrations the log has; each by its own radicado."""
    rows = list(Row.scan(consistent_read=True, attributes_to_get=["pk", "sk"]))
    mine = [row for row in rows if row.pk.startswith(f"ENTITY#{nit}#")]
    acts = [ActDocument.get(row.pk, row.sk) for row in mine if row.sk.startswith("TAXPAYER#")]
    values = {each.act_document_code: (int(each.value), each.end) for each in acts}
    return values, len([row for row in mine if "#LOG#" in row.pk])


@pytest.mark.long
@pytest.mark.full
def test_killed_workers_lose_and_double_nothing(site: None, small_lanes: None) -> None:
    """Two workers, killed again and again, with lanes repeated: rows, acts and log as those of a load in order."""
    del site, small_lanes
    in_order, killed = new_entity("900000001"), new_entity("900000002")
    expected = send_rows(in_order)
    Deliveries().all()
    number = send_rows(killed)
    dice = random.Random(SEED + 1)
    divide()
    with workers() as running:
        for kill in range(KILLS):
            goal = ticket(killed, number)["rows"]["done"] + dice.randrange(ROWS // KILLS // 2)
            wait_until(lambda goal=goal: _done(killed, number) > goal or _has_ended(killed, number))
            victim = kill % WORKERS
            running[victim].kill()
            running[victim].wait()
            running[victim] = _worker()
            repeat_lanes(number, killed.nit, dice)
        wait_until(lambda: _done(killed, number) == ROWS)
    Deliveries().all()

    shown = ticket(killed, number)
    assert told(results(shown)) == told(results(ticket(in_order, expected)))
    assert state(killed.nit) == state(in_order.nit)
    assert shown["rows"]["registered"] == state(killed.nit)[1]


@pytest.mark.full
def test_a_long_file_with_known_faults_gives_exactly_the_results_expected(site: None) -> None:
    """Every seventh row has a fault of its kind: each row is told its own outcome, in its place."""
    del site
    entity = new_entity("900000003")
    rows, expected = [], []
    for number in range(LONG):
        row, outcome = act(entity.nit, f"A{number}"), ("registrado", "")
        if number % 7 == 3:
            fault = FAULTS[number // 7 % len(FAULTS)]
            row[fault.column] = fault.cell(number)
            outcome = fault.outcome
        rows.append(row)
        expected.append(outcome)
    number = send(entity, "actoDocumento", "a.csv", csv_file(rows, "actoDocumento")).body["ticket"]
    Deliveries().all()
    shown = ticket(entity, number)
    found = results(shown)
    assert told(found) == expected
    assert [row["fila"] for row in found] == [str(place) for place in range(2, LONG + 2)]
    assert [[row[column] for column in list(row)[:12]] for row in found] == rows
    registered = sum(outcome == ("registrado", "") for outcome in expected)
    already = sum(outcome == ("ya registrado", "") for outcome in expected)
    rejected = LONG - registered - already
    assert shown["rows"] == counts(registered=registered, alreadyRegistered=already, rejected=rejected)
    assert len(shown["errors"]) == 100
    assert len({row["radicado"] for row in found if row["resultado"] == "registrado"}) == registered
    assert told(results(shown, "rejectedCsv")) == [outcome for outcome in expected if outcome[0] == "rechazado"]


def test_lanes_that_come_together_to_a_new_worker_share_one_client(site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither makes one while the other does, so that no client of the table is left without the check of its answers.

    Whoever makes one waits a moment for another to do so as well.
    """
    del site
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_LANE", 1)
    entity = new_entity("900000004")
    rows = [act(entity.nit, "A"), act(entity.nit, "B")]
    number = send(entity, "actoDocumento", "a.csv", csv_file(rows, "actoDocumento")).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    lanes = [
        {"messageId": str(place), "body": json.dumps(lane), "attributes": {"ApproximateReceiveCount": "1"}}
        for place, (_, lane) in enumerate(deliveries.waiting())
    ]
    assert len(lanes) == 2
    made, together = [], threading.Barrier(2)

    class Slow(TableConnection):
        def __init__(self, *of: Any, **named: Any) -> None:
            made.append(self)
            with suppress(threading.BrokenBarrierError):
                together.wait(0.2)
            super().__init__(*of, **named)

    monkeypatch.setattr("pynamodb.models.TableConnection", Slow)
    monkeypatch.setattr(Row, "_connection", None)
    assert bulk_work.handler({"Records": lanes}, AMPLE) == {"batchItemFailures": []}
    assert made == [Row._connection]
    cut = {"headers": {"Content-Length": "2"}, "body": b"{", "status_code": 200}
    with pytest.raises(ResponseParserError):
        Row.connection().client.meta.events.emit("before-parse.dynamodb", response_dict=cut)
    deliveries.all()
    assert ticket(entity, number)["rows"] == counts(registered=2)


def _done(client: Client, number: str) -> int:
    done: int = ticket(client, number)["rows"]["done"]
    return done


def _has_ended(client: Client, number: str) -> bool:
    return _done(client, number) == ROWS
