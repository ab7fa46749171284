"""One case per rule of files and their rows: twins, one line or cell apart, loaded to the end (tests/cases/files)."""

import base64
import datetime
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from tests.bulk import load
from tests.client import Client

pytestmark = [pytest.mark.files, pytest.mark.untraced, pytest.mark.usefixtures("bucket")]

FILES = {
    path.stem: yaml.load(path.read_text(), yaml.CSafeLoader)
    for path in sorted((Path(__file__).parent / "cases/files").glob("*.yaml"))
}
FIRST_ROW = 2  # the header's is 1
Cells = list[list[Any]]


def _twins(kind: str) -> Iterator[Any]:
    for name, file in FILES.items():
        for case in file["cases"]:
            for number, twin in enumerate(case[kind], start=1):
                told = {key: case[key] for key in ("rule", "message", "parameter", "row") if key in case}
                changes = {key: value for key, value in (case | twin).items() if key not in {"passes", "fails", *told}}
                yield pytest.param(file, told, changes, id=f"{name}-{case['rule']}-{number}")


def _cells(row: Mapping[str, Any], changes: Mapping[str, Any]) -> Cells:
    """Header and rows. `columns` renames or leaves out, `more` adds, `set` writes into the row, `and` into a second.

    `below`: the cells of a line under them.
    """
    names = {name: changes.get("columns", {}).get(name, name) for name in row}
    first = row | changes.get("set", {})
    rows = [first] * changes.get("times", 1) + ([first | changes["and"]] if "and" in changes else [])
    more = changes.get("more", {})
    header = [*filter(None, names.values()), *more]
    values = [[*(each[name] for name, shown in names.items() if shown), *more.values()] for each in rows]
    lines = [*values, changes["below"]] if "below" in changes else values
    return [header, *lines] if changes.get("header", True) else lines


def _content(row: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
    """The file: as given, or a CSV in which each cell stands as it is, or a workbook."""
    if "content" in changes:
        return base64.b64decode(changes["content"])
    cells = _cells(row, changes)
    if not changes.get("workbook"):
        return "".join(",".join(line) + "\r\n" for line in cells).encode()
    content = _workbook(cells, changes)
    return content[: len(content) - changes.get("cut", 0)]


def _workbook(cells: Cells, changes: Mapping[str, Any]) -> bytes:
    """An .xlsx, with a `cell` beside the rows, and with further `parts` in the archive."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(cells):
            for column, cell in enumerate(line):
                write = sheet.write_datetime if isinstance(cell, datetime.date) else sheet.write
                write(number, column, cell)
        if "cell" in changes:
            sheet.write(*changes["cell"])
    with zipfile.ZipFile(made, "a") as archive:
        for name, text in changes.get("parts", {}).items():
            archive.writestr(name, text)
    return made.getvalue()


def _load(entity: Client, file: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"validar": changes["validar"]} if "validar" in changes else {}
    return load(entity, file["service"], _content(file["row"], changes), changes.get("name", "actos.csv"), **fields)


@pytest.mark.parametrize(("file", "told", "changes"), list(_twins("passes")))
def test_passing_file_is_loaded(entity: Client, file: Any, told: Any, changes: Any) -> None:
    """What keeps the rule is registered, or found valid."""
    del told
    shown = _load(entity, file, changes)
    assert shown["state"] == "Finalizado Sin Errores", shown
    assert shown["errors"] == []


@pytest.mark.parametrize(("file", "told", "changes"), list(_twins("fails")))
def test_failing_file_is_refused_by_its_rule_alone(
    stored_rows: Callable[[], list[Any]], entity: Client, file: Any, told: Any, changes: Any
) -> None:
    """What breaks the rule is told with the rule's id and text, of the whole file or of its row, and not registered."""
    shown = _load(entity, file, changes)
    expected = {"code": told["rule"], "message": told["message"]}
    if told["rule"].startswith("file-"):
        assert (shown["state"], shown["errors"]) == ("Rechazado", [shown["reason"]])
        shown["reason"].pop("parameter", None)  # of a column, its name, which is in the text
        assert shown["reason"] == expected
    else:
        assert shown["state"] == "Finalizado Con Errores"
        parameter = {"parameter": told["parameter"]} if "parameter" in told else {}
        assert shown["errors"] == [{"row": told.get("row", FIRST_ROW), **expected, **parameter}]
    assert not [row for row in stored_rows() if "#ACT#" in row["pk"]["S"] or "#LOG#" in row["pk"]["S"]]
