"""Several reports written as one transaction: what a row that is only checked tells each of them."""

import pytest

from shared.models import Row
from shared.retry import deadline
from shared.transaction import Transaction, commit_together

pytestmark = pytest.mark.usefixtures("table")


def _checks(place: str) -> Transaction:
    transaction = Transaction()
    transaction.check("there", Row("A", place), Row.pk.exists())
    return transaction


def test_whoever_checks_what_is_missing_is_told_so() -> None:
    """Of three, the two that ask for the same missing row; the third asks for one that is there."""
    Row("A", "present").save()
    absent, present = {"there": None}, {}
    asking = [_checks(place) for place in ("absent", "present", "absent")]
    assert commit_together(asking, deadline()) == [absent, present, absent]
    assert commit_together([_checks("present"), _checks("present")], deadline()) == [{}, {}]
