"""The Lambda function behind the queues of files and of reports: divides files, ends finished loads, makes reports."""

from typing import Any

from shared.bulk import files
from shared.bulk.finish import break_off, finish
from shared.bulk.messages import batch_handler
from shared.bulk.split import give_up, split
from shared.reporting import making


def _handle(message: dict[str, Any], context: Any) -> None:
    """A message of ours asks for results or a report; S3's names what arrived, or nothing when it tries the queue."""
    if "finish" in message:
        finish(**message["finish"])
    if "report" in message:
        making.make(**message["report"], time_left=lambda: context.get_remaining_time_in_millis() / 1000)
    for arrived in message.get("Records", ()):
        arrival = arrived["s3"]["object"]
        split(*files.uploaded(arrival["key"]), version=arrival.get("versionId"))


def _give_up(message: dict[str, Any]) -> None:
    if "finish" in message:
        break_off(**message["finish"])
    if "report" in message:
        making.break_off(**message["report"])
    for arrived in message.get("Records", ()):
        arrival = arrived["s3"]["object"]
        give_up(*files.uploaded(arrival["key"]), version=arrival.get("versionId"))


handler = batch_handler(_handle, _give_up)
