"""The clock of what tries again and of searches, without waiting."""

import time

import pytest

from shared import retry
from shared.catalogue import upkeep


class Clock:
    """A clock on which nothing takes time but pauses, and what a test says; the date is the true one."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self.pauses: list[float] = []
        self.time = time.time

    @property
    def paused(self) -> float:
        """Seconds of all pauses."""
        return sum(self.pauses)

    def monotonic(self) -> float:
        """The moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """A pause."""
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of retries and searches; every pause is as long as chance may make it."""
    clock = Clock()
    for module in (retry, upkeep):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(retry.secrets, "randbelow", lambda most: most - 1)
    return clock
