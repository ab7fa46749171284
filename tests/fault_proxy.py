"""A proxy before the engine that does what networks and DynamoDB do: lose answers, refuse, conflict. Counts calls."""

import http.client
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

Fault = Callable[["_Handler", str, bytes], None]
ERRORS = "com.amazonaws.dynamodb.v20120810#"
READS = frozenset({"GetItem", "Query", "BatchGetItem"})


class FaultProxy:
    """Serves on 127.0.0.1 in a thread. `plan` is asked before each call, by its target; None lets it pass."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.calls: list[str] = []
        self.reads: list[dict[str, Any]] = []
        self.plan: Callable[[str], Fault | None] = lambda _target: None
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._under_way = 0
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def first(self, target: str, *faults: Fault) -> None:
        """Let the first calls of a target meet these faults, one each, and all others pass."""
        left = list(faults)
        self.plan = lambda called: left.pop(0) if called == target and left else None

    def always(self, target: str, fault: Fault) -> None:
        """Let every call of a target meet this fault."""
        self.plan = lambda called: fault if called == target else None

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """One more call that the proxy deals with, while it does."""
        with self._changed:
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def drain(self) -> None:
        """Wait until no call is under way, also of those that their clients no longer wait for."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that waits no longer is no error here; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    proxy: ClassVar[FaultProxy]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Pass the call on, or let it meet its fault."""
        target = self.headers["X-Amz-Target"].partition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.proxy.calls.append(target)
        if target in READS:
            self.proxy.reads.append(json.loads(body))
        with self.proxy.under_way():
            fault = self.proxy.plan(target) or answer_truly
            try:
                fault(self, target, body)
            except (OSError, http.client.HTTPException):
                self.hang_up()  # the engine is gone, or the client

    def forward(self, body: bytes) -> tuple[int, bytes]:
        """What the engine answers."""
        connection = http.client.HTTPConnection(urlsplit(self.proxy.engine).netloc, timeout=30)
        skipped = {"host", "connection", "accept-encoding", "content-length"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in skipped}
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def reply(self, status: int, body: bytes) -> None:
        """Answer the client."""
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self) -> None:
        """Close the connection without an answer."""
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing."""


def answer_truly(handler: _Handler, _target: str, body: bytes) -> None:
    """No fault."""
    handler.reply(*handler.forward(body))


def is_consistent(read: dict[str, Any]) -> bool:
    """Whether a read, of one table's rows, must answer what is there at this moment."""
    [asked] = read.get("RequestItems", {"": read}).values()
    return asked.get("ConsistentRead") is True


def answer_stale(handler: _Handler, target: str, body: bytes) -> None:
    """A read that may lag does, as far as it may: nothing is there yet."""
    read = json.loads(body)
    if target not in READS or is_consistent(read):
        handler.reply(*handler.forward(body))
        return
    batch = {"Responses": {table: [] for table in read.get("RequestItems", ())}, "UnprocessedKeys": {}}
    nothing = {"GetItem": {}, "Query": {"Items": [], "Count": 0, "ScannedCount": 0}, "BatchGetItem": batch}
    handler.reply(200, json.dumps(nothing[target]).encode())


def answer_in_part(handler: _Handler, target: str, body: bytes) -> None:
    """Of a batch of keys the first is read, and the others are named as not."""
    if target != "BatchGetItem":
        handler.reply(*handler.forward(body))
        return
    call = json.loads(body)
    [(table, asked)] = call["RequestItems"].items()
    first, *others = asked["Keys"]
    call["RequestItems"][table] = {**asked, "Keys": [first]}
    status, answer = handler.forward(json.dumps(call).encode())
    left = {table: {**asked, "Keys": others}} if others else {}
    handler.reply(status, json.dumps(json.loads(answer) | {"UnprocessedKeys": left}).encode())


def drop_request(handler: _Handler, _target: str, _body: bytes) -> None:
    """The call never reaches the engine."""
    handler.hang_up()


def drop_answer(handler: _Handler, _target: str, body: bytes) -> None:
    """The engine does it, and nobody hears so."""
    handler.forward(body)
    handler.hang_up()


def error(status: int, code: str, **more: Any) -> Fault:
    """DynamoDB refuses with this error."""

    def fault(handler: _Handler, _target: str, _body: bytes) -> None:
        handler.reply(status, json.dumps({"__type": ERRORS + code, "message": code, **more}).encode())

    return fault


def cancelled(*reasons: str) -> Fault:
    """The transaction is cancelled for these reasons, one per write."""
    listed = [{"Code": reason} for reason in reasons]
    return error(400, "TransactionCanceledException", CancellationReasons=listed)


def answer_without_client_token(handler: _Handler, _target: str, body: bytes) -> None:
    """The engine does it without knowing that it is the same as an earlier attempt; the answer comes."""
    call = json.loads(body)
    call.pop("ClientRequestToken", None)
    handler.reply(*handler.forward(json.dumps(call).encode()))


def cut_answer(handler: _Handler, _target: str, body: bytes) -> None:
    """The engine does it, and half of its answer comes."""
    status, answer = handler.forward(body)
    handler.send_response(status)
    handler.send_header("Content-Type", "application/x-amz-json-1.0")
    handler.send_header("Content-Length", str(max(len(answer), 2)))
    handler.end_headers()
    handler.wfile.write(answer[: len(answer) // 2])
    handler.wfile.flush()
    handler.hang_up()


def garbled(answer: bytes, status: int) -> Fault:
    """Something on the way answers in the engine's place."""
    return lambda handler, _target, _body: handler.reply(status, answer)
