"""Files as they really are: whatever wrote them, the same records come out, with their rows' numbers."""

import datetime
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from shared.spreadsheet import flat
from shared.spreadsheet.table import Table, open_table
from tests.bulk_files import (
    ACTS,
    HEADER,
    PAYMENT,
    PAYMENTS,
    by_libreoffice,
    csv_bytes,
    file_of,
    header_of,
    opened,
    repacked,
    xlsx_bytes,
)

pytestmark = pytest.mark.files

TITLES = tuple(column.title for column in file_of(PAYMENTS).columns)
RECORDS = [(2, PAYMENT)]

CSV = {
    "commas": csv_bytes(HEADER, PAYMENT),
    "semicolons": csv_bytes(HEADER, PAYMENT, separator=";"),
    "byte order mark": b"\xef\xbb\xbf" + csv_bytes(HEADER, PAYMENT),
    "unix line ends": csv_bytes(HEADER, PAYMENT, end="\n"),
    "old line ends": csv_bytes(HEADER, PAYMENT, end="\r"),
    "trailing empty columns": csv_bytes((*HEADER, "", ""), (*PAYMENT, "", "")),
    "blank lines behind": csv_bytes(HEADER, PAYMENT, (), ("",) * 7, (" ",) * 7),
    "case and space": csv_bytes(tuple(f" {name.upper()} " for name in HEADER), PAYMENT),
    "all quoted": csv_bytes(*(tuple(f'"{cell}"' for cell in row) for row in (HEADER, PAYMENT))),
    "all quoted, semicolons": csv_bytes(
        *(tuple(f'"{cell}"' for cell in row) for row in (HEADER, PAYMENT)), separator=";"
    ),
}


def records_of(table: Table) -> list[tuple[int, tuple[Any, ...]]]:
    """Every record of a table with its row's number."""
    return [(number, tuple(row)) for number, row in table.rows()]


@pytest.mark.parametrize("name", CSV)
def test_every_kind_of_csv_gives_the_same_records(tmp_path: Path, name: str) -> None:
    """Separator, line ends, quotes, a byte order mark and what is empty make no difference."""
    table = opened(tmp_path, CSV[name], "pagos.CSV")
    assert [each.strip().casefold() for each in table.header] == [each.casefold() for each in HEADER]
    assert records_of(table) == RECORDS
    assert records_of(table) == RECORDS
    assert table.count_rows() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive_each_encoding(tmp_path: Path, encoding: str) -> None:
    """UTF-8 or what Excel writes in Colombia."""
    written = (*PAYMENT[:5], "Liquidación Nº 3 € Peña", PAYMENT[6])
    [(_, cells)] = opened(tmp_path, csv_bytes(HEADER, written, encoding=encoding), "p.csv").rows()
    assert cells == written


def test_quoted_cells_may_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    """A row may go over several lines; the next one's number is still the spreadsheet's."""
    row = b'2222222222,,1,2025-04-03,"9,5","LIQ ""1""","a\r\nb"\r\n'
    content = csv_bytes(HEADER) + row + csv_bytes(PAYMENT)
    assert records_of(opened(tmp_path, content, "p.csv")) == [
        (2, ("2222222222", "", "1", "2025-04-03", "9,5", 'LIQ "1"', "a\r\nb")),
        (3, PAYMENT),
    ]


@pytest.mark.parametrize("content", [csv_bytes, xlsx_bytes], ids=["csv", "xlsx"])
def test_rows_keep_the_spreadsheets_numbers(tmp_path: Path, content: Any) -> None:
    """Titles above, the description left in place, and blank rows are passed over and counted."""
    name = "p.csv" if content is csv_bytes else "p.xlsx"
    table = opened(tmp_path, content(("Pagos de abril",), (), HEADER, TITLES, PAYMENT, ("",) * 7, PAYMENT), name)
    assert [number for number, _ in table.rows()] == [5, 7]
    assert table.header == HEADER


@pytest.mark.parametrize(
    ("row", "passed_over"),
    [(TITLES, True), (("NIT ET", "NIT ED", *TITLES[2:5], "", ""), True), (("abc",), False), (PAYMENT, False)],
)
def test_only_a_description_is_passed_over(tmp_path: Path, row: tuple[str, ...], *, passed_over: bool) -> None:
    """A row without digits that has a text for most columns; a stray word is a record, and will be refused as one."""
    table = opened(tmp_path, csv_bytes(HEADER, row, PAYMENT), "p.csv")
    assert table.count_rows() == (1 if passed_over else 2)


def test_a_description_further_down_is_a_record(tmp_path: Path) -> None:
    """Nothing but the first row below the header is passed over."""
    assert opened(tmp_path, csv_bytes(HEADER, PAYMENT, TITLES), "p.csv").count_rows() == 2


def test_short_and_wide_rows(tmp_path: Path) -> None:
    """A short row ends in empty cells; what stands behind the header's columns stays, to be refused."""
    content = csv_bytes(HEADER, PAYMENT[:5], (*PAYMENT, "x"), (*PAYMENT, "", " "))
    rows = [cells for _, cells in opened(tmp_path, content, "p.csv").rows()]
    assert rows == [(*PAYMENT[:5], "", ""), (*PAYMENT, "x"), PAYMENT]


