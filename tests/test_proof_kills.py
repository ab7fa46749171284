"""kill -9 while clients write: what was acknowledged is there when the process is back, and nothing by halves."""

import pytest

from tests.proof import kills

pytestmark = pytest.mark.slow


def test_killed_engine_loses_no_acknowledged_write() -> None:
    """The engine is killed under load, and another started on its file."""
    assert kills.prove_engine("short", 4, lambda _count: None).writes > 4 * kills.BETWEEN[0]


def test_killed_server_leaves_nothing_half_written() -> None:
    """`make run` is killed under load, and started again in its folder: records, balances, log and keys agree."""
    assert kills.prove_server("short", 2, lambda _count: None).writes > 2 * kills.BETWEEN[0]
