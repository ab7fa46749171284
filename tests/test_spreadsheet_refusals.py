"""What is refused as a whole, before any record; and no bytes at all raise anything but a refusal."""

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contract import loads
from shared.rejection import Rejection
from tests.bulk_files import HEADER, PAYMENT, csv_bytes, opened, repacked, xlsx_bytes

pytestmark = pytest.mark.files

GOOD = xlsx_bytes(HEADER, PAYMENT)
SHEET = "xl/worksheets/sheet1.xml"
LONG = 50 * 1024 * 1024
CORE = zipfile.ZipFile(io.BytesIO(GOOD)).read("docProps/core.xml")  # a part that nobody reads


def _refusal(folder: Path, content: bytes, name: str = "pagos.xlsx") -> list[tuple[str, str | None]]:
    with pytest.raises(Rejection) as refused:
        opened(folder, content, name)
    assert all(finding.message for finding in refused.value.findings)
    return [(finding.rule, finding.parameter) for finding in refused.value.findings]


def _in(part: str, old: bytes, new: bytes) -> bytes:
    """The good workbook with a change in one part."""

    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return repacked(GOOD, {part: change})


def _limited(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    limited = replace(loads.bulk(), **limits)
    monkeypatch.setattr(loads, "bulk", lambda: limited)


HEADERS = {
    "missing": (HEADER[:-1], [("file-column-missing", "paidValueId")]),
    "unknown": ((*HEADER, "Nota"), [("file-column-unknown", "Nota")]),
    "without a name": ((*HEADER[:3], "", *HEADER[3:]), [("file-column-unknown", "D")]),
    "repeated": ((*HEADER, "TYPE"), [("file-column-repeated", "type")]),
    "misspelt": (
        (*HEADER[:-1], "payedValueId"),
        [("file-column-missing", "paidValueId"), ("file-column-unknown", "payedValueId")],
    ),
    "in Spanish": (("NIT ET", "NIT ED", "Tipo"), [("file-header-unknown", None)]),
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("content", [csv_bytes, xlsx_bytes], ids=["csv", "xlsx"])
def test_a_wrong_header_is_refused_by_its_columns(tmp_path: Path, name: str, content: Any) -> None:
    """Each column that is missing, unknown or repeated is named."""
    header, findings = HEADERS[name]
    extension = "csv" if content is csv_bytes else "xlsx"
    assert _refusal(tmp_path, content(header, PAYMENT), f"p.{extension}") == findings


def test_the_header_is_looked_for_in_the_first_rows_only(tmp_path: Path) -> None:
    """Within ten rows."""
    titles = [("Pagos",)] * 9
    assert opened(tmp_path, csv_bytes(*titles, HEADER, PAYMENT), "p.csv").count_rows() == 1
    assert _refusal(tmp_path, csv_bytes(*titles, ("x",), HEADER, PAYMENT), "p.csv") == [("file-header-unknown", None)]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "p.csv"),
        (b"", "p.xlsx"),
        (b"\r\n\r\n", "p.csv"),
        (csv_bytes(HEADER), "p.csv"),
        (csv_bytes(HEADER, ("",) * 7, ()), "p.csv"),
        (xlsx_bytes(HEADER), "p.xlsx"),
        (xlsx_bytes(), "p.xlsx"),
    ],
)
def test_a_file_without_records_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    """With a header or without."""
    assert _refusal(tmp_path, content, name) == [("file-empty", None)]


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000

