"""The templates are the contract's, and load when they are filled in."""

import datetime
import io
from pathlib import Path
from shutil import which
from typing import Any

import openpyxl
import pytest

from shared import contract
from shared.rejection import Rejection
from shared.spreadsheet import templates
from shared.spreadsheet.rows import read_row
from shared.validation import Record
from tests.bulk_files import ACTS, CALLER, LIQUIDATIONS, PAYMENTS, by_libreoffice, file_of, header_of, opened

pytestmark = pytest.mark.files

LOADS = {each.id: each for each in (ACTS, LIQUIDATIONS, PAYMENTS)}
MOMENT = datetime.datetime.fromisoformat("2025-04-01 15:50:33")
FILLED = {
    "loadActDocuments": (
        "2222222222", None, "0013", "3", 98765.5, MOMENT, MOMENT, "AD4", "CC", "00123", "PRUEBA", "0",
    ),
    "loadLiquidations": ("2222222222", None, "1", "0013", "090", 100.25, "LIQ", "00123", "CC"),
    "loadPayments": ("2222222222", None, "1", MOMENT.date(), 9872200, "LIQ", "0001"),
}  # fmt: skip


def _workbook(operation: contract.Operation) -> Any:
    return openpyxl.load_workbook(io.BytesIO(templates.xlsx_template(file_of(operation))))


def _filled(load: contract.Operation) -> bytes:
    """The template with one row."""
    book = _workbook(load)
    for place, cell in enumerate(FILLED[load.id], start=1):
        book.worksheets[0].cell(2, place).value = cell
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _record(folder: Path, content: bytes, load: contract.Operation) -> Record:
    """The one record in a filled template, which stands in the second row."""
    table = opened(folder, content, "plantilla.xlsx", load)
    [(number, cells)] = table.rows()
    assert number == 2
    file = file_of(load)
    return read_row(contract.operation(file.registers), file, CALLER, table.header, cells)


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_a_template_filled_in_loads(tmp_path: Path, load: contract.Operation) -> None:
    """What a person types into it comes out: zeros in front, dates, amounts."""
    record = _record(tmp_path, _filled(load), load)
    assert {"0013", "00123", "0001"} & set(record.values.values())


@pytest.mark.slow
@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_a_template_that_libreoffice_saved_holds_the_same(tmp_path: Path, load: contract.Operation) -> None:
    """An entity without Excel keeps what it wrote, and the lists to choose from."""
    path = tmp_path / "plantilla.xlsx"
    path.write_bytes(_filled(load))
    saved = by_libreoffice(path)
    assert _record(tmp_path, saved.read_bytes(), load) == _record(tmp_path, _filled(load), load)
    lists = [openpyxl.load_workbook(each).worksheets[0].data_validations.dataValidation for each in (path, saved)]
    assert len(lists[0]) == len(lists[1]) > 0


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_a_template_has_the_header_and_no_records(tmp_path: Path, load: contract.Operation, extension: str) -> None:
    """It is refused as empty, and for nothing else."""
    content = (templates.csv_template if extension == "csv" else templates.xlsx_template)(file_of(load))
    with pytest.raises(Rejection) as refused:
        opened(tmp_path, content, f"plantilla.{extension}", load)
    assert [finding.rule for finding in refused.value.findings] == ["file-empty"]


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_columns_keep_what_is_typed(load: contract.Operation) -> None:
    """Text columns are text; dates and amounts have their form; each coded column has its list."""
    fields = {field.name: field for field in contract.operation(file_of(load).registers).fields}
    sheet = _workbook(load).worksheets[0]
    lists = {str(each.sqref).split(":")[0]: each.formula1 for each in sheet.data_validations.dataValidation}
    forms = {"amount": "#,##0.00", "moment": "yyyy-mm-dd hh:mm:ss", "day": "yyyy-mm-dd"}
    for place, column in enumerate(file_of(load).columns, start=1):
        cell = sheet.cell(1, place)
        field = fields.get(column.parameter or "")
        letter = cell.column_letter
        assert cell.value == column.name
        assert sheet.column_dimensions[letter].number_format == forms.get(field.kind if field else "", "@")
        codes = sorted({str(code) for code in field.codes}) if field else []
        assert sorted(lists.pop(f"{letter}2", '""').strip('"').split(",")) == (codes or [""])
    assert not lists


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_the_second_sheet_explains_each_column(load: contract.Operation) -> None:
    """By its name and its Spanish title, what it takes, and whether it must be there."""
    explained = list(_workbook(load).worksheets[1].values)
    assert [row[:2] for row in explained[1:]] == [(column.name, column.title) for column in file_of(load).columns]
    assert all(row[2].endswith(".") for row in explained[1:])
    needed = {row[0] for row in explained[1:] if row[3] == "Sí"}
    optional = {"descentralizedEntity"} | ({"payerDocumentParametricTypeCode"} if load is LIQUIDATIONS else set())
    assert needed == set(header_of(load)) - optional


def test_two_makings_are_equal() -> None:
    """Nothing of the moment gets into a template."""
    assert templates.xlsx_template(file_of(PAYMENTS)) == templates.xlsx_template(file_of(PAYMENTS))
