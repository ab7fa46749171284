"""Whether a registration stays as fast when the table grows: one worker, one client, tables of different sizes."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import boto3

from bench.ground import NIT, Ground, environment
from bench.report import Figure, say
from bench.sampling import inside
from local import engine
from local.folder import DATABASE

SIZES = (1_000, 100_000)
FULL_SIZES = (*SIZES, 1_000_000)
ROUNDS = 5
SECONDS = 3  # of each measurement


@dataclass(frozen=True)
class Stored:
    """A table's rows and description, and the engine's binary."""

    engine: Path
    table: str
    description: str
    rows: list[dict[str, Any]]


def measure(  # noqa: PLR0913, PLR0917 - as many things as it needs
    folder: Path, handler: str, event: Path, start: Stored, place: Path, sizes: tuple[int, ...]
) -> list[dict[str, Any]]:
    """For each size, milliseconds until a payment is registered."""
    with ExitStack() as engines:
        environments = []
        for size in sizes:
            say(f"filling a table with {size:,} records")
            home = place / f"table-{size}"
            engines.callback(shutil.rmtree, home)  # a million records are half a gigabyte
            fill(home, start, _rows(size))
            environments.append(environment(engines.enter_context(engine.running(home)).endpoint))
        samples: list[list[dict[str, float]]] = [[] for _ in sizes]
        for number in range(ROUNDS):
            say(f"latency by size of the table, round {number + 1} of {ROUNDS}")
            for each, found in zip(environments, samples, strict=True):
                found.append(inside(folder, each, "load", handler, str(event), "1", str(SECONDS)))
    return [
        {"records": size, **{name: Figure.of([each[name] for each in found]) for name in ("p50", "p95", "p99")}}
        for size, found in zip(sizes, samples, strict=True)
    ]


def stored(ground: Ground) -> Stored:
    """What is in the table now, and its description. To be called where calls go."""
    client = boto3.client("dynamodb")
    table = os.environ["TABLE_NAME"]
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    rows = [row for page in pages for row in page["Items"]]
    description = client.describe_table(TableName=table)["Table"]
    return Stored(ground.engine, table, json.dumps({"Table": description}, default=str), rows)


def fill(folder: Path, start: Stored, more: Iterable[dict[str, Any]]) -> None:
    """An engine's file with what is stored, and more rows beside it.

    dynoxide imports what DynamoDB exports, in a tenth of the time of BatchWriteItem.
    """
    data = folder / "export" / start.table / "data"
    data.mkdir(parents=True)
    schema = folder / "schema.json"
    schema.write_text(start.description, encoding="utf-8")
    with gzip.open(data / "rows.json.gz", "wt", compresslevel=1, encoding="utf-8") as export:
        for row in chain(start.rows, more):
            export.write(json.dumps({"Item": row}) + "\n")
    command = [start.engine, "import", "--source", data.parent.parent, "--schema", schema]
    subprocess.run(  # noqa: S603 - our own binary
        [*command, "--output", folder / DATABASE], check=True, capture_output=True
    )
    shutil.rmtree(data.parent.parent)


def _rows(size: int) -> Iterator[dict[str, Any]]:
    """Payments and their log entries, so many rows of both."""
    for number in range(size):
        payment, is_log = divmod(number, 2)
        identifier, radicado = f"FILL-{payment:012d}", f"{payment:026d}"
        kept = {
            "radicado": {"S": radicado},
            "registeredAt": {"S": "2026-01-01T00:00:00.000Z"},
            "requestId": {"S": f"{payment:032d}"},
        }
        record = {"liquidatedValueId": "BENCH-0", "paidValueId": identifier, "paymentDate": "2024-08-11"}
        if is_log:
            yield {
                "pk": {"S": f"ENTITY#{NIT}#LOG#2026-01#{payment % 4}"},
                "sk": {"S": radicado},
                "operation": {"S": "registerPayment"},
                "record": {"S": json.dumps({**record, "valuePaid": 1, "type": "1"})},
                **kept,
            }
        else:
            yield {
                "pk": {"S": f"ENTITY#{NIT}#PAYMENT#{identifier}"},
                "sk": {"S": "PAYMENT"},
                "valuePaid": {"N": "1"},
                **{name: {"S": value} for name, value in record.items()},
                **kept,
            }
