"""Whatever a form holds, it is a file with its parameters, or a 4xx in the standard shape: never a 500, never half."""

from collections.abc import Callable
from typing import Any

import pytest

from shared import contract
from shared.contract import loads
from tests.bulk import BOUNDARY
from tests.client import Answer, Client

pytestmark = [pytest.mark.files, pytest.mark.usefixtures("bucket")]

FORM = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()
MOST = loads.bulk().maximum_body_bytes


def part(content: bytes = b"type\r\n", name: str = "archivo", file_name: str | None = "pagos.csv") -> bytes:
    """A part of the form: a file, if it has a file's name."""
    disposition = f'form-data; name="{name}"' + ("" if file_name is None else f'; filename="{file_name}"')
    return raw_part(disposition.encode(), content)


def raw_part(disposition: bytes, content: bytes = b"type\r\n", more: bytes = b"") -> bytes:
    """A part with this Content-Disposition, and headers behind it."""
    head = b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n"
    return head + content + b"\r\n"


FILE = part()
CHECK = part(b"true", "validar", None)
# name: Content-Type, body, the rule that refuses it
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "nothing": (FORM, b"", "multipart-invalid"),
    "no form": (FORM, b"archivo=@pagos.csv", "multipart-invalid"),
    "JSON": (FORM, b'{"fileName": "pagos.csv"}', "multipart-invalid"),
    "no boundary": ("multipart/form-data", FILE + END, "multipart-invalid"),
    "an empty boundary": ("multipart/form-data; boundary=", FILE + END, "multipart-invalid"),
    "another boundary": ("multipart/form-data; boundary=otro", FILE + END, "multipart-invalid"),
    "a boundary that is no text": ("multipart/form-data; boundary=\xff\xfe", FILE + END, "multipart-invalid"),
    "no end": (FORM, FILE, "multipart-invalid"),
    "cut within the file": (FORM, FILE[:-9], "multipart-invalid"),
    "cut within a header": (FORM, FILE[:40], "multipart-invalid"),
    "cut behind the file, before validar": (FORM, FILE + CHECK[:60], "multipart-invalid"),
    "cut within the closing boundary": (FORM, FILE + CHECK + END[:-4], "multipart-invalid"),
    "a part without headers": (FORM, f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + FILE + END, "multipart-invalid"),
    "a part without a name": (FORM, raw_part(b'form-data; filename="pagos.csv"') + END, "multipart-invalid"),
    "a header without colon": (FORM, f"--{BOUNDARY}\r\nnada\r\n\r\nx\r\n".encode() + END, "multipart-invalid"),
    "a file's name that is not UTF-8": (
        FORM,
        raw_part(b'form-data; name="archivo"; filename="a\xf1o.csv"') + END,
        "multipart-invalid",
    ),
    "a part's name that is not UTF-8": (FORM, FILE + raw_part(b'form-data; name="a\xf1o"') + END, "multipart-invalid"),
    "a value that is not UTF-8": (FORM, FILE + part(b"\xff", "validar", None) + END, "multipart-invalid"),
    "base64 cut short": (
        FORM,
        raw_part(b'form-data; name="archivo"; filename="a.csv"', b"dHl", b"Content-Transfer-Encoding: base64\r\n")
        + END,
        "multipart-invalid",
    ),
    "an encoding that nobody knows": (
        FORM,
        raw_part(b'form-data; name="archivo"; filename="a.csv"', b"x", b"Content-Transfer-Encoding: gzip\r\n") + END,
        "multipart-invalid",
    ),
    "no part": (FORM, END, "file-required"),
    "no file": (FORM, CHECK + END, "file-required"),
    "text instead of a file": (FORM, part(file_name=None) + END, "file-required"),
    "a file under another name": (FORM, part(name="file") + END, "file-required"),
    "two files": (FORM, FILE + FILE + END, "file-required"),
    "no file name": (FORM, part(file_name="") + END, "file-name-invalid"),
    "a path alone": (FORM, part(file_name="../../") + END, "file-name-invalid"),
    "another type": (FORM, part(file_name="pagos.exe") + END, "file-name-invalid"),
    "two extensions": (FORM, part(file_name="pagos.csv.exe") + END, "file-name-invalid"),
    "NUL in the name": (FORM, part(file_name="pagos\0.csv") + END, "file-name-invalid"),
    "a long name": (FORM, part(file_name="a" * 200 + ".csv") + END, "text-too-long"),
    "validar twice": (FORM, FILE + CHECK + CHECK + END, "parameter-repeated"),
    "validar with another value": (FORM, FILE + part(b"quizas", "validar", None) + END, "validar-invalid"),
    "validar empty": (FORM, FILE + part(b"", "validar", None) + END, "validar-invalid"),
    "a byte too many": (FORM, part(bytes(MOST + 1)) + END, "file-too-large"),
    "5 MB": (FORM, part(bytes(5 * 1024 * 1024)) + END, "file-too-large"),
    "a name of 20 KB": (FORM, raw_part(b'form-data; name="' + b"a" * 20_000 + b'"') + END, "multipart-invalid"),
    "20,000 parts": (FORM, part(b"", "p", "") * 20_000 + END, "file-required"),
    "latin-1": (FORM + "; charset=iso-8859-1", FILE + END, "media-type-unsupported"),
}


