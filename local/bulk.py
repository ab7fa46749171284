"""What bulk load needs around its functions: bucket and queues in moto's server, and the deliveries between them."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import boto3

from local import CannotRunError, engine, template

HOST = "127.0.0.1"
BUCKET = "sigec-local-files"
ACCOUNT = "123456789012"  # moto's
# Each queue, and for how many seconds a message is hidden: as long as its function may take.
QUEUES = {"FILES_QUEUE": 600, "REPORTS_QUEUE": 600, "LANES_QUEUE": 120}
DEAD_LETTERS = "dead_letters"
LANES_AT_ONCE = 3
WAIT_SECONDS = 1
ATTEMPTS, PAUSE = 200, 0.05  # and seconds, until the server listens
AGAIN_AFTER = 5  # seconds: a message that failed comes again sooner than on AWS
STOPS_WITHIN = 5.0  # seconds; what a worker leaves half done is done whole by another, or not at all

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@contextmanager
def running() -> Iterator[None]:
    """Bucket, queues and workers, known to the functions by the environment; nothing is kept of them afterwards."""
    from shared.bulk import bucket, queues  # noqa: PLC0415 - with what only bulk loads need

    with server():
        _ = bucket.client(), bucket.worker_client(), queues.client()  # made now: boto3 makes no clients in threads
        stop = threading.Event()
        workers = [threading.Thread(target=_deliver, args=(*each, stop), daemon=True) for each in _sources()]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            stop.set()
            ends = time.monotonic() + STOPS_WITHIN
            for worker in workers:
                worker.join(max(0.0, ends - time.monotonic()))


@contextmanager
def server() -> Iterator[None]:
    """Bucket and queues, empty, at an endpoint that the environment names. Raises CannotRunError.

    A process of its own, so that the functions share their Python with nothing else.
    """
    port = engine.free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", HOST, "-p", str(port)]
    process = engine.own_process(command, subprocess.DEVNULL)
    endpoint = f"http://{HOST}:{port}"
    os.environ["AWS_ENDPOINT_URL_S3"] = os.environ["AWS_ENDPOINT_URL_SQS"] = endpoint
    try:
        _wait_for(port, process)
        prepare(f"{BUCKET}-{port}")  # no certificate of an earlier run is looked for in it
        yield
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(ATTEMPTS):
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(PAUSE)
    raise CannotRunError("El servidor de archivos (moto) no arrancó.")


def prepare(bucket: str = BUCKET) -> None:
    """Create bucket and queues at the endpoints that the environment names, and tell the functions of them."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    sqs.create_queue(QueueName=DEAD_LETTERS)
    redrive = json.dumps({"deadLetterTargetArn": _arn(DEAD_LETTERS), "maxReceiveCount": _most_receives()})
    for name, seconds in QUEUES.items():
        attributes: Any = {"VisibilityTimeout": str(seconds), "RedrivePolicy": redrive}
        os.environ[name] = sqs.create_queue(QueueName=name.lower(), Attributes=attributes)["QueueUrl"]
    notification: Any = {
        "QueueArn": _arn("files_queue"),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [notification]}
    )
    os.environ["BUCKET_NAME"] = bucket
    os.environ["MOST_RECEIVES"] = str(_most_receives())


def _arn(queue: str) -> str:
    return f"arn:aws:sqs:{os.environ['AWS_DEFAULT_REGION']}:{ACCOUNT}:{queue}"


def _most_receives() -> int:
    most: int = template.resources()["LanesQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    return most


def _sources() -> list[tuple[Any, str, Handler, int]]:
    """Client, queue, handler and time-out in seconds, once for each message that is worked on at once."""
    from functions import bulk_split, bulk_work  # noqa: PLC0415 - with what only bulk loads need

    sqs = boto3.client("sqs")
    split = (sqs, os.environ["FILES_QUEUE"], bulk_split.handler, QUEUES["FILES_QUEUE"])
    report = (sqs, os.environ["REPORTS_QUEUE"], bulk_split.handler, QUEUES["REPORTS_QUEUE"])
    work = (sqs, os.environ["LANES_QUEUE"], bulk_work.handler, QUEUES["LANES_QUEUE"])
    return [split, report, *[work] * LANES_AT_ONCE]


def _deliver(sqs: Any, queue_url: str, handler: Handler, timeout: int, stop: threading.Event) -> None:
    """What Lambda's event source does: bring messages to a handler, and delete those that did not fail.

    A function is told that its time is over when the run stops.
    """
    while not stop.is_set():
        answer = sqs.receive_message(
            QueueUrl=queue_url, WaitTimeSeconds=WAIT_SECONDS, AttributeNames=["ApproximateReceiveCount"]
        )
        for message in answer.get("Messages", ()):
            ends = time.monotonic() + timeout
            context = SimpleNamespace(
                aws_request_id=str(uuid.uuid4()),
                get_remaining_time_in_millis=lambda ends=ends: (
                    0 if stop.is_set() else int((ends - time.monotonic()) * 1000)
                ),
            )
            record = {
                "messageId": message["MessageId"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            which = {"QueueUrl": queue_url, "ReceiptHandle": message["ReceiptHandle"]}
            if handler({"Records": [record]}, context)["batchItemFailures"]:
                sqs.change_message_visibility(**which, VisibilityTimeout=AGAIN_AFTER)
            else:
                sqs.delete_message(**which)