def test_columns_may_be_in_another_order(tmp_path: Path) -> None:
    """The header says which is which."""
    table = opened(tmp_path, csv_bytes(HEADER[::-1], PAYMENT[::-1]), "p.csv")
    assert table.header == HEADER[::-1]
    assert records_of(table) == [(2, PAYMENT[::-1])]


def test_cells_of_a_workbook_keep_their_kinds(tmp_path: Path) -> None:
    """Numbers, dates and text; a formula's value; nothing for an empty cell."""
    moment = datetime.datetime.fromisoformat("2025-04-03 15:50:33")
    row = (2222222222, None, 1, moment, 9872200.5, "LIQ 1", "00123")
    [(number, cells)] = opened(tmp_path, xlsx_bytes(HEADER, row)).rows()
    assert (number, cells) == (2, (2222222222.0, "", 1.0, moment, 9872200.5, "LIQ 1", "00123"))


def test_a_formula_gives_its_cached_value(tmp_path: Path) -> None:
    """As the sheet shows it."""
    content = xlsx_bytes(HEADER, (*PAYMENT[:4], "=1+1", *PAYMENT[5:]))
    cached = {"xl/worksheets/sheet1.xml": lambda part: part.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")}
    [(_, cells)] = opened(tmp_path, repacked(content, cached)).rows()
    assert cells[4] == 2.0


@pytest.mark.parametrize("padding", [0, 12_000], ids=["small", "large"])
def test_cells_in_error_are_told_from_empty_ones(tmp_path: Path, padding: int) -> None:
    """In a sheet that is looked at cell by cell anyway, and in one that is only then."""

    def with_error(book: Any) -> None:
        book.active["E3"].value, book.active["E3"].data_type = "#N/A", "e"

    content = xlsx_bytes(HEADER, PAYMENT, PAYMENT, *[PAYMENT] * padding, change=with_error)
    rows = dict(opened(tmp_path, content).rows())
    assert (rows[2][4], rows[3][4], rows[3][5]) == (PAYMENT[4], "#N/A", PAYMENT[5])
    assert sum("#N/A" in cells for cells in rows.values()) == 1


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_visible_sheet_with_the_header_counts(tmp_path: Path, state: str) -> None:
    """Sheets that are hidden, or hold something else, are passed over."""

    def more(book: Any) -> None:
        book.active.sheet_state = state
        book.create_chartsheet("Gráfico")
        book.create_sheet("Notas").append(["Notas"])
        for number in (1, 2):
            sheet = book.create_sheet(f"Pagos {number}")
            sheet.append(HEADER)
            sheet.append((*PAYMENT[:6], f"PAG {number}"))

    [(_, cells)] = opened(tmp_path, xlsx_bytes(HEADER, PAYMENT, change=more)).rows()
    assert cells[6] == "PAG 1"


def test_errors_are_those_of_the_sheet_that_counts(tmp_path: Path) -> None:
    """Each sheet has its own."""

    def more(book: Any) -> None:
        book.active["E2"].value, book.active["E2"].data_type = "#N/A", "e"
        book.active["A1"] = "Notas"
        book.create_sheet("Pagos").append(HEADER)
        book["Pagos"].append(PAYMENT)

    [(_, cells)] = opened(tmp_path, xlsx_bytes(("Notas",), PAYMENT, change=more)).rows()
    assert cells == PAYMENT


def test_a_table_may_begin_at_another_column(tmp_path: Path) -> None:
    """Columns that are empty all the way down are passed over."""
    [(number, cells)] = opened(tmp_path, xlsx_bytes((None, *HEADER), (None, *PAYMENT))).rows()
    assert (number, cells) == (2, PAYMENT)


def test_the_manuals_act_in_csv(tmp_path: Path) -> None:
    """Illustration 60, with the comma that its print leaves out."""
    row = (
        '2222222222,,QA24-0013,3,9876543218989,"2025-04-01 15:50:33","2025-06-16 19:32:43",'
        "AD4,Cc,8807276732,PRUEBA QA 20252406,0"
    )
    content = ",".join(header_of(ACTS)).encode() + b"\n" + row.encode()
    [(_, cells)] = opened(tmp_path, content, "actos.csv", ACTS).rows()
    assert cells[5] == "2025-04-01 15:50:33"
    assert cells[8] == "Cc"


def test_a_csv_is_never_held_as_a_whole(tmp_path: Path) -> None:
    """Rows come while the file is read."""
    path = tmp_path / "received"
    path.write_bytes(csv_bytes(HEADER, *[PAYMENT] * 50_000))
    [sheet, *_] = flat.sheets(path, mismatch=None)  # type: ignore[arg-type]
    rows = sheet.rows()
    assert next(rows)[0] == 1
    rows.close()  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice is not here")
def test_a_workbook_that_libreoffice_wrote_loads(tmp_path: Path) -> None:
    """As an entity without Excel makes it."""
    (tmp_path / "pagos.csv").write_bytes(csv_bytes(HEADER, PAYMENT))
    table = open_table(by_libreoffice(tmp_path / "pagos.csv"), "pagos.xlsx", file_of(PAYMENTS))
    assert [cells[6] for _, cells in table.rows()] == ["factura3107"]