WORKBOOKS = {
    "old workbook": (OLE2, "file-type-mismatch"),
    "encrypted": (OLE2 + "EncryptedPackage".encode("utf-16-le"), "file-encrypted"),
    "csv": (csv_bytes(HEADER, PAYMENT), "file-type-mismatch"),
    "archive of something else": (repacked(GOOD, {"[Content_Types].xml": lambda _: b"<Types/>"}), "file-type-mismatch"),
    "binary workbook": (
        _in(
            "[Content_Types].xml",
            b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"ms-excel.sheet.binary.main",
        ),
        "file-type-mismatch",
    ),
    "macros": (repacked(GOOD, added={"xl/vbaProject.bin": b"\0"}), "file-with-macros"),
    "macro-enabled": (
        _in(
            "[Content_Types].xml",
            b"openxmlformats-officedocument.spreadsheetml.sheet.main",
            b"ms-excel.sheet.macroEnabled.main",
        ),
        "file-with-macros",
    ),
    "macro sheet": (repacked(GOOD, added={"xl/macrosheets/sheet1.xml": b"<x/>"}), "file-with-macros"),
    "link to a workbook": (repacked(GOOD, added={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "file-with-links"),
    "data connection": (repacked(GOOD, added={"xl/connections.xml": b"<x/>"}), "file-with-links"),
    "outside relation": (
        _in(
            "xl/_rels/workbook.xml.rels",
            b"</Relationships>",
            b'<Relationship Id="z" Type="t/oleObject" TargetMode="External" Target="http://x"/></Relationships>',
        ),
        "file-with-links",
    ),
    "entity": (
        _in(SHEET, b"<worksheet ", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet '),
        "file-with-links",
    ),
    "document type in UTF-16": (
        repacked(GOOD, {SHEET: lambda part: part.decode().encode("utf-16")}),
        "file-damaged",
    ),
    "part with another checksum": (GOOD.replace(zlib.crc32(CORE).to_bytes(4, "little"), b"\1\2\3\4"), "file-damaged"),
    "cut short": (GOOD[:-200], "file-damaged"),
    "cut very short": (GOOD[:10], "file-damaged"),
    "broken sheet": (_in(SHEET, b"</sheetData>", b""), "file-damaged"),
    "something behind": (GOOD + b"x" * 30, "file-damaged"),
    "something before": (GOOD[:4] + GOOD, "file-damaged"),
    "cell of 50 MB": (_in(SHEET, b"factura3107", b"x" * LONG), "file-damaged"),
    "stray cell": (_in(SHEET, b'r="G2"', b'r="XFD1048576"'), "file-expands-too-much"),
    "column of its own invention": (_in(SHEET, b'r="G2"', b'r="ZZZZZZ2"'), "file-expands-too-much"),
    "cell without reference, far down": (
        _in(SHEET, b'<row r="2"><c r="A2"', b'<row r="99999999"><c'),
        "file-expands-too-much",
    ),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    """By what it is."""
    content, rule = WORKBOOKS[name]
    assert _refusal(tmp_path, content) == [(rule, None)]


ODD = {
    "stray column": (b'<c r="G2"', b'<c r="XFD2"'),
    "stray column of a prefixed cell": (b'<c r="G2"', b'<x:c r="XFD2"'),
    "stray column, other quotes": (b'<c r="G2"', b"<c r='XFD2'"),
    "stray column, said last": (b'<c r="G2"', b'<c s="0" r="XFD2"'),
    "cells without reference": (b'<c r="G2"', b"<c/>" * 20_000 + b"<c"),
    "stray row": (b'<c r="G2"', b'<c r="G9999999"'),
}


@pytest.fixture(scope="module")
def large() -> bytes:
    """A workbook whose sheet is not looked at cell by cell unless something is odd."""
    return xlsx_bytes(HEADER, *[PAYMENT] * 6000)


@pytest.mark.parametrize("name", ODD)
def test_a_cell_far_out_is_found_in_a_large_sheet_too(tmp_path: Path, large: bytes, name: str) -> None:
    """However it says where it stands; calamine would take gigabytes for it."""
    old, new = ODD[name]
    content = repacked(large, {SHEET: lambda part: part.replace(old, new)})
    assert _refusal(tmp_path, content) == [("file-expands-too-much", None)]


@pytest.mark.parametrize("padding", [0, 6000])
def test_a_cell_that_is_merely_odd_is_read(tmp_path: Path, padding: int) -> None:
    """A column beyond Z is no reason to refuse a file; its row is too wide, which is the row's own matter."""
    content = repacked(
        xlsx_bytes(HEADER, PAYMENT, *[PAYMENT] * padding),
        {
            SHEET: lambda part: part.replace(b'<c r="A3"', b"<c r='A3'").replace(
                b"</row>", b'<c r="AB2"><v>1</v></c></row>', 2
            )
        },
    )
    rows = dict(opened(tmp_path, content).rows())
    assert len(rows[2]) == 28
    assert len(rows) == 1 + padding


def test_a_hyperlink_in_a_cell_is_no_link(tmp_path: Path) -> None:
    """Excel makes one of every address that is typed."""

    def link(book: Any) -> None:
        book.active["F2"].hyperlink = "mailto:alguien@example.org"

    assert opened(tmp_path, xlsx_bytes(HEADER, PAYMENT, change=link)).count_rows() == 1


FLAT = {
    "workbook": (GOOD, "file-type-mismatch"),
    "UTF-16": ("\t".join(HEADER).encode("utf-16"), "file-type-mismatch"),
    "bytes of no encoding": (csv_bytes(HEADER) + b"\x81\x8d", "file-type-mismatch"),
    "quotes that do not close": (csv_bytes(HEADER, PAYMENT) + b'"2222222222,,1', "file-damaged"),
    "text behind quotes": (csv_bytes(HEADER, (*PAYMENT[:5], '"LIQ" 1', "x")), "file-damaged"),
    "cell of 50 MB": (csv_bytes(HEADER, (*PAYMENT[:6], "x" * LONG)), "file-damaged"),
    "quoted cell of 1 MB": (csv_bytes(HEADER, (*PAYMENT[:6], '"' + "x\n" * 500_000 + '"')), "file-damaged"),
}


@pytest.mark.parametrize("name", FLAT)
def test_a_csv_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    """By what it is."""
    content, rule = FLAT[name]
    assert _refusal(tmp_path, content, "p.csv") == [(rule, None)]


def test_another_extension_is_refused(tmp_path: Path) -> None:
    """Whatever the file holds."""
    assert _refusal(tmp_path, GOOD, "pagos.xls") == [("file-type-mismatch", None)]


@pytest.mark.parametrize("content", [csv_bytes, xlsx_bytes], ids=["csv", "xlsx"])
def test_rows_up_to_the_maximum_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any) -> None:
    """Blank ones do not count; one more is refused before any is read."""
    _limited(monkeypatch, maximum_rows=3)
    name = "p.csv" if content is csv_bytes else "p.xlsx"
    rows = [PAYMENT, ("",) * 7, PAYMENT, ("",) * 7, PAYMENT]
    assert opened(tmp_path, content(HEADER, *rows), name).count_rows() == 3
    assert _refusal(tmp_path, content(HEADER, *rows, PAYMENT), name) == [("file-rows-too-many", None)]


def test_bytes_up_to_the_maximum_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused."""
    _limited(monkeypatch, maximum_bytes=len(GOOD))
    assert opened(tmp_path, GOOD).count_rows() == 1
    _limited(monkeypatch, maximum_bytes=len(GOOD) - 1)
    assert _refusal(tmp_path, GOOD) == [("file-too-large", None)]


def test_a_zip_bomb_is_refused_from_its_directory(tmp_path: Path) -> None:
    """Half a gigabyte and more of zeros, in half a megabyte."""
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(loads.bulk().maximum_inflated_bytes // (1 << 20) + 1):
            part.write(b" " * (1 << 20))
    assert len(bomb.getvalue()) < 1 << 20
    assert _refusal(tmp_path, bomb.getvalue()) == [("file-expands-too-much", None)]


@pytest.mark.parametrize("declared", [0, 10, 1 << 20])
def test_a_zip_bomb_that_lies_about_its_size_is_refused_while_inflating(tmp_path: Path, declared: int) -> None:
    """The directory says less, or more, than comes out; nothing is inflated beyond what it says."""
    content = bytearray(repacked(GOOD, added={"xl/media/image1.png": b" " * (1 << 22)}))
    for size in (i for i in range(len(content) - 4) if content[i : i + 4] == (1 << 22).to_bytes(4, "little")):
        content[size : size + 4] = declared.to_bytes(4, "little")
    assert _refusal(tmp_path, bytes(content)) == [("file-damaged", None)]


def test_a_long_text_that_many_cells_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """calamine copies it for each of them; the sheet and the text by themselves are small."""
    text = b"x" * 30_000
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + text + b"</t></si></sst>"
    )
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 7 + b"</row>"
    content = repacked(
        GOOD,
        {SHEET: lambda part: part.replace(b"</sheetData>", row * 1000 + b"</sheetData>")},
        {"xl/sharedStrings.xml": strings},
    )
    _limited(monkeypatch, maximum_inflated_bytes=1 << 26)
    assert _refusal(tmp_path, content) == [("file-expands-too-much", None)]


def test_more_strings_than_there_can_be_are_refused(tmp_path: Path) -> None:
    """calamine makes room for as many as a file says that it has."""
    strings = b'<sst uniqueCount="999999999" xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"></sst>'
    assert _refusal(tmp_path, repacked(GOOD, added={"xl/sharedStrings.xml": strings})) == [("file-damaged", None)]


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is extracted: the file loads, and nothing is written but the copy that is read."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    content = repacked(GOOD, added={"../../evil.txt": b"x", str(tmp_path / "evil.txt"): b"x"})
    assert opened(inside, content).count_rows() == 1
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"received", "received.unpacked"}


def _survives(folder: Path, content: bytes, name: str) -> None:
    try:
        table = opened(folder, content, name)
        assert sum(1 for _ in table.rows()) == table.count_rows() > 0
    except Rejection as refused:
        assert all(finding.rule.startswith("file-") for finding in refused.findings)  # noqa: PT017 - any or none


FUZZ = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\3\4", OLE2[:8], csv_bytes(HEADER)]))
@pytest.mark.parametrize("name", ["p.csv", "p.xlsx"])
def test_no_bytes_raise_anything_but_a_refusal(tmp_path: Path, name: str, content: bytes, start: bytes) -> None:
    """Whatever the extension."""
    _survives(tmp_path, start + content, name)


@FUZZ
@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.integers(0, 3))
def test_no_damaged_workbook_raises_anything_but_a_refusal(tmp_path: Path, at: int, byte: int, cut: int) -> None:
    """One byte changed, or some left out."""
    _survives(tmp_path, GOOD[:at] + bytes([byte]) + GOOD[at + cut :], "p.xlsx")


PARTS = zipfile.ZipFile(io.BytesIO(GOOD)).namelist()


@FUZZ
@given(
    part=st.sampled_from(PARTS),
    change=st.tuples(st.integers(0, 3000), st.binary(max_size=4), st.integers(0, 20)),
)
def test_no_damaged_part_raises_anything_but_a_refusal(
    tmp_path: Path, part: str, change: tuple[int, bytes, int]
) -> None:
    """The archive is whole; what is inside is not."""
    at, written, cut = change
    damage: Callable[[bytes], bytes] = lambda old: old[: at % len(old)] + written + old[at % len(old) + cut :]  # noqa: E731
    _survives(tmp_path, repacked(GOOD, {part: damage}), "p.xlsx")
