"""One TransactWriteItems: named writes, all or none, and which conditions failed."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from shared import retry
from shared.models import Row

ALL_OLD = "ALL_OLD"

Failures = Mapping[str, Row | None]
"""Name of each write whose condition failed -> the row as it is, None where there is none (or it was only checked)."""

Write = tuple[Row, Callable[[TransactWrite], None]]


class Transaction:
    """Writes to be made together, each under a name of its own."""

    def __init__(self) -> None:
        self._checks: dict[str, Write] = {}
        self._puts: dict[str, Write] = {}
        self._updates: dict[str, Write] = {}

    @property
    def puts(self) -> AbstractSet[str]:
        """The names of the rows that it writes whole."""
        return self._puts.keys()

    def check(self, name: str, row: Row, condition: Condition) -> None:
        """Require something of a row that is not written."""
        self._checks[name] = row, lambda write: write.condition_check(type(row), row.pk, row.sk, condition)

    def put(self, name: str, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row."""
        old = None if condition is None else ALL_OLD
        self._puts[name] = row, lambda write: write.save(row, condition, old)

    def update(self, name: str, row: Row, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Change some attributes of the row with this row's key."""
        old = None if condition is None else ALL_OLD
        self._updates[name] = row, lambda write: write.update(row, list(actions), condition, old)

    def commit(self, deadline: float) -> Failures:
        """Write all, or nothing and say whose conditions failed: empty means written.

        Conflicts, throttling and lost answers are tried again until `deadline` (monotonic seconds); the token makes
        an attempt whose answer was lost and its repetition one. Raises Rejection (unavailable).
        """
        token = str(uuid.uuid4())
        return retry.until(deadline, lambda: self._attempt(token))

    def _attempt(self, token: str) -> Failures:
        # DynamoDB answers one reason per write, in the order in which pynamodb sends them: checks, puts, updates.
        writes = {**self._checks, **self._puts, **self._updates}
        try:
            with TransactWrite(connection=Row.connection(), client_request_token=token) as transaction:
                for _, write in writes.values():
                    write(transaction)
        except TransactWriteError as error:
            failures = _failures(error, writes)
            if failures is None:
                raise
            return failures
        return {}


def _failures(error: TransactWriteError, writes: Mapping[str, Write]) -> Failures | None:
    """The failed conditions, or None when anything else is among the reasons: then they tell nothing."""
    reasons = error.cancellation_reasons
    if not reasons or any(reason is not None and reason.code != "ConditionalCheckFailed" for reason in reasons):
        return None
    return {
        name: row.from_raw_data(reason.raw_item) if reason.raw_item else None
        for (name, (row, _)), reason in zip(writes.items(), reasons, strict=True)
        if reason is not None
    }
