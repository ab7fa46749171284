"""A report of many rows takes little memory. What it takes in time is measured by `make bench`, which fails nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import reporting
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.full]

ROWS = sized(10_000, 200_000)
FEW = 8
MOST = sized(16, 100)  # MiB more than a report of few rows takes


def test_many_rows_take_little_memory(tmp_path: Path) -> None:
    """In the whole process that makes the report: by payment, the kind that also reads acts and liquidations by key."""
    assert _peak(tmp_path, ROWS) - _peak(tmp_path, FEW) < MOST


def _peak(folder: Path, rows: int) -> float:
    acts = rows // (reporting.LIQUIDATIONS * reporting.PAYMENTS)
    asked = [reporting.BY_PAYMENT, str(acts * reporting.ENTRIES), str(folder / str(rows))]
    command = [sys.executable, "-W", "ignore", "-m", "bench.reporting", *asked]
    done = subprocess.run(command, cwd=reporting.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    assert found["rows"] == rows
    peak: float = found["peak"]
    return peak
