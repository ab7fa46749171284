"""Files for the tests of bulk loads, built as clients' programs build them."""

import io
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from shared import contract
from shared.call import Caller
from shared.contract import loads
from shared.spreadsheet.table import Table, open_table

PAYMENTS = contract.operation("loadPayments")
ACTS = contract.operation("loadActDocuments")
LIQUIDATIONS = contract.operation("loadLiquidations")
CALLER = Caller("2222222222", "2222222222")
DECENTRALISED = Caller("800123456", "2222222222")

PAYMENT = ("2222222222", "", "1", "2025-04-03", "9872200", "LIQ prueba 20253107", "factura3107")


def file_of(operation: contract.Operation) -> loads.File:
    """What the operation's file is."""
    return loads.files()[operation.id]


def header_of(operation: contract.Operation) -> tuple[str, ...]:
    """The names of its columns."""
    return tuple(column.name for column in file_of(operation).columns)


HEADER = header_of(PAYMENTS)


def csv_bytes(*rows: Sequence[str], separator: str = ",", end: str = "\r\n", encoding: str = "utf-8") -> bytes:
    """Rows without quotes."""
    return "".join(separator.join(row) + end for row in rows).encode(encoding)


def xlsx_bytes(*rows: Iterable[Any], change: Callable[[Any], None] = lambda _: None) -> bytes:
    """A workbook of one sheet, written by openpyxl. `change`: what else is done to the workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(
    content: bytes,
    replaced: Mapping[str, Callable[[bytes], bytes]] | None = None,
    added: Mapping[str, bytes] | None = None,
) -> bytes:
    """The archive with some parts changed and others added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, (replaced or {}).get(name, lambda part: part)(old.read(name)))
        for name, part in (added or {}).items():
            new.writestr(name, part)
    return packed.getvalue()


def by_libreoffice(path: Path) -> Path:
    """What LibreOffice makes an .xlsx of, in a profile and a folder of its own: several may run at once."""
    made = path.parent / "libreoffice"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(made), str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return made / f"{path.stem}.xlsx"


def opened(folder: Path, content: bytes, name: str = "pagos.xlsx", operation: contract.Operation = PAYMENTS) -> Table:
    """The table of these bytes, stored under a name that says nothing, as the functions store them."""
    path = folder / "received"
    path.write_bytes(content)
    return open_table(path, name, file_of(operation))
