"""An act document is read with all that hangs on it, as of one moment, whatever the index knows of it."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import retry, whole_act
from shared.models import ActDocument, ActVersion, version_key
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.fault_proxy import FaultProxy, _Handler

pytestmark = pytest.mark.slow
CODE, TAXPAYER = str(ACT["actDocumentCode"]), str(ACT["taxpayerDocumentNumber"])
LIQUIDATIONS, PAYMENTS = b"#ACT#", b"#LIQUIDATION#"
ODD = "Ñ#|%'\" /é#ACT#x"


@pytest.fixture
def entity(faulty: FaultProxy) -> Client:
    """An entity on the engine."""
    del faulty
    return new_entity("8888888888", "194-000-001", "194-000-002")


def _post(entity: Client, operation: str, body: dict[str, Any]) -> str:
    answer = entity.post(operation, body)
    assert answer.status == 200, answer.text
    return str(answer.body["radicado"])


def _act(entity: Client, **values: Any) -> str:
    return _post(entity, "registerActDocument", {**ACT, **values})


def _liquidation(entity: Client, number: str, value: int = 100, **values: Any) -> str:
    body = {**LIQUIDATION, "liquidatedValueId": number, "liquidatedValue": value, **values}
    return _post(entity, "registerLiquidation", body)


def _payment(entity: Client, liquidation: str, number: str, value: int = 10, **values: Any) -> str:
    body = {**PAYMENT, "liquidatedValueId": liquidation, "paidValueId": number, "valuePaid": value, **values}
    return _post(entity, "registerPayment", body)


def _read(entity: Client, code: str = CODE, taxpayer: str = TAXPAYER) -> whole_act.WholeAct:
    act = whole_act.read(entity.nit, code, taxpayer, retry.deadline())
    assert act is not None
    return act


def _shown(act: whole_act.WholeAct) -> dict[str, tuple[bool, list[tuple[str, bool]]]]:
    """Each liquidation's id -> whether it is annulled, and its payments likewise."""
    return {
        each.row.liquidated_value_id: (
            each.row.annulled_by is not None,
            [(payment.paid_value_id, payment.annulled_by is not None) for payment in each.payments],
        )
        for each in act.liquidations
    }


class Lagging:
    """Makes the index know nothing of what was written after it stopped, until it goes on."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.kind = b""  # of group
        self.known = 0  # keys of each answer
        self.answers_left = 0  # that lag
        self.lagged = 0
        proxy.plan = lambda target: self._answer if target == "Query" else None

    def stop(self, kind: bytes, known: int, answers: int) -> None:
        """Know no more than the oldest keys of each group of a kind, for a number of answers."""
        self.kind, self.known, self.answers_left, self.lagged = kind, known, answers, 0

    def _answer(self, handler: _Handler, _target: str, body: bytes) -> None:
        status, answer = handler.forward(body)
        if b"IndexName" in body and self.kind in body and self.answers_left > 0:
            self.answers_left -= 1
            self.lagged += 1
            page = json.loads(answer)
            page["Items"] = page["Items"][: self.known]
            answer = json.dumps(page | {"Count": len(page["Items"])}).encode()
        handler.reply(status, answer)


@pytest.fixture
def index(faulty: FaultProxy) -> Lagging:
    """The index, which can be made to lag."""
    return Lagging(faulty)


def test_everything_is_there_in_the_order_of_its_registration(entity: Client) -> None:
    """Versions, liquidations and payments, annulled ones too; and nothing of another act with the same code."""
    created = _act(entity)
    amended = [_act(entity, type=1, generatorFactValue=value) for value in (6_000_000, 7_000_000)]
    _act(entity, taxpayerDocumentNumber="800123456")
    _liquidation(entity, "B", 300)
    _liquidation(entity, "A", 200)
    _liquidation(entity, "ajena", 100, taxpayerDocumentNumber="800123456")
    _payment(entity, "B", "2")
    _payment(entity, "B", "1", 20)
    _payment(entity, "B", "2", type=0)
    _liquidation(entity, "A", 200, type=0)
    act = _read(entity)
    assert act.row.radicado == created
    assert [each.radicado for each in act.versions] == amended
    assert list(_shown(act).items()) == [("B", (False, [("2", True), ("1", False)])), ("A", (True, []))]
    assert [each.paid for each in act.liquidations] == [2_000, 0]
    assert [each.row.liquidated_value_id for each in act.live] == ["B"]
    assert _shown(_read(entity, taxpayer="800123456")) == {"ajena": (False, [])}


def test_identifiers_may_be_of_any_characters(entity: Client) -> None:
    """What a client calls its records is never taken for a part of another key."""
    _act(entity, actDocumentCode=ODD, taxpayerDocumentNumber=ODD)
    _act(entity, actDocumentCode=ODD, taxpayerDocumentNumber=f"{ODD}2")
    named = {"actDocumentCode": ODD, "taxpayerDocumentNumber": ODD}
    _liquidation(entity, ODD, **named)
    _liquidation(entity, f"{ODD}2", actDocumentCode=ODD, taxpayerDocumentNumber=f"{ODD}2")
    _payment(entity, ODD, ODD)
    assert _shown(_read(entity, ODD, ODD)) == {ODD: (False, [(ODD, False)])}


def test_what_is_not_registered_is_none(entity: Client) -> None:
    """No act document has the code, or none of this taxpayer."""
    _act(entity)
    assert whole_act.read(entity.nit, "otro", TAXPAYER, retry.deadline()) is None
    assert whole_act.read(entity.nit, CODE, "1", retry.deadline()) is None


def test_an_act_is_shown_balanced_whatever_the_index_lags(entity: Client, index: Lagging) -> None:
    """What the index does not know yet is waited for: a liquidation, an annulled one, a payment, an annulled one."""
    _act(entity)
    registrations: list[Callable[[], str]] = [
        lambda: _liquidation(entity, "1"),
        lambda: _liquidation(entity, "2"),
        lambda: _liquidation(entity, "2", type=0),
        lambda: _payment(entity, "1", "1"),
        lambda: _payment(entity, "1", "2"),
        lambda: _payment(entity, "1", "2", type=0),
    ]
    for register in registrations:
        register()
        truth = _shown(_read(entity))
        lagged = []
        for kind, known in itertools.product((LIQUIDATIONS, PAYMENTS), (0, 1)):
            index.stop(kind, known, answers=3)
            act = _read(entity)
            assert (act.balances, _shown(act)) == (True, truth)
            lagged.append(index.lagged)
    assert lagged == [3, 3, 3, 3]


def test_an_act_that_the_index_never_completes_is_not_shown(
    entity: Client, index: Lagging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is 503 with Retry-After, to be asked for again, rather than shown without what it has."""
    monkeypatch.setattr(whole_act, "PATIENCE", 0.3)
    _act(entity)
    _liquidation(entity, "1")
    _liquidation(entity, "1", type=0)
    index.stop(LIQUIDATIONS, known=0, answers=1_000)
    refused = entity.post("getActDocument", {"actDocumentCode": CODE})
    assert (refused.status, refused.codes, refused.headers["retry-after"]) == (503, ["unavailable"], "2")
    index.stop(LIQUIDATIONS, known=0, answers=0)
    shown = entity.post("getActDocument", {"actDocumentCode": CODE})
    assert [each["rowType"] for each in shown.body["data"]["liquidations"]] == ["Registro", "Anulación"]


