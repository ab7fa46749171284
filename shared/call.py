"""One call to a service, as it unfolds: what the refusals, the ledger and the log line need to know of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared import radicado, retry
from shared.contract import Operation
from shared.validation import Record


@dataclass(frozen=True)
class Caller:
    """The entity a token stands for, by NIT, and its territorial entity (itself, for a territorial one)."""

    nit: str
    territorial: str

    @property
    def stamp_owners(self) -> tuple[str, ...]:
        """The entities whose stamps it may use: its own and its territorial entity's."""
        return tuple(dict.fromkeys((self.nit, self.territorial)))


@dataclass
class Call:
    """A call from its arrival on. `deadline` is a moment on the monotonic clock, in seconds.

    `request_id` is shown and logged, and a client may have chosen it; `id` is ours, and what is written is known by it.
    """

    request_id: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    deadline: float = field(default_factory=retry.deadline)
    operation: Operation | None = None
    caller: Caller | None = None
    x_road: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Idempotency:
    """An Idempotency-Key and the SHA-256 of the raw body that came with it."""

    key: str
    body_sha256: str


@dataclass(frozen=True)
class Upload:
    """A file that came with a request, under the name that the client gave it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """What a client asks in one call, read and found in order."""

    call: Call
    operation: Operation
    record: Record
    idempotency: Idempotency | None = None
    file: Upload | None = None

    @property
    def caller(self) -> Caller:
        """The entity that asks; there is none where anybody may."""
        assert self.call.caller is not None
        return self.call.caller


@dataclass(frozen=True)
class Answer:
    """What a view answers: text, JSON mostly, status, and headers beyond the usual ones."""

    text: str
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What an entity reports in one call, or in one row of a file: the ledger's input.

    The receipt (radicado, registered_at) is drawn once per call, so every attempt to write it writes the same.
    `request_id` tells an earlier attempt of this very report from a duplicate: nobody else may know or choose it.
    `ticket` is that of the load whose file has the row.
    """

    request_id: str
    deadline: float
    operation: Operation
    caller: Caller
    record: Record
    radicado: str
    registered_at: str
    x_road: Mapping[str, str] = field(default_factory=dict)
    idempotency: Idempotency | None = None
    ticket: str | None = None

    @classmethod
    def of(cls, request: Request) -> "Report":
        """The report of a call, with a new receipt."""
        call = request.call
        number, moment = radicado.draw()
        return cls(
            call.id,
            call.deadline,
            request.operation,
            request.caller,
            request.record,
            number,
            moment,
            call.x_road,
            request.idempotency,
        )
