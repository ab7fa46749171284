"""What the proof found to be wrong, and is mended. What is not yet is marked as a strict expected failure."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from tests import fault_proxy
from tests.client import Answer
from tests.proof import parameters as p
from tests.proof.calls import Call
from tests.proof.histories import Made, act_fields, judge, make
from tests.proof.mixes import WRITE
from tests.proof.stories import END, STAMP
from tests.proof.world import CAPITAL, INSTITUTE, World, at_once, forget, world

pytestmark = pytest.mark.slow


def act(code: str, taxpayer: str = "1") -> Call:
    """An act document of 100 centavos."""
    return Call(CAPITAL, p.ACT, act_fields(code, taxpayer, 100, END) | {p.TYPE: "0"})


def liquidation(code: str, value: int, kind: str = "1", **named: str) -> Call:
    """A liquidation, or its annulment; without a taxpayer unless one is named."""
    fields = {p.CODE: code, p.LIQUIDATION_ID: f"{code}-L{value}", p.STAMP: STAMP, p.LIQUIDATED: value}
    return Call(CAPITAL, p.LIQUIDATION, {**fields, **named, p.TYPE: kind})


NAMED = {p.TAXPAYER: "1"}


def payment(code: str, value: int) -> Call:
    """A payment of the liquidation of this value."""
    fields = {p.LIQUIDATION_ID: f"{code}-L{value}", p.PAYMENT_ID: f"{code}-P", p.PAID: 1, p.DATE: "2024-03-19"}
    return Call(CAPITAL, p.PAYMENT, fields | {p.TYPE: "1"})


def history(
    here: World, before: list[Call], call: Call, meanwhile: list[Call], then: Sequence[fault_proxy.Fault]
) -> list[Made]:
    """Calls one after the other, and then one between whose read and write others are made; its next writes fail."""
    made: list[Made] = []

    def call_it(each: Call) -> Answer:
        made.append(make(here, str(len(made) + (each is call) * 10), each))
        return made[-1].answer

    for each in before:
        assert call_it(each).status == 200
    with at_once(1) as pool:

        def let_others_first(handler: Any, _target: str, body: bytes) -> None:
            for each in meanwhile:
                assert pool.submit(call_it, each).result().status in {200, 400}
            faults.extend(then)
            handler.reply(*handler.forward(body))

        faults: list[fault_proxy.Fault] = [let_others_first]
        here.proxy.plan = lambda target: faults.pop(0) if target == WRITE and faults else None
        call_it(call)
    here.proxy.plan = lambda _target: None
    return made


RACES = {
    "annulled while it is registered": ([act("A")], liquidation("A", 10, "0"), [liquidation("A", 10, **NAMED)]),
    "registered while its act document and itself are": (
        [],
        liquidation("A", 10),
        [act("A"), liquidation("A", 10, **NAMED)],
    ),
    "registered while its act document is": ([], liquidation("A", 10), [act("A")]),
    "registered while two act documents are": ([], liquidation("A", 10), [act("A"), act("A", "2")]),
    "registered while the act document is assigned and liquidated": (
        [act("A")],
        liquidation("A", 10),
        [act("A", "2"), liquidation("A", 95, **NAMED)],
    ),
    "registered while the act document is assigned and it is not there to be paid": (
        [act("A")],
        liquidation("A", 10),
        [act("A", "2"), payment("A", 10)],
    ),
}
LOST = {
    "answers come": (),
    "answer lost": (fault_proxy.drop_answer,),
    "answer lost and forgotten": (fault_proxy.drop_answer, fault_proxy.answer_without_client_token),
}


@pytest.mark.parametrize("then", [pytest.param(faults, id=name) for name, faults in LOST.items()])
@pytest.mark.parametrize(
    ("before", "call", "meanwhile"), [pytest.param(*race, id=name) for name, race in RACES.items()]
)
def test_what_comes_between_a_read_and_its_write_is_seen(
    before: list[Call], call: Call, meanwhile: list[Call], then: Sequence[fault_proxy.Fault]
) -> None:
    """A liquidation without taxpayer answers as if it had come before the others, or after them; never 500."""
    with world() as here:
        made = history(here, before, call, meanwhile, then)
        assert made[-1].answer.status in {200, 400}, here.failures
        books = here.books()
        assert books.problems() == []
        judge("found", made, books)


def test_a_cold_call_to_a_slow_table_keeps_the_time_limit() -> None:
    """However many steps a call has, it ends one attempt after its deadline at the latest."""
    deadline, slow, slack = 0.2, 0.5, 0.5
    with world(deadline=deadline, read_timeout=slow * 2) as here:
        here.clients[CAPITAL].post(p.ACT, act("A").body())
        here.proxy.plan = lambda _target: delayed(slow)
        forget()
        started = time.monotonic()
        here.clients[INSTITUTE].post(p.LIQUIDATION, liquidation("A", 10).body())
        assert time.monotonic() - started < deadline + slow + slack


def test_a_key_used_before_is_told_before_any_state() -> None:
    """An annulment of what is not there, under a key of another call: 422, as when the taxpayer is named."""
    with world() as here:
        headers = {"Idempotency-Key": "k"}
        client = here.clients[CAPITAL]
        assert client.post(p.ACT, act("A").body(), headers).status == 200
        assert client.post(p.LIQUIDATION, liquidation("A", 1, "0", **NAMED).body(), headers).status == 422
        assert client.post(p.LIQUIDATION, liquidation("A", 1, "0").body(), headers).status == 422


@pytest.mark.parametrize("target", ["GetItem", "Query", WRITE])
def test_an_answer_cut_short_is_asked_for_again(target: str) -> None:
    """A connection that breaks in the middle of an answer is a lost answer: no invalid token, unknown stamp or 500."""
    with world() as here:
        client = here.clients[CAPITAL]
        assert client.post(p.ACT, act("A").body()).status == 200
        assert client.post(p.LIQUIDATION, liquidation("A", 10, **NAMED).body()).status == 200
        forget()
        here.proxy.first(target, cut_short)
        answer = client.post(p.LIQUIDATION, liquidation("A", 10, **NAMED).body())
        assert answer.codes == ["liquidation-id-taken"]


@pytest.mark.parametrize("code", ["InternalFailure", "InternalServerException", "Unknown"])
def test_any_5xx_of_the_table_is_tried_again(code: str) -> None:
    """Whatever DynamoDB calls its own failure, it is not ours."""
    with world() as here:
        here.proxy.first(WRITE, fault_proxy.error(500, code))
        assert here.clients[CAPITAL].post(p.ACT, act("A").body()).status == 200


def delayed(seconds: float) -> fault_proxy.Fault:
    """The table takes its time."""

    def fault(handler: Any, _target: str, body: bytes) -> None:
        time.sleep(seconds)
        handler.reply(*handler.forward(body))

    return fault


def cut_short(handler: Any, _target: str, body: bytes) -> None:
    """Half of the answer comes, of whatever status."""
    status, answer = handler.forward(body)
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(answer)))
    handler.end_headers()
    handler.wfile.write(answer[: len(answer) // 2])
    handler.hang_up()
