"""The copy that is read in a workbook's place holds the same, and spares calamine its second way through a sheet."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from shared.rejection import Rejection
from shared.spreadsheet.unpacked import unpacked
from tests.bulk_files import HEADER, PAYMENT, repacked, xlsx_bytes

pytestmark = pytest.mark.files

SHEET = "xl/worksheets/sheet1.xml"
MARK = b"<mergeCells/>"


def _merged(book: Any) -> None:
    book.active.merge_cells("A4:G4")


GOOD = xlsx_bytes(HEADER, PAYMENT, change=_merged)


def _copied(folder: Path, content: bytes) -> tuple[Path, Path]:
    path = folder / "received"
    path.write_bytes(content)
    return path, unpacked(path)


def _first(path: Path) -> CalamineSheet:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_copy_holds_the_same_parts(tmp_path: Path, method: int) -> None:
    """But for the mark, in sheets alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as good, zipfile.ZipFile(packed, "w", method) as again:
        for name in good.namelist():
            again.writestr(name, good.read(name))
    path, copy = _copied(tmp_path, packed.getvalue())
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(copy) as after:
        assert before.namelist() == after.namelist()
        for name in before.namelist():
            assert after.read(name).replace(MARK, b"", 1) == before.read(name)
            assert (MARK in after.read(name)) == (name == SHEET)


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_the_same_cells_are_read_of_the_copy(tmp_path: Path, prefix: bytes) -> None:
    """However the sheet's cells are named."""

    def renamed(part: bytes) -> bytes:
        return part.replace(b"<sheetData>", b"<%ssheetData>" % prefix).replace(
            b"</sheetData>", b"</%ssheetData>" % prefix
        )

    path, copy = _copied(tmp_path, repacked(GOOD, {SHEET: renamed}))
    assert list(_first(copy).iter_rows()) == list(_first(path).iter_rows())
    assert _first(copy).merged_cell_ranges == []
    assert _first(path).merged_cell_ranges


def test_calamine_goes_no_further_than_the_mark(tmp_path: Path) -> None:
    """When it no longer reads on without one, the mark and this test are not needed any more."""
    path, copy = _copied(
        tmp_path, repacked(GOOD, {SHEET: lambda part: part.replace(b"</sheetData>", b"</sheetData><!")})
    )
    with pytest.raises(CalamineError):
        _first(path)
    assert len(list(_first(copy).iter_rows())) == 2


def test_a_part_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path) -> None:
    """The copy would have a checksum of its own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(SHEET, "<worksheet/>")
    content = packed.getvalue().replace(b"<worksheet/>", b"<workshEet/>")
    with pytest.raises(Rejection, match="file-damaged"):
        _copied(tmp_path, content)
