"""Rehearses a deployment on this machine: `make deploy-test`. Nothing here is deployed."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local import CannotRunError, say
from local.folder import ROOT

REGION = "us-east-1"
WAIT = 0.1  # seconds between looks at a process that is starting


class RehearsalError(Exception):
    """What did not go as it must: text in Spanish for the person."""


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    say(f"\n{text}")
    began = time.monotonic()
    yield
    say(f"  {time.monotonic() - began:.1f} s")


def check(what: str, seen: object, expected: object) -> None:
    """Raises RehearsalError when what was seen is not what was expected."""
    if seen != expected:
        raise RehearsalError(f"{what}: se esperaba {expected!r} y fue {seen!r}")


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_ready: Callable[[], bool], seconds: float, missing: str) -> None:
    """Look until it is ready. Raises CannotRunError, saying what is missing, when it takes longer."""
    limit = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > limit:
            raise CannotRunError(missing)
        time.sleep(WAIT)


__all__ = ["REGION", "ROOT", "CannotRunError", "RehearsalError", "check", "free_port", "say", "step", "wait_until"]
