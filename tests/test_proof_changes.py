"""An entity's log is followed while writes commit late and out of order: in full, with the real limits and deadline."""

import pytest

from tests.proof import changes
from tests.proof.found import Found

pytestmark = pytest.mark.slow

SHORT = changes.Limits(deadline=1, patience=1, withheld=5)
WRITES = 250


def test_who_follows_the_log_sees_every_change_once_in_order() -> None:
    """Whatever commits late, and whatever overtakes it, each change is told once, in the order of the radicados."""
    figures = changes.prove("short", WRITES, lambda _count: None, SHORT)
    assert figures.overtaken > WRITES / 20


def test_a_log_that_withholds_nothing_is_caught_skipping() -> None:
    """Told as soon as it is there, a change hides from the reader whatever commits after it with an older radicado."""
    careless = changes.Limits(SHORT.deadline, SHORT.patience, withheld=0)
    with pytest.raises(Found, match="was never told"):
        changes.prove("short", WRITES, lambda _count: None, careless)
