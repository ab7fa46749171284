"""Who follows what an entity registered gets all of it, in order, nothing twice (consultaCambios)."""

import datetime
import itertools
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from shared import cursor, journal, radicado
from shared.models import LogEntry, Row, log_key
from shared.query import changes
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity

pytestmark = pytest.mark.queries

AT_ONCE = -3600.0  # seconds to withhold: nothing, though the clock moves on
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registered is told at once, where it does not say otherwise."""
    monkeypatch.setattr(journal, "WITHHELD", AT_ONCE)


def _pages(entity: Client, **criteria: Any) -> Iterator[dict[str, Any]]:
    """The answers of a reader who goes on until there is no more for now."""
    while True:
        answer = entity.post("findChanges", criteria)
        assert answer.status == 200, answer.text
        yield answer.body
        if not answer.body["more"]:
            return
        criteria = {name: value for name, value in criteria.items() if name != "from"} | {
            "cursor": answer.body["cursor"]
        }


def _told(entity: Client, **criteria: Any) -> list[dict[str, Any]]:
    return [change for page in _pages(entity, **criteria) for change in page["data"]]


def _log(entity: Client, moments: Iterable[datetime.datetime], last_digits: str = radicado.ALPHABET) -> list[str]:
    """Payments in the log as of these moments; their radicados, of which the last digit tells the shard."""
    numbers = []
    for moment, digit in zip(moments, itertools.cycle(last_digits), strict=False):
        number = radicado.first_of(int(moment.timestamp() * 1000))[:-1] + digit
        registered_at = radicado.moment_of(number)
        LogEntry(
            log_key(entity.nit, registered_at, number),
            number,
            radicado=number,
            registered_at=registered_at,
            request_id="",
            operation="registerPayment",
            record={"paidValueId": number, "valuePaid": 100, "type": "1"},
        ).save()
        numbers.append(number)
    return numbers


def _minutes(start: datetime.datetime, count: int) -> list[datetime.datetime]:
    return [start + number * datetime.timedelta(minutes=1) for number in range(count)]


def test_each_change_says_what_was_done_to_what(entity: Client) -> None:
    """Registrations, amendments and annulments come in order, with receipt, record and amounts digit for digit."""
    steps = [
        ("registerActDocument", ACT, "actoDocumento", "registro"),
        (
            "registerActDocument",
            ACT | {"type": 1, "generatorFactValue": "900000000000000.10"},
            "actoDocumento",
            "adicion",
        ),
        ("registerLiquidation", LIQUIDATION, "liquidacion", "registro"),
        ("registerPayment", PAYMENT, "pago", "registro"),
        ("registerPayment", PAYMENT | {"type": 0}, "pago", "anulacion"),
        ("registerLiquidation", LIQUIDATION | {"type": 0}, "liquidacion", "anulacion"),
    ]
    receipts = [entity.post(operation, body).body for operation, body, *_ in steps]
    answer = entity.post("findChanges", {})
    told = answer.body["data"]
    assert [each["radicado"] for each in told] == [each["radicado"] for each in receipts]
    assert [each["registeredAt"] for each in told] == [each["registeredAt"] for each in receipts]
    assert [(each["service"], each["operation"]) for each in told] == [(service, word) for *_, service, word in steps]
    assert '"generatorFactValue": 900000000000000.10,' in answer.text
    assert told[3]["record"] == {name: PAYMENT[name] for name in PAYMENT if name != "type"} | {"type": "1"}
    assert told[2]["record"]["taxpayerDocumentNumber"] == ACT["taxpayerDocumentNumber"]


def test_what_is_refused_is_no_change(entity: Client) -> None:
    """A registration that was rejected, or repeated with its Idempotency-Key, is told once or not at all."""
    entity.post("registerPayment", PAYMENT)
    for _ in range(2):
        entity.post("registerActDocument", ACT, {"Idempotency-Key": "1"})
    assert [each["service"] for each in _told(entity)] == ["actoDocumento"]


@pytest.mark.parametrize("sizes", [[99], [100], [100, 1], [100, 100, 50]])
def test_pages_have_all_of_it_once_in_order(entity: Client, sizes: list[int]) -> None:
    """Page by page, over two months, every entry comes once, in the order of the radicados; the last page says so."""
    count = sum(sizes)
    half = datetime.timedelta(minutes=count // 2)
    registered = _log(entity, _minutes(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC) - half, count))
    pages = list(_pages(entity, pageSize=100))
    assert [each["radicado"] for page in pages for each in page["data"]] == registered
    assert [len(page["data"]) for page in pages if page["data"]] == sizes
    assert not _told(entity, cursor=pages[-1]["cursor"])


def test_shards_of_any_filling_are_merged(entity: Client) -> None:
    """Entries that all fell into one shard come complete too, though a page reads a share of each."""
    registered = _log(entity, _minutes(START, 90), last_digits="0")
    assert [each["radicado"] for each in _told(entity, pageSize=100)] == registered


def test_a_day_to_begin_with_is_a_day_in_colombia(entity: Client) -> None:
    """`from` leaves out what was registered before its midnight, UTC-5, and takes what came at it."""
    midnight = datetime.datetime(2026, 3, 1, 5, tzinfo=datetime.UTC)
    _before, at = _log(entity, [midnight - datetime.timedelta(milliseconds=1), midnight])
    assert [each["radicado"] for each in _told(entity, **{"from": "2026-03-01"})] == [at]
    assert len(_told(entity, **{"from": "2026-02-28"})) == 2


def test_a_day_to_begin_with_has_begun_in_colombia(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its midnight on it is accepted, and nothing to come is called complete; before, beside a cursor alone."""
    monkeypatch.setattr(journal, "WITHHELD", 30)
    midnight = datetime.datetime(2026, 3, 1, 5, tzinfo=datetime.UTC)
    now = midnight.timestamp()
    clock = SimpleNamespace(time=lambda: now)
    monkeypatch.setattr(changes, "time", clock)
    monkeypatch.setattr(journal, "time", clock)
    [page] = _pages(entity, **{"from": "2026-03-01"})
    assert (page["data"], page["completeUntil"]) == ([], "2026-03-01T05:00:00.000Z")
    now -= 0.001
    refused = entity.post("findChanges", {"from": "2026-03-01"})
    assert (refused.status, refused.codes) == (400, ["changes-day-to-come"])
    [page] = _pages(entity, **{"from": "2026-02-28"})
    assert page["completeUntil"] == "2026-03-01T04:59:29.999Z"
    assert list(_pages(entity, cursor=page["cursor"], **{"from": "2026-03-01"})) == [page]


