"""Values in their normal form, where no service's case shows which of two reasons refused one."""

from dataclasses import replace
from typing import Any

import pytest

from shared import contract
from shared.validation.body import NumberText
from shared.validation.formats import NotNormalError, normal

CURSOR = next(field for field in contract.operations()["findTickets"].fields if field.name == "cursor")


def _reason(value: Any) -> str:
    with pytest.raises(NotNormalError) as refused:
        normal(CURSOR, value)
    return refused.value.reason


@pytest.mark.parametrize("value", ["a b", "", " a", "a\n", NumberText("12"), 12, None, True, ["a"]])
def test_a_token_is_text_of_ours(value: Any) -> None:
    """A number is none, though its digits would be; nothing is trimmed."""
    assert _reason(value) == "invalid"


def test_a_token_has_its_length() -> None:
    """One character more is too long, if there is a longest."""
    longest = "a" * (CURSOR.maximum_length or 0)
    assert longest
    assert normal(CURSOR, longest) == longest
    assert _reason(f"{longest}a") == "tooLong"
    assert normal(replace(CURSOR, maximum_length=None), f"{longest}a") == f"{longest}a"
