"""What a search for act documents costs: by the beginning of a code, and by a part of a name.

    python -m bench.searching

measures this part alone and prints its tables. Work is CPU, of the function (a process of its own that has answered
before) and of the engine together.
"""

import json
import logging
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import ground, growth
from bench.ground import NIT
from bench.growth import Stored
from bench.report import Figure, say, searching
from functions import query
from local import engine
from local.engine import Engine
from shared import contract, groups, radicado, retry
from shared.models import Row, act_key, log_key, taxpayer_key

ROOT = Path(__file__).parent.parent
OPERATION = "findActDocuments"
NAMES_IN = 100_000  # act documents of the entity in which names are looked for
ROUNDS = 5
PAGES = 100  # of each measurement by code
SEARCHES = 10  # of each by name
FIRST = 1_767_600_000_000  # epoch milliseconds; from then on an act document is registered each second
FIRST_NAMES = "JUAN MARÍA CARLOS ANA LUIS JOSÉ DIEGO PAULA ANDRÉS CAMILO LINA SOFÍA PEDRO MARTA ÓSCAR INÉS YESID RUBÉN"
LAST_NAMES = (
    "GÓMEZ PÉREZ RODRÍGUEZ LÓPEZ ARIZA MUÑOZ PEÑA CASTRO ROJAS TORRES DÍAZ VARGAS RINCÓN BEJARANO CORTÉS ACOSTA"
)
BY_CODE = {"actDocumentCode": "CCE-5", "match": "startsWith"}
BY_NAME = {
    "a part of a name that nobody has": {"taxpayerName": "bejarano rincon ruben"},
    "a part of a name that one in 80,000 has": {"taxpayerName": "ines yesid bejarano rin"},
    "a part of a name that one in 16 has": {"taxpayerName": "bejar"},
    "parts of a code, a document and a name": {
        "actDocumentCode": "-9",
        "taxpayerDocumentNumber": "77",
        "taxpayerName": "maria carlos",
    },
}


def measure(start: Stored, token: str, place: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    """For each size what a page by code costs, and for each search by name what it costs, first and afterwards."""
    with ExitStack() as stack:
        engines = {}
        for size in sizes:
            say(f"filling a table with {size:,} act documents")
            home = place / f"acts-{size}"
            shutil.rmtree(home, ignore_errors=True)
            stack.callback(shutil.rmtree, home)
            growth.fill(home, start, _rows(size))
            engines[size] = stack.enter_context(engine.running(home))
        by_code: dict[int, list[Any]] = {size: [] for size in sizes}
        for number in range(ROUNDS):
            say(f"a page by the beginning of a code, round {number + 1} of {ROUNDS}")
            for size, found in by_code.items():
                found.append(_sample(engines[size], token, BY_CODE, PAGES))
        first = _first(place / f"acts-{NAMES_IN}", place / "first", token)
        names = []
        for title, criteria in BY_NAME.items():
            say(title)
            samples = [_sample(engines[NAMES_IN], token, criteria, SEARCHES) for _ in range(ROUNDS)]
            names.append({"search": title, **_figures(samples)})
    base = by_code[sizes[0]]
    return {
        "acts": NAMES_IN,
        "by_code": [
            {
                "acts": size,
                **_figures(found),
                "ratio": Figure.of([_work(each) / _work(one) for each, one in zip(found, base, strict=True)]),
            }
            for size, found in by_code.items()
        ],
        "first": _figures(first),
        "by_name": names,
        "rounds": ROUNDS,
    }


def _first(home: Path, place: Path, token: str) -> list[Any]:
    """What the first search costs, which makes the catalogue, in copies of a table without one."""
    samples = []
    for number in range(ROUNDS):
        say(f"the first search by a name, round {number + 1} of {ROUNDS}")
        shutil.copytree(home, place)
        with engine.running(place) as copy:
            samples.append(_sample(copy, token, {"taxpayerName": "bejarano rincon ruben"}, 1))
        shutil.rmtree(place)
    return samples


def _figures(samples: list[Any]) -> dict[str, Any]:
    names = ("function", "engine", "milliseconds", "read", "written")
    return {"work": Figure.of([_work(each) for each in samples])} | {
        name: Figure.of([each[name] for each in samples]) for name in names
    }


def _work(sample: Any) -> float:
    work: float = sample["function"] + sample["engine"]
    return work


def _rows(size: int) -> Iterator[dict[str, Any]]:
    """Act documents and their log entries."""
    draw = random.Random(size)  # noqa: S311 - names, not secrets
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    for number in range(size):
        milliseconds = FIRST + number * 1000
        receipt = radicado.first_of(milliseconds)[:10] + "".join(draw.choices(radicado.ALPHABET, k=16))
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(milliseconds / 1000))
        record = {
            "actDocumentCode": f"CCE-{number * 7919 % size}-2026",
            "platform": "2",
            "generatorFactStartDate": "2026-01-01 00:00:00",
            "generatorFactEndDate": "2026-12-31 00:00:00",
            "parametricActDocumentCodeType": "AD4",
            "parametricprocedureCode": "TR1",
            "payerDocumentParametricTypeCode": "CC",
            "taxpayerDocumentNumber": str(draw.randrange(10_000_000, 1_200_000_000)),
            "taxpayerName": " ".join((*draw.choices(first, k=2), *draw.choices(last, k=2))),
        }
        kept = {
            "radicado": {"S": receipt},
            "registeredAt": {"S": moment},
            "requestId": {"S": f"{number:036d}"},
        }
        code = record["actDocumentCode"]
        amounts = ("generatorFactValue", "firstGeneratorFactValue", "remaining")
        yield {
            "pk": {"S": act_key(NIT, code)},
            "sk": {"S": taxpayer_key(record["taxpayerDocumentNumber"])},
            "firstGeneratorFactEndDate": {"S": record["generatorFactEndDate"]},
            "liquidated": {"N": "0"},
            "liquidations": {"N": "0"},
            **{name: {"N": "500000000"} for name in amounts},
            **{name: {"S": value} for name, value in (record | groups.of_act(NIT, code, receipt)).items()},
            **kept,
        }
        yield {
            "pk": {"S": log_key(NIT, moment, receipt)},
            "sk": {"S": receipt},
            "operation": {"S": "registerActDocument"},
            "record": {"S": json.dumps({**record, "generatorFactValue": 500_000_000, "type": "0"})},
            **{name: {"S": value} for name, value in groups.of_creation(record, receipt).items()},
            **kept,
        }


