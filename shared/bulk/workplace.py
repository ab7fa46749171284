"""Where files of this machine are worked on, so that none of them outlives its work.

When Lambda ends an invocation at its time limit, it ends the process and keeps /tmp for the next one.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, removed afterwards. What ended processes left is removed first, unless others are at work.

    Who is at work holds a shared lock, which ends with its process: who gets the exclusive one is alone.
    """
    place = Path(tempfile.gettempdir(), f"sigec-{os.getuid()}")
    place.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in place.iterdir():
                shutil.rmtree(left)
        fcntl.flock(lock, fcntl.LOCK_SH)
        with tempfile.TemporaryDirectory(dir=place) as made:
            yield Path(made)
    finally:
        os.close(lock)
