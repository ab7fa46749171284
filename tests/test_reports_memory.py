"""A report of many rows takes little memory. What it takes in time is measured by `make bench`, which fails nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import reporting
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.full]

ROWS = sized(20_000, 200_000)
MOST = sized(95, 190)  # MiB


def test_many_rows_take_little_memory(tmp_path: Path) -> None:
    """In the whole process that makes the report: by payment, the kind that also reads acts and liquidations by key."""
    acts = ROWS // (reporting.LIQUIDATIONS * reporting.PAYMENTS)
    asked = [reporting.BY_PAYMENT, str(acts * reporting.ENTRIES), str(tmp_path)]
    command = [sys.executable, "-W", "ignore", "-m", "bench.reporting", *asked]
    done = subprocess.run(command, cwd=reporting.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    assert found["rows"] == ROWS
    assert found["peak"] < MOST
