"""SQS batches -> calls, one log line each, and which messages must come again."""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared import settings
from shared.boundary import where

Context = Any
"""Lambda's: get_remaining_time_in_millis."""

_log = logging.getLogger("sigec")


def batch_handler(
    handle: Callable[[dict[str, Any], Context], None], give_up: Callable[[dict[str, Any]], None]
) -> Callable[[dict[str, Any], Context], dict[str, Any]]:
    """A handler of SQS events that names the messages that failed, for SQS to deliver them again.

    When a message comes for the last time, it is given up and not tried again: whatever happened to those who tried,
    even if they died of it, is told then. SQS puts it into the dead-letter queue afterwards.
    """

    def succeeds(record: dict[str, Any], context: Context) -> bool:
        message = json.loads(record["body"])
        started = time.perf_counter()
        outcome: dict[str, Any] = {"outcome": "done"}
        is_last = int(record["attributes"]["ApproximateReceiveCount"]) >= settings.most_receives()
        try:
            if is_last:
                outcome["outcome"] = "given up"
                give_up(message)
            else:
                handle(message, context)
        except Exception as error:  # noqa: BLE001 - one message must not take the others of its batch with it
            outcome = {"outcome": "failed", "failure": where(error)}
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        _log.info(json.dumps({"message": _known(message), **outcome, "milliseconds": milliseconds}))
        return bool(outcome["outcome"] == "done")

    def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
        records = event["Records"]
        with ThreadPoolExecutor(len(records) or 1) as pool:  # while one waits for the table, another works
            succeeded = pool.map(lambda record: succeeds(record, context), records)
        failed = [each["messageId"] for each, is_done in zip(records, succeeded, strict=True) if not is_done]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    return handler


def _known(message: dict[str, Any]) -> dict[str, Any]:
    """A message of ours, or the keys of what arrived, which are made of entity and ticket."""
    if "Records" in message:
        return {"arrived": [record["s3"]["object"]["key"] for record in message["Records"]]}
    return message
