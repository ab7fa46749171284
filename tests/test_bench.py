"""What the benchmark puts into a table is what the services would."""

from collections.abc import Callable
from typing import Any

import pytest

from bench import searching
from tests.bodies import ACT
from tests.client import Client


@pytest.mark.around
def test_searches_are_measured_among_rows_like_the_services_own(
    entity: Client, stored_rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """An act document and its log entry have the attributes that a registration gives them, each of its type."""
    entity.post("registerActDocument", ACT)
    registered = {row["pk"]["S"].split("#")[2]: row for row in stored_rows() if row["pk"]["S"].count("#") > 1}
    act, entry = searching._rows(1)
    assert _types(act) == _types(registered["ACT"])
    assert _types(entry) == _types(registered["LOG"])


def _types(row: dict[str, Any]) -> dict[str, str]:
    return {name: kind for name, value in row.items() for kind in value}
