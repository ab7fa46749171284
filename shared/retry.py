"""One deadline over every attempt of a request at the table.

botocore makes one attempt (shared/models.py): it does not retry transaction conflicts, and several layers of retries
could not keep one deadline.
"""

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.exceptions import HTTPClientError
from botocore.parsers import ResponseParserError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from shared.rejection import Finding, Rejection

DEADLINE = 20.0  # seconds; API Gateway gives up at 29
FIRST_PAUSE = 0.02  # seconds, at most; doubles with each attempt
LONGEST_PAUSE = 1.0  # seconds

T = TypeVar("T")

_TRANSIENT = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def deadline() -> float:
    """The moment, on the monotonic clock, after which a request that begins now is not tried again."""
    return time.monotonic() + DEADLINE


def until(moment: float, attempt: Callable[[], T]) -> T:
    """What `attempt` returns, tried again with jitter while it fails for a passing reason.

    Raises Rejection (unavailable) when the next attempt would begin after `moment`.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return attempt()
        except (PynamoDBException, ResponseParserError) as error:
            wait = pause * secrets.randbelow(1000) / 1000
            if not _is_transient(error):
                raise
            if time.monotonic() + wait > moment:
                raise Rejection([Finding("unavailable")]) from error
        time.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)


def _is_transient(error: Exception) -> bool:
    if not isinstance(error, PynamoDBException):
        return True
    if isinstance(error.cause, BotoConnectionError | HTTPClientError):
        return True
    if isinstance(error, TransactWriteError) and error.cancellation_reasons:
        return any(reason is not None and reason.code in _TRANSIENT for reason in error.cancellation_reasons)
    code = error.cause_response_code or ""
    return code in _TRANSIENT or (code.isdecimal() and code.startswith("5"))
