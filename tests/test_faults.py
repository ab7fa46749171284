"""What networks and DynamoDB do to a call, on the engine: nothing lost, nothing doubled, no false duplicate."""

from collections.abc import Callable
from typing import Any

import pytest

from shared import retry
from shared.models import Liquidation, Row, liquidation_key
from tests import fault_proxy
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.clock import Clock
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.slow
WRITE = "TransactWriteItems"
CALLS = [
    ("registerActDocument", ACT),
    ("registerActDocument", ACT | {"type": 1}),
    ("registerLiquidation", LIQUIDATION),
    ("registerPayment", PAYMENT),
    ("registerPayment", PAYMENT | {"type": 0}),
    ("registerLiquidation", LIQUIDATION | {"type": 0}),
]


@pytest.fixture
def entity(faulty: FaultProxy) -> Client:
    """An entity on the engine."""
    del faulty
    return new_entity("8888888888", "194-000-001")


@pytest.mark.parametrize(
    "faults",
    [
        [fault_proxy.drop_request],
        [fault_proxy.drop_answer],
        [fault_proxy.drop_answer, fault_proxy.drop_request, fault_proxy.drop_answer],
        [fault_proxy.drop_answer, fault_proxy.answer_without_client_token],
        [fault_proxy.error(500, "InternalServerError")],
        [fault_proxy.error(503, "ServiceUnavailable")],
        [fault_proxy.error(400, "ThrottlingException")],
        [fault_proxy.error(400, "ProvisionedThroughputExceededException")],
        [fault_proxy.error(400, "TransactionInProgressException")],
        [fault_proxy.cancelled("TransactionConflict", "None", "None")],
        [fault_proxy.cancelled("None", "ThrottlingError", "None")],
        [fault_proxy.cancelled("ConditionalCheckFailed", "TransactionConflict", "None")],
        [fault_proxy.error(503, "SlowDown")],
        [fault_proxy.error(400, "Throttling")],
        [fault_proxy.error(408, "")],
        [fault_proxy.garbled(b"<html>", 502)],
        [fault_proxy.garbled(b"<html>", 200)],
        [fault_proxy.garbled(b"", 200)],
        [fault_proxy.cut_answer],
    ],
    ids=[
        "request lost",
        "answer lost",
        "lost thrice",
        "answer lost, token forgotten",
        "500",
        "503",
        "throttled",
        "throughput",
        "in progress",
        "conflict",
        "throttled inside",
        "conflict beside a failed condition",
        "unlisted 503",
        "throttling by another name",
        "408",
        "a proxy's page",
        "a page that says 200",
        "nothing, with 200",
        "answer cut short",
    ],
)
def test_a_passing_fault_is_not_noticed(faulty: FaultProxy, entity: Client, faults: list[Any]) -> None:
    """Each call answers its own success, once, whatever became of its first attempts; a repeat finds that success."""
    for operation, body in CALLS:
        faulty.first(WRITE, *faults)
        answer = entity.post(operation, body)
        assert answer.status == 200, answer.text
        if body.get("type") != 1 or operation != "registerActDocument":
            again = entity.post(operation, body)
            assert again.body["existing"]["radicado"] == answer.body["radicado"]
    liquidation = Liquidation.get(liquidation_key(entity.nit, "LIQ-0001-2024"), "LIQUIDATION", consistent_read=True)
    assert (liquidation.remaining, liquidation.live_payments) == (liquidation.value, 0)


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.drop_request,
        fault_proxy.error(500, "InternalServerError"),
        fault_proxy.error(400, "ThrottlingException"),
        fault_proxy.cancelled("ConditionalCheckFailed", "TransactionConflict", "None"),
    ],
    ids=["unreachable", "500", "throttled", "conflict"],
)
def test_a_lasting_fault_is_503_with_retry_after(faulty: FaultProxy, entity: Client, fault: Any, clock: Clock) -> None:
    """What does not pass ends as 503 with Retry-After, before API Gateway gives up, and never as a duplicate."""
    assert retry.DEADLINE + Row.Meta.connect_timeout_seconds + Row.Meta.read_timeout_seconds < 29
    faulty.calls.clear()
    faulty.always(WRITE, fault)
    answer = entity.post("registerActDocument", ACT)
    assert (answer.status, answer.codes) == (503, ["unavailable"])
    assert answer.headers["retry-after"] == "2"
    assert faulty.calls.count(WRITE) == len(clock.pauses)
    assert clock.paused >= retry.DEADLINE


