"""What reading a file of bulk loads costs, beside the bare library and openpyxl, and how it grows with its rows.

    python -m bench.reading

measures this part alone and prints its tables. Each sample is a process of its own.
"""

import datetime
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.report import Figure, reading, say
from shared import contract
from shared.contract import loads

ROOT = Path(__file__).parent.parent
ROWS = 100_000
SIZES = (10_000, 20_000, 40_000, 80_000)
ROUNDS = 5
NIT = "2222222222"
TITLES = {
    "bare": "python-calamine alone",
    "ours": "ours: checked, and read",
    "records": "ours: checked, read, and each row validated",
    "csv": "ours: the same rows in CSV, checked, read, and each row validated",
    "openpyxl": "openpyxl, read-only",
}


def measure(place: Path) -> dict[str, Any]:
    """Seconds of CPU and MiB for each way to read a workbook, and for ours by its rows."""
    place.mkdir(parents=True, exist_ok=True)
    largest, *files = [write(place / f"acts-{rows}", rows) for rows in (ROWS, *SIZES)]
    found: dict[str, list[dict[str, float]]] = {way: [] for way in TITLES}
    sizes: list[dict[str, list[dict[str, float]]]] = [{"ours": [], "records": []} for _ in files]
    for number in range(ROUNDS):
        say(f"reading files, round {number + 1} of {ROUNDS}")
        for way, samples in found.items():
            samples.append(sample(way, largest))
        for file, by_way in zip(files, sizes, strict=True):
            for way, samples in by_way.items():
                samples.append(sample(way, file))
    return {
        "rows": ROWS,
        "rounds": ROUNDS,
        "ways": [
            {
                "title": title,
                "ratio": Figure.of(
                    [each["seconds"] / bare["seconds"] for each, bare in zip(found[way], found["bare"], strict=True)]
                ),
                **_figures(found[way]),
            }
            for way, title in TITLES.items()
        ],
        "sizes": [
            {
                "rows": rows,
                "read": _figures(by_way["ours"])["seconds"],
                "records": _figures(by_way["records"])["seconds"],
                "peak": _figures(by_way["records"])["peak"],
            }
            for rows, by_way in zip(SIZES, sizes, strict=True)
        ],
    }


def _figures(samples: list[dict[str, float]]) -> dict[str, Figure]:
    return {name: Figure.of([each[name] for each in samples]) for name in ("seconds", "peak")}


def sample(way: str, file: Path) -> dict[str, float]:
    """What a process of its own found: seconds of CPU, and MiB."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.reading", way, str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    sample: dict[str, float] = json.loads(done.stdout)
    return sample


def write(path: Path, rows: int) -> Path:
    """The same act documents as a workbook and as CSV; the path without its extension."""
    header = [column.name for column in _acts().columns]
    start = datetime.datetime(2025, 4, 1, 15, 50, 33)  # noqa: DTZ001 - a spreadsheet's
    with (
        xlsxwriter.Workbook(path.with_suffix(".xlsx")) as book,
        path.with_suffix(".csv").open("w", encoding="utf-8") as flat,
    ):
        sheet = book.add_worksheet()
        dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, header)
        flat.write(",".join(header) + "\n")
        for row in range(1, rows + 1):
            code, value, number, name = f"QA-{row:07d}", 180098090.5 + row, str(8807276732 + row), f"PRUEBA QA {row}"
            for place, text in {0: NIT, 2: code, 7: "AD4", 8: "CC", 9: number, 10: name}.items():
                sheet.write_string(row, place, text)
            for place, figure in {3: 1, 4: value, 11: 0}.items():
                sheet.write_number(row, place, figure)
            for place in (5, 6):
                sheet.write_datetime(row, place, start, dated)
            flat.write(f"{NIT},,{code},1,{value:.2f},{start},{start},AD4,CC,{number},{name},0\n")
    return path


def _acts() -> loads.File:
    return loads.files()["loadActDocuments"]


def _bare(path: Path) -> Callable[[], int]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - a process imports what it measures

    def read() -> int:
        return sum(1 for _ in CalamineWorkbook.from_path(path.with_suffix(".xlsx")).get_sheet_by_index(0).iter_rows())

    return read


def _openpyxl(path: Path) -> Callable[[], int]:
    import openpyxl  # noqa: PLC0415 - likewise

    def read() -> int:
        book = openpyxl.load_workbook(path.with_suffix(".xlsx"), read_only=True, data_only=True)
        return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))

    return read


def _ours(path: Path) -> Callable[[], int]:
    from shared.spreadsheet.table import open_table  # noqa: PLC0415 - likewise

    file = _acts()
    return lambda: sum(1 for _ in open_table(path.with_suffix(".xlsx"), "actos.xlsx", file).rows())


def _records(path: Path, extension: str = ".xlsx") -> Callable[[], int]:
    from shared.call import Caller  # noqa: PLC0415 - likewise
    from shared.spreadsheet.rows import read_row  # noqa: PLC0415 - likewise
    from shared.spreadsheet.table import open_table  # noqa: PLC0415 - likewise

    file, caller = _acts(), Caller(NIT, NIT)
    registration = contract.operation(file.registers)

    def read() -> int:
        table = open_table(path.with_suffix(extension), f"actos{extension}", file)
        return sum(1 for _, cells in table.rows() if read_row(registration, file, caller, table.header, cells))

    return read


def _main() -> None:
    if len(sys.argv) == 1:
        sys.stdout.write(reading(measure(ROOT / ".local" / "bench" / "reading")))
        return
    _, way, path = sys.argv
    ways = {"bare": _bare, "ours": _ours, "records": _records, "openpyxl": _openpyxl}
    read = _records(Path(path), ".csv") if way == "csv" else ways[way](Path(path))
    started = time.process_time()
    read()
    seconds = time.process_time() - started
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak()}))


def peak() -> float:
    """MiB of this process alone: what getrusage tells begins with what its parent had."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    [peak] = (line.split()[1] for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(peak) / 1024


if __name__ == "__main__":
    _main()
