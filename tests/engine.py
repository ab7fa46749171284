"""Fixtures: a dynoxide of the test session's own, and in it an empty table for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from local import engine as dynoxide
from local import table as table_definition
from shared import auth, stamps
from shared.models import Row

TABLE = "sigec-tests"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dynoxide.Engine]:
    """One engine for the session; with pytest-xdist each worker is a session."""
    Row._connection = None  # it leads to the engine of a session before this one, of which a mutant's process is a fork
    with dynoxide.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="session")
def dynamodb(engine: dynoxide.Engine) -> Any:
    """A client of the engine. Clients are slow to make, so one serves the whole run."""
    return boto3.client("dynamodb", endpoint_url=engine.endpoint)


@contextmanager
def empty_table(engine: dynoxide.Engine, dynamodb: Any, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new table, which the environment names, and nothing remembered of another.

    Its name is the same each time, so that the services keep their client.
    """
    patch.setenv("TABLE_NAME", TABLE)
    patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint)
    auth._callers.clear()
    stamps._known.clear()
    dynamodb.create_table(TableName=TABLE, **table_definition.definition())
    try:
        yield TABLE
    finally:
        dynamodb.delete_table(TableName=TABLE)


@pytest.fixture
def table(engine: dynoxide.Engine, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty table's name."""
    with empty_table(engine, dynamodb, monkeypatch) as name:
        yield name