def test_each_amendment_is_shown_once_and_the_one_that_counts_last(entity: Client) -> None:
    """A file that is loaded again leaves a row per amendment; and of two at once the older may have come last."""
    _act(entity)
    first, second = (_act(entity, type=1, generatorFactValue=value) for value in (6_000_000, 7_000_000))
    act = _read(entity)
    reported = {
        "taxpayerDocumentNumber": TAXPAYER,
        "generatorFactValue": 700_000_000,
        "generatorFactEndDate": act.row.end,
    }
    for radicado in (act.row.radicado, second):
        kept = {"radicado": radicado, "registered_at": "2999-01-01T00:00:00.000Z", "request_id": radicado}
        ActVersion.of(act.row.pk, version_key(f"again-{radicado}"), reported, **kept).save()
    assert [each.radicado for each in _read(entity).versions] == [first, second]
    assert _read(entity).versions[-1].registered_at < "2999"
    act.row.update([ActDocument.amended_by.set(first)])
    assert [each.radicado for each in _read(entity).versions] == [second, first]


def test_an_act_is_shown_as_of_one_moment_while_others_write(entity: Client, faulty: FaultProxy) -> None:
    """Of two annulments, made while one liquidation is read and before the other is, the later is not shown alone."""
    _act(entity)
    for number in ("1", "2"):
        _liquidation(entity, number)
        _payment(entity, number, number)

    def annul_both() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())  # a handler expects one in its thread
        for number in ("1", "2"):
            _payment(entity, number, number, type=0)

    def read_apart(handler: _Handler, _target: str, body: bytes) -> None:
        """DynamoDB reads the rows of a batch one by one, in any order: here, those of the first liquidation first."""
        faulty.plan = lambda _target: None
        call = json.loads(body)
        [(table, asked)] = call["RequestItems"].items()
        items = []
        for first in (True, False):
            keys = [key for key in asked["Keys"] if key["pk"]["S"].endswith(("#LIQUIDATION#1", "#PAYMENT#1")) == first]
            part = call | {"RequestItems": {table: asked | {"Keys": keys}}}
            items += json.loads(handler.forward(json.dumps(part).encode())[1])["Responses"][table]
            if first:
                annul_both()
        handler.reply(200, json.dumps({"Responses": {table: items}, "UnprocessedKeys": {}}).encode())

    faulty.plan = lambda target: read_apart if target == "BatchGetItem" else None
    assert _shown(_read(entity)) == {"1": (False, [("1", True)]), "2": (False, [("2", True)])}


def test_nothing_that_is_written_between_two_reads_is_shown_in_part(entity: Client, faulty: FaultProxy) -> None:
    """Wherever a payment comes in between, it is shown with the liquidation that it changed, or not at all."""
    _act(entity)
    _liquidation(entity, "1")
    _payment(entity, "1", "000")
    faulty.calls.clear()
    _read(entity)
    for place in range(len(faulty.calls)):
        calls = itertools.count()

        def pay(handler: _Handler, _target: str, body: bytes, place: int = place) -> None:
            faulty.plan = lambda _target: None
            asyncio.set_event_loop(asyncio.new_event_loop())
            _payment(entity, "1", str(place), 1)
            handler.reply(*handler.forward(body))

        faulty.plan = lambda _target, calls=calls, pay=pay, place=place: pay if next(calls) == place else None  # type: ignore[misc]
        assert _read(entity).balances
        faulty.plan = lambda _target: None
        assert len(_read(entity).liquidations[0].payments) == place + 2
