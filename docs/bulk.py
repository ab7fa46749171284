"""What docs/carga-masiva.md repeats of the contract, and what becomes of what people write into cells."""

import datetime
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import openpyxl

from docs import markdown
from docs.markdown import Json
from shared import contract
from shared.bulk.bucket import LINK_SECONDS
from shared.bulk.tickets import KEPT_DAYS, MOST_ERRORS, UPLOAD_SECONDS
from shared.contract import Field, Operation, loads
from shared.rejection import Finding
from shared.spreadsheet import templates
from shared.spreadsheet.cells import Cell, member

GUIDE = Path(__file__).with_name("carga-masiva.md")

# The catalogue's rules of each group: from the first to the last.
REQUEST = ("multipart-invalid", "template-format-invalid")
FILE = ("file-not-received", "processing-failed")
ROW = ("row-incomplete", "row-repeated")
REGISTRATIONS = {
    "Actos documento": ("act-code-required", "amendment-below-liquidated"),
    "Liquidaciones": ("act-unknown", "liquidation-above-act"),
    "Pagos": ("liquidation-unknown", "payment-above-balance"),
}
ANY_REQUEST = (
    "token-invalid",
    "body-too-large",
    "body-not-json",
    "too-many-requests",
    "internal-error",
    "unavailable",
    "outcome-unknown",
)
NEVER_OF_A_ROW = {"act-procedure-invalid", "act-ambiguous"}  # no column has the one, a file's own column the other
OF_ANY_ROW = ("taxpayer-document-kind-invalid", "taxpayer-document-number-required", "text-too-long")

JANUARY_31 = datetime.datetime(2024, 1, 31)  # noqa: DTZ001 - as a spreadsheet has it
# What is written into a cell of each parameter, and how it is called here if it is no text.
AMOUNTS = ("100200.12", "100200,12", "100.200,12", "$ 100 000 000,00", "100.200.12", "1.500.000", "100.200", "100,200")
MOMENTS = ("2024-01-31", "31/01/2024", "31/1/2024 3:50 p. m.", JANUARY_31, "03/04/2024", "31/01/24", "31-ene-2024")
NUMBERS = ("00123", 8807276732.0, "8.807.276.732", "8,80728E+09", 1234567890123456.0)
KINDS = ("CC", "cc", "Cédula")


def operations() -> list[Operation]:
    """The operations that take a file, in the order in which their files are loaded."""
    return [contract.operation(each) for each in loads.files()]


def file_of(operation: Operation) -> loads.File:
    """What the operation's file is."""
    return loads.files()[operation.id]


def between(first: str, last: str) -> list[str]:
    """The catalogue's rules from one to another."""
    rules = list(contract.rules())
    return [each for each in rules[rules.index(first) : rules.index(last) + 1] if each not in NEVER_OF_A_ROW]


def explained() -> list[str]:
    """Every rule that the guide explains."""
    groups = (REQUEST, FILE, ROW, *REGISTRATIONS.values())
    return [*ANY_REQUEST, *(rule for group in groups for rule in between(*group)), OF_ANY_ROW[-1]]


# --- Parts ------------------------------------------------------------------------------------------------------------


def _addresses() -> str:
    rows = [(f"`{file_of(each).service}`", _summary(each), f"`{each.path}`") for each in operations()]
    others = [contract.operation(name) for name in ("getTemplate", "getTicket", "findTickets")]
    rows += [("", _summary(each), f"`{each.path}`") for each in others]
    servers = [(each["description"], f"`{each['url']}`") for each in contract.document()["servers"]]
    return (
        markdown.table(("Ambiente", "Comienzo de la dirección"), servers)
        + "\n\n"
        + markdown.table(("Tipo", "Qué hace", "Resto de la dirección"), rows)
    )


def _summary(operation: Operation) -> str:
    text: str = contract.document()["paths"][operation.path][operation.method]["summary"]
    return text


def _columns() -> str:
    """What the second sheet of each template says."""
    return "\n\n".join(
        f"### {_registered(each)}\n\n" + markdown.table(*_instructions(templates.xlsx_template(file_of(each))))
        for each in operations()
    )


def _registered(operation: Operation) -> str:
    return markdown.title(contract.operation(file_of(operation).registers))


def _instructions(template: bytes) -> tuple[list[str], list[list[str]]]:
    heading, *rows = openpyxl.load_workbook(io.BytesIO(template)).worksheets[1].values
    shown = [["", *map(str, heading)]]
    for number, (name, *texts) in enumerate(rows, start=1):
        shown.append([f"{number}", f"`{name}`", *map(str, texts)])
    return shown[0], shown[1:]


