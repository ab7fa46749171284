"""Fixtures: a dynoxide of the test session's own, and in it a fresh table for each test."""

import uuid
from collections.abc import Iterator

import pytest

from local import engine as dynoxide
from local import table as table_definition
from shared import auth, stamps


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dynoxide.Engine]:
    """One engine for the session; with pytest-xdist each worker is a session."""
    with dynoxide.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
def table(engine: dynoxide.Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new table, which the environment names too; nothing is remembered of another."""
    name = f"sigec-{uuid.uuid4()}"
    environment = {
        "TABLE_NAME": name,
        "SIGEC_ENVIRONMENT": "preprod",
        "AWS_ENDPOINT_URL_DYNAMODB": engine.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    auth._callers.clear()
    stamps._known.clear()
    table_definition.create(name)
    return name
