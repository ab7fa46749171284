"""What registering the rows of a file costs beside the same rows one by one, and how a load grows with its rows.

    python -m bench.loading

measures this part alone and prints its tables. Bucket and queues are a folder and a list: what is measured is our work
and the engine's.
"""

import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import ground, reading
from bench.report import Figure, loading, say
from functions import bulk_work
from local import engine, table
from shared import contract, radicado, retry
from shared.bulk import bucket, files, finish, queues, split, tickets
from shared.bulk.tickets import Ticket
from shared.call import Report
from shared.ledger import acts
from shared.validation import read_members

ROOT = Path(__file__).parent.parent
ROUNDS = 5
RATE_ROWS = 2_400
SIZES = (10_000, 20_000, 40_000, 80_000, 100_000)
SERVICE = "loadActDocuments"


def measure(place: Path) -> dict[str, Any]:
    """Rows per second both ways, and seconds and MiB of each part of a load by its rows."""
    say("registering rows one by one and by a worker")
    rates = _sample("rate", place, RATE_ROWS)
    sizes = []
    for rows in SIZES:
        say(f"a load of {rows:,} rows")
        sizes.append({"rows": rows, **{part: _sample(part, place, rows) for part in ("split", "work", "finish")}})
    return {
        "rows": RATE_ROWS,
        "rounds": ROUNDS,
        "alone": Figure.of([each["alone"] for each in rates]),
        "worker": Figure.of([each["worker"] for each in rates]),
        "ratio": Figure.of([each["worker"] / each["alone"] for each in rates]),
        "sizes": sizes,
    }


def _sample(part: str, place: Path, rows: int) -> Any:
    """What a process of its own found."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.loading", part, str(place), str(rows)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _rate(place: Path, rows: int) -> list[dict[str, float]]:
    """Rows per second, round by round."""
    found = []
    with _site(place, rows):
        for number in range(ROUNDS + 1):
            ticket = _arrived(place, rows, f"round {number}")
            split.split(ticket.nit, ticket.sk, None)
            lanes = [message["lane"] for message in _sent if "lane" in message]
            steps = [_new_codes(ticket, lane, number) for lane in lanes]
            started = time.perf_counter()
            for each in steps:
                for _, members in (row for step in each for row in step):
                    _alone(ticket, {**members, "actDocumentCode": f"{members['actDocumentCode']} alone"})
            alone = time.perf_counter() - started
            started = time.perf_counter()
            for two in (lanes[start : start + 2] for start in range(0, len(lanes), 2)):
                _work(ticket.nit, ticket.sk, two)
            found.append({"alone": rows / alone, "worker": rows / (time.perf_counter() - started)})
    return found[1:]  # the first makes connections and compiles


def _new_codes(ticket: Ticket, lane: int, number: int) -> Any:
    """The steps of a lane, of act documents that are not registered yet."""
    key = files.lane_key(ticket.nit, ticket.sk, lane)
    bucket.put(key, bucket.get(key).replace(b'"QA-', f'"QA-{number}-'.encode()))
    return json.loads(bucket.get(key))


def _work(nit: str, ticket: str, lanes: list[int]) -> None:
    """Bring messages to the worker, as many at once as the template has it."""
    records = [
        {
            "messageId": str(lane),
            "body": json.dumps({"nit": nit, "ticket_id": ticket, "lane": lane}),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        for lane in lanes
    ]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)
    assert not bulk_work.handler({"Records": records}, context)["batchItemFailures"]


def _alone(ticket: Ticket, members: dict[str, Any]) -> None:
    """One row through validation and ledger, as a call."""
    operation = contract.operation("registerActDocument")
    record = read_members(operation, {name: str(value) for name, value in members.items()})
    receipt, moment = radicado.draw()
    acts.report_act_document(
        Report(f"{ticket.sk} {receipt}", retry.deadline(), operation, ticket.caller, record, receipt, moment)
    )


def _part(part: str) -> Callable[[Path, int], dict[str, float]]:
    """Seconds and peak memory of one part of a load; the parts before it have left their files."""

    def measured(place: Path, rows: int) -> dict[str, float]:
        state = place / f"load-{rows}.json"
        with _site(place, rows, keep=part != "split"):
            if part == "split":
                ticket = _arrived(place, rows, "load")
                state.write_text(json.dumps([ticket.nit, ticket.sk]))
            nit, number = json.loads(state.read_text())
            lanes = 0 if part == "split" else int(tickets.find(nit, number, retry.deadline()).lanes)
            started = time.perf_counter()
            if part == "split":
                split.split(nit, number, None)
            elif part == "work":
                for start in range(0, lanes, 2):
                    _work(nit, number, list(range(start, min(start + 2, lanes))))
            else:
                finish.finish(nit, number)
            seconds = time.perf_counter() - started
        return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}

    return measured


PARTS: dict[str, Callable[[Path, int], Any]] = {
    "rate": _rate,
    "split": _part("split"),
    "work": _part("work"),
    "finish": _part("finish"),
}

_sent: list[dict[str, Any]] = []


@contextmanager
def _site(place: Path, rows: int, *, keep: bool = False) -> Iterator[None]:
    """An engine, a folder for the bucket, a list for the queues; `keep` what a process before this one left."""
    home = place / f"site-{rows}"
    if not keep:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
    kept = home / "bucket"
    with engine.running(home) as own:
        os.environ.update(ground.environment(own.endpoint), FILES_QUEUE="files", LANES_QUEUE="lanes", MOST_RECEIVES="5")
        logging.getLogger("sigec").disabled = True
        if not keep:
            table.create(os.environ["TABLE_NAME"])
        bucket.put = lambda key, content: _put(kept / key, content)
        bucket.put_file = lambda key, path: _put(kept / key, path.read_bytes())
        bucket.get = lambda key: (kept / key).read_bytes()
        bucket.download = lambda key, _version, path: shutil.copy(kept / key, path)
        queues.send = lambda _url, messages, _deadline: _sent.extend(messages)
        yield


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _arrived(place: Path, rows: int, name: str) -> Ticket:
    """The ticket of a file of so many rows that has arrived."""
    number, moment = radicado.draw()
    ticket = Ticket(
        tickets.tickets_key(reading.NIT),
        number,
        operation=SERVICE,
        territorial=reading.NIT,
        file_name="actos.xlsx",
        only_check=False,
        received_at=moment,
        upload_expires=int(time.time()),
    )
    ticket.save()
    _sent.clear()
    path = reading.write(place / f"{name}-{rows}", rows)
    bucket.put(files.upload_key(ticket.nit, number, ticket.file_name), path.with_suffix(".xlsx").read_bytes())
    return ticket


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write(loading(measure(ROOT / ".local" / "bench")))
    else:
        part, place, rows = sys.argv[1:]
        sys.stdout.write(json.dumps(PARTS[part](Path(place), int(rows))))
