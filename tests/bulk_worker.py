"""A worker as a process of its own, to be killed: takes lanes from their queue until it dies."""

import os
from types import SimpleNamespace

import boto3

from functions import bulk_work

AMPLE = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)


def work() -> None:
    """Take messages; one that is under way when this process dies comes again."""
    sqs = boto3.client("sqs")
    url = os.environ["LANES_QUEUE"]
    while True:
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", ()):
            record = {"messageId": "1", "body": message["Body"], "attributes": {"ApproximateReceiveCount": "1"}}
            if not bulk_work.handler({"Records": [record]}, AMPLE)["batchItemFailures"]:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    work()
