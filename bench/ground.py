"""What the calls meet: engine, table, one entity with its token, and parents that hold any number of children."""

import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.inside.unique import UNIQUE
from console import registry
from local import engine, table
from local.folder import DATABASE
from shared import contract
from shared.models import Row

NIT = "8888888888"
STAMP = "194-000-001"
TAXPAYER = "19396910"
LIQUIDATIONS = 32  # one for each client at once: payments of one liquidation would wait for one another
OPERATIONS = {
    "act_document": "registerActDocument",
    "liquidation": "registerLiquidation",
    "payment": "registerPayment",
}
ACT = {
    "type": 0,
    "platform": 2,
    "actDocumentCode": UNIQUE,
    "generatorFactValue": "5000000.00",
    "generatorFactStartDate": "2024-01-01 00:00:00",
    "generatorFactEndDate": "2024-12-31 00:00:00",
    "parametricActDocumentCodeType": "AD4",
    "parametricprocedureCode": "TR1",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": TAXPAYER,
    "taxpayerName": "Diego Ariza",
}
LIQUIDATION = {
    "type": 1,
    "actDocumentCode": "BENCH",
    "taxpayerDocumentNumber": TAXPAYER,
    "liquidatedValueId": UNIQUE,
    "stampNumber": STAMP,
    "liquidatedValue": "0.01",
}
PAYMENT = {
    "type": 1,
    "liquidatedValueId": "BENCH-0",
    "paidValueId": UNIQUE,
    "valuePaid": 0.01,
    "paymentDate": "2024-08-11",
}
BODIES: dict[str, dict[str, Any]] = {"act_document": ACT, "liquidation": LIQUIDATION, "payment": PAYMENT}


@dataclass(frozen=True)
class Ground:
    """An engine's folder, in which the calls find what they need, the token that opens it, and the engine's binary."""

    folder: Path
    token: str
    engine: Path

    def event(self, service: str, body: Mapping[str, Any] | str, **headers: str) -> dict[str, Any]:
        """A call as API Gateway hands it on."""
        path = contract.operation(OPERATIONS[service]).path
        own = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Host": "localhost"}
        return {
            "resource": path,
            "path": path,
            "httpMethod": "POST",
            "headers": {**own, **headers},
            "multiValueHeaders": None,
            "queryStringParameters": None,
            "requestContext": {"requestId": UNIQUE, "path": path, "identity": {"sourceIp": "127.0.0.1"}},
            "body": body if isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }

    def write_event(self, file: Path, service: str) -> Path:
        """The event of a registration, in which UNIQUE stands for what makes each call a new one."""
        file.write_text(json.dumps(self.event(service, BODIES[service])), encoding="utf-8")
        return file


def environment(endpoint: str) -> dict[str, str]:
    """What a deployment would decide, and where the engine is."""
    return {
        "TABLE_NAME": "sigec-bench",
        "SIGEC_ENVIRONMENT": "preprod",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "BENCH_NIT": NIT,
    }


@contextmanager
def prepared(folder: Path) -> Iterator[Ground]:
    """A new table and what the calls need; the functions are this process's own until the end of the block."""
    folder.mkdir(parents=True)
    logging.getLogger("sigec").disabled = True
    with engine.running(folder) as own:
        os.environ.update(environment(own.endpoint))
        Row._connection = None  # noqa: SLF001 - it leads to the engine of a ground before this one
        table.create(os.environ["TABLE_NAME"])
        registry.create_entity(NIT, "Distrito Capital de Prueba")
        registry.add_stamp(NIT, STAMP, "Estampilla Pro Universidad")
        ground = Ground(folder, registry.issue_token(NIT), Path(own.process.args[0]))
        call(ground, "act_document", {**ACT, "actDocumentCode": "BENCH", "generatorFactValue": "9" * 18})
        for number in range(LIQUIDATIONS):
            identifier = f"BENCH-{number}"
            call(ground, "liquidation", {**LIQUIDATION, "liquidatedValueId": identifier, "liquidatedValue": "9" * 16})
        yield ground


@contextmanager
def copied(ground: Ground, folder: Path) -> Iterator[dict[str, str]]:
    """An engine of its own over a copy of the ground: the environment that leads there."""
    folder.mkdir(parents=True)
    shutil.copy(ground.folder / DATABASE, folder)
    with engine.running(folder) as own:
        yield environment(own.endpoint)


def call(ground: Ground, service: str, body: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    """What our function answers in this process to a call that must succeed."""
    event = ground.event(service, body, **headers)
    event["requestContext"]["requestId"] = os.urandom(16).hex()
    answer = import_module(f"functions.{service}").handler(event, None)
    assert answer["statusCode"] == 200, answer
    found: dict[str, Any] = json.loads(answer["body"])
    return found
