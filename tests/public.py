"""What tests of the public's consultation share: bodies to register with, and questions."""

from collections.abc import Mapping
from typing import Any

from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Answer, Client

Json = dict[str, Any]

ANYBODY = Client("", "")
NOTHING = '{"data": [], "message": "No se encontró información relacionada con los filtros seleccionados"}'


def contract_question(act: Mapping[str, Any] = ACT, **changes: Any) -> Json:
    """The question that finds an act, if it is a contract."""
    return {
        "searchType": "Contrato",
        "year": int(act["generatorFactStartDate"][:4]),
        "taxpayerDocumentNumber": act["taxpayerDocumentNumber"],
        "actDocumentCode": act["actDocumentCode"],
        **changes,
    }


def procedure_question(act: Mapping[str, Any] = ACT, **changes: Any) -> Json:
    """The question that finds an act, if it is no contract."""
    return {"searchType": "Tramite", "taxpayerDocumentNumber": act["taxpayerDocumentNumber"], **changes}


def ask(question: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    """Ask as anybody does; there is always an answer."""
    answer = ANYBODY.post("findPublicly", question, headers)
    assert answer.status == 200, answer.text
    return answer


def shown(question: Mapping[str, Any]) -> list[Json]:
    """The rows of the first page."""
    rows: list[Json] = ask(question).body["data"]
    return rows


def register(entity: Client, act: Mapping[str, Any] = ACT, *liquidations: Mapping[str, Any]) -> None:
    """Register an act, and liquidations of it."""
    post(entity, "registerActDocument", act)
    for each in liquidations or ({},):
        liquidate(entity, act, **each)


def liquidate(entity: Client, act: Mapping[str, Any] = ACT, **changes: Any) -> None:
    """Register a liquidation of an act, or annul it with `type` 0."""
    own = {name: act[name] for name in ("actDocumentCode", "taxpayerDocumentNumber", "payerDocumentParametricTypeCode")}
    post(entity, "registerLiquidation", {**LIQUIDATION, **own, **changes})


def pay(entity: Client, **changes: Any) -> None:
    """Register a payment, or annul it with `type` 0."""
    post(entity, "registerPayment", {**PAYMENT, **changes})


def post(entity: Client, operation: str, body: Mapping[str, Any]) -> None:
    """Register something."""
    answer = entity.post(operation, body)
    assert answer.status == 200, answer.text
