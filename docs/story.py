"""The example of docs/carga-masiva.md: five rows, one wrong, until all are registered. The services gave each answer.

The command lines that the guide shows are the ones that are carried out here, each through the function that it calls.
"""

import datetime
import io
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import openpyxl

from docs import markdown
from docs.bulk import file_of, operations
from shared import contract
from shared.contract import loads
from shared.spreadsheet import templates
from tests import bulk
from tests.client import Answer, Client, new_entity

NIT, STAMPS = "2222222222", ("90", "100")
BASE = next(each["url"] for each in contract.document()["servers"] if "preprod" in each["url"])
PATHS = {each.path: each.id for each in contract.operations().values()}
OPTIONS = "sigec.txt"  # of curl, among them the token

JANUARY, FEBRUARY, DECEMBER = (datetime.datetime(2024, *day) for day in ((1, 15), (2, 1), (12, 31)))  # noqa: DTZ001
WRONG_END = datetime.datetime(2023, 12, 31)  # noqa: DTZ001 - as a spreadsheet has it
ROWS = (
    (NIT, None, "0147-2024", "2", 10500000, JANUARY, DECEMBER, "AD4", "CC", "19396910", "Diego Ariza", "0"),
    (NIT, None, "0148-2024", "2", 4800000.5, JANUARY, DECEMBER, "AD4", "CC", "1033277373", "Rubén Caro", "0"),
    (NIT, None, "0149-2024", "3", 950000, FEBRUARY, DECEMBER, "AD8", "NIT", "900123456", "Papelería Central", "0"),
    (NIT, None, "0150-2024", "2", 7200000, FEBRUARY, WRONG_END, "AD4", "CC", "52123456", "Ana Ruiz", "0"),
    (NIT, None, "0151-2024", "4", 3000000, FEBRUARY, DECEMBER, "AD6", "NIT", "800654321", "Fundación Río", "0"),
)
WRONG_ROW = 5  # of the sheet
END = 7  # its column of the end date
SHOWN_OF_RESULTS = ("actDocumentCode", *loads.bulk().result_columns)

_ULID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z")
_LINK = re.compile(r'https://[^"?]*/([^"/?]+)\?[^"]*')


@contextmanager
def services() -> Iterator[Client]:
    """The services in this process, on an emulation of AWS, and an entity that calls them."""
    from moto import mock_aws  # noqa: PLC0415 - for `python -m docs` alone: tests have theirs

    from local import bulk as around  # noqa: PLC0415
    from local import table  # noqa: PLC0415

    os.environ.update(
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - not a password: nothing asks for one
        SIGEC_ENVIRONMENT="preprod",
        TABLE_NAME="sigec-docs",
        PUBLIC_STEP_MILLISECONDS="0",
    )
    with mock_aws():
        table.create(os.environ["TABLE_NAME"])
        around.prepare()
        yield new_entity(NIT, *STAMPS)


def parts(client: Client) -> dict[str, Callable[[], str]]:
    """The guide's parts that show the example, which is carried out once."""
    told = _Story(client).tell()
    return {name: partial(str, text) for name, text in told.items()}


