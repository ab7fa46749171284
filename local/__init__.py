"""Runs the services on this machine: `make run`. Nothing here is deployed."""

import sys


class CannotRunError(Exception):
    """Why the services cannot run here, and what to do: text in Spanish for the person."""


def say(text: str, *, error: bool = False) -> None:
    """Tell the person something, in Spanish."""
    print(text, file=sys.stderr if error else sys.stdout, flush=True)
