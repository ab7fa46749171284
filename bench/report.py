"""The figures as a page, and what a person sees while they are made."""

import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SERVICES = {"act_document": "acto documento", "liquidation": "liquidación", "payment": "pago"}

CHOSEN_BY = {"fechaActoDocumento": "start of the act", "fechaRegistroPago": "registration of the payment"}


@dataclass(frozen=True)
class Figure:
    """Median, smallest and largest of some samples."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Figure":
        """The figure of these samples."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        """Median, and the range of the samples."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f} to {self.most:,.{digits}f})"


def say(text: str) -> None:
    """Tell the person what is being done."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - for the person


def page(figures: dict[str, Any]) -> str:
    """All tables, in Markdown."""
    titles = figures["titles"]
    ratios = _table(
        ("service", "choice", "cold", "warm", "memory", "cold, ms of CPU", "warm, ms of CPU", "peak memory, MiB"),
        (
            (
                SERVICES[each["service"]],
                titles[each["choice"]],
                *(f"**{each['ratios'][key]:.2f}**" for key in ("cold", "warm", "peak")),
                each["cold"].text(0),
                each["warm"].text(2),
                each["peak"].text(0),
            )
            for each in figures["ratios"]
        ),
    )
    fidelity = _table(
        ("choice", "wrong payments refused as the manual wants"),
        ((titles[name], f"{alike} of {all_}") for name, (alike, all_) in figures["fidelity"].items()),
    )
    throughput = _table(
        ("choice", "clients", "registrations per second", "median, ms", "99th percentile, ms"),
        (
            (
                titles[each["choice"]],
                str(each["clients"]),
                each["per_second"].text(0),
                each["p50"].text(1),
                each["p99"].text(1),
            )
            for each in figures["throughput"]
        ),
    )
    growth = _table(
        ("records in the table", "median, ms", "95th percentile, ms", "99th percentile, ms"),
        (
            (f"{each['records']:,}", each["p50"].text(2), each["p95"].text(2), each["p99"].text(2))
            for each in figures["growth"]
        ),
    )
    price = figures["price"]
    capacity = _table(
        ("operation", "items, bytes each", "index entries", "write units, reported", "computed", "USD per million"),
        (
            (
                each["operation"],
                ", ".join(map(str, each["bytes"])),
                str(each["entries"]),
                f"{each['reported']:g}",
                f"{each['computed']:g}",
                f"{each['reported'] * price:.2f}",
            )
            for each in figures["capacity"]
        ),
    )
    return f"""\
Measured on {figures["machine"]}.
Load average {figures["load"][0]} before and {figures["load"][1]} after.

### CPU and memory, as ratios to a bare boto3 handler

{ratios}
Median (smallest to largest) of {figures["rounds"]} processes; warm over {figures["calls"]} calls in each.
A ratio is the median of the rounds' own ratios.

{fidelity}
### One worker under several clients

{throughput}
### One client, a growing table

{growth}
### Capacity units

{capacity}
At {price} USD per million write request units; an entry of the index takes one.

{reading(figures["reading"])}
{loading(figures["loading"])}
{reporting(figures["reporting"])}
{searching(figures["searching"])}"""


def reading(found: dict[str, Any]) -> str:
    """The tables about reading a file of bulk loads, in Markdown."""
    ways = _table(
        ("what is done", "time", "seconds of CPU", "peak memory, MiB"),
        (
            (each["title"], f"**{each['ratio'].median:.2f}**", each["seconds"].text(2), each["peak"].text(0))
            for each in found["ways"]
        ),
    )
    sizes = _table(
        ("rows", "seconds of CPU, to rows", "seconds of CPU, to records", "peak memory, MiB"),
        (
            (f"{each['rows']:,}", each["read"].text(2), each["records"].text(2), each["peak"].text(0))
            for each in found["sizes"]
        ),
    )
    return f"""\
### Reading a file

{ways}
A workbook of {found["rows"]:,} act documents; each way in {found["rounds"]} processes of its own, in turn.
Time is a ratio to the library alone, the median of the rounds' own ratios.
CPU counts from after the imports and the reading of the contract.

{sizes}"""


def loading(found: dict[str, Any]) -> str:
    """The tables about registering what a file of bulk loads holds, in Markdown."""
    sizes = _table(
        ("rows", "dividing", "registering", "results", "peak memory, MiB: dividing", "registering", "results"),
        (
            (
                f"{each['rows']:,}",
                *(f"{each[part]['seconds']:.1f} s" for part in ("split", "work", "finish")),
                *(f"{each[part]['peak']:.0f}" for part in ("split", "work", "finish")),
            )
            for each in found["sizes"]
        ),
    )
    return f"""\
### Registering a file

A worker registers {found["worker"].text(0)} act documents per second, 24 in a transaction, two lanes at once.
One by one, each in a transaction of its own, the ledger registers {found["alone"].text(0)}.
That is **{found["ratio"].text(2)}** times as many, in one process.
Rounds: {found["rounds"]}, of {found["rows"]:,} rows each way.

{sizes}"""


def searching(found: dict[str, Any]) -> str:
    """The tables about searching act documents, in Markdown."""
    columns = ("seconds of work", "of these the function's", "milliseconds", "read units", "write units")

    def cells(each: dict[str, Any], digits: int) -> tuple[str, ...]:
        work, function, elapsed = each["work"], each["function"], each["milliseconds"]
        units = (f"{each[kind].median:,.1f}" for kind in ("read", "written"))
        return work.text(digits), function.text(digits), elapsed.text(1), *units

    by_code = _table(
        ("act documents", "work", *columns),
        ((f"{each['acts']:,}", f"**{each['ratio'].median:.2f}**", *cells(each, 4)) for each in found["by_code"]),
    )
    by_name = _table(
        ("search", *columns),
        (
            ("the first one, which makes the catalogue", *cells(found["first"], 2)),
            *((each["search"], *cells(each, 3)) for each in found["by_name"]),
        ),
    )
    return f"""\
### Searching act documents

{by_code}
A page of 25 by the beginning of a code. Work is a ratio to the smallest table, the median of the rounds' own ratios.

{by_name}
A page of 25 among {found["acts"]:,} act documents of one entity.
Work is CPU of function and engine together; read and write units are those that the engine reports.
Rounds: {found["rounds"]}.
"""


def reporting(found: dict[str, Any]) -> str:
    """The table about making a report, in Markdown."""
    sizes = _table(
        (
            "log entries",
            "chosen by",
            "rows",
            "seconds",
            "of CPU",
            "rows per second",
            "peak memory, MiB",
            "CSV, MiB",
            "XLSX, MiB",
            "read units: log",
            "by key",
            "per row",
        ),
        (
            (
                f"{each['entries']:,}",
                CHOSEN_BY[each["kind"]],
                f"{each['rows']:,.0f}",
                f"{each['seconds']:.1f}",
                f"{each['cpu']:.1f}",
                f"{each['rows'] / each['seconds']:,.0f}",
                f"{each['peak']:.0f}",
                f"{each['csv']:.0f}",
                f"{each['xlsx']:.0f}",
                f"{each['log']:,.0f}",
                f"{each['keys']:,.0f}",
                f"{(each['log'] + each['keys']) / each['rows']:.2f}",
            )
            for each in found["sizes"]
        ),
    )
    return f"""\
### Making a report

{sizes}"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
