"""HTTP that no library would send: answered in the standard shape or as a protocol error, and nothing registered."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from shared import contract
from tests.bodies import ACT
from tests.hostile import wire
from tests.hostile.watch import leaks
from tests.test_local_run import Run, running

pytestmark = pytest.mark.slow

PATH = contract.operation("registerActDocument").path
STORED, PROTOCOL_ERROR, UNANSWERED = "stored", "protocol error", "unanswered"
ELSEWHERE = "elsewhere"  # a page of the local server's own, or none
_numbers = itertools.count()


@dataclass(frozen=True)
class Line:
    """An open line to the services: where they listen and a token that they take."""

    port: int
    token: str

    def headers(self, *more: tuple[str, str | bytes], without: str = "") -> list[tuple[str, str | bytes]]:
        """The headers of a right request, and what a case adds."""
        right = [
            ("Host", "127.0.0.1"),
            ("Connection", "close"),
            ("Content-Type", "application/json"),
            ("Authorization", f"Bearer {self.token}"),
        ]
        return [*(each for each in right if each[0] != without), *more]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for all cases: each of them finds it as the one before left it."""
    with running(tmp_path_factory.mktemp("wire")) as run:
        yield run
        log = (run.folder / "log.jsonl").read_text()
        assert not leaks(log, [*run.tokens(), ACT["taxpayerName"], ACT["taxpayerDocumentNumber"], "x" * 99])
        assert '"failure"' not in log


@pytest.fixture
def line(services: Run) -> Line:
    """The line to that run."""
    return Line(int(services.demo["baseUrl"].rpartition(":")[2]), services.tokens()[1])


Make = Callable[[Line, bytes], bytes]


def _header(name: str, value: str | bytes) -> Make:
    return lambda line, body: wire.request(PATH, line.headers((name, value)), body)


def _instead(name: str, value: str | bytes) -> Make:
    return lambda line, body: wire.request(PATH, line.headers((name, value), without=name), body)


def _authorization(text: str) -> Make:
    return lambda line, body: _instead("Authorization", text.replace("TOKEN", line.token))(line, body)


def _length(*values: str) -> Make:
    return lambda line, body: wire.request(
        PATH,
        line.headers(*(("Content-Length", value.replace("RIGHT", str(len(body)))) for value in values)),
        body,
        length=None,
    )


def _chunked(*more: tuple[str, str], coding: str = "chunked") -> Make:
    return lambda line, body: wire.request(
        PATH,
        line.headers(("Transfer-Encoding", coding), *more),
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
        length=None,
    )


def _chunks(raw: bytes) -> Make:
    return lambda line, _body: wire.request(PATH, line.headers(("Transfer-Encoding", "chunked")), raw, length=None)


def _path(path: str | bytes, method: str = "POST", version: str = "HTTP/1.1") -> Make:
    return lambda line, body: wire.request(path, line.headers(), body, method=method, version=version)


