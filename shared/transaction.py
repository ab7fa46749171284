"""One TransactWriteItems: named writes, all or none, and which conditions failed."""

import uuid
from collections.abc import Callable, Mapping, Sequence

from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from shared import retry
from shared.models import Row

ALL_OLD = "ALL_OLD"
NONE = "NONE"  # of the capacity consumed, for which pynamodb asks by itself and at which nobody looks

Failures = Mapping[str, Row | None]
"""Name of each write whose condition failed -> the row as it is, None where there is none (or it was only checked)."""

Write = tuple[Row, Callable[[TransactWrite], None]]


class Transaction:
    """Writes to be made together, each under a name of its own."""

    def __init__(self) -> None:
        self.checks: dict[str, Write] = {}
        self.puts: dict[str, Write] = {}
        self.updates: dict[str, Write] = {}

    def check(self, name: str, row: Row, condition: Condition) -> None:
        """Require something of a row that is not written."""
        self.checks[name] = row, lambda write: write.condition_check(type(row), row.pk, row.sk, condition)

    def put(self, name: str, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row."""
        old = None if condition is None else ALL_OLD
        self.puts[name] = row, lambda write: write.save(row, condition, old)

    def update(self, name: str, row: Row, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Change some attributes of the row with this row's key."""
        old = None if condition is None else ALL_OLD
        self.updates[name] = row, lambda write: write.update(row, list(actions), condition, old)

    def commit(self, deadline: float) -> Failures:
        """Write all, or nothing and say whose conditions failed: empty means written. As `commit_together`."""
        [failures] = commit_together([self], deadline)
        return failures


def commit_together(transactions: Sequence[Transaction], deadline: float) -> list[Failures]:
    """Write all of several transactions as one, or nothing; what failed of each, all empty if written.

    No two may write the same row; what several check is checked once. 100 writes at most.
    Conflicts, throttling and lost answers are tried again until `deadline` (monotonic seconds); the token makes
    an attempt whose answer was lost and its repetition one. Raises Rejection (unavailable).
    """
    token = str(uuid.uuid4())
    return retry.until(deadline, lambda: _attempt(transactions, token))


def _attempt(transactions: Sequence[Transaction], token: str) -> list[Failures]:
    asked = _asked(transactions)
    try:
        with TransactWrite(
            connection=Row.connection(), client_request_token=token, return_consumed_capacity=NONE
        ) as transaction:
            for _, (_, write), _ in asked:
                write(transaction)
    except TransactWriteError as error:
        if not _are_conditions_alone(error.cancellation_reasons):
            raise
        failures: list[dict[str, Row | None]] = [{} for _ in transactions]
        for (name, (row, _), askers), reason in zip(asked, error.cancellation_reasons, strict=True):
            if reason is not None:
                old = row.from_raw_data(reason.raw_item) if reason.raw_item else None
                for asker in askers:
                    failures[asker][name] = old
        return list(failures)
    return [{} for _ in transactions]


def _asked(transactions: Sequence[Transaction]) -> list[tuple[str, Write, list[int]]]:
    """Every write, with the transactions that ask for it: checks first, then puts, then updates."""
    asked: list[tuple[str, Write, list[int]]] = []
    checked: dict[tuple[str, str], list[int]] = {}
    for number, transaction in enumerate(transactions):
        for name, write in transaction.checks.items():
            key = (write[0].pk, write[0].sk)
            if key in checked:
                checked[key].append(number)
            else:
                checked[key] = [number]
                asked.append((name, write, checked[key]))
    for kind in ("puts", "updates"):
        for number, transaction in enumerate(transactions):
            asked.extend((name, write, [number]) for name, write in getattr(transaction, kind).items())
    return asked


def _are_conditions_alone(reasons: Sequence[CancellationReason | None]) -> bool:
    """Whether nothing but failed conditions is among the reasons; if anything else is, they tell nothing."""
    return bool(reasons) and all(reason is None or reason.code == "ConditionalCheckFailed" for reason in reasons)
