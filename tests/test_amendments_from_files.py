"""An amendment by a row of a file is one whatever is loaded again; the ledger's part of it, without a file."""

from dataclasses import dataclass
from typing import Any

import pytest

from shared import retry
from shared.call import Report
from shared.ledger import acts
from shared.ledger.registration import Registration
from shared.models import ActDocument, ActVersion, LogEntry, act_key, log_key, taxpayer_key, version_key
from shared.rejection import Existing, Rejection
from tests.bodies import ACT, LIQUIDATION
from tests.client import Client
from tests.reports import report_of

VALUE, END = 5000000, "2025-06-30 00:00:00"
FILE, OTHER_FILE = "file a row 2", "file b row 2"


@dataclass(frozen=True)
class Row:
    """A row of a file that amends the act."""

    report: Report

    @classmethod
    def of(cls, entity: Client, request_id: str = FILE, value: float = VALUE, end: str = END) -> "Row":
        """As the worker makes it."""
        body = ACT | {"type": 1, "generatorFactValue": value, "generatorFactEndDate": end}
        return cls(report_of(entity, "registerActDocument", body, request_id, ticket="a load's ticket"))

    def prepared(self) -> Registration:
        """What the worker puts into its transaction."""
        return acts.prepare(self.report)

    def register(self) -> None:
        """Register it alone. Raises Rejection."""
        self.prepared().commit()

    def refusal(self) -> Rejection:
        """Why it is not registered."""
        with pytest.raises(Rejection) as refused:
            self.register()
        return refused.value


def _act(entity: Client) -> ActDocument:
    return ActDocument.get(act_key(entity.nit, "CCE-147-2023"), taxpayer_key("19396910"))


def _version(entity: Client, request_id: str = FILE) -> ActVersion:
    return ActVersion.get(act_key(entity.nit, "CCE-147-2023"), version_key(request_id))


@pytest.fixture
def entity(entity: Client) -> Client:
    """An entity with an act."""
    assert entity.post("registerActDocument", ACT).status == 200
    return entity


FIRST = {"value": ACT["generatorFactValue"], "end": ACT["generatorFactEndDate"]}


@pytest.mark.parametrize("changed", [{"value": VALUE, "end": END}, FIRST | {"value": VALUE}, FIRST | {"end": END}])
def test_a_row_amends_value_or_end(entity: Client, changed: dict[str, Any]) -> None:
    """What it changes is the act's, with its receipt; the version is kept under the row, the log under the load."""
    row = Row.of(entity, **changed)
    row.register()
    report, act, version = row.report, _act(entity), _version(entity)
    assert (act.value, act.end) == (report.record.amount("generatorFactValue"), changed["end"])
    assert (act.amended_by, act.amended_at) == (report.radicado, report.registered_at)
    assert (version.radicado, version.registered_at) == (report.radicado, report.registered_at)
    log = LogEntry.get(log_key(entity.nit, report.registered_at, report.radicado), report.radicado)
    assert log.ticket == "a load's ticket"


def test_a_row_that_changes_nothing_tells_what_is_there(entity: Client) -> None:
    """The act's creation, or the amendment that made it so."""
    act = _act(entity)
    refusal = Row.of(entity, **FIRST).refusal()
    assert [(each.rule, each.parameter) for each in refusal.findings] == [("act-taken", "actDocumentCode")]
    assert refusal.existing == Existing(act.radicado, act.registered_at, ())
    amended = Row.of(entity)
    amended.register()
    refusal = Row.of(entity, OTHER_FILE).refusal()
    assert [(each.rule, each.parameter) for each in refusal.findings] == [("act-taken", "actDocumentCode")]
    assert refusal.existing == Existing(amended.report.radicado, amended.report.registered_at, ())


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"end": "2023-12-31 23:59:59"}, "act-end-before-start"),
        ({"value": 0.5}, "amendment-below-liquidated"),
    ],
)
def test_a_row_keeps_every_rule_of_an_amendment(entity: Client, changes: dict[str, Any], rule: str) -> None:
    """That it changes something is one condition more, and no other's."""
    assert entity.post("registerLiquidation", LIQUIDATION).status == 200
    before = _act(entity).attribute_values
    refusal = Row.of(entity, **(FIRST | changes)).refusal()
    assert [each.rule for each in refusal.findings] == [rule]
    assert refusal.existing is None
    assert _act(entity).attribute_values == before


def test_a_call_may_amend_to_what_is_there(entity: Client) -> None:
    """It says so of its own accord; only a file is loaded again."""
    assert entity.post("registerActDocument", ACT | {"type": 1}).status == 200


def test_a_row_that_repeated_is_remembered_by_what_it_repeated(entity: Client) -> None:
    """So it does not undo, when its file is loaded again, what has been amended since; remembered once, it stays."""
    repeating = Row.of(entity, **FIRST)
    existing = repeating.refusal().existing
    assert existing is not None
    repeat = repeating.prepared().repeat
    assert repeat is not None
    assert repeat(existing.radicado).commit(retry.deadline()) == {}
    version, report = _version(entity), repeating.report
    assert (version.radicado, version.registered_at) == (existing.radicado, report.registered_at)
    assert version.request_id == report.request_id
    assert version.value == report.record.amount("generatorFactValue")
    assert repeat("another").commit(retry.deadline()).keys() == {"version"}
    assert _version(entity).radicado == existing.radicado

    Row.of(entity, OTHER_FILE).register()
    again = Row.of(entity, **FIRST).prepared().commit()
    assert existing.radicado in again.answer
    assert _act(entity).end == END
