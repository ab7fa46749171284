"""A cell becomes what a careful person would have written in JSON, or a finding; never a guess."""

import datetime
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import contract, money
from shared.contract import Field
from shared.rejection import Finding
from shared.spreadsheet import amounts, cells, dates
from shared.validation.body import NumberText
from shared.validation.formats import NotNormalError, normal

pytestmark = pytest.mark.files

FIELDS = {
    f"{operation.id}.{field.name}": field for operation in contract.operations().values() for field in operation.fields
}
AMOUNT = FIELDS["registerPayment.valuePaid"]
DAY = FIELDS["registerPayment.paymentDate"]
MOMENT = FIELDS["registerActDocument.generatorFactStartDate"]
CODE = FIELDS["registerActDocument.actDocumentCode"]
DOCUMENT = FIELDS["registerActDocument.taxpayerDocumentNumber"]
STAMP = FIELDS["registerLiquidation.stampNumber"]
NAME = FIELDS["registerActDocument.taxpayerName"]
PLATFORM = FIELDS["registerActDocument.platform"]
KIND = FIELDS["registerActDocument.payerDocumentParametricTypeCode"]
MARCH = datetime.datetime.fromisoformat("2024-03-01 23:59:59.999")  # as calamine gives the last moment before midnight

READ: list[tuple[Field, Any, str]] = [
    (AMOUNT, "$ 100 000 000,00", "100000000.00"),  # illustration 61
    (AMOUNT, "$9 872 200,00", "9872200.00"),  # illustration 62
    (AMOUNT, "9872200", "9872200"),
    (AMOUNT, "10500000.00", "10500000.00"),
    (AMOUNT, "100.200.12", "100200.12"),  # 5.12
    (AMOUNT, "$\u00a01.234.567,89", "1234567.89"),
    (AMOUNT, "1,234,567.89", "1234567.89"),
    (AMOUNT, "1'234.567,5", "1234567.5"),
    (AMOUNT, "1.234.567", "1234567"),
    (AMOUNT, "0.200", "0.20"),
    (AMOUNT, 9876543218989.0, "9876543218989"),
    (AMOUNT, 1234.5600000000002, "1234.56"),  # what a formula leaves
    (AMOUNT, 1234567890123.1201, "1234567890123.12"),
    (AMOUNT, 180098090.5, "180098090.5"),
    (MOMENT, "2025-04-01 15:50:33", "2025-04-01 15:50:33"),
    (MOMENT, "2024-01-01", "2024-01-01 00:00:00"),
    (MOMENT, datetime.date(2024, 1, 31), "2024-01-31 00:00:00"),
    (MOMENT, MARCH, "2024-03-02 00:00:00"),
    (MOMENT, datetime.datetime.fromisoformat("9999-12-31 23:59:59.999"), "9999-12-31 23:59:59"),
    (MOMENT, "31/01/2024 5:03", "2024-01-31 05:03:00"),
    (MOMENT, "31/01/2024 3:50:33 p. m.", "2024-01-31 15:50:33"),
    (MOMENT, "2025-04-01T15:50:33.0", "2025-04-01 15:50:33"),
    (DAY, "2024/01/31", "2024-01-31"),
    (DAY, "2024-1-5", "2024-01-05"),
    (DAY, "1/31/2024", "2024-01-31"),
    (DAY, "5/5/2024", "2024-05-05"),
    (DAY, datetime.datetime.fromisoformat("2024-01-31 08:00"), "2024-01-31"),
    (DOCUMENT, 8807276732.0, "8807276732"),
    (DOCUMENT, "8807276732.0", "8807276732"),
    (DOCUMENT, "0019396910", "0019396910"),
    (DOCUMENT, "8.807.276.732", "8807276732"),
    (DOCUMENT, " 19,396,910 ", "19396910"),
    (DOCUMENT, "1\u00a0033\u00a0277\u00a0373", "1033277373"),
    (DOCUMENT, "396.910", "396910"),
    (DOCUMENT, "19.396,910", "19.396,910"),  # marks of two kinds
    (DOCUMENT, "19.39.6910", "19.39.6910"),
    (DOCUMENT, "0.396.910", "0.396.910"),
    (DOCUMENT, "1939.691", "1939.691"),
    (DOCUMENT, "900.123.456-7", "900.123.456-7"),
    (DOCUMENT, "AB 123 456", "AB 123 456"),
    (CODE, "8.807.276.732", "8.807.276.732"),  # of a code, its marks are a part
    (STAMP, 100.0, "100"),
    (STAMP, "194-000-001", "194-000-001"),
    (NAME, "Diego Ariza 2.0", "Diego Ariza 2.0"),
    (NAME, 20251806.0, "20251806"),
    (KIND, "Cc", "CC"),  # illustration 60
    (KIND, " nit ", "NIT"),
    (PLATFORM, "1.0", "1"),
    (PLATFORM, 1.0, "1"),
]

