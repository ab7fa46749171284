"""Calls at once, on the engine: of equal registrations one wins, and no balance is ever spent twice."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.models import ActDocument, Liquidation, act_key, liquidation_key, taxpayer_key
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Answer, Client, new_entity
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.slow
CLIENTS = 16


@pytest.fixture
def at_once() -> Iterator[Callable[[list[Callable[[], Answer]]], list[Answer]]]:
    """Makes calls at once, each as a function's instance of its own would: with its own event loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    def prepare() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    with ThreadPoolExecutor(CLIENTS, initializer=prepare) as pool:
        yield lambda calls: list(pool.map(lambda call: call(), calls))
    for loop in loops:
        loop.close()


@pytest.fixture
def entity(faulty: FaultProxy) -> Client:
    """An entity on the engine, with an act document and a liquidation of 1,999,999.99 on it."""
    del faulty
    entity = new_entity("8888888888", "194-000-001")
    assert entity.post("registerActDocument", ACT).status == 200
    assert entity.post("registerLiquidation", LIQUIDATION).status == 200
    return entity


AtOnce = Callable[[list[Callable[[], Answer]]], list[Answer]]


def _liquidation(entity: Client) -> Liquidation:
    return Liquidation.get(liquidation_key(entity.nit, "LIQ-0001-2024"), "LIQUIDATION", consistent_read=True)


def _act(entity: Client) -> ActDocument:
    return ActDocument.get(act_key(entity.nit, "CCE-147-2023"), taxpayer_key("19396910"), consistent_read=True)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("registerActDocument", ACT | {"actDocumentCode": "otro"}),
        ("registerLiquidation", LIQUIDATION | {"liquidatedValueId": "otra", "liquidatedValue": 1}),
        ("registerPayment", PAYMENT | {"valuePaid": 1}),
        ("registerLiquidation", LIQUIDATION | {"type": 0}),
    ],
)
def test_of_equal_registrations_one_wins(
    entity: Client, at_once: AtOnce, operation: str, body: dict[str, object]
) -> None:
    """Of N equal calls at once one is registered; each other is told that one's receipt."""
    answers = at_once([lambda: entity.post(operation, body)] * 24)
    [won] = [answer for answer in answers if answer.status == 200]
    assert {answer.body["existing"]["radicado"] for answer in answers if answer.status == 400} == {won.body["radicado"]}
    assert len(answers) == 24


def test_equal_calls_with_one_key_get_one_answer(entity: Client, at_once: AtOnce) -> None:
    """Of N calls at once under one Idempotency-Key one writes; all get its answer."""
    headers = {"Idempotency-Key": "clave"}
    answers = at_once([lambda: entity.post("registerPayment", PAYMENT, headers)] * 24)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert {answer.status for answer in answers} == {200}
    assert Counter(answer.headers.get("idempotency-replayed") for answer in answers) == {None: 1, "true": 23}
    assert _liquidation(entity).live_payments == 1


def test_payments_racing_for_a_balance_never_exceed_it(entity: Client, at_once: AtOnce) -> None:
    """Of 40 payments of 150,000.00 on 1,999,999.99 exactly 13 fit; the rest are told the balance."""
    answers = at_once(
        [
            lambda number=number: entity.post(  # type: ignore[misc]
                "registerPayment", PAYMENT | {"paidValueId": f"P-{number}", "valuePaid": 150000}
            )
            for number in range(40)
        ]
    )
    assert Counter(answer.status for answer in answers) == {200: 13, 400: 27}
    assert {answer.body["message"] for answer in answers if answer.status == 400} == {
        "Error. El valor del parámetro valuePaid supera el saldo de la liquidación, que es 49999.99"
    }
    liquidation = _liquidation(entity)
    assert (liquidation.remaining, liquidation.live_payments) == (49_999_99, 13)


def test_liquidations_racing_for_an_act_never_exceed_it(entity: Client, at_once: AtOnce) -> None:
    """Of 20 liquidations of 1,000,000.00 on the 2,600,000.00 left exactly 2 fit, also while the act is amended."""
    calls = [
        lambda number=number: entity.post(  # type: ignore[misc]
            "registerLiquidation", LIQUIDATION | {"liquidatedValueId": f"L-{number}", "liquidatedValue": 1_000_000}
        )
        for number in range(20)
    ]
    same_value = ACT | {"type": 1}
    calls[5:5] = calls[12:12] = [lambda: entity.post("registerActDocument", same_value)] * 3
    answers = at_once(calls)
    assert Counter(answer.status for answer in answers) == {200: 2 + 6, 400: 18}
    act = _act(entity)
    assert (act.liquidated, act.remaining) == (3_999_999_99, 600_000_00)


def test_annulment_racing_a_payment_leaves_one_of_them(entity: Client, at_once: AtOnce) -> None:
    """A liquidation is annulled or paid, never both: each round, whoever comes second is told why."""
    outcomes = Counter[tuple[int, int]]()
    for number in range(20):
        own = {"liquidatedValueId": f"L-{number}", "liquidatedValue": 1}
        assert entity.post("registerLiquidation", LIQUIDATION | own).status == 200
        payment = PAYMENT | {"liquidatedValueId": f"L-{number}", "paidValueId": f"P-{number}", "valuePaid": 1}
        annulled, paid = at_once(
            [
                lambda own=own: entity.post("registerLiquidation", LIQUIDATION | own | {"type": 0}),  # type: ignore[misc]
                lambda payment=payment: entity.post("registerPayment", payment),  # type: ignore[misc]
            ]
        )
        outcomes[annulled.status, paid.status] += 1
        refused = annulled if annulled.status == 400 else paid
        assert refused.codes in (["liquidation-has-payments"], ["liquidation-unknown"])
    assert set(outcomes) <= {(200, 400), (400, 200)}
    assert outcomes.total() == 20
