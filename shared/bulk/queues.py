"""The queues between the functions of a load. A message may come twice, late, or in another order."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

MOST_IN_ONE_CALL = 10


@functools.cache
def client() -> Any:
    """SQS."""
    return boto3.client("sqs", config=Config(connect_timeout=2, read_timeout=20))


def send(queue_url: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Send messages; all of them again by whoever was not told that all were taken."""
    for start in range(0, len(messages), MOST_IN_ONE_CALL):
        some = messages[start : start + MOST_IN_ONE_CALL]
        entries = [{"Id": str(number), "MessageBody": json.dumps(each)} for number, each in enumerate(some)]
        failed = client().send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed")
        if failed:
            raise RuntimeError(f"{len(failed)} messages were not taken")