def post(entity: Client, body: bytes, content_type: str = FORM) -> Answer:
    """Send a form."""
    return entity.post("loadPayments", body, {"Content-Type": content_type})


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_form_is_refused_in_the_standard_shape(
    entity: Client, stored_rows: Callable[[], list[dict[str, Any]]], name: str
) -> None:
    """A form that no client means well is answered with its one finding, and leaves no ticket."""
    content_type, body, rule = REFUSED[name]
    before = stored_rows()
    answer = post(entity, body, content_type)
    assert answer.codes == [rule], answer.text
    assert answer.status == answer.body["httpstatus"] == contract.rules()[rule].status
    assert set(answer.body) == {"httpstatus", "message", "errors", "requestId"}
    assert stored_rows() == before


@pytest.mark.parametrize("length", range(0, len(FILE + CHECK + END) - 4, 7))
def test_a_form_cut_short_anywhere_is_refused(entity: Client, length: int) -> None:
    """A file to be checked is never registered because `validar` was lost on the way."""
    assert post(entity, (FILE + CHECK + END)[:length]).codes == ["multipart-invalid"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("pagos.csv", "pagos.csv"),
        ("C:\\\\Users\\\\ana\\\\pagos.csv", "pagos.csv"),
        ("../../../etc/pagos.csv", "pagos.csv"),
        ("Año 2024.XLSX", "Año 2024.XLSX"),
        ("{0.__class__}%s$(id).csv", "{0.__class__}%s$(id).csv"),
    ],
)
def test_a_file_keeps_its_name_without_its_path(entity: Client, sent: str, kept: str) -> None:
    """Folders of the client's machine are left out, and whatever else the name holds is only shown."""
    answer = post(entity, part(file_name=sent) + END)
    assert answer.status == 202, answer.text
    assert entity.post("getTicket", {"ticket": answer.body["ticket"]}).body["data"]["fileName"] == kept


def test_a_form_may_be_written_in_more_than_one_way(entity: Client) -> None:
    """Quoted boundaries, other parts, any order, an epilogue, base64 and the largest file are all taken."""
    forms = {
        f'multipart/form-data; boundary="{BOUNDARY}"': CHECK + FILE + END,
        f"Multipart/Form-Data; charset=utf-8; boundary={BOUNDARY}": FILE + part(b"x", "otra", None) + END + b"epilogo",
        FORM: part(bytes(MOST)) + END,
        f"multipart/form-data;boundary={BOUNDARY}": raw_part(
            b'form-data; name="archivo"; filename="a.csv"', b"dHlwZQ==", b"Content-Transfer-Encoding: base64\r\n"
        )
        + END,
    }
    for content_type, body in forms.items():
        answer = post(entity, body, content_type)
        assert answer.status == 202, answer.text
