"""The guide's section on reports: asked for, followed, downloaded, and what their columns say."""

import csv
import io
from itertools import chain

from docs import markdown
from docs.queries.teller import Registrar, Teller
from shared.contract import reports
from tests.bulk import Deliveries, download

CODE = "CCE-0305-2023"
ACT = {
    "actDocumentCode": CODE,
    "platform": 2,
    "generatorFactValue": "5000000",
    "generatorFactStartDate": "2023-02-01 00:00:00",
    "generatorFactEndDate": "2023-12-31 00:00:00",
    "parametricActDocumentCodeType": "AD4",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": "19396910",
    "taxpayerName": "Diego Ariza",
    "type": 0,
}
LIQUIDATIONS = (("LIQ-0305-1", "90000", 1), ("LIQ-0305-1", "90000", 0), ("LIQ-0305-2", "100000", 1))
PAYMENTS = (("PAG-0305-1", "40000", 1), ("PAG-0305-2", "25000", 1), ("PAG-0305-2", "25000", 0))
SHOWN = (
    "code",
    "liquidationId",
    "liquidationState",
    "paymentId",
    "paymentValue",
    "paymentState",
    "actSum",
    "liquidationSum",
    "paymentSum",
)


def tell(teller: Teller) -> dict[str, str]:
    """An act with a liquidation annulled, and one with a payment and an annulled one."""
    register(teller)
    asked = {"reportType": "fechaActoDocumento", "from": "2023-01-01", "to": "2023-12-31", "entity": "TODAS"}
    requested, answer = teller.ask("requestReport", asked)
    Deliveries().all()
    shown, answer = teller.ask("getReport", {"ticket": answer.body["ticket"]})
    return {
        "reporte-pedir": requested,
        "reporte-ver": shown,
        "reporte-filas": _rows(download(answer.body["data"]["results"]["csv"])),
        "reporte-columnas": _columns(),
    }


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    teller.register("registerActDocument", ACT)
    for number, value, kind in LIQUIDATIONS:
        about = {"actDocumentCode": CODE, "taxpayerDocumentNumber": ACT["taxpayerDocumentNumber"]}
        liquidation = {"liquidatedValueId": number, "stampNumber": "194-000-001", "liquidatedValue": value}
        teller.register("registerLiquidation", {**about, **liquidation, "type": kind})
    for number, value, kind in PAYMENTS:
        payment = {"liquidatedValueId": "LIQ-0305-2", "paidValueId": number, "valuePaid": value}
        teller.register("registerPayment", {**payment, "paymentDate": "2023-03-19", "type": kind})


def _rows(content: bytes) -> str:
    titles = [
        column.title for column in chain.from_iterable(reports.declared().columns.values()) if column.name in SHOWN
    ]
    found = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return markdown.table(titles, ([row[title] for title in titles] for row in found))


def _columns() -> str:
    columns = chain.from_iterable(reports.declared().columns.values())
    return markdown.table(("Columna", "Qué trae"), ((each.title, each.description) for each in columns))