def test_what_is_young_is_withheld_until_it_is_safe(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something registered a moment ago is not told yet, and `completeUntil` says so; later it is."""
    monkeypatch.setattr(journal, "WITHHELD", 30)
    registered = entity.post("registerActDocument", ACT).body
    [page] = _pages(entity)
    assert page["data"] == []
    assert page["completeUntil"] < registered["registeredAt"]
    monkeypatch.setattr(journal, "WITHHELD", AT_ONCE)
    [page] = _pages(entity, cursor=page["cursor"])
    assert [each["radicado"] for each in page["data"]] == [registered["radicado"]]
    assert page["completeUntil"] > registered["registeredAt"]


def test_of_a_full_page_it_is_complete_up_to_its_last(entity: Client) -> None:
    """`completeUntil` of a page with more behind it is no later than what it told last."""
    _log(entity, _minutes(START, 101))
    first, *_ = _pages(entity, pageSize=100)
    assert first["more"] is True
    assert first["completeUntil"] == first["data"][-1]["registeredAt"]


def test_a_clock_set_back_moves_no_cursor_back(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function whose clock is behind answers nothing, and a cursor that is no earlier than the one it was given."""
    [page] = _pages(entity)
    monkeypatch.setattr(journal, "WITHHELD", 3600.0)
    [later] = _pages(entity, cursor=page["cursor"])
    assert (later["cursor"], later["completeUntil"]) == (page["cursor"], page["completeUntil"])


def test_years_without_a_change_cost_few_queries_a_call(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call looks into a year at most; its cursor moves on, and what comes after the years is found."""
    ten_years = datetime.timedelta(days=3650)
    registered = _log(entity, [START, START + ten_years])
    monkeypatch.setattr(journal, "WITHHELD", -2 * ten_years.total_seconds())
    queries: list[int] = []
    monkeypatch.setattr(Row.connection(), "query", _counting(Row.connection().query, queries))
    pages, counted = [], []
    for page in _pages(entity):
        pages.append(page)
        counted.append(len(queries))
        queries.clear()
    assert [each["radicado"] for page in pages for each in page["data"]] == registered
    assert max(counted) <= journal.MONTHS_AT_ONCE * 4
    assert len(pages) > 9
    until = [page["completeUntil"] for page in pages]
    assert until == sorted(set(until))


def _counting(query: Any, counted: list[int]) -> Any:
    def counts(*arguments: Any, **options: Any) -> Any:
        counted.append(1)
        return query(*arguments, **options)

    return counts


@pytest.mark.parametrize("position", ["A", "01HZX3M5N7P9R1S3T5V7W9X1YU", "ñ", "ENTITY#900000001#LOG#2026-01#0"])
def test_a_forged_cursor_is_refused(entity: Client, position: str) -> None:
    """A cursor with a right check sum but no radicado in it is as wrong as any."""
    forged = cursor.write(position, entity.nit, "findChanges")
    assert entity.post("findChanges", {"cursor": forged}).codes == ["cursor-invalid"]


def test_another_entitys_changes_and_cursors_are_not_for_it(entity: Client, other_entity: Client) -> None:
    """Each entity follows its own log alone; a cursor of another one, its territorial one too, is refused."""
    entity.post("registerActDocument", ACT)
    given = next(_pages(entity))["cursor"]
    for other in (other_entity, new_entity("900000002", territorial=entity.nit)):
        assert _told(other) == []
        assert other.post("findChanges", {"cursor": given}).codes == ["cursor-invalid"]
