"""Asks for reports as a client does, and reads both of their files."""

import csv
import io
from typing import Any

import openpyxl

from shared.contract import reports
from tests.bulk import Deliveries, download
from tests.client import Client

BY_ACT, BY_PAYMENT = "fechaActoDocumento", "fechaRegistroPago"
EVER = {"from": "2000-01-01", "to": "2100-12-31"}
COLUMNS = [column for part in reports.declared().columns.values() for column in part]
TITLES = [column.title for column in COLUMNS]


def ask(client: Client, kind: str = BY_ACT, **criteria: str) -> str:
    """Ask for a report, of all times unless it is said; its ticket."""
    answer = client.post("requestReport", {"reportType": kind, **EVER, **criteria})
    assert answer.status == 202, answer.text
    ticket: str = answer.body["ticket"]
    return ticket


def shown(client: Client, ticket: str) -> dict[str, Any]:
    """A report's ticket as it is shown."""
    answer = client.post("getReport", {"ticket": ticket})
    assert answer.status == 200, answer.text
    data: dict[str, Any] = answer.body["data"]
    return data


def report(client: Client, kind: str = BY_ACT, **criteria: str) -> list[dict[str, str]]:
    """The rows of a report, as its CSV has them, by column name; the workbook has the same."""
    ticket = ask(client, kind, **criteria)
    Deliveries().all()
    data = shown(client, ticket)
    assert data["state"] == "Finalizado Sin Errores", data
    rows = flat_rows(download(data["results"]["csv"]))
    assert data["rows"] == len(rows)
    header, *cells = sheet(download(data["results"]["xlsx"]))
    assert header == TITLES
    assert [_as_text(row) for row in cells] == [list(row.values()) for row in rows]
    return rows


def flat_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV, by column name."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert header == TITLES
    return [dict(zip((column.name for column in COLUMNS), row, strict=True)) for row in rows]


def sheet(content: bytes, name: str = "Reporte") -> list[list[Any]]:
    """The cells of a sheet."""
    rows = openpyxl.load_workbook(io.BytesIO(content))[name].iter_rows(values_only=True)
    return [list(row) for row in rows]


def _as_text(row: list[Any]) -> list[str]:
    """A row of the workbook as the CSV has it."""
    return [_text(cell, column.format) for cell, column in zip(row, COLUMNS, strict=True)]


def _text(cell: Any, form: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if form == "text" and cell[0] in "=+-@" else cell
    if form == "amount":
        return f"{cell:.2f}".replace(".", ",")
    return f"{cell:%Y-%m-%d}" if form == "day" else f"{cell:%Y-%m-%d %H:%M:%S}"
