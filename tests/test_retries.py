"""What becomes of a call when the table fails: in the client, what test_faults.py shows on the wire."""

import json
import uuid
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from botocore.parsers import ResponseParserError
from moto.core.botocore_stubber import MockRawResponse

from console import registry
from shared import auth, retry, stamps
from shared.ledger.acts import report_act_document
from shared.ledger.liquidations import report_liquidation
from shared.models import LIQUIDATION as LIQUIDATION_ROW
from shared.models import LOG_SHARDS, LogEntry, Row, liquidation_key
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client
from tests.clock import Clock
from tests.engine import TABLE
from tests.reports import report_of

URL = "https://dynamodb.us-east-1.amazonaws.com"
WRITE = "TransactWriteItems"
CALLS = [
    ("registerActDocument", ACT),
    ("registerActDocument", ACT | {"type": 1}),
    ("registerLiquidation", LIQUIDATION),
    ("registerPayment", PAYMENT),
    ("registerPayment", PAYMENT | {"type": 0}),
    ("registerLiquidation", LIQUIDATION | {"type": 0}),
]

Fault = Callable[[], AWSResponse | None]


def says(status: int, body: bytes, headers: dict[str, str] | None = None) -> Fault:
    """Something answers in the table's place."""
    return lambda: AWSResponse(URL, status, headers or {}, MockRawResponse(body))


def error(status: int, code: str, **more: Any) -> Fault:
    """DynamoDB refuses with this error."""
    return says(status, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **more}).encode())


