"""Where a load's files stand in the bucket."""

import hashlib
from pathlib import Path
from urllib.parse import unquote_plus


def upload_key(nit: str, ticket: str, file_name: str) -> str:
    """The client's file. Of its name only the extension, which the contract limits."""
    return f"uploads/{nit}/{ticket}{extension(file_name)}"


def uploaded(key: str) -> tuple[str, str]:
    """The NIT and the ticket of a client's file, from its key as S3's events write it."""
    _, nit, name = unquote_plus(key).split("/")
    return nit, name.partition(".")[0]


def lane_key(nit: str, ticket: str, lane: int) -> str:
    """The steps of a lane."""
    return f"lanes/{nit}/{ticket}/{lane:04d}.json"


def result_key(nit: str, ticket: str, name: str) -> str:
    """A file with the results of a load."""
    return f"results/{nit}/{ticket}/{name}"


def report_key(nit: str, ticket: str, build: str) -> str:
    """The files of a report, without their extension. Each attempt at it has files of its own."""
    return f"results/{nit}/{ticket}/{build}"


def template_key(content: bytes, file_name: str) -> str:
    """A template: another content, as after a change of the contract, has another key."""
    return f"templates/{hashlib.sha256(content).hexdigest()}/{file_name}"


def extension(file_name: str) -> str:
    """.csv or .xlsx."""
    return Path(file_name).suffix.lower()
