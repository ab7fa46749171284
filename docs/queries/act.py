"""The guide's section on an act document with all that hangs on it."""

from docs.queries.teller import DECENTRALISED, Registrar, Teller

CODE = "CCE-0231-2024"
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
STAMP = "194-000-001"


def tell(teller: Teller) -> dict[str, str]:
    """An act that was amended, with a liquidation annulled and another paid in part; then it is assigned."""
    register(teller)
    asked = {"actDocumentCode": CODE}
    shown = teller.ask("getActDocument", asked, by=DECENTRALISED)[0]
    from_above = teller.ask("getActDocument", asked | {"entity": DECENTRALISED})[1]
    assert from_above.status == 200
    assign(teller)
    return {"acto": shown, "acto-cedido": teller.ask("getActDocument", asked, by=DECENTRALISED)[0]}


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    amended = ACT | {"generatorFactValue": "5500000.99", "generatorFactEndDate": "2025-01-31 00:00:00", "type": 1}
    for act in (ACT, amended):
        teller.register("registerActDocument", act, by=DECENTRALISED)
    for number, value, kind in (("LIQ-0231-1", "90000", 1), ("LIQ-0231-2", "100000", 1), ("LIQ-0231-1", "90000", 0)):
        liquidation = {
            "actDocumentCode": CODE,
            "taxpayerDocumentNumber": ACT["taxpayerDocumentNumber"],
            "liquidatedValueId": number,
            "stampNumber": STAMP,
            "liquidatedValue": value,
            "type": kind,
        }
        teller.register("registerLiquidation", liquidation, by=DECENTRALISED)
    payment = {
        "liquidatedValueId": "LIQ-0231-2",
        "paidValueId": "PAG-0231-1",
        "valuePaid": "40000",
        "paymentDate": "2024-03-19",
        "type": 1,
    }
    teller.register("registerPayment", payment, by=DECENTRALISED)


def assign(teller: Registrar) -> None:
    """Another taxpayer for the same code."""
    assigned = ACT | {"taxpayerDocumentNumber": "1033277373", "taxpayerName": "Rubén Caro"}
    teller.register("registerActDocument", assigned, by=DECENTRALISED)
