"""What `make prove` runs in each of its processes: a job at a time, telling the first process how far it is."""

import time
from multiprocessing.queues import Queue

from tests.proof import jobs

PAUSE = 0.5  # seconds from one telling to the next

_progress: "Queue[tuple[str, int]]"


def keep(progress: "Queue[tuple[str, int]]") -> None:
    """Where this process's jobs tell how far they are."""
    global _progress  # noqa: PLW0603 - there is no other way to hand it to a worker process
    _progress = progress


def run(name: str, seed: str) -> jobs.Result:
    """Run a job."""
    told = time.monotonic()

    def tell(count: int) -> None:
        nonlocal told
        if time.monotonic() - told >= PAUSE:
            told = time.monotonic()
            _progress.put((name, count))

    _progress.put((name, 0))
    return jobs.run(name, seed, tell)