def _sample(own: Engine, token: str, body: dict[str, Any], calls: int) -> Any:
    """Seconds of CPU, milliseconds and capacity units of a call, in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.searching", str(own.process.pid), token, json.dumps(body), str(calls)],
        cwd=ROOT,
        env={**os.environ, **ground.environment(own.endpoint)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _inside(pid: str, token: str, body: str, calls: int) -> dict[str, float]:
    """The average of some calls after one that opens connections, and finds nothing."""
    logging.getLogger("sigec").disabled = True
    retry.DEADLINE = 600.0  # seconds: the machine may be busy, and what is measured is CPU
    units = {"read": 0.0, "written": 0.0}
    events = Row.connection().client.meta.events

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def count(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        kind = "written" if model.name == "PutItem" else "read"
        units[kind] += sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))

    for name in ("GetItem", "Query", "BatchGetItem", "PutItem"):
        events.register(f"provide-client-params.dynamodb.{name}", ask)
        events.register(f"after-call.dynamodb.{name}", count)
    _call(token, json.dumps({"actDocumentCode": "-", "match": "equals"}))
    units.update(read=0, written=0)
    started, own, others = time.perf_counter(), time.process_time(), _cpu(pid)
    for _ in range(calls):
        _call(token, body)
    return {
        "function": (time.process_time() - own) / calls,
        "engine": (_cpu(pid) - others) / calls,
        "milliseconds": (time.perf_counter() - started) / calls * 1000,
        **{kind: each / calls for kind, each in units.items()},
    }


def _cpu(pid: str) -> float:
    """Seconds of CPU that a process has used."""
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _call(token: str, body: str) -> None:
    path = contract.operation(OPERATION).path
    event = {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "requestContext": {"requestId": os.urandom(16).hex(), "path": path, "identity": {"sourceIp": "127.0.0.1"}},
        "body": body,
        "isBase64Encoded": False,
    }
    answer = query.handler(event, None)
    assert answer["statusCode"] == 200, answer


def _alone(place: Path) -> dict[str, Any]:
    shutil.rmtree(place, ignore_errors=True)
    with ground.prepared(place / "ground") as here:
        start = growth.stored(here)
    return measure(start, here.token, place, growth.FULL_SIZES if os.environ.get("FULL") else growth.SIZES)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write(searching(_alone(ROOT / ".local" / "bench-searching")))
    else:
        _, pid, token, body, calls = sys.argv
        sys.stdout.write(json.dumps(_inside(pid, token, body, int(calls))))
