"""Fixtures: a dynoxide of the test session's own, and in it an empty table for each test."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from local import engine as dynoxide
from local import table as table_definition
from shared import auth, stamps
from shared.models import Row

TABLE = "sigec-tests"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",  # the engine asks for one, and does not check it
}

Direct = Callable[..., dict[str, Any]]


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


@pytest.fixture(scope="session")
def direct(engine: dynoxide.Engine) -> Direct:
    """Calls the engine without botocore, which takes ten times as long: for what every test does."""
    connection = http.client.HTTPConnection(urlsplit(engine.endpoint).netloc)

    def call(operation: str, **arguments: Any) -> dict[str, Any]:
        target = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        connection.request("POST", "/", json.dumps(arguments), HEADERS | target)
        answer = connection.getresponse()
        body: dict[str, Any] = json.load(answer)
        assert answer.status == 200, body
        return body

    return call


def new_table(direct: Direct) -> None:
    """Make the table, with nothing remembered of one before it."""
    auth._callers.clear()
    stamps._known.clear()
    direct("CreateTable", TableName=TABLE, **table_definition.definition())


@contextmanager
def empty_table(engine: dynoxide.Engine, direct: Direct, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new table, which the environment names.

    Its name is the same each time, so that the services keep their client.
    """
    patch.setenv("TABLE_NAME", TABLE)
    patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint)
    new_table(direct)
    try:
        yield TABLE
    finally:
        direct("DeleteTable", TableName=TABLE)


@pytest.fixture
def table(engine: dynoxide.Engine, direct: Direct, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty table's name."""
    with empty_table(engine, direct, monkeypatch) as name:
        yield name
