"""The checker of histories tells good ones from bad: it is only as good a witness as this shows."""

import pytest

from tests.proof.calls import Answer, Call
from tests.proof.checker import NEVER, Event, check
from tests.proof.model import Row, State, kept

E, FIRST, LATER = "8888888888", "2024-01-01 00:00:00", "2024-12-31 00:00:00"
START: State = {("stamp", E, "90"): True}


def act(value: int, kind: str = "0", key: str | None = None) -> Call:
    """An act document, or its amendment."""
    fields = {
        "actDocumentCode": "A",
        "platform": "2",
        "generatorFactValue": value,
        "generatorFactStartDate": FIRST,
        "generatorFactEndDate": LATER,
        "parametricActDocumentCodeType": "AD4",
        "parametricprocedureCode": "TR1",
        "payerDocumentParametricTypeCode": "CC",
        "taxpayerDocumentNumber": "1",
        "taxpayerName": "Ana",
        "type": kind,
    }
    return Call(E, "registerActDocument", fields, key)


def liquidation(identifier: str, value: int, kind: str = "1", key: str | None = None) -> Call:
    """A liquidation, or its annulment."""
    fields = {"actDocumentCode": "A", "liquidatedValueId": identifier, "stampNumber": "90", "liquidatedValue": value}
    return Call(E, "registerLiquidation", {**fields, "taxpayerDocumentNumber": "1", "type": kind}, key)


def payment(identifier: str, value: int, kind: str = "1") -> Call:
    """A payment of liquidation L, or its annulment."""
    fields = {"liquidatedValueId": "L", "paidValueId": identifier, "valuePaid": value, "paymentDate": "2024-03-19"}
    return Call(E, "registerPayment", {**fields, "type": kind})


def done(name: str, call: Call, called: float, returned: float) -> Event:
    """A success."""
    return Event(name, call, called, returned, Answer((), name))


def refused(name: str, call: Call, called: float, returned: float, *codes: str, **more: object) -> Event:
    """A refusal."""
    return Event(name, call, called, returned, Answer(codes, **more))  # type: ignore[arg-type]


TAKEN = {"writer": "l", "differences": ()}
CREATED = done("a", act(100), 1, 2)
LIQUIDATED = done("l", liquidation("L", 60), 3, 4)

GOOD = {
    "one after the other": [CREATED, LIQUIDATED, done("p", payment("P", 60), 5, 6)],
    "at once, told in either order": [
        CREATED,
        done("l", liquidation("L", 60), 3, 8),
        refused("m", liquidation("M", 60), 4, 7, "liquidation-above-act", told=40),
    ],
    "a refusal from before what made it wrong": [
        refused("p", payment("P", 1), 0, 9, "liquidation-unknown"),
        CREATED,
        LIQUIDATED,
    ],
    "an outcome unknown that took effect much later": [
        CREATED,
        Event("u", liquidation("U", 60), 3, NEVER),
        done("l", liquidation("L", 50), 4, 5),
        done("n", liquidation("L", 50, "0"), 6, 7),
        refused("v", liquidation("V", 50), 8, 9, "liquidation-above-act", told=40),
    ],
    "an outcome unknown that never took effect": [
        CREATED,
        Event("u", liquidation("U", 60), 3, NEVER),
        done("l", liquidation("L", 100), 4, 5),
    ],
    "a replay": [
        CREATED,
        done("l", liquidation("L", 60, key="k"), 3, 4),
        Event("m", liquidation("L", 60, key="k"), 5, 6, Answer((), "l", replayed=True)),
    ],
    "a repetition that names the first": [
        CREATED,
        LIQUIDATED,
        refused("m", liquidation("L", 60), 5, 6, "liquidation-id-taken", **TAKEN),
    ],
}
BAD = {
    "lost update: both fit only if one forgot the other": [
        CREATED,
        done("l", liquidation("L", 60), 3, 8),
        done("m", liquidation("M", 60), 4, 7),
    ],
    "double success: one id registered twice": [
        CREATED,
        done("l", liquidation("L", 10), 3, 8),
        done("m", liquidation("L", 10), 4, 7),
    ],
    "stale refusal: the liquidation was there long before": [
        CREATED,
        LIQUIDATED,
        refused("p", payment("P", 1), 5, 6, "liquidation-unknown"),
    ],
    "stale balance": [
        CREATED,
        LIQUIDATED,
        refused("m", liquidation("M", 60), 5, 6, "liquidation-above-act", told=100),
    ],
    "false duplicate: told of its own first attempt": [
        CREATED,
        refused("l", liquidation("L", 60), 3, 4, "liquidation-id-taken", **TAKEN),
    ],
    "a duplicate of another receipt than the one that is there": [
        CREATED,
        LIQUIDATED,
        refused("m", liquidation("L", 60), 5, 6, "liquidation-id-taken", writer="x", differences=()),
    ],
    "a replay that writes twice": [
        done("a", act(100, key="k"), 1, 2),
        done("b", act(200, "1"), 3, 4),
        Event("c", act(100, key="k"), 5, 6, Answer((), "a", replayed=True)),
        refused("m", liquidation("M", 150), 7, 8, "liquidation-above-act", told=100),
    ],
    "a success before what it needs": [done("l", liquidation("L", 60), 1, 2), done("a", act(100), 3, 4)],
    "annulled and paid": [
        CREATED,
        LIQUIDATED,
        done("n", liquidation("L", 60, "0"), 5, 8),
        done("p", payment("P", 60), 6, 7),
    ],
    "an outcome unknown cannot take effect twice": [
        CREATED,
        Event("u", liquidation("U", 30), 3, NEVER),
        done("l", liquidation("L", 40), 4, 5),
        refused("v", liquidation("V", 50), 6, 7, "liquidation-above-act", told=0),
    ],
}


@pytest.mark.parametrize("events", GOOD.values(), ids=GOOD)
def test_a_good_history_holds(events: list[Event]) -> None:
    """What calls one after the other could have answered is not objected to."""
    verdict = check(events, START)
    assert verdict.holds, verdict.order


@pytest.mark.parametrize("events", BAD.values(), ids=BAD)
def test_a_bad_history_is_found_out(events: list[Event]) -> None:
    """What no calls one after the other could have answered is objected to."""
    assert not check(events, START).holds


def test_the_state_at_the_end_is_part_of_the_history() -> None:
    """Answers may be right and what is stored wrong: an update lost without anyone having been told."""
    row = Row("a", kept(act(100).fields), 100, LATER)
    right = {**START, ("act", E, "A", "1"): row}
    assert check([CREATED], START, right).holds
    assert not check([CREATED], START, {**START, ("act", E, "A", "1"): row._replace(spent=1)}).holds
    unknown = Event("a", act(100), 1)
    assert check([unknown], START, right).holds
    assert check([unknown], START, START).holds


def test_many_events_at_once_are_checked_in_no_time() -> None:
    """The memory keeps the search small: twelve calls at once are thousands of configurations, not 12!."""
    events = [CREATED, *(done(f"l{n}", liquidation(f"L{n}", 4), 3 + n / 100, 9 + n / 100) for n in range(12))]
    assert check(events, START).holds
    late = refused("x", liquidation("X", 60), 20, 21, "liquidation-above-act", told=51)
    assert not check([*events, late], START).holds
