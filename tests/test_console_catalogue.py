"""`catalogo preparar` makes the catalogue that an entity's first search would make, however long it takes."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console import catalogue
from shared import journal, radicado, reading, retry
from shared.catalogue import upkeep
from shared.catalogue.upkeep import BlockRow
from shared.models import Row
from tests.bodies import ACT
from tests.client import Client
from tests.clock import Clock
from tests.test_retries import Fault, lost
from tests.typist import Result, typist

pytestmark = [pytest.mark.around, pytest.mark.usefixtures("drawn")]

CODES = [f"C-{number:02d}" for number in range(30)]


@pytest.fixture
def run(entity: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Types a command; the entity has registered act documents, of which a block holds some five."""
    monkeypatch.setattr(upkeep, "FULL", 400)
    for code in CODES:
        assert entity.post("registerActDocument", ACT | {"actDocumentCode": code}).status == 200
    return typist(capsys)


Run = Callable[..., Result]


@pytest.fixture
def meeting(run: Run) -> Iterator[Callable[[Callable[[str], Fault | None]], None]]:
    """Lets the calls to the table meet what a plan says, by their target."""
    del run
    events = Row.connection().client.meta.events

    def meet(plan: Callable[[str], Fault | None]) -> None:
        def on_send(request: Any, **_: Any) -> Any:
            fault = plan(request.headers["X-Amz-Target"].decode().partition(".")[2])
            return fault() if fault else None

        events.register_first("before-send.dynamodb", on_send, unique_id=__name__)

    yield meet
    events.unregister("before-send.dynamodb", unique_id=__name__)


Meeting = Callable[[Callable[[str], Fault | None]], None]


def _blocks(nit: str) -> list[BlockRow]:
    rows = reading.query(upkeep.catalogue_key(nit), retry.deadline())
    return [BlockRow.from_raw_data(dict(row)) for row in rows]


def _codes(nit: str) -> list[str]:
    return [act.written_code for row in _blocks(nit) for act in row.block.matching({})[::-1]]


def test_the_catalogue_is_made_before_anybody_searches(entity: Client, run: Run) -> None:
    """Every act document is in it, full blocks and the last, and it is left alone when the command is repeated."""
    result = run("catalogo", "preparar", entity.nit)
    assert result.code == 0, result.err
    assert _codes(entity.nit) == CODES
    last = _blocks(entity.nit)[-1]
    assert len(_blocks(entity.nit)) > 5
    assert last.until > journal.settled(time.time() - catalogue.FURTHER_APART - upkeep.CLOCKS_APART - 60)
    assert result.out.startswith(f"El catálogo de la entidad {entity.nit} llega hasta ")
    assert result.out in run("catalogo", "preparar", entity.nit).out
    assert _blocks(entity.nit)[-1].until == last.until


def test_a_machine_whose_clock_is_fast_hides_nothing(entity: Client, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is registered while its clock is ahead is found, now and later: AWS takes calls that are minutes apart."""
    now = time.time
    with monkeypatch.context() as fast:
        fast.setattr(time, "time", lambda: now() + 14 * 60)
        assert run("catalogo", "preparar", entity.nit).code == 0
    number = radicado.first_of(int(now() * 1000))
    monkeypatch.setattr(radicado, "draw", lambda: (number, radicado.moment_of(number)))
    assert entity.post("registerActDocument", ACT | {"actDocumentCode": "AFTER"}).status == 200
    for later in (0, 3600, 86_400):
        monkeypatch.setattr(time, "time", lambda later=later: now() + later)
        found = entity.post("findActDocuments", {"taxpayerName": "ariza", "pageSize": 50})
        assert [each["actDocumentCode"] for each in found.body["data"]] == ["AFTER", *CODES[::-1]]


def test_a_search_that_runs_out_of_time_is_followed_by_the_next(
    entity: Client, run: Run, clock: Clock, meeting: Meeting
) -> None:
    """What the first leaves is gone on with: the operator types one command, and sees how far it is."""
    queries = itertools.count()

    def plan(target: str) -> Fault | None:
        is_lost = target == "Query" and clock.paused < retry.DEADLINE and next(queries) > 20
        return lost if is_lost else None

    meeting(plan)
    result = run("catalogo", "preparar", entity.nit)
    assert result.code == 0, result.err
    assert clock.paused > retry.DEADLINE
    assert result.err.count("Preparado hasta ") == 2
    assert _codes(entity.nit) == CODES


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("target", ["Query", "PutItem"])
def test_a_table_that_does_not_answer_is_told_with_what_to_do(
    entity: Client, run: Run, meeting: Meeting, target: str
) -> None:
    """Nothing can be read, or nothing written: the operator learns that the command is to be repeated."""
    meeting(lambda called: lost if called == target else None)
    result = run("catalogo", "preparar", entity.nit)
    assert (result.code, result.out) == (1, "")
    assert "repita el comando" in result.err


def test_an_entity_that_is_unknown_gets_no_catalogue(run: Run) -> None:
    """A mistyped NIT is told, and nothing is written for it."""
    result = run("catalogo", "preparar", "900999999")
    assert (result.code, result.out) == (1, "")
    assert "no existe" in result.err
    assert _blocks("900999999") == []


def test_a_broken_off_command_says_how_to_go_on(entity: Client, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves with 1, and says that what was made stays."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "prepare", interrupt)
    result = run("catalogo", "preparar", entity.nit)
    assert result.code == 1
    assert "Lo que se preparó queda" in result.err
