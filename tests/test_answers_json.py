"""Answers are JSON whose amounts are digit for digit what is registered."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import answers

pytestmark = pytest.mark.untraced

TEXTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(-(10**20), 10**20))
def test_an_amount_is_a_number_with_two_decimals_and_every_digit(centavos: int) -> None:
    """Centavos come out as pesos, and no digit of them is rounded."""
    written = answers.dumps([answers.amount(centavos)])[1:-1]
    assert Decimal(written) * 100 == centavos
    assert written.partition(".")[2].isdigit()
    assert len(written.partition(".")[2]) == 2
    assert json.loads(written) == float(written)


@given(TEXTS)
def test_everything_else_is_written_as_json_writes_it(value: object) -> None:
    """What is read back is what was written."""
    assert answers.dumps(value) == json.dumps(value, ensure_ascii=False)
