"""Fixtures: what most tests stand on, and the clients that they call with."""

import gc
import itertools
import logging
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local import keys as local_keys
from local.engine import Engine
from shared import radicado
from shared.certificate import keys as certificate_keys
from shared.models import Row
from tests import client
from tests.clock import clock
from tests.engine import Direct, direct, dynamodb, empty_table, engine, table
from tests.fault_proxy import FaultProxy
from tests.files import bucket, files
from tests.hostile.watch import pytest_configure

__all__ = ["bucket", "clock", "direct", "dynamodb", "engine", "files", "pytest_configure", "table"]

os.environ.update(
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    SIGEC_ENVIRONMENT="preprod",
    MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR="false",  # else moto, as SQS, empties a queue once a minute
    PUBLIC_STEP_MILLISECONDS="0",
)

os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)

STAMPS = ("90", "100", "QA202471", "194-000-001", "194-000-002")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """What is there by now stays, so the garbage collector need not look at it again."""
    gc.freeze()


@pytest.fixture
def stored_rows(direct: Direct, table: str) -> Callable[[], list[dict[str, Any]]]:
    """Every row of the table, to see that nothing changed."""

    def rows() -> list[dict[str, Any]]:
        items = direct("Scan", TableName=table, ConsistentRead=True)["Items"]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    return rows


@pytest.fixture
def certifying(bucket: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The bucket, and a key to sign with: the name of the bucket."""
    for name in ("AWS_ENDPOINT_URL_KMS", "CERTIFICATE_KEYS"):
        monkeypatch.setenv(name, "")
    _forget_keys()
    with local_keys.running(tmp_path_factory.getbasetemp() / "key.pem"):
        yield bucket
    _forget_keys()


def _forget_keys() -> None:
    """Of another endpoint."""
    certificate_keys.client.cache_clear()
    certificate_keys._public.cache_clear()


@pytest.fixture(scope="session")
def registered_entity(engine: Engine, direct: Direct) -> tuple[client.Client, list[dict[str, Any]]]:
    """A territorial entity with the stamps of the manual's examples, and its rows: registered once, copied per test."""
    with pytest.MonkeyPatch.context() as patch, empty_table(engine, direct, patch) as name:
        entity = client.new_entity("900000000", *STAMPS)
        rows = direct("Scan", TableName=name)["Items"]
    return entity, rows


@pytest.fixture
def entity(registered_entity: Any, direct: Direct, table: str) -> client.Client:
    """A territorial entity with the stamps of the manual's examples."""
    entity, rows = registered_entity
    direct("BatchWriteItem", RequestItems={table: [{"PutRequest": {"Item": row}} for row in rows]})
    return client.Client(entity.nit, entity.token)


@pytest.fixture
def other_entity(entity: client.Client) -> client.Client:
    """Another territorial entity, with the same stamps."""
    del entity
    return client.new_entity("900000001", *STAMPS)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Radicados are drawn one every nine days from the beginning of 2026 on."""
    moments = itertools.count(1_767_330_000_000, 9 * 86_400_000)

    def draw() -> tuple[str, str]:
        number = radicado.first_of(next(moments))[:-1] + random.choice(radicado.ALPHABET)
        return number, radicado.moment_of(number)

    monkeypatch.setattr(radicado, "draw", draw)


@pytest.fixture
def faulty(engine: Engine, table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """A proxy before the engine, through which the services reach their table; so far it lets everything pass."""
    del table
    proxy = FaultProxy(engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", proxy.url)
    monkeypatch.setattr(Row, "_connection", None)  # it leads past the proxy
    yield proxy
    proxy.stop()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """The lines that the functions, and all libraries at INFO and above, have logged since the last time of asking."""
    caplog.set_level(logging.INFO)
    log = logging.getLogger("sigec")
    log.addHandler(caplog.handler)

    def taken() -> list[str]:
        texts = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return texts

    yield taken
    log.removeHandler(caplog.handler)
