"""Clients at once over few keys, under faults: each history can be told as calls one after the other."""

import pytest

from tests.proof import histories

pytestmark = pytest.mark.slow


def test_concurrent_histories_are_linearizable() -> None:
    """Creations, amendments, liquidations, payments, annulments and repetitions at once, of two entities."""
    figures = histories.prove("short", 4, lambda _count: None)
    assert figures.histories == 16
