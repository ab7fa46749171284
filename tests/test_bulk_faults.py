"""What becomes of a load when the table fails for longer than a message may wait, or the rules change under it."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest
from botocore.exceptions import ClientError

from shared.bulk import queues, source, work
from shared.rejection import Finding, Rejection
from shared.retry import UnfinishedError
from tests import reporting
from tests.bulk import Deliveries, csv_file, results, send, ticket
from tests.client import Client
from tests.clock import Clock
from tests.files import aws
from tests.test_bulk_load import act, counts, told
from tests.test_retries import Fault, Way, lost, way

__all__ = ["way"]

pytestmark = [pytest.mark.files, pytest.mark.usefixtures("bucket")]

Message = tuple[str, dict[str, Any]]
PATIENCE = 20  # seconds


@pytest.fixture
def rows(entity: Client) -> list[list[Any]]:
    """Two act documents that can be registered."""
    return [act(entity.nit, "A"), act(entity.nit, "B")]


def sent(client: Client, rows: list[list[Any]]) -> str:
    """The ticket of a file with these rows."""
    number: str = send(client, "actoDocumento", "a.csv", csv_file(rows, "actoDocumento")).body["ticket"]
    return number


def arrivals(deliveries: Deliveries) -> list[Message]:
    """Take what the bucket tells of files, with their versions, which moto leaves out."""
    told_of = [each for each in deliveries.waiting() if "Records" in each[1]]
    for _, message in told_of:
        arrival = message["Records"][0]["s3"]["object"]
        stored = aws("s3").head_object(Bucket=os.environ["BUCKET_NAME"], Key=unquote_plus(arrival["key"]))
        arrival["versionId"] = stored["VersionId"]
    return told_of


def processed(deliveries: Deliveries) -> Message:
    """Bring all but the request for the results, which is what is left."""
    deliveries.arrivals()
    for url, message in deliveries.waiting():
        assert deliveries.bring(url, message)
    [last] = deliveries.waiting()
    return last


def for_one_deadline(clock: Clock) -> Fault:
    """The way to the table is broken until whoever asks now has given up."""
    ends = clock.now + PATIENCE
    return lambda: lost() if clock.now <= ends else None


def test_a_table_that_does_not_tell_the_steps_ends_no_load(
    entity: Client, rows: list[list[Any]], way: Way, clock: Clock
) -> None:
    """All is registered, and the steps cannot be read: the message comes again, and its results are right."""
    number, deliveries = sent(entity, rows), Deliveries()
    last = processed(deliveries)
    way.always("Query", for_one_deadline(clock))
    assert not deliveries.bring(*last)
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("En Proceso", counts(registered=2))
    assert deliveries.bring(*last)
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("Finalizado Sin Errores", counts(registered=2))
    assert told(results(shown)) == [("registrado", "")] * 2


def test_a_table_that_does_not_take_what_a_file_was_divided_into_ends_no_load(
    entity: Client, rows: list[list[Any]], way: Way, clock: Clock
) -> None:
    """The file is read, and its figures cannot be stored: the message comes again, and its rows are registered."""
    number, deliveries = sent(entity, rows), Deliveries()
    [arrival] = arrivals(deliveries)
    first = [lambda: None]  # the ticket is begun
    broken = for_one_deadline(clock)
    way.always("UpdateItem", lambda: first.pop()() if first else broken())
    assert not deliveries.bring(*arrival)
    assert ticket(entity, number)["state"] == "En Proceso"
    assert deliveries.bring(*arrival)
    deliveries.all()
    assert told(results(ticket(entity, number))) == [("registrado", "")] * 2


def test_each_page_of_the_steps_is_asked_again_by_itself_for_as_long_as_any_call(
    entity: Client, way: Way, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of three pages fails for 15 seconds: no page is read twice, and the results come all the same."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_STEP", 1)
    number = sent(entity, [act(entity.nit, code) for code in "ABCDE"])
    deliveries = Deliveries()
    last = processed(deliveries)
    way.page = 2
    read = [clock.now]

    def fails_for_long() -> None:
        if clock.now < read[-1] + 15:
            lost()
        read.append(clock.now)

    way.always("Query", fails_for_long)
    assert deliveries.bring(*last)
    assert len(read) == 1 + 3
    way.always("Query", lambda: None)
    assert told(results(ticket(entity, number))) == [("registrado", "")] * 5


def test_a_rule_that_is_newer_than_a_load_does_not_refuse_its_file(
    entity: Client, rows: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is registered of a file is told, though by now the file would be refused as a whole."""
    number, deliveries = sent(entity, rows), Deliveries()
    last = processed(deliveries)

    def refuses(*_: object) -> None:
        raise Rejection([Finding("file-empty")])

    with monkeypatch.context() as stricter:
        stricter.setattr(source, "open_table", refuses)
        assert not deliveries.bring(*last)
        assert ticket(entity, number)["state"] == "En Proceso"
        assert not deliveries.bring(*last, receives=5)
    shown = ticket(entity, number)
    assert (shown["reason"]["code"], shown["rows"]) == ("processing-failed", counts(registered=2))
    assert deliveries.bring(*last)
    assert told(results(ticket(entity, number))) == [("registrado", "")] * 2


