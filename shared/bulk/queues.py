"""The queues between the functions of a load. A message may come twice, late, or in another order."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from shared.rejection import Finding, Rejection

MOST_IN_ONE_CALL = 10
# Two attempts end before the function that serves clients does.
PATIENCE: Any = {"connect_timeout": 1, "read_timeout": 8, "retries": {"total_max_attempts": 2}}


@functools.cache
def client() -> Any:
    """SQS."""
    return boto3.client("sqs", config=Config(**PATIENCE))


def send(queue_url: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Send messages; all of them again by whoever was not told that all were taken.

    Raises Rejection (unavailable) if one was not.
    """
    for start in range(0, len(messages), MOST_IN_ONE_CALL):
        some = messages[start : start + MOST_IN_ONE_CALL]
        entries = [{"Id": str(number), "MessageBody": json.dumps(each)} for number, each in enumerate(some)]
        failed = client().send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed")
        if failed:
            raise Rejection([Finding("unavailable")])