def _amounts() -> str:
    return _readings("generatorFactValue", AMOUNTS)


def _dates() -> str:
    return _readings("generatorFactStartDate", MOMENTS)


def _numbers() -> str:
    return _readings("taxpayerDocumentNumber", NUMBERS)


def _codes() -> str:
    return _readings("payerDocumentParametricTypeCode", KINDS)


def _readings(parameter: str, cells: Iterable[Cell]) -> str:
    registration = contract.operation("registerActDocument")
    field = next(each for each in registration.fields if each.name == parameter)
    return markdown.table(("Si en la celda está", "se lee"), ((_shown(cell), _reading(field, cell)) for cell in cells))


def _shown(cell: Cell) -> str:
    if isinstance(cell, datetime.datetime):
        return f"la fecha de Excel {cell:%d/%m/%Y}"
    if isinstance(cell, float):
        return f"el número de Excel {cell:.0f}"
    return f"`{cell}`"


def _reading(field: Field, cell: Cell) -> str:
    read = member(field, cell)
    if not isinstance(read, Finding) and not _is_admitted(field, read):
        read = Finding(field.rules["invalid"], field.name)
    if isinstance(read, Finding):
        return f"no se recibe: [{read.rule}](#{read.rule})"
    return f"`{read}`"


def _is_admitted(field: Field, text: str) -> bool:
    if field.codes:
        return text in map(str, field.codes)
    return field.kind != "moment" or bool(field.pattern and field.pattern.fullmatch(text))


def _counts() -> str:
    rows = contract.document()["components"]["schemas"]["TicketSummary"]["properties"]["rows"]["properties"]
    return markdown.table(("Cuenta", "Qué es"), ((f"`{name}`", each["description"]) for name, each in rows.items()))


def _limits() -> str:
    bulk = loads.bulk()
    return markdown.table(
        ("Qué", "Límite"),
        (
            ("Filas de un archivo", f"{bulk.maximum_rows:,}".replace(",", ".")),
            ("Archivo que se envía con la solicitud", _megabytes(bulk.maximum_body_bytes)),
            ("Archivo que se sube a la dirección que se pide", _megabytes(bulk.maximum_bytes)),
            ("Dirección para subir un archivo", f"vale {UPLOAD_SECONDS // 60} minutos"),
            ("Enlace a una plantilla o a un archivo de resultados", f"vale {LINK_SECONDS // 60} minutos"),
            ("Archivos, el suyo y los de resultados", f"se guardan {KEPT_DAYS} días"),
            (
                "Errores que muestra el ticket",
                f"los primeros {MOST_ERRORS}; los archivos de resultados los traen todos",
            ),
        ),
    )


def _megabytes(size: int) -> str:
    return f"hasta {loads.megabytes(size)} MB"


def _errors_of_requests() -> str:
    return "\n".join(_rule(each) for each in (*ANY_REQUEST, *between(*REQUEST)))


def _errors_of_files() -> str:
    return "\n".join(_rule(each) for each in between(*FILE))


def _errors_of_rows() -> str:
    parts = [f"### Cualquier fila\n\n{_rules([*between(*ROW), OF_ANY_ROW[-1]])}"]
    for name, group in REGISTRATIONS.items():
        also = [f"[{rule}](#{rule})" for rule in OF_ANY_ROW[:2]] if name == "Liquidaciones" else []
        line = f"También: {', '.join(also)}.\n\n" if also else ""
        parts.append(f"### {name}\n\n{line}{_rules(between(*group))}")
    return "\n".join(parts)


def _rules(rules: Iterable[str]) -> str:
    return "\n".join(map(_rule, rules))


def _rule(rule_id: str) -> str:
    """A rule as a clerk needs it: its text, and how what is wrong is mended in a file."""
    entry: Json = markdown.entry_of(rule_id)
    cause, remedy = (entry.get(f"{name}InFile", entry[name]) for name in ("cause", "remedy"))
    return f"#### {rule_id}\n\n`{text_of(rule_id)}`\n\n- Causa: {cause}\n- Remedio: {remedy}\n"


def text_of(rule_id: str) -> str:
    """A rule's text as a clerk gets it: parameters by their canonical names."""
    return markdown.texts_of(rule_id)[0]


PARTS: dict[str, Callable[[], str]] = {
    "direcciones": _addresses,
    "columnas": _columns,
    "valores": _amounts,
    "fechas": _dates,
    "numeros": _numbers,
    "codigos": _codes,
    "cuentas": _counts,
    "limites": _limits,
    "errores-solicitud": _errors_of_requests,
    "errores-archivo": _errors_of_files,
    "errores-fila": _errors_of_rows,
}
