"""Reconciliation on the engine: right after a lost answer, and when the plug is pulled amid a thousand calls."""

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from local.engine import Engine
from shared import journal
from tests import fault_proxy, integrator
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.slow

REGISTRATIONS = 1000
ENOUGH = 300  # answers, before the plug is pulled


@pytest.fixture
def entity(faulty: FaultProxy) -> Client:
    """An entity on the engine."""
    del faulty
    return new_entity("8888888888", "194-000-001")


def test_what_is_asked_right_after_a_lost_answer_is_told_as_it_is(entity: Client, faulty: FaultProxy) -> None:
    """Every id is found at once, though each read that may lag answers that nothing is there: no read is one."""
    several = {"actDocumentCode": "A", "taxpayerDocumentNumber": "2"}
    receipts = [
        entity.post(operation, body).body["radicado"]
        for operation, body in (
            ("registerActDocument", ACT),
            ("registerActDocument", ACT | several),
            ("registerActDocument", ACT | several | {"taxpayerDocumentNumber": "3"}),
            ("registerLiquidation", LIQUIDATION),
            ("registerPayment", PAYMENT),
        )
    ]
    faulty.reads.clear()
    faulty.plan = lambda _target: fault_proxy.answer_stale
    act = {"actDocumentCode": ACT["actDocumentCode"]}
    asked = {
        "actDocuments": [act, {"actDocumentCode": "A"}, several],
        "liquidations": [LIQUIDATION["liquidatedValueId"]],
        "payments": [PAYMENT["paidValueId"]],
        "radicados": receipts,
    }
    data = entity.post("getRecords", asked).body["data"]
    assert [each["registered"] for found in data.values() for each in found] == [True] * (3 + 1 + 1 + 5)
    assert len(data["actDocuments"][1]["actDocuments"]) == 2
    assert len(faulty.reads) >= 3
    assert all(fault_proxy.is_consistent(read) for read in faulty.reads)


def test_a_batch_that_is_answered_in_part_is_asked_to_its_end(entity: Client, faulty: FaultProxy) -> None:
    """What the table left out of its answer for want of room or throughput is not told as not registered."""
    codes = [f"A{number}" for number in range(5)]
    for code in codes:
        entity.post("registerActDocument", ACT | {"actDocumentCode": code})
    faulty.plan = lambda _target: fault_proxy.answer_in_part
    answer = entity.post("getRecords", {"actDocuments": [{"actDocumentCode": code} for code in codes]})
    assert [each["actDocumentCode"] for each in answer.body["data"]["actDocuments"]] == codes
    assert all(each["registered"] for each in answer.body["data"]["actDocuments"])


def test_the_changes_are_read_as_they_are(entity: Client, faulty: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is followed without a read that may lag: what is complete is complete."""
    monkeypatch.setattr(journal, "WITHHELD", -60)
    entity.post("registerActDocument", ACT)
    faulty.reads.clear()
    faulty.plan = lambda _target: fault_proxy.answer_stale
    assert len(entity.post("findChanges", {}).body["data"]) == 1
    assert all(fault_proxy.is_consistent(read) for read in faulty.reads)


def test_who_pulled_the_plug_reconciles_with_two_calls(
    engine: Engine, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed amid 1,000 registrations, a system asks for what it doubts, follows what it missed, and sends the rest."""
    del engine, table
    client = new_entity("8888888888")
    cursor = _changes(client, {})["cursor"]
    notes = tmp_path / "notes"
    arguments = [client.nit, client.token, str(notes), str(REGISTRATIONS)]
    with subprocess.Popen([sys.executable, "-m", "tests.integrator", *arguments], stdout=subprocess.DEVNULL) as sender:
        while len(_noted(notes, "answered")) < ENOUGH:
            assert sender.poll() is None
            time.sleep(0.02)
        sender.kill()
    doubted = sorted(_noted(notes, "sent") - _noted(notes, "answered"))
    assert doubted

    # The two calls: what became of those whose answer is missing, and all that there is since the cursor.
    answer = client.post("getRecords", {"actDocuments": [_id(number) for number in doubted]})
    registered = {
        number for number, each in zip(doubted, answer.body["data"]["actDocuments"], strict=True) if each["registered"]
    }
    monkeypatch.setattr(journal, "WITHHELD", 0)  # nothing is under way any more
    followed = [_number(change) for change in _changes(client, {"cursor": cursor, "pageSize": 1000})["data"]]
    assert set(followed) >= _noted(notes, "answered") | registered

    for number in set(range(REGISTRATIONS)) - set(followed):
        sent_again = client.post("registerActDocument", integrator.act(number))
        assert sent_again.status == 200 or sent_again.body["existing"]["identical"]
    page = _changes(client, {"cursor": cursor, "pageSize": 1000})
    while page["more"]:
        page["data"] += (following := _changes(client, {"cursor": page["cursor"], "pageSize": 1000}))["data"]
        page |= {name: following[name] for name in ("cursor", "more")}
    assert sorted(map(_number, page["data"])) == list(range(REGISTRATIONS))


def _changes(client: Client, criteria: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("findChanges", criteria)
    assert answer.status == 200, answer.text
    return answer.body


def _noted(notes: Path, what: str) -> set[int]:
    """The numbers that the sender has written down as sent or answered; a last line may be half written."""
    lines: Iterable[str] = notes.read_text().split("\n")[:-1] if notes.exists() else ()
    return {int(number) for kind, number in map(str.split, lines) if kind == what}


def _id(number: int) -> dict[str, str]:
    body = integrator.act(number)
    return {name: body[name] for name in ("actDocumentCode", "taxpayerDocumentNumber")}


def _number(change: dict[str, Any]) -> int:
    return int(change["record"]["actDocumentCode"].removeprefix("ACTO-"))
