"""The Lambda function behind the queue of lanes: registers their rows."""

from typing import Any

from shared.bulk import work
from shared.bulk.messages import batch_handler


def _handle(message: dict[str, Any], context: Any) -> None:
    work.work(**message, time_left=lambda: context.get_remaining_time_in_millis() / 1000)


def _give_up(message: dict[str, Any]) -> None:
    work.give_up(**message)


handler = batch_handler(_handle, _give_up)
