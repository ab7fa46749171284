"""One deadline over every attempt of a request at the table, and at other services of AWS while a client waits.

botocore makes one attempt (shared/models.py, PATIENCE): it does not retry transaction conflicts, and several layers of
retries could not keep one deadline.
"""

import secrets
import time
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from shared.rejection import Finding, Rejection

DEADLINE = 20.0  # seconds; API Gateway gives up at 29
FIRST_PAUSE = 0.02  # seconds, at most; doubles with each attempt
LONGEST_PAUSE = 1.0  # seconds
PATIENCE: Any = {"connect_timeout": 1, "read_timeout": 3, "retries": {"total_max_attempts": 1}}
"""Of botocore, in seconds, with one attempt at another service than the table."""
SUCCESS, SERVER_ERROR = 200, 500

T = TypeVar("T")

# What a service, or something on the way to it, says when it may say otherwise a moment later.
_PASSING_STATUSES = frozenset({408, 429})
_PASSING_CODES = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class UnfinishedError(Exception):
    """An attempt was answered in part; the next is to ask for the rest."""


Failure = PynamoDBException | ClientError | BotoCoreError | ResponseParserError | UnfinishedError


def deadline() -> float:
    """The moment, on the monotonic clock, after which a request that begins now makes no further attempt."""
    return time.monotonic() + DEADLINE


def until(moment: float, attempt: Callable[[], T]) -> T:
    """What `attempt` returns, tried again with jitter while it fails for a passing reason, or is unfinished.

    Raises Rejection (unavailable) instead of beginning an attempt after `moment`.
    """
    pause = FIRST_PAUSE
    failure: Failure | None = None
    while time.monotonic() <= moment:
        try:
            return attempt()
        except (PynamoDBException, ClientError, BotoCoreError, ResponseParserError, UnfinishedError) as error:
            if not _is_passing(error):
                raise
            failure = error
        time.sleep(pause * secrets.randbelow(1000) / 1000)
        pause = min(pause * 2, LONGEST_PAUSE)
    raise Rejection([Finding("unavailable")]) from failure


def refuse_broken_answer(response_dict: dict[str, Any], **_: object) -> None:
    """Raise ResponseParserError for an answer that was cut off or garbled on its way; botocore would take it as whole.

    A botocore handler (before-parse). DynamoDB gives the length and the CRC-32 of each answer, which is a JSON object.
    """
    headers, body = response_dict["headers"], response_dict["body"]
    length, checksum = headers.get("Content-Length"), headers.get("x-amz-crc32")
    whole = length is None or int(length) == len(body)
    intact = checksum is None or int(checksum) == zlib.crc32(body)
    is_object = response_dict["status_code"] != SUCCESS or (body.startswith(b"{") and body.rstrip().endswith(b"}"))
    if not (whole and intact and is_object):
        raise ResponseParserError("The answer is not what DynamoDB sent.")


def _is_passing(error: Failure) -> bool:
    if isinstance(error, ClientError):
        response = error.response
        return _may_pass(response["ResponseMetadata"]["HTTPStatusCode"], response.get("Error", {}).get("Code"))
    if not isinstance(error, PynamoDBException):
        return isinstance(error, BotoConnectionError | HTTPClientError | ResponseParserError | UnfinishedError)
    if isinstance(error.cause, BotoConnectionError | HTTPClientError):
        return True
    if isinstance(error, TransactWriteError) and error.cancellation_reasons:
        return any(reason is not None and reason.code in _PASSING_CODES for reason in error.cancellation_reasons)
    return _may_pass(_status(error), error.cause_response_code)


def _may_pass(status: int, code: str | None) -> bool:
    return status >= SERVER_ERROR or status in _PASSING_STATUSES or code in _PASSING_CODES


def _status(error: PynamoDBException) -> int:
    """The HTTP status, which pynamodb leaves behind in the exception that it wraps."""
    original = getattr(error.cause, "__cause__", None) or error.cause
    status: int = getattr(original, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status
