"""The Lambda function behind the queue of files: divides those that arrived, and ends the loads that are done."""

from typing import Any

from shared.bulk import files
from shared.bulk.finish import break_off, finish
from shared.bulk.messages import batch_handler
from shared.bulk.split import split


def _handle(message: dict[str, Any], _context: object) -> None:
    """A message of ours asks for results; S3's names what arrived, or nothing when it tries the queue out."""
    if "finish" in message:
        finish(**message["finish"])
    for arrived in message.get("Records", ()):
        arrival = arrived["s3"]["object"]
        split(*files.uploaded(arrival["key"]), version=arrival.get("versionId"))


def _give_up(message: dict[str, Any]) -> None:
    if "finish" in message:
        break_off(**message["finish"])
    for arrived in message.get("Records", ()):
        break_off(*files.uploaded(arrived["s3"]["object"]["key"]))


handler = batch_handler(_handle, _give_up)