@pytest.mark.parametrize("second_version", [False, True])
def test_an_arrival_given_up_breaks_off_no_load_whose_rows_are_registered(
    entity: Client, monkeypatch: pytest.MonkeyPatch, *, second_version: bool
) -> None:
    """It comes for the last time between two steps of a lane; or another version's does, that was uploaded since."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_STEP", 1)
    number, deliveries = sent(entity, [act(entity.nit, code) for code in "ABC"]), Deliveries()
    [arrival] = arrivals(deliveries)
    assert deliveries.bring(*arrival)
    [lane] = deliveries.waiting()
    late = arrival
    if second_version:
        key = unquote_plus(arrival[1]["Records"][0]["s3"]["object"]["key"])
        aws("s3").put_object(Bucket=os.environ["BUCKET_NAME"], Key=key, Body=b"otro")
        [late] = arrivals(deliveries)
    real, given_up = work._do, []

    def is_interrupted(ticket_: Any, lane_: int, step: int, *rest: Any, **named: Any) -> bool:
        if step == 1 and not given_up:
            given_up.append(deliveries.bring(*late, receives=5))
        return real(ticket_, lane_, step, *rest, **named)

    monkeypatch.setattr(work, "_do", is_interrupted)
    assert deliveries.bring(*lane)
    assert given_up == [False]
    deliveries.all()
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("Finalizado Sin Errores", counts(registered=3))
    assert told(results(shown)) == [("registrado", "")] * 3


def test_lanes_that_were_never_sent_are_sent_when_the_arrival_is_given_up(
    entity: Client, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The queue took the first ten of twelve and then nothing more: the load ends with every row registered."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_LANE", 1)
    number, deliveries = sent(entity, [act(entity.nit, f"A{each}") for each in range(12)]), Deliveries()
    [arrival] = arrivals(deliveries)
    real = queues._send

    def takes_ten(url: str, entries: Sequence[Any]) -> None:
        if len(entries) < 10:
            raise UnfinishedError
        real(url, entries)

    with monkeypatch.context() as full:
        full.setattr(queues, "_send", takes_ten)
        assert not deliveries.bring(*arrival)
    del clock
    for lane in deliveries.waiting():
        assert deliveries.bring(*lane)
    assert ticket(entity, number)["rows"]["done"] == 10
    assert not deliveries.bring(*arrival, receives=5)
    deliveries.all()
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("Finalizado Sin Errores", counts(registered=12))


def load_of_an_act(client: Client) -> str:
    """The ticket of a file with one row."""
    return sent(client, [act(client.nit, "A")])


TICKETS = [(load_of_an_act, ticket), (reporting.ask, reporting.shown)]


@pytest.mark.parametrize(("ask", "shown"), TICKETS, ids=["load", "report"])
def test_an_attempt_to_store_a_ticket_that_arrives_late_undoes_nothing(
    entity: Client,
    way: Way,
    ask: Callable[[Client], str],
    shown: Callable[[Client, str], dict[str, Any]],
) -> None:
    """The first attempt is thought lost, and reaches the table when all has been done that the second one asked for."""
    way.first("PutItem", lost)
    number = ask(entity)
    late, _ = way.puts
    Deliveries().all()
    before = {name: value for name, value in shown(entity, number).items() if name != "results"}
    assert before["state"] == "Finalizado Sin Errores"
    with suppress(ClientError):
        boto3.client("dynamodb").put_item(**late)
    assert {name: value for name, value in shown(entity, number).items() if name != "results"} == before


@pytest.mark.parametrize(("ask", "shown"), TICKETS, ids=["load", "report"])
def test_a_ticket_that_is_stored_though_nobody_heard_so_is_given(
    entity: Client,
    way: Way,
    ask: Callable[[Client], str],
    shown: Callable[[Client, str], dict[str, Any]],
) -> None:
    """The answer to the first attempt is lost, and the second finds the ticket there: it is its own."""

    def answer_is_lost() -> None:
        way.answers_lost = 1

    way.first("PutItem", answer_is_lost)
    number = ask(entity)
    assert way.calls.count("PutItem") == 2
    Deliveries().all()
    assert shown(entity, number)["state"] == "Finalizado Sin Errores"
