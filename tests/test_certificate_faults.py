"""What becomes of a certificate when its key or its bucket fails: nobody notices, or it is a 503 in good time."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from shared import retry
from shared.bulk import bucket
from shared.certificate import keys
from shared.journal import LONGEST_WRITE
from tests.client import Answer, Client
from tests.clock import Clock
from tests.test_certificate import CRITERIA, reach, reporting
from tests.test_retries import error, lost, says

__all__ = ["reporting"]

pytestmark = [pytest.mark.queries, pytest.mark.usefixtures("certifying")]

URL = "https://aws"
CALLS = ["GetPublicKey", "Sign", "PutObject"]
"""In the order in which a first certificate makes them."""
IN_GOOD_TIME = LONGEST_WRITE - 4  # seconds; that is when Lambda ends a function


class Way:
    """The way to key and bucket: the calls made, and what becomes of each."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.meets: Callable[[str], AWSResponse | None] = lambda _call: None

    def on_send(self, request: Any, **_: Any) -> AWSResponse | None:
        """What answers in the service's place; None lets the call pass."""
        target = request.headers.get("X-Amz-Target", b".PutObject").decode()
        self.calls.append(target.partition(".")[2])
        return self.meets(self.calls[-1])


@pytest.fixture
def way() -> Iterator[Way]:
    """The way to key and bucket, on which all goes well so far."""
    way = Way()
    clients = {"kms": keys.client(), "s3": bucket.client()}
    for name, client in clients.items():
        client.meta.events.register_first(f"before-send.{name}", way.on_send)
    yield way
    for name, client in clients.items():
        client.meta.events.unregister(f"before-send.{name}", way.on_send)


def _refused(answer: Answer) -> bool:
    return (answer.status, answer.codes, answer.headers.get("retry-after")) == (503, ["unavailable"], "2")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("call", CALLS)
def test_a_passing_fault_of_a_service_is_not_noticed(reporting: Client, way: Way, call: str) -> None:
    """A call that is lost, refused for now, or answered by something on the way, is made again."""
    later = {"PutObject": says(400, b"<Error><Code>RequestTimeout</Code></Error>")}
    faults = [lost, later.get(call, error(400, "ThrottlingException")), says(502, b"<html>"), says(500, b"")]
    way.meets = lambda called: faults.pop()() if called == call and faults else None
    assert reporting.post("getCertificate", CRITERIA).status == 200
    assert way.calls.count(call) == 5


@pytest.mark.parametrize("call", CALLS)
def test_what_hangs_ends_long_before_the_function(
    reporting: Client, way: Way, clock: Clock, call: str, stored_rows: Callable[[], Any]
) -> None:
    """Also if it begins just before the deadline; and no certificate is left half made."""
    before, arrived = stored_rows(), clock.now
    client = bucket.client() if call == "PutObject" else keys.client()

    def hangs(called: str) -> None:
        if called == call:
            clock.now = max(clock.now, arrived + retry.DEADLINE - 0.1)
            clock.now += client.meta.config.connect_timeout + client.meta.config.read_timeout
            raise ReadTimeoutError(endpoint_url=URL)

    way.meets = hangs
    assert _refused(reporting.post("getCertificate", CRITERIA))
    assert clock.now <= arrived + IN_GOOD_TIME
    assert stored_rows() == before


@pytest.mark.parametrize("call", CALLS)
def test_no_call_begins_after_the_deadline(reporting: Client, way: Way, clock: Clock, call: str) -> None:
    """Whatever is left to be asked when the time is over."""

    def takes_all_time(called: str) -> None:
        if called == call:
            clock.now += retry.DEADLINE + 1

    way.meets = takes_all_time
    assert _refused(reporting.post("getCertificate", CRITERIA))
    assert way.calls == CALLS[: CALLS.index(call) + 1]


def test_the_keys_are_shown_in_time_or_not_at_all(reporting: Client, way: Way, clock: Clock) -> None:
    """A key that cannot be had is a 503; one that is known is shown without asking."""
    arrived = clock.now

    def closed(_call: str) -> None:
        clock.now += 1
        raise ConnectionClosedError(endpoint_url=URL)

    way.meets = closed
    assert _refused(reporting.post("getCertificateKey", {}))
    assert clock.now <= arrived + IN_GOOD_TIME
    way.meets = lambda _call: None
    assert reporting.post("getCertificateKey", {}).status == 200
    way.meets = closed
    assert reporting.post("getCertificateKey", {}).status == 200


@pytest.mark.parametrize("service", ["KMS", "S3"])
def test_an_endpoint_that_takes_calls_and_answers_none_is_503(
    reporting: Client, clock: Clock, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real connection."""
    with socket.create_server(("127.0.0.1", 0)) as silent, monkeypatch.context() as hurried:
        hurried.setattr(retry, "DEADLINE", retry.FIRST_PAUSE * 1.5)
        with monkeypatch.context() as impatient:
            impatient.setitem(retry.PATIENCE, "read_timeout", 0.01)
            reach(service, f"http://127.0.0.1:{silent.getsockname()[1]}", hurried)
        assert _refused(reporting.post("getCertificate", CRITERIA))
        assert len(clock.pauses) == 2
        silent.settimeout(0)
        for _ in clock.pauses:
            assert silent.accept()