CASES: dict[str, tuple[str, Make]] = {
    "as it should be": (STORED, _header("Accept", "*/*")),
    # Who calls
    "two Authorization": ("token-invalid", _authorization("Bearer TOKEN\r\nAuthorization: Bearer TOKEN")),
    "two Authorization, wrong first": ("token-invalid", _authorization("Bearer no\r\nAuthorization: Bearer TOKEN")),
    "two tokens, comma": ("token-invalid", _authorization("Bearer TOKEN, Bearer TOKEN")),
    "folded Authorization": ("token-invalid", _authorization("Bearer TOKEN\r\n x")),
    "quoted token": ("token-invalid", _authorization('Bearer "TOKEN"')),
    "NUL after the token": (PROTOCOL_ERROR, _authorization("Bearer TOKEN\0")),
    "scheme in capitals": (STORED, _authorization("BEARER TOKEN")),
    "two X-Road-Client": ("x-road-client-repeated", _header("X-Road-Client", "a\r\nX-Road-Client: a")),
    "two X-Road-Client, other case": ("x-road-client-repeated", _header("X-Road-Client", "a\r\nx-road-client: b")),
    "X-Road-Client with comma": ("x-road-client-repeated", _header("X-Road-Client", "a, b")),
    "X-Road-Client not UTF-8": (STORED, _header("X-Road-Client", b"\xff\xfe")),
    "huge X-Road-UserId": (STORED, _header("X-Road-UserId", "x" * 60_000)),
    "two Idempotency-Key": ("idempotency-key-invalid", _header("Idempotency-Key", "a\r\nIdempotency-Key: a")),
    "empty Idempotency-Key": ("idempotency-key-invalid", _header("Idempotency-Key", "")),
    "Idempotency-Key not ASCII": ("idempotency-key-invalid", _header("Idempotency-Key", b"\xf1")),
    # How long the body is
    "length too small": ("body-not-json", _length("10")),
    "length 0": ("body-not-json", _length("0")),
    "length none": ("body-not-json", lambda line, body: wire.request(PATH, line.headers(), body, length=None)),
    "length too large": (UNANSWERED, _length("RIGHT0")),
    "length beyond 64 bits": (UNANSWERED, _length("9" * 20)),
    "length negative": (PROTOCOL_ERROR, _length("-1")),
    "length with sign": (PROTOCOL_ERROR, _length("+RIGHT")),
    "length hexadecimal": (PROTOCOL_ERROR, _length("0x10")),
    "length empty": (PROTOCOL_ERROR, _length("")),
    "length twice, the same": (STORED, _length("RIGHT", "RIGHT")),
    "length twice, different": (PROTOCOL_ERROR, _length("3", "RIGHT")),
    "length and chunks": (STORED, _chunked(("Content-Length", "4"))),  # RFC 9112, 6.3: the chunks count
    "chunks": (STORED, _chunked()),
    "unknown coding": (PROTOCOL_ERROR, _chunked(coding="xchunked")),
    "chunked twice": (PROTOCOL_ERROR, _chunked(coding="chunked, chunked")),
    "coding behind a control character": (PROTOCOL_ERROR, _chunked(coding="\x0bchunked")),
    "negative chunk": (PROTOCOL_ERROR, _chunks(b"-1\r\nabc\r\n0\r\n\r\n")),
    "chunk of no number": (PROTOCOL_ERROR, _chunks(b"zz\r\nabc\r\n0\r\n\r\n")),
    "huge chunk": (UNANSWERED, _chunks(b"fffffffffffffff\r\nabc")),
    "last chunk missing": (UNANSWERED, _chunks(b"3\r\nabc\r\n")),
    "Authorization in a trailer": ("body-not-json", _chunks(b"3\r\nabc\r\n0\r\nAuthorization: x\r\n\r\n")),
    "too large, byte by byte": ("body-too-large", _chunks(b"1\r\n \r\n" * 70_000 + b"0\r\n\r\n")),
    # What the body is
    "no Content-Type": (
        "media-type-unsupported",
        lambda line, body: wire.request(PATH, line.headers(without="Content-Type"), body),
    ),
    "two Content-Type": ("media-type-unsupported", _header("Content-Type", "application/json")),
    **{
        f"Content-Type {text!r}": ("media-type-unsupported", _instead("Content-Type", text))
        for text in (
            "",
            "text/plain",
            "application/jsonx",
            "application/ json",
            "application/problem+json",
            "*/*",
            "application/json, text/plain",
            "application/json; charset=latin-1",
            "application/json; charset=utf-16",
            "application/json; charset=utf-8; charset=latin-1",
            "application/json; charset=",
            "multipart/form-data",
        )
    },
    **{
        f"Content-Type {text!r}": (STORED, _instead("Content-Type", text))
        for text in (
            "APPLICATION/JSON",
            "application/json;",
            'application/json; charset="UTF-8"',
            "application/json; boundary=x",
        )
    },
    # Where it goes
    **{
        f"path {path[-40:]!r}": ("path-unknown", _path(path))
        for path in (
            PATH + "/",
            "/" + PATH,
            PATH.replace("/v1", "//v1"),
            PATH + ";x=1",
            PATH + "%00",
            PATH + "%20",
            PATH + "%zz",
            PATH + "#x",
            PATH + "\\",
            PATH + "%3Fx",
            PATH + "%2e",
            PATH.replace("/v1", "/./v1"),
            PATH.upper(),
            PATH.replace("/v1", "/x/../v1"),
            PATH.replace("/v1", "/%2e/v1"),
            "/x/%2e%2e" + PATH,
            "/" + "a" * 8192,
            "/%ff",
            PATH + "/" + "%" * 100,
            PATH.replace("registrar", "reg%C4%B1strar"),
        )
    },
    "path with a query": (STORED, _path(PATH + "?" + "a" * 8192)),
    "path not ASCII": (PROTOCOL_ERROR, _path("/ñ")),
    "path with NUL": (PROTOCOL_ERROR, _path(PATH + "\0")),
    "path with a blank": (PROTOCOL_ERROR, _path(PATH + " x")),
    "no path": (PROTOCOL_ERROR, _path("")),
    "absolute form": (ELSEWHERE, _path("http://127.0.0.1" + PATH)),
    "absolute form, another host": (ELSEWHERE, _path("http://example.invalid" + PATH)),
    "asterisk": (ELSEWHERE, _path("*")),
    "out of the local pages": (ELSEWHERE, _path("/docs/.." + PATH)),
    "out of the local pages, escaped": (ELSEWHERE, _path("/docs/..%2f..%2fpackage.json", method="GET")),
    **{
        f"method {name[:9]}": ("method-not-allowed", _path(PATH, name))
        for name in ("GET", "DELETE", "TRACE", "post", "M" * 999)
    },
    "CONNECT": ("method-not-allowed", _path(PATH, "CONNECT")),
    "no method": (PROTOCOL_ERROR, _path(PATH, "")),
    "method not ASCII": (PROTOCOL_ERROR, _path(PATH, "PÓST")),
    # What else stands in the head
    "line end in a value": (PROTOCOL_ERROR, _header("X-A", "b\rX-Road-Client: c")),
    "NUL in a value": (PROTOCOL_ERROR, _header("X-A", "\0")),
    "blank in a name": (PROTOCOL_ERROR, _header("X A", "b")),
    "blank behind a name": (PROTOCOL_ERROR, _header("Authorization ", "b")),
    "no name": (PROTOCOL_ERROR, _header("", "b")),
    "another method in a header": (STORED, _header("X-HTTP-Method-Override", "GET")),
    "another path in a header": (STORED, _header("X-Original-URL", "/nada")),
    "an upgrade": (STORED, _header("Upgrade", "websocket")),
    "a header of 60 KB": (STORED, _header("X-A", "a" * 60_000)),
    "a header of 10 MB": (PROTOCOL_ERROR, _header("X-A", "a" * 10_000_000)),
    "3,000 headers": (STORED, _header("X-A", "a\r\nX-A: " * 3000)),
    "100,000 headers": (PROTOCOL_ERROR, _header("X-A", "a\r\nX-A: " * 100_000)),
    "no Host": (PROTOCOL_ERROR, lambda line, body: wire.request(PATH, line.headers(without="Host"), body)),
    "two Host": (PROTOCOL_ERROR, _header("Host", "other")),
    "HTTP/1.0": (STORED, _path(PATH, version="HTTP/1.0")),
    "HTTP/9": (PROTOCOL_ERROR, _path(PATH, version="HTTP/9")),
    "no version": (PROTOCOL_ERROR, _path(PATH, version="")),
    "TLS": (PROTOCOL_ERROR, lambda _line, _body: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
}


@pytest.mark.parametrize("name", CASES)
def test_hostile_http_is_answered_and_leaves_nothing(line: Line, name: str) -> None:
    """Each case ends as it must; what it sent is registered if the answer says so, and the next call is served."""
    expected, make = CASES[name]
    body = json.dumps(ACT | {"actDocumentCode": f"WIRE-{next(_numbers)}"}).encode()
    replies = wire.exchange(line.port, make(line, body), cut=expected == UNANSWERED)
    assert (_outcome(replies[-1]) if replies else UNANSWERED) == expected, replies
    [again] = wire.exchange(line.port, wire.request(PATH, line.headers(), body))
    assert again.codes == (["act-taken"] if expected == STORED else []), again


def test_pipelined_requests_are_answered_in_turn(line: Line) -> None:
    """Three requests in one write get their three answers in order, each as if it had come alone."""
    bodies = [json.dumps(ACT | {"actDocumentCode": f"WIRE-{next(_numbers)}"}).encode() for _ in range(2)]
    first, last = (wire.request(PATH, line.headers(without="Connection"), body) for body in bodies)
    closing = wire.request("/nada", line.headers())
    stored, also_stored, unknown = wire.exchange(line.port, first + last + closing)
    assert [stored.body["data"]["actDocumentCode"], also_stored.body["data"]["actDocumentCode"]] == [
        json.loads(body)["actDocumentCode"] for body in bodies
    ]
    assert unknown.codes == ["path-unknown"]


def test_a_request_hidden_in_a_body_is_not_carried_out(line: Line) -> None:
    """What follows the end of a chunked body, though Content-Length counts it in, is not read as another request."""
    body = json.dumps(ACT | {"actDocumentCode": f"WIRE-{next(_numbers)}"}).encode()
    hidden = wire.request(PATH, line.headers(), body)
    cover = wire.request("/nada", line.headers(("Transfer-Encoding", "chunked")), b"0\r\n\r\n" + hidden)
    replies = wire.exchange(line.port, cover)
    assert [reply.codes for reply in replies] == [["path-unknown"]]
    [again] = wire.exchange(line.port, hidden)
    assert again.status == 200


def test_a_client_that_waits_for_leave_gets_it_once(line: Line) -> None:
    """`Expect: 100-continue` is answered by leave and then by the one answer."""
    body = json.dumps(ACT | {"actDocumentCode": f"WIRE-{next(_numbers)}"}).encode()
    replies = wire.exchange(line.port, wire.request(PATH, line.headers(("Expect", "100-continue")), body))
    assert [reply.status for reply in replies if reply.status != 100] == [200]


def _outcome(reply: wire.Reply) -> str:
    if reply.status == 200:
        return STORED
    if reply.codes:
        assert set(reply.body) >= {"httpstatus", "message", "errors", "requestId"}
        return reply.codes[0]
    if reply.status == 400 and b"connection: close" in reply.head.lower() and b"Invalid HTTP request" in reply.raw:
        return PROTOCOL_ERROR
    assert reply.status in {404, 405}, reply
    return ELSEWHERE
