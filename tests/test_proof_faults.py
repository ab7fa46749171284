"""Hundreds of writes while everything that may go wrong does: in full, ten thousand under each kind of fault."""

import pytest

from tests.proof import faults

pytestmark = pytest.mark.slow


def test_no_acknowledged_write_is_lost_or_doubled_under_faults() -> None:
    """Nothing acknowledged is lost, nothing is there twice, and nobody is told that it repeats what it never did."""
    figures = faults.prove("short", "all mixed", 800, lambda _count: None, deadline=0.2)
    assert figures.faults > 100


def test_the_time_limit_holds_whatever_befalls_a_call() -> None:
    """What does not pass ends as 503 with Retry-After, one attempt after the deadline at the latest."""
    assert faults.prove_time_limit("short", lambda _count: None, deadline=0.5).longest > 0.3
