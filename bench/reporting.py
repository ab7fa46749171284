"""What a report costs: seconds, memory and read units, by the entries of the log and by how it is chosen.

    python -m bench.reporting

measures this part alone and prints its table; `python -m bench.reporting fechaRegistroPago 100000 FOLDER` gives the
figures of one report as JSON. Each report is made in a process of its own; the bucket is a folder.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import ground, growth
from bench.ground import NIT, STAMP, TAXPAYER
from bench.reading import peak
from bench.report import reporting, say
from local import engine
from shared import radicado
from shared.models import Row, act_key, liquidation_key, log_key, taxpayer_key
from shared.reporting import making, tickets
from shared.reporting.tickets import ReportTicket

ROOT = Path(__file__).parent.parent
SIZES = (10_000, 100_000)
FULL_SIZES = (*SIZES, 1_376_000)  # of which come a million rows
LIQUIDATIONS, PAYMENTS = 2, 4  # of each act, and of each liquidation
ENTRIES = 1 + LIQUIDATIONS * (1 + PAYMENTS)  # of each act
# Payments are registered months after what they are of: chosen by their registration, the rest is read by key. Both
# come over weeks or months: for each page of a partition, which is a month's, the engine reads on to its end.
DAY = 86_400_000  # milliseconds
JANUARY, MARCH = 1_767_300_000_000, 1_772_400_000_000  # milliseconds
UNPAID, PAID = 45 * DAY, 180 * DAY
BY_ACT, BY_PAYMENT = "fechaActoDocumento", "fechaRegistroPago"
PATIENCE = 3600  # seconds; a machine may be slower than Lambda, which gives 900
DAYS = {BY_ACT: ("2024-01-01", "2024-12-31"), BY_PAYMENT: ("2026-02-20", "2026-12-31")}


def measure(place: Path, sizes: tuple[int, ...] = SIZES, kinds: tuple[str, ...] = tuple(DAYS)) -> dict[str, Any]:
    """For each size and each way to choose: rows, seconds, MiB, read units."""
    found: list[dict[str, Any]] = []
    start = begin(place / "start")
    for entries in sizes:
        say(f"reports of a log of {entries:,} entries")
        with site(place / f"log-{entries}", start, entries) as environment:
            found += [{"entries": entries, "kind": each, **sample(each, place / each, environment)} for each in kinds]
    return {"sizes": found}


def begin(home: Path) -> growth.Stored:
    """An entity and its stamps, before it registered anything."""
    shutil.rmtree(home, ignore_errors=True)
    with ground.prepared(home) as start:
        return growth.stored(start)


@contextmanager
def site(home: Path, start: growth.Stored, entries: int) -> Iterator[dict[str, str]]:
    """An engine in which the entity registered so much: the environment that leads there."""
    shutil.rmtree(home, ignore_errors=True)
    growth.fill(home, start, _rows(entries // ENTRIES))
    with engine.running(home) as own:
        yield ground.environment(own.endpoint)
    shutil.rmtree(home)


def sample(kind: str, place: Path, environment: dict[str, str]) -> dict[str, float]:
    """What a process of its own found."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = [sys.executable, "-W", "ignore", "-m", "bench.reporting", "make", kind, str(place)]
    done = subprocess.run(  # noqa: S603 - ourselves
        command, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _rows(acts: int) -> Iterator[dict[str, Any]]:
    """The log entries of so many acts, their liquidations and payments, and the acts and liquidations themselves."""
    before, after = acts * (1 + LIQUIDATIONS), acts * LIQUIDATIONS * PAYMENTS
    earlier = (JANUARY + UNPAID * number // before for number in range(before))
    later = (MARCH + PAID * number // after for number in range(after))
    for each in range(acts):
        code = f"CCE-{each:07d}-2024"
        act = {**ground.ACT, "actDocumentCode": code, "type": "0", "platform": "2", "generatorFactValue": 500_000_000}
        kept = _kept(next(earlier))
        yield _entry("registerActDocument", act, kept)
        value, end = act["generatorFactValue"], act["generatorFactEndDate"]
        first = {"firstGeneratorFactValue": value, "firstGeneratorFactEndDate": end}
        balance = {"liquidated": 200_000 * LIQUIDATIONS, "remaining": value - 200_000 * LIQUIDATIONS}
        yield _item(act_key(NIT, code), taxpayer_key(TAXPAYER), {**act, **kept, **first, **balance})
        for place in range(LIQUIDATIONS):
            identifier = f"LIQ-{each:07d}-{place}"
            about = {"actDocumentCode": code, "taxpayerDocumentNumber": TAXPAYER, "stampNumber": STAMP, "type": "1"}
            liquidation = {**about, "liquidatedValueId": identifier, "liquidatedValue": 200_000}
            kept = _kept(next(earlier))
            yield _entry("registerLiquidation", liquidation, kept)
            balance = {"remaining": 200_000 - 10_000 * PAYMENTS, "livePayments": PAYMENTS}
            yield _item(liquidation_key(NIT, identifier), "LIQUIDATION", {**liquidation, **kept, **balance})
            for payment in range(PAYMENTS):
                of = {"liquidatedValueId": identifier, "paidValueId": f"{identifier}-{payment}", "valuePaid": 10_000}
                record = {**of, "paymentDate": "2024-08-11", "type": "1"}
                yield _entry("registerPayment", record, _kept(next(later)))


def _kept(moment: int) -> dict[str, str]:
    """What a row keeps of the call that wrote it at a moment, in milliseconds of the epoch."""
    receipt = radicado.first_of(moment)[:-1] + radicado.ALPHABET[moment % 32]
    return {"radicado": receipt, "registeredAt": radicado.moment_of(receipt), "requestId": f"{moment:032d}"}


def _entry(operation: str, record: dict[str, Any], kept: dict[str, str]) -> dict[str, Any]:
    pk = log_key(NIT, kept["registeredAt"], kept["radicado"])
    return _item(pk, kept["radicado"], {"operation": operation, "record": json.dumps(record), **kept})


def _item(pk: str, sk: str, values: dict[str, Any]) -> dict[str, Any]:
    typed = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in values.items()}
    return {"pk": {"S": pk}, "sk": {"S": sk}, **typed}


def _make(kind: str, place: Path) -> dict[str, float]:
    """Make a report and look at what it took."""
    units: Counter[str] = Counter()
    events = Row.connection().client.meta.events
    for call in ("Query", "BatchGetItem"):
        events.register(f"provide-client-params.dynamodb.{call}", _ask_for_units)
        events.register(
            f"after-call.dynamodb.{call}", lambda parsed, call=call, **_: units.update({call: _units(parsed)})
        )
    first, last = DAYS[kind]
    ticket = ReportTicket(tickets.reports_key(NIT), "", territorial=NIT, kind=kind, first_day=first, last_day=last)
    ticket.entities = [NIT]
    started, worked = time.perf_counter(), time.process_time()
    figures = making.write(ticket, place, time.monotonic() + PATIENCE)
    seconds = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - worked}
    sizes = {name: (place / f"reporte.{name}").stat().st_size / 2**20 for name in ("csv", "xlsx")}
    return {
        "rows": figures.rows,
        "peak": peak(),
        **seconds,
        **sizes,
        "log": units["Query"],
        "keys": units["BatchGetItem"],
    }


def _ask_for_units(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


def _units(parsed: dict[str, Any]) -> float:
    used = parsed.get("ConsumedCapacity", ())
    return sum(each["CapacityUnits"] for each in (used if isinstance(used, list) else [used]))


def _main(*arguments: str) -> str:
    home = ROOT / ".local" / "bench" / "reporting"
    match arguments:
        case []:
            return reporting(measure(home, FULL_SIZES if os.environ.get("FULL") else SIZES))
        case ["make", kind, place]:
            return json.dumps(_make(kind, Path(place)))
        case [kind, entries, place]:
            [found] = measure(Path(place), (int(entries),), (kind,))["sizes"]
            return json.dumps(found)
    raise ValueError(arguments)


if __name__ == "__main__":
    sys.stdout.write(_main(*sys.argv[1:]))