FOUND: list[tuple[Field, Any, str, dict[str, str]]] = [
    (AMOUNT, "100.200", "amount-ambiguous", {"first": "100200", "second": "100.20"}),
    (AMOUNT, "$ 100,200", "amount-ambiguous", {"first": "100200", "second": "100.20"}),
    (AMOUNT, "1'000.000", "amount-ambiguous", {"first": "1000000", "second": "1000.00"}),
    (AMOUNT, "1,234.567", "amount-ambiguous", {"first": "1234567", "second": "1234.57"}),
    (AMOUNT, 1e15, "digits-lost", {}),
    (AMOUNT, "1,80E+08", "digits-lost", {}),
    (AMOUNT, "#N/D", "cell-in-error", {}),
    (DAY, "1/2/2024", "date-ambiguous", {"first": "2024-02-01", "second": "2024-01-02"}),
    (
        MOMENT,
        "1/2/2024 3:00 pm",
        "date-ambiguous",
        {"first": "2024-02-01 15:00:00", "second": "2024-01-02 15:00:00"},
    ),
    (DAY, "########", "cell-in-error", {}),
    (DOCUMENT, 1234567890123456.0, "digits-lost", {}),
    (DOCUMENT, "1234567890123456.0", "digits-lost", {}),
    (DOCUMENT, "8,80728E+09", "digits-lost", {}),
    (CODE, 2023.1, "digits-lost", {}),
    (CODE, datetime.date(2024, 1, 2), "digits-lost", {}),
    (CODE, True, "digits-lost", {}),
    (STAMP, "#¡VALOR!", "cell-in-error", {}),
    (KIND, "#REF!", "cell-in-error", {}),
]

LEFT: list[tuple[Field, Any]] = [
    (AMOUNT, "-5"),
    (AMOUNT, -5.0),
    (AMOUNT, "cien"),
    (AMOUNT, "100 20"),
    (AMOUNT, "0.205"),
    (AMOUNT, "1234.567"),
    (AMOUNT, 100.205),
    (AMOUNT, 123456789012.125),
    (AMOUNT, 1234567890123.125),
    (AMOUNT, 12345678901234.125),
    (AMOUNT, float("inf")),
    (AMOUNT, float("nan")),
    (AMOUNT, datetime.date(2024, 1, 1)),
    (AMOUNT, True),
    (AMOUNT, "1" * 30),
    (DAY, "31/02/2024"),
    (DAY, "1/2/24"),
    (DAY, 45322.0),
    (MOMENT, "2024-01-31 25:00"),
    (MOMENT, "31/01/2024 13:00 pm"),
    (KIND, "ZZ"),
    (KIND, 1.0),
    (PLATFORM, 1.5),
    (PLATFORM, True),
    (PLATFORM, float("nan")),
]


@pytest.mark.parametrize(("field", "cell", "value"), READ)
def test_a_cell_with_one_reading_becomes_a_member(field: Field, cell: Any, value: str) -> None:
    """What can be read in one way is read so, and validation takes it."""
    read = cells.member(field, cell)
    assert read == value
    assert normal(field, read)


