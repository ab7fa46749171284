"""The queues between the functions of a load. A message may come twice, late, or in another order."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from shared import retry

MOST_IN_ONE_CALL = 10


@functools.cache
def client() -> Any:
    """SQS."""
    return boto3.client("sqs", config=Config(**retry.PATIENCE))


def send(queue_url: str, messages: Sequence[Mapping[str, Any]], deadline: float) -> None:
    """Send messages; those of a call again until all of them are taken.

    Raises Rejection (unavailable) instead of beginning an attempt after the deadline.
    """
    for start in range(0, len(messages), MOST_IN_ONE_CALL):
        some = messages[start : start + MOST_IN_ONE_CALL]
        entries = [{"Id": str(number), "MessageBody": json.dumps(each)} for number, each in enumerate(some)]
        retry.until(deadline, functools.partial(_send, queue_url, entries))


def _send(queue_url: str, entries: Sequence[Mapping[str, str]]) -> None:
    if client().send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed"):
        raise retry.UnfinishedError