def cancelled(*reasons: str) -> Fault:
    """The transaction is cancelled for these reasons, one per write."""
    return error(400, "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


def lost() -> AWSResponse:
    """The call never arrives."""
    raise EndpointConnectionError(endpoint_url=URL)


def closed() -> AWSResponse:
    """The connection ends before an answer comes."""
    raise ConnectionClosedError(endpoint_url=URL)


class Way:
    """The way to the table: the calls made, how reads ask, what is put, and what becomes of the next.

    `page`: how many rows a query answers at most. `forgets`: whether the table does not know an attempt by its client
    token.
    """

    def __init__(self) -> None:
        self.page = 1000
        self.forgets = False
        self.calls: list[str] = []
        self.reads: list[dict[str, Any]] = []
        self.answers_lost = 0
        self.client_tokens: list[str] = []
        self.puts: list[dict[str, Any]] = []
        self._plan: Callable[[str], Fault | None] = lambda _target: None

    def first(self, target: str, *faults: Fault) -> None:
        """Let the first calls of a target meet these faults, one each, and all others pass."""
        left = list(faults)
        self._plan = lambda called: left.pop(0) if called == target and left else None

    def always(self, target: str, fault: Fault) -> None:
        """Let every call of a target meet this fault."""
        self._plan = lambda called: fault if called == target else None

    def on_params(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """What is read, and how."""
        if model.name in {"GetItem", "Query"}:
            self.reads.append(params)
        if model.name == "Query":
            params["Limit"] = min(self.page, params.get("Limit", self.page))
        if model.name == "PutItem":
            self.puts.append(params)
        if model.name == WRITE:
            self.client_tokens.append(params["ClientRequestToken"])
            if self.forgets:
                params["ClientRequestToken"] = str(uuid.uuid4())

    def on_send(self, request: Any, **_: Any) -> AWSResponse | None:
        """What answers in the table's place; None lets the call pass."""
        called = request.headers["X-Amz-Target"].decode().partition(".")[2]
        self.calls.append(called)
        fault = self._plan(called)
        return fault() if fault else None

    def on_answer(self, **_: Any) -> None:
        """The table has done it, and nobody hears so."""
        if self.answers_lost:
            self.answers_lost -= 1
            raise ResponseParserError


@pytest.fixture
def way(entity: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """The way to the table, on which all goes well so far; token and stamps are known, and no time passes for them."""
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    assert entity.post("registerLiquidation", LIQUIDATION).codes == ["act-unknown"]
    passed = Way()
    events = Row.connection().client.meta.events
    handlers = {
        "provide-client-params": passed.on_params,
        "before-send": passed.on_send,
        "before-parse": passed.on_answer,
    }
    for event, handler in handlers.items():
        events.register_first(f"{event}.dynamodb", handler, unique_id=f"{__name__}-{event}")
    yield passed
    for event in handlers:
        events.unregister(f"{event}.dynamodb", unique_id=f"{__name__}-{event}")


def test_a_warm_call_is_one_call_to_the_table(entity: Client, way: Way) -> None:
    """With token and stamps known, a registration, amendment or annulment is one transaction and nothing else."""
    for service, body in CALLS:
        way.calls.clear()
        assert entity.post(service, body).status == 200
        assert way.calls == [WRITE]


def test_all_attempts_of_a_write_carry_one_client_token(entity: Client, way: Way) -> None:
    """By it DynamoDB knows an attempt and its repetition for one write; another write has another."""
    for service, body in CALLS:
        way.first(WRITE, lost, closed)
        entity.post(service, body)
    tokens = way.client_tokens
    assert tokens[0::3] == tokens[1::3] == tokens[2::3]
    assert len(set(tokens)) == len(CALLS)


def test_an_act_that_comes_while_a_call_is_under_way_counts(entity: Client, way: Way) -> None:
    """A liquidation that names no taxpayer begins anew when its act is created between its reading and its writing."""
    body = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}

    way.first(WRITE, lambda: report_act_document(report_of(entity, "registerActDocument", ACT)) and None)
    assert entity.post("registerLiquidation", body).status == 200

    second = {**ACT, "taxpayerDocumentNumber": "800123456"}
    way.first(WRITE, lambda: report_act_document(report_of(entity, "registerActDocument", second)) and None)
    assert entity.post("registerLiquidation", {**body, "liquidatedValueId": "2"}).codes == ["act-ambiguous"]


def test_an_annulment_of_what_comes_while_it_is_under_way_counts(entity: Client, way: Way) -> None:
    """One that names no taxpayer begins anew when its liquidation is registered meanwhile, and only then."""
    body = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"} | {"type": 0}
    assert entity.post("registerActDocument", ACT).status == 200
    assert entity.post("registerLiquidation", body).codes == ["liquidation-to-annul-unknown"]

    way.first(WRITE, lambda: report_liquidation(report_of(entity, "registerLiquidation", LIQUIDATION)) and None)
    assert entity.post("registerLiquidation", body).status == 200


def test_a_stamp_that_comes_while_a_call_is_under_way_counts(entity: Client, way: Way) -> None:
    """The stamp is looked for twice, and the second time is the write itself: one added in between is good."""
    entity.post("registerActDocument", ACT)
    way.first(WRITE, lambda: registry.add_stamp(entity.nit, "nueva", "Estampilla nueva"))
    assert entity.post("registerLiquidation", LIQUIDATION | {"stampNumber": "nueva"}).status == 200


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "clave"}], ids=["no key", "key"])
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_lost_answer_is_our_own_success(entity: Client, way: Way, number: int, headers: dict[str, str]) -> None:
    """A write whose answer was lost is found again by what it wrote, and told as a success, not as a replay.

    DynamoDB keeps the tokens of writes for ten minutes, and would answer for it: here it forgets them at once.
    """
    for service, body in CALLS[:number]:
        assert entity.post(service, body).status == 200
    service, body = CALLS[number]
    way.calls.clear()
    way.answers_lost, way.forgets = 1, True
    answer = entity.post(service, body, headers)
    assert (answer.status, way.calls) == (200, [WRITE, WRITE]), answer.text
    assert "idempotency-replayed" not in answer.headers
    pks = {f"ENTITY#{entity.nit}#LOG#{answer.body['registeredAt'][:7]}#{shard}" for shard in range(LOG_SHARDS)}
    receipts = [(row.radicado, row.registered_at) for pk in pks for row in LogEntry.query(pk)]
    assert len(receipts) == number + 1
    assert (answer.body["radicado"], answer.body["registeredAt"]) in receipts


