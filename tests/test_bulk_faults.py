"""What becomes of a load when the table fails for longer than a message may wait, or the rules change under it."""

from typing import Any

import pytest

from shared.bulk import source
from shared.rejection import Finding, Rejection
from tests.bulk import Deliveries, csv_file, results, send, ticket
from tests.client import Client
from tests.test_bulk_load import act, counts, told
from tests.test_retries import Clock, Fault, Table, clock, lost
from tests.test_retries import table as way_to_the_table

__all__ = ["clock", "way_to_the_table"]

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
    entity: Client, rows: list[list[Any]], way_to_the_table: Table, clock: Clock
) -> None:
    """All is registered, and the steps cannot be read: the message comes again, and its results are right."""
    number, deliveries = sent(entity, rows), Deliveries()
    last = processed(deliveries)
    way_to_the_table.always("Query", for_one_deadline(clock))
    assert not deliveries.bring(*last)
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("En Proceso", counts(registered=2))
    assert deliveries.bring(*last)
    shown = ticket(entity, number)
    assert (shown["state"], shown["rows"]) == ("Finalizado Sin Errores", counts(registered=2))
    assert told(results(shown)) == [("registrado", "")] * 2


def test_a_table_that_does_not_take_what_a_file_was_divided_into_ends_no_load(
    entity: Client, rows: list[list[Any]], way_to_the_table: Table, clock: Clock
) -> None:
    """The file is read, and its figures cannot be stored: the message comes again, and its rows are registered."""
    number, deliveries = sent(entity, rows), Deliveries()
    [arrival] = [each for each in deliveries.waiting() if "Records" in each[1]]
    first = [lambda: None]  # the ticket is begun
    broken = for_one_deadline(clock)
    way_to_the_table.always("UpdateItem", lambda: first.pop()() if first else broken())
    assert not deliveries.bring(*arrival)
    assert ticket(entity, number)["state"] == "En Proceso"
    assert deliveries.bring(*arrival)
    deliveries.all()
    assert told(results(ticket(entity, number))) == [("registrado", "")] * 2


def test_each_page_of_the_steps_is_asked_again_by_itself_for_as_long_as_any_call(
    entity: Client, way_to_the_table: Table, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of three pages fails for 15 seconds: no page is read twice, and the results come all the same."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_STEP", 1)
    number = sent(entity, [act(entity.nit, code) for code in "ABC"])
    deliveries = Deliveries()
    last = processed(deliveries)
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 250)
    read = [clock.now]

    def fails_for_long() -> None:
        if clock.now < read[-1] + 15:
            lost()
        read.append(clock.now)

    way_to_the_table.always("Query", fails_for_long)
    assert deliveries.bring(*last)
    assert len(read) == 1 + len("ABC")
    way_to_the_table.always("Query", lambda: None)
    assert told(results(ticket(entity, number))) == [("registrado", "")] * 3


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
