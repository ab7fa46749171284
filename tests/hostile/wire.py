"""HTTP as bytes on a socket, so that a client's library mends nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

ANSWERS_WITHIN = 30  # seconds; a server that has not answered by then hangs


@dataclass(frozen=True)
class Reply:
    """One answer on a connection. `body` is {} where it is not JSON."""

    status: int
    head: bytes
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return json.loads(self.raw) if b"application/json" in self.head.lower() and self.raw else {}

    @property
    def codes(self) -> list[str]:
        """The rules of the findings."""
        return [error["code"] for error in self.body.get("errors", ())]


def exchange(port: int, sent: bytes, *, cut: bool = False) -> list[Reply]:
    """All that the server answers until it closes; `cut` ends our side first, as a client that dies half way."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), ANSWERS_WITHIN) as connection:
        # A server that refuses early closes with our bytes unread: what it answered before counts.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
            if cut:
                connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
    return list(_replies(received))


def _replies(received: bytes) -> Iterator[Reply]:
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        lines = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        length = 0 if status == 100 else int(lines.get(b"content-length", len(received)))
        yield Reply(status, head, received[:length])
        received = received[length:]


def request(
    path: str | bytes,
    headers: list[tuple[str, str | bytes]],
    body: bytes = b"",
    *,
    method: str = "POST",
    version: str = "HTTP/1.1",
    length: str | None = "right",
) -> bytes:
    """The bytes of a request; `length` is its Content-Length, the right one unless another is given."""
    lines = [b" ".join([_bytes(method), _bytes(path), _bytes(version)])]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    if length is not None:
        lines.append(b"Content-Length: " + _bytes(str(len(body)) if length == "right" else length))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
