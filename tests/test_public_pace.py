"""How long an answer to the public takes tells nothing of what the register holds."""

import json
import statistics
import time
from collections.abc import Mapping
from typing import Any

import pytest

from shared import contract, retry, validation
from shared.call import Answer, Call, Request
from shared.public.pace import in_steps
from shared.rejection import Finding, Rejection
from tests.bodies import ACT
from tests.client import new_entity
from tests.public import ANYBODY, NOTHING, ask, contract_question, liquidate, post, procedure_question, register

pytestmark = pytest.mark.queries

ARRIVED = 1000.0
TIMES = 12


def _request() -> Request:
    call = Call("id", deadline=ARRIVED + retry.DEADLINE)
    operation = contract.operation("findPublicly")
    return Request(call, operation, validation.read(operation, json.dumps(contract_question()).encode()))


@pytest.mark.parametrize(
    ("taken", "wait"), [(0.0, 0.0), (0.1, 0.4), (0.49, 0.01), (0.5, 0.0), (0.51, 0.49), (3.2, 0.3)]
)
def test_an_answer_waits_for_the_next_step(monkeypatch: pytest.MonkeyPatch, taken: float, wait: float) -> None:
    """Together with what it took, the wait is a whole number of steps since the call came."""
    monkeypatch.setenv("PUBLIC_STEP_MILLISECONDS", "500")
    waited: list[float] = []
    view = in_steps(lambda _: Answer("{}"), waited.append, lambda: ARRIVED + taken)
    assert view(_request()) == Answer("{}")
    assert waited == pytest.approx([wait], abs=1e-6)


def test_a_refusal_waits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the table did not answer in time, or that the books did not balance, is told no sooner."""
    monkeypatch.setenv("PUBLIC_STEP_MILLISECONDS", "500")
    waited: list[float] = []

    def refuse(_request: Request) -> Answer:
        raise Rejection([Finding("unavailable")])

    with pytest.raises(Rejection):
        in_steps(refuse, waited.append, lambda: ARRIVED + 0.1)(_request())
    assert waited == pytest.approx([0.4])


def test_the_publics_function_keeps_the_pace(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its handler answers comes no sooner than the first step."""
    del table
    monkeypatch.setenv("PUBLIC_STEP_MILLISECONDS", "100")
    before = time.monotonic()
    assert ANYBODY.post("findPublicly", contract_question()).text == NOTHING
    assert time.monotonic() - before >= 0.1


@pytest.mark.slow
def test_what_is_not_there_and_what_is_not_shown_take_the_same_time(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tells them apart without steps, by many times the noise, is gone with them."""
    del table
    entity = new_entity("900000000", "194-000-001")
    hidden = ACT | {"parametricActDocumentCodeType": "AD2"}
    register(entity, hidden)
    liquidate(entity, hidden, type=0)
    for number in range(100):
        post(entity, "registerActDocument", hidden | {"actDocumentCode": f"CERT-{number}"})
    not_shown, not_there = procedure_question(hidden), procedure_question(taxpayerDocumentNumber="19396911")
    without = _difference(not_shown, not_there)
    assert without > 0.01
    monkeypatch.setenv("PUBLIC_STEP_MILLISECONDS", "500")
    assert abs(_difference(not_shown, not_there)) < without / 4


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """By how many seconds the one question's median is above the other's; both are answered alike, and by turns."""
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(TIMES):
        for question, seconds in zip((one, other), taken, strict=True):
            before = time.perf_counter()
            assert ask(question).text == NOTHING
            seconds.append(time.perf_counter() - before)
    return statistics.median(taken[0]) - statistics.median(taken[1])
