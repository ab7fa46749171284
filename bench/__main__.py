"""The whole run, about a quarter of an hour: `make bench`; what each part measures is said in its own module."""

import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from bench import (
    artefacts,
    capacity,
    fidelity,
    ground,
    growth,
    loading,
    plot,
    ratios,
    reading,
    report,
    reporting,
    searching,
    throughput,
)
from bench.report import say

PLACE = artefacts.ROOT / ".local" / "bench"
PAGE = artefacts.ROOT / "docs" / "performance.md"
BLOCK = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)
PRICE = 0.625  # USD per million write request units on demand, us-east-1, 2025; WRITE_PRICE states another


def main() -> None:
    """Measure; show, keep and, when asked to, record the figures."""
    shutil.rmtree(PLACE, ignore_errors=True)
    before = _load()
    say("building the functions' folders")
    choices = [(each, artefacts.build(each, PLACE / "functions")) for each in artefacts.CHOICES]
    with ground.prepared(PLACE / "ground") as place:
        units = capacity.measure(place)
        start = growth.stored(place)
    events = {service: place.write_event(PLACE / f"{service}.json", service) for service in artefacts.SERVICES}
    with ground.copied(place, PLACE / "table") as environment:
        alike = fidelity.measure(choices[1:], place, environment, PLACE)
        cpu = ratios.measure(choices, environment, events)
        rates = throughput.measure(choices, environment, events["payment"])
    [(ours, folder)] = [each for each in choices if each[0].name == artefacts.OURS]
    sizes = growth.FULL_SIZES if os.environ.get("FULL") else growth.SIZES
    measured = {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "titles": {each.name: each.title for each, _ in choices},
        "rounds": ratios.ROUNDS,
        "calls": ratios.CALLS,
        "ratios": cpu,
        "fidelity": alike,
        "throughput": rates,
        "capacity": units,
        "price": float(os.environ.get("WRITE_PRICE") or PRICE),
    }
    logs = reporting.FULL_SIZES if os.environ.get("FULL") else reporting.SIZES
    parts: dict[str, Callable[[], Any]] = {
        "growth": lambda: growth.measure(folder, ours.handlers["payment"], events["payment"], start, PLACE, sizes),
        "reading": lambda: reading.measure(PLACE),
        "loading": lambda: loading.measure(PLACE),
        "reporting": lambda: reporting.measure(PLACE / "reporting", logs),
        "searching": lambda: searching.measure(start, place.token, PLACE, sizes),
        "load": lambda: [before, _load()],
    }
    for name, measure in parts.items():
        _keep(measured)  # a part that fails takes none of those before it along
        measured[name] = measure()
    _keep(measured)
    _show(measured)


def _keep(figures: dict[str, Any]) -> None:
    (PLACE / "figures.json").write_text(json.dumps(figures, default=_plain, indent=1), encoding="utf-8")


def _show(figures: dict[str, Any]) -> None:
    text = report.page(figures)
    (PLACE / "figures.md").write_text(text, encoding="utf-8")
    (PLACE / "figures.svg").write_text(plot.svg(figures), encoding="utf-8")
    if os.environ.get("RECORD"):
        PAGE.write_text(BLOCK.sub(lambda _: text, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        PAGE.with_suffix(".svg").write_text(plot.svg(figures), encoding="utf-8")
    sys.stdout.write(text)


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


main()
