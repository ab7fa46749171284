"""The guide's section on reconciling: what is registered under ids in doubt, and what there is since a cursor."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from docs.queries.teller import Registrar, Teller
from shared import colombia, journal

CODE = "CCE-0417-2024"
ACT = {
    "actDocumentCode": CODE,
    "platform": 2,
    "generatorFactValue": "5000000",
    "generatorFactStartDate": "2024-01-01 00:00:00",
    "generatorFactEndDate": "2024-12-31 00:00:00",
    "parametricActDocumentCodeType": "AD4",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": "19396910",
    "taxpayerName": "Diego Ariza",
    "type": 0,
}
LIQUIDATION = {
    "actDocumentCode": CODE,
    "taxpayerDocumentNumber": "19396910",
    "liquidatedValueId": "LIQ-0417-1",
    "stampNumber": "194-000-001",
    "liquidatedValue": "100000",
    "type": 1,
}
PAYMENT = {
    "liquidatedValueId": "LIQ-0417-1",
    "paidValueId": "PAG-0417-1",
    "valuePaid": "40000",
    "paymentDate": "2024-03-19",
    "type": 1,
}


def tell(teller: Teller) -> dict[str, str]:
    """An act, a liquidation and a payment that was annulled are there; another liquidation never arrived."""
    with _withheld(0):
        today = f"{datetime.datetime.now(colombia.TIME):%Y-%m-%d}"
        start = teller.ask("findChanges", {"from": today})[1].body["cursor"]
    register(teller)
    doubted = {
        "actDocuments": [{"actDocumentCode": CODE}],
        "liquidations": ["LIQ-0417-1", "LIQ-0417-2"],
        "payments": ["PAG-0417-1"],
    }
    shown = teller.ask("getRecords", doubted)[0]
    with _withheld(-1):
        followed = teller.ask("findChanges", {"cursor": start, "pageSize": 100})[0]
    return {"registro": shown, "cambios": followed}


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    teller.register("registerActDocument", ACT)
    teller.register("registerLiquidation", LIQUIDATION)
    for kind in (1, 0):
        teller.register("registerPayment", PAYMENT | {"type": kind})


@contextmanager
def _withheld(seconds: int) -> Iterator[None]:
    """Tell what is young as if it were half a minute later, when it is told."""
    usual = journal.WITHHELD
    journal.WITHHELD = seconds
    try:
        yield
    finally:
        journal.WITHHELD = usual