@pytest.mark.parametrize(
    "fault",
    [
        lost,
        closed,
        error(500, "Unlisted"),
        error(503, "Unlisted"),
        error(408, "Unlisted"),
        error(429, "Unlisted"),
        error(400, "ThrottlingException"),
        error(400, "ProvisionedThroughputExceededException"),
        error(400, "TransactionInProgressException"),
        cancelled("TransactionConflict", "None", "None"),
        cancelled("None", "ThrottlingError", "None"),
        cancelled("ConditionalCheckFailed", "TransactionConflict", "None"),
    ],
)
def test_a_passing_fault_is_tried_again(entity: Client, way: Way, fault: Fault) -> None:
    """Whatever passes is not noticed: each call is made once more, and answers its own success."""
    for service, body in CALLS:
        way.calls.clear()
        way.first(WRITE, fault)
        answer = entity.post(service, body)
        assert (answer.status, way.calls) == (200, [WRITE, WRITE]), answer.text


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>", {}),
        (b"", {}),
        (b"[]", {}),
        (b"{", {}),
        (b"{}", {"Content-Length": "3"}),
        (b"{} ", {"Content-Length": "2"}),
        (b"{}", {"x-amz-crc32": "2745614148"}),
        (b"{}", {"Content-Length": "2", "x-amz-crc32": "2745614148"}),
    ],
)
def test_an_answer_that_dynamodb_did_not_send_is_none(
    entity: Client, way: Way, body: bytes, headers: dict[str, str]
) -> None:
    """A page that says 200, an answer cut short, or one that its checksum belies, writes nothing: it is asked again."""
    way.first(WRITE, says(200, body, headers))
    assert entity.post("registerActDocument", ACT).status == 200
    assert way.calls == [WRITE, WRITE]
    assert entity.post("registerLiquidation", LIQUIDATION).status == 200


def test_an_answer_that_dynamodb_sent_counts(entity: Client, way: Way) -> None:
    """Whole by its length, its checksum and its form, an answer is taken; a line's end after it does not matter."""
    way.first(WRITE, says(200, b"{}\n", {"Content-Length": "3", "x-amz-crc32": str(zlib.crc32(b"{}\n"))}))
    assert entity.post("registerActDocument", ACT).status == 200
    assert way.calls == [WRITE]


@pytest.mark.parametrize("fault", [error(400, "ValidationException"), cancelled("ValidationError", "None", "None")])
def test_what_cannot_pass_is_not_tried_again(entity: Client, way: Way, fault: Fault) -> None:
    """A mistake of ours would be one again: the call is made once, ends as 500, and nothing is registered."""
    way.first(WRITE, fault)
    assert entity.post("registerActDocument", ACT).status == 500
    assert way.calls == [WRITE]
    assert entity.post("registerActDocument", ACT).status == 200


def test_reads_are_tried_again_and_consistent(entity: Client, way: Way) -> None:
    """A token, the stamps, an act's taxpayers and a liquidation are read as they are now, by a second attempt too."""
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    auth._callers.clear()
    stamps._known.clear()
    for target, (service, body) in (
        ("GetItem", ("registerActDocument", ACT)),
        ("Query", ("registerLiquidation", without)),
        ("GetItem", ("registerLiquidation", without | {"type": 0})),
    ):
        way.first(target, error(400, "ThrottlingException"))
        assert entity.post(service, body).status == 200
    assert {read["TableName"] for read in way.reads} == {TABLE}
    assert sorted(set(way.calls) - {WRITE}) == ["GetItem", "Query"]
    assert len(way.reads) >= 4
    assert all(read["ConsistentRead"] is True for read in way.reads)