class _Story:
    """A clerk's folder of files, and what the guide shows of it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._files: dict[str, bytes] = {}
        self._short: dict[str, str] = {}

    def tell(self) -> dict[str, str]:
        """Text by part, in the order of events."""
        told = {}
        template = {"service": "actoDocumento", "format": "xlsx"}
        told["ejemplo-plantilla"], answer = self._ask("getTemplate", template)
        self._fill(bulk.download(answer.body["data"]["url"]))
        told["ejemplo-filas"] = _rows_shown()
        told["ejemplo-revisar"] = self._load("actos.xlsx", "-F validar=true ")[0]
        told["ejemplo-enviar"], ticket = self._send("actos.xlsx")
        told["ejemplo-ticket"], shown = self._look(ticket)
        told["ejemplo-resultado"] = self._results(shown)
        self._files["actos-rechazados.xlsx"] = bulk.download(shown["results"]["rejectedXlsx"])
        self._mend("actos-rechazados.xlsx", row=2)
        told["ejemplo-corregir"] = self._load("actos-rechazados.xlsx")[0]
        self._mend("actos.xlsx", row=WRONG_ROW)
        told["ejemplo-otra-vez"], shown = self._load("actos.xlsx")
        told["ejemplo-otra-vez-resultado"] = self._results(shown)
        self._files["pagos.csv"] = templates.csv_template(loads.files()["loadPayments"])
        told["ejemplo-rechazado"] = self._load("pagos.csv")[0]
        told["ejemplo-buscar"], _ = self._ask("findTickets", {"pageSize": 10}, most=1)
        told["ejemplo-direccion"], _ = self._ask("loadActDocuments", {"fileName": "actos-del-ano.xlsx"})
        return told

    # --- What a clerk does ---

    def _fill(self, template: bytes) -> None:
        book = openpyxl.load_workbook(io.BytesIO(template))
        for number, row in enumerate(ROWS, start=2):
            for column, value in enumerate(row, start=1):
                book.worksheets[0].cell(number, column).value = value
        self._save("actos.xlsx", book)

    def _mend(self, name: str, row: int) -> None:
        book = openpyxl.load_workbook(io.BytesIO(self._files[name]))
        cell = book.worksheets[0].cell(row, END)
        assert cell.value == WRONG_END
        cell.value = DECEMBER
        self._save(name, book)

    def _save(self, name: str, book: openpyxl.Workbook) -> None:
        content = io.BytesIO()
        book.save(content)
        self._files[name] = content.getvalue()

    def _send(self, name: str, options: str = "") -> tuple[str, str]:
        service = {"actos": "actoDocumento", "pagos": "pago"}[name.partition(".")[0].partition("-")[0]]
        path = next(each.path for each in operations() if file_of(each).service == service)
        text, answer = self._command(f"curl -K {OPTIONS} {options}-F archivo=@{name} {BASE}{path}")
        bulk.Deliveries().all()
        return text, answer.body["ticket"]

    def _look(self, ticket: str) -> tuple[str, dict[str, Any]]:
        text, answer = self._ask("getTicket", {"ticket": ticket})
        return text, answer.body["data"]

    def _load(self, name: str, options: str = "") -> tuple[str, dict[str, Any]]:
        sent, ticket = self._send(name, options)
        seen, shown = self._look(ticket)
        return f"{sent}\n\n{seen}", shown

    def _ask(self, operation: str, body: Mapping[str, Any], most: int | None = None) -> tuple[str, Answer]:
        said = json.dumps(body).replace('"', '\\"')
        path = contract.operation(operation).path
        line = f'curl -K {OPTIONS} -H "Content-Type: application/json" -d "{said}" {BASE}{path}'
        return self._command(line, most)

    # --- What the guide shows ---

    def _command(self, line: str, most: int | None = None) -> tuple[str, Answer]:
        answer = self._curl(line)
        body = dict(answer.body)
        if most and len(body["data"]) > most:
            body["data"] = [*body["data"][:most], "…"]
        return self._shortened(f"```sh\n{line}\n```\n\n{markdown.json_block(body)}"), answer

    def _curl(self, line: str) -> Answer:
        """What the command line asks for, asked as curl would."""
        words = shlex.split(line)[1:]
        url = words.pop()
        options = dict(zip(words[::2], words[1::2], strict=True))
        operation = PATHS[url.removeprefix(BASE)]
        if "-d" in options:
            return self._client.post(operation, options["-d"])
        forms = [value.split("=", 1) for option, value in zip(words[::2], words[1::2], strict=True) if option == "-F"]
        [name] = [value[1:] for _, value in forms if value.startswith("@")]
        fields = {part: value for part, value in forms if not value.startswith("@")}
        service = file_of(contract.operation(operation)).service
        return bulk.send(self._client, service, name, self._files[name], **fields)

    def _results(self, shown: Mapping[str, Any]) -> str:
        sheet = openpyxl.load_workbook(io.BytesIO(bulk.download(shown["results"]["xlsx"]))).worksheets[0]
        header, *rows = sheet.values
        places = [header.index(name) for name in SHOWN_OF_RESULTS]
        cells = ([str(row[place] or "") for place in places] for row in rows)
        return self._shortened(markdown.table(SHOWN_OF_RESULTS, cells))

    def _shortened(self, text: str) -> str:
        """Tickets, receipts, links and moments cut short, and the same whenever this is run."""
        text = re.sub(r'("(?:policy|x-amz-[a-z]+)": )"[^"]*"', r'\1"…"', text)
        text = re.sub(r'("url": )"[^"?]*"', r'\1"https://…"', text)
        text = _LINK.sub(r"https://…/\1?…", _MOMENT.sub("…", text))
        return _ULID.sub(lambda found: self._short.setdefault(found[0], f"01…{chr(ord('A') + len(self._short))}"), text)


def _rows_shown() -> str:
    header = [column.name for column in file_of(operations()[0]).columns]
    return markdown.table(header, ([_typed(cell) for cell in row] for row in ROWS))


def _typed(cell: Any) -> str:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, datetime.datetime) else str(cell or "")
