"""Values in their normal form, where no service's case shows which of two reasons refused one."""

from dataclasses import replace
from typing import Any

import pytest

from shared import contract
from shared.validation.body import NumberText
from shared.validation.formats import NotNormalError, normal

CODE = next(field for field in contract.operation("verifyCertificate").fields if field.name == "codigo")
ACT_CODE = next(field for field in contract.operation("registerActDocument").fields if field.name == "actDocumentCode")
CURSOR = next(field for field in contract.operation("findTickets").fields if field.name == "cursor")


def _reason(value: Any) -> str:
    with pytest.raises(NotNormalError) as refused:
        normal(CURSOR, value)
    return refused.value.reason


@pytest.mark.parametrize("value", ["a b", "", " a", "a\n", NumberText("12"), 12, None, True, ["a"]])
def test_a_token_is_text_of_ours(value: Any) -> None:
    """A number is none, though its digits would be; nothing is trimmed."""
    assert _reason(value) == "invalid"


def test_blanks_and_byte_order_marks_around_a_text_are_no_part_of_it() -> None:
    """As they come out of spreadsheets and exported files."""
    assert normal(ACT_CODE, "\ufeff\u00a0 CCE 1-2024 \u3000\ufeff") == "CCE 1-2024"


def test_a_token_has_its_length() -> None:
    """One character more is too long, if there is a longest."""
    longest = "a" * (CURSOR.maximum_length or 0)
    assert longest
    assert normal(CURSOR, longest) == longest
    assert _reason(f"{longest}a") == "tooLong"
    assert normal(replace(CURSOR, maximum_length=None), f"{longest}a") == f"{longest}a"


def test_a_code_is_read_as_people_type_it() -> None:
    """Crockford's base 32: letters of either case, O for zero, I and L for one, with hyphens or spaces or without."""
    typed = ("01ab-c1d2 0E-01ab-c1d2 0E", "OLAB-CID2-OE OLAB-CID2-oe", "oiabclD20EoiabclD20E", "01ABC1D20E01ABC1D20E")
    assert {normal(CODE, text) for text in typed} == {"01ABC1D20E01ABC1D20E"}


def test_a_text_that_nothing_could_shorten_enough_is_too_long() -> None:
    """It is refused before it is normalised, by the rule of its length."""
    name = next(each for each in contract.operation("registerActDocument").fields if each.name == "taxpayerName")
    with pytest.raises(NotNormalError) as refused:
        normal(name, "a" * 100_000)
    assert refused.value.reason == "tooLong"