def test_pauses_grow_to_a_second_and_end_after_twenty(entity: Client, way: Way, clock: Clock) -> None:
    """A lasting fault is met with pauses that double up to a second, and told after 20 s as 503 with Retry-After."""
    way.always(WRITE, lost)
    arrived = clock.now
    answer = entity.post("registerActDocument", ACT)
    assert (answer.status, answer.codes, answer.headers["retry-after"]) == (503, ["unavailable"], "2")
    growing = [0.02, 0.04, 0.08, 0.16, 0.32, 0.64]
    expected = [*growing, *[1.0] * (len(clock.pauses) - len(growing))]
    assert clock.pauses == pytest.approx(expected, rel=0.002)
    assert 20 <= clock.now - arrived < 21
    assert way.calls == [WRITE] * len(clock.pauses)


def _unread(*keys: tuple[str, str]) -> Fault:
    """The table reads none of a batch, and names these keys as unread."""
    left = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
    answer = {"Responses": {TABLE: []}, "UnprocessedKeys": {TABLE: {"Keys": left}}}
    return says(200, json.dumps(answer).encode())


def test_what_a_batch_leaves_unread_is_asked_after_pauses_that_grow(entity: Client, way: Way, clock: Clock) -> None:
    """The rest is asked as whatever failed is, with pauses that double; what the table leaves for ever, for 20 s."""
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION)
    asked = {"liquidations": [LIQUIDATION["liquidatedValueId"], "none"]}
    ids = (str(LIQUIDATION["liquidatedValueId"]), "none")
    unread = _unread(*((liquidation_key(entity.nit, each), LIQUIDATION_ROW) for each in ids))
    way.calls.clear()
    way.first("BatchGetItem", unread, unread, unread)
    answer = entity.post("getRecords", asked)
    assert [each["registered"] for each in answer.body["data"]["liquidations"]] == [True, False]
    assert way.calls == ["BatchGetItem"] * 4
    assert clock.pauses == pytest.approx([0.02, 0.04, 0.08], rel=0.002)

    arrived, clock.pauses[:] = clock.now, []
    way.always("BatchGetItem", unread)
    assert entity.post("getRecords", asked).codes == ["unavailable"]
    assert clock.pauses[:7] == pytest.approx([0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0], rel=0.002)
    assert 20 <= clock.now - arrived < 21


@pytest.mark.usefixtures("clock")
def test_no_attempt_begins_after_the_deadline(entity: Client, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its time is over a call asks nothing more of the table, whatever is left to read or write."""
    without = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    monkeypatch.setattr(retry, "DEADLINE", -1.0)
    for service, body in [*CALLS, ("registerLiquidation", without), ("registerLiquidation", without | {"type": 0})]:
        assert entity.post(service, body).codes == ["unavailable"]
    auth._callers.clear()
    assert entity.post("registerActDocument", ACT).codes == ["unavailable"]
    assert way.calls == []


@pytest.mark.parametrize(
    ("response", "calls"),
    [
        ({"ResponseMetadata": {"HTTPStatusCode": 500}}, 2),
        ({"ResponseMetadata": {"HTTPStatusCode": 503}, "Error": {"Code": "ServiceUnavailable"}}, 2),
        ({"ResponseMetadata": {"HTTPStatusCode": 429}}, 2),
        ({"ResponseMetadata": {"HTTPStatusCode": 400}, "Error": {"Code": "ThrottlingException"}}, 2),
        ({"ResponseMetadata": {"HTTPStatusCode": 400}, "Error": {"Code": "KMSInvalidStateException"}}, 1),
        ({"ResponseMetadata": {"HTTPStatusCode": 403}, "Error": {"Code": "AccessDeniedException"}}, 1),
        ({"ResponseMetadata": {"HTTPStatusCode": 400}}, 1),
    ],
)
def test_another_service_is_asked_again_if_its_refusal_may_pass(response: dict[str, Any], calls: int) -> None:
    """By its status, or by its code; what cannot pass is raised as it came."""
    made = []

    def sign() -> str:
        made.append(1)
        if len(made) < 2:
            raise ClientError(response, "Sign")
        return "signed"

    if calls > 1:
        assert retry.until(retry.deadline(), sign) == "signed"
    else:
        with pytest.raises(ClientError):
            retry.until(retry.deadline(), sign)
    assert len(made) == calls