def test_a_lost_read_is_tried_again(faulty: FaultProxy, entity: Client) -> None:
    """Reading the token, the stamps, an act's code and a liquidation survives a passing fault as well."""
    faults = (fault_proxy.drop_answer, fault_proxy.cut_answer, fault_proxy.garbled(b"<html>", 200))
    faulty.first("GetItem", *faults)
    assert entity.post("registerActDocument", ACT).status == 200
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    faulty.first("Query", *faults)
    assert entity.post("registerLiquidation", LIQUIDATION | {"liquidatedValueId": "stamps"}).codes == []
    faulty.first("GetItem", *faults)
    assert entity.post("registerLiquidation", without).status == 200
    faulty.first("GetItem", *faults)
    assert entity.post("registerLiquidation", without | {"type": 0}).status == 200


def test_only_one_layer_tries_again(entity: Client) -> None:
    """The client of the table makes one attempt: retries are counted, paused and ended in one place."""
    del entity
    assert Row.connection().client.meta.config.retries["total_max_attempts"] == 1


def test_no_attempt_begins_after_the_deadline(
    faulty: FaultProxy, entity: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its time is over a call asks nothing more of the table, whatever is left to read or write."""
    monkeypatch.setattr(retry, "DEADLINE", -1.0)
    faulty.calls.clear()
    assert entity.post("registerLiquidation", LIQUIDATION).status == 503
    assert faulty.calls == []


def test_reads_are_consistent(faulty: FaultProxy, entity: Client) -> None:
    """What was written a moment ago is read: tokens, stamps, an act's code, a liquidation."""
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", without)
    entity.post("registerLiquidation", without | {"type": 0})
    assert len(faulty.reads) >= 4
    assert all(read["ConsistentRead"] is True for read in faulty.reads)


def test_what_cannot_pass_is_500_without_internals(
    faulty: FaultProxy, entity: Client, lines: Callable[[], list[str]]
) -> None:
    """A mistake of ours is not tried again; the answer shows nothing of it, and the log no text of it."""
    secret = "19396910 Diego Ariza"
    faulty.calls.clear()
    faulty.always(WRITE, fault_proxy.error(400, "ValidationException", Message=secret))
    answer = entity.post("registerActDocument", ACT)
    assert (answer.status, answer.body["message"]) == (500, "Error. Falla interna del servicio")
    assert "ValidationException" not in answer.text
    assert faulty.calls.count(WRITE) == 1
    logged = "\n".join(lines())
    assert "TransactWriteError" in logged
    assert secret not in logged


def test_one_transaction_and_no_other_round_trip(faulty: FaultProxy, entity: Client) -> None:
    """With a warm token (and stamps, for a liquidation) each registration and annulment is one call to the table."""
    for operation, body in CALLS:
        if operation == "registerLiquidation":
            entity.post(operation, body | {"liquidatedValueId": "warm", "type": 1, "liquidatedValue": 1})
        else:
            entity.post(operation, {})
        faulty.calls.clear()
        assert entity.post(operation, body, {"Idempotency-Key": f"{operation}-{body.get('type')}"}).status == 200
        assert faulty.calls == [WRITE]


def test_a_taxpayer_not_named_costs_one_read(faulty: FaultProxy, entity: Client) -> None:
    """Only a liquidation, or its annulment, that does not name the taxpayer reads before it writes."""
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION | {"liquidatedValueId": "warm", "liquidatedValue": 1})
    faulty.calls.clear()
    assert entity.post("registerLiquidation", without).status == 200
    assert faulty.calls == ["GetItem", WRITE]
    faulty.calls.clear()
    assert entity.post("registerLiquidation", without | {"type": 0}).status == 200
    assert faulty.calls == ["GetItem", WRITE]


def test_a_token_that_cannot_be_one_is_refused_unread(faulty: FaultProxy, entity: Client) -> None:
    """Mistyped, or of the other environment: the text alone tells."""
    faulty.calls.clear()
    for token in (entity.token[:-1] + "!", entity.token.replace("_pre_", "_prod_"), "b7e15ad4a7b3", ""):
        assert Client(entity.nit, token).post("registerPayment", PAYMENT).status == 401
    assert faulty.calls == []