@pytest.mark.parametrize(("field", "cell", "rule", "values"), FOUND)
def test_a_cell_without_one_reading_is_a_finding(field: Field, cell: Any, rule: str, values: dict[str, str]) -> None:
    """What can be read in two ways, or not at all, is told with how to write it; validation takes either writing."""
    assert cells.member(field, cell) == Finding(rule, field.name, values)
    assert Finding(rule, field.name, values).message
    for way in values.values():
        assert normal(field, way)


@pytest.mark.parametrize(("field", "cell"), LEFT)
def test_what_nothing_can_read_is_left_to_validation(field: Field, cell: Any) -> None:
    """It stays as it is, so that the manual's text refuses it."""
    read = cells.member(field, cell)
    assert isinstance(read, str)
    with pytest.raises(NotNormalError):
        normal(field, read)


def test_numbers_stay_numbers() -> None:
    """An amount or a code that was a number is a JSON number, an identifier text."""
    assert isinstance(cells.member(AMOUNT, 5.0), NumberText)
    assert isinstance(cells.member(PLATFORM, 2.0), NumberText)
    assert not isinstance(cells.member(DOCUMENT, 5.0), NumberText)


CENTAVOS = st.integers(1, 10**15)


@given(
    CENTAVOS,
    st.sampled_from([".", ",", " ", "\u00a0", "'"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["", "$", "$ "]),
)
def test_an_amount_with_two_decimals_reads_back_exactly(amount: int, group: str, mark: str, sign: str) -> None:
    """Whatever separates its thousands and its decimals."""
    written = sign + f"{amount // 100:,}".replace(",", group) + mark + f"{amount % 100:02d}"
    assert [money.centavos(each) for each in amounts.readings(written)] == [amount]


@given(st.integers(0, 10**13 - 1))
def test_a_spreadsheets_number_reads_back_exactly(amount: int) -> None:
    """A float of up to 15 digits holds an amount exactly enough."""
    read = cells.member(AMOUNT, amount / 100)
    assert isinstance(read, NumberText)
    assert money.centavos(read) == amount


@given(st.from_regex(r"\$? ?[0-9]{1,4}([., '][0-9]{1,4}){0,3}", fullmatch=True))
def test_no_amount_with_two_readings_is_accepted(text: str) -> None:
    """If both a thousands reading and a decimal one exist, the text is refused, whichever is meant."""
    plain = text.removeprefix("$").strip()
    groups = re.split("[., ']", plain)
    thousands = (
        len(groups) > 1 and groups[0][0] != "0" and len(groups[0]) <= 3 and all(len(each) == 3 for each in groups[1:])
    )
    one_mark = re.fullmatch("([0-9]+)[.,]([0-9]+)", plain)
    read = cells.member(AMOUNT, text)
    if thousands and one_mark:
        assert isinstance(read, Finding)
    elif isinstance(read, str) and read != text:
        assert re.sub("[^0-9]", "", text).rstrip("0") == read.replace(".", "").rstrip("0")


@given(st.dates(datetime.date(1000, 1, 1)), st.sampled_from("-/."))
def test_a_date_is_ambiguous_exactly_when_day_and_month_can_change_places(day: datetime.date, mark: str) -> None:
    """Years first are never ambiguous."""
    assert cells.member(DAY, f"{day.year}{mark}{day.month}{mark}{day.day}") == day.isoformat()
    read = cells.member(DAY, f"{day.day}{mark}{day.month}{mark}{day.year}")
    if day.day <= 12 and day.day != day.month:
        assert isinstance(read, Finding)
        assert read.values["first"] == day.isoformat()
    else:
        assert read == day.isoformat()


@given(st.text(max_size=40))
def test_any_text_reads_or_is_found(text: str) -> None:
    """No text raises anything."""
    for field in (AMOUNT, DAY, MOMENT, DOCUMENT, KIND, PLATFORM):
        assert isinstance(cells.member(field, text), str | Finding)
    assert all(dates.written(each, "day") for each in dates.readings(text))
