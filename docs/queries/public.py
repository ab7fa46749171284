"""The guide's section on what anybody may ask, without a token."""

from collections.abc import Mapping
from typing import Any

from docs.queries.teller import Registrar, Teller

STAMPS = ("194-000-001", "194-000-002")
CONTRACT = {
    "actDocumentCode": "647",
    "platform": 2,
    "generatorFactValue": "46911499",
    "generatorFactStartDate": "2025-02-03 00:00:00",
    "generatorFactEndDate": "2025-12-31 00:00:00",
    "parametricActDocumentCodeType": "AD4",
    "payerDocumentParametricTypeCode": "NIT",
    "taxpayerDocumentNumber": "901805364",
    "taxpayerName": "UNIÓN TEMPORAL SEGURO 20/24",
    "type": 0,
}
PROCEDURE = CONTRACT | {
    "actDocumentCode": "CERT-2025-118",
    "generatorFactValue": "80000",
    "parametricActDocumentCodeType": "AD2",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": "1034780857",
    "taxpayerName": "Andrés Julián Calderón Paloma",
}


def tell(teller: Teller) -> dict[str, str]:
    """A company's contract with a stamp paid and one paid in part, a person's certificate, and nothing."""
    register(teller)
    contract = {"searchType": "Contrato", "year": 2025, "actDocumentCode": "647"}
    return {
        "contrato": _asked(teller, {**contract, "taxpayerDocumentNumber": "901.805.364-1"}, rows=2),
        "tramite": _asked(teller, {"searchType": "Tramite", "taxpayerDocumentNumber": "1034780857"}, rows=1),
        "nada": _asked(teller, {**contract, "taxpayerDocumentNumber": "1034780857"}, rows=0),
    }


def _asked(teller: Teller, question: Mapping[str, Any], rows: int) -> str:
    shown, answer = teller.ask("findPublicly", question)
    assert len(answer.body["data"]) == rows, answer.text
    return shown


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    _register(teller, CONTRACT, {"251331": ("235000", "235000"), "254310": ("235000", "200000")})
    _register(teller, PROCEDURE, {"251444": ("4000", "")})


def _register(teller: Registrar, act: Mapping[str, Any], liquidations: Mapping[str, tuple[str, str]]) -> None:
    """An act, a liquidation of each stamp, and a payment of each unless nothing is paid."""
    teller.register("registerActDocument", act)
    for stamp, (number, (value, paid)) in zip(STAMPS, liquidations.items(), strict=False):
        liquidation = {
            "actDocumentCode": act["actDocumentCode"],
            "taxpayerDocumentNumber": act["taxpayerDocumentNumber"],
            "liquidatedValueId": number,
            "stampNumber": stamp,
            "liquidatedValue": value,
            "type": 1,
        }
        teller.register("registerLiquidation", liquidation)
        if paid:
            payment = {"liquidatedValueId": number, "paidValueId": f"PSE-{number}", "valuePaid": paid}
            teller.register("registerPayment", payment | {"paymentDate": "2025-02-10", "type": 1})
