"""Answers at a steady pace: how long one took must not tell what the register holds and does not show."""

import time
from collections.abc import Callable

from shared import retry, settings
from shared.app import View
from shared.call import Answer, Request


def in_steps(
    view: View, wait: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
) -> View:
    """The view, whose every answer and refusal comes a whole number of steps after the call did."""

    def paced(request: Request) -> Answer:
        try:
            return view(request)
        finally:
            step = settings.public_step()
            if step:
                arrived = request.call.deadline - retry.DEADLINE
                wait((arrived - clock()) % step)

    return paced
