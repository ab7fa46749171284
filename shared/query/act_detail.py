"""An act document with its liquidations and payments (consultaActoDocumento/obtener; manual, 5.10)."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from shared import answers, contract, names, reading, whole_act
from shared.answers import amount, paid_state
from shared.call import Answer, Request
from shared.models import CODE, ActDocument, ActVersion, Annullable, Entity, Payment, act_key, taxpayer_key
from shared.query import reported
from shared.reach import EVERY, reach
from shared.rejection import Finding, Rejection
from shared.whole_act import WholeAct, WholeLiquidation

MOST_TAXPAYERS = 10
"""Of those that a code may have, which are named to choose from."""
CREATION, AMENDMENT = contract.codes_of("VersionKind")
REGISTRATION, ANNULMENT = contract.codes_of("RowType")


def show(request: Request) -> Answer:
    """The act document with a code, and a taxpayer if several have it. Raises Rejection."""
    record, deadline = request.record, request.call.deadline
    nit = _entity(request)
    code = record.text("actDocumentCode")
    taxpayer = str(record.values.get("taxpayerDocumentNumber") or _only_taxpayer(nit, code, deadline))
    act = whole_act.read(nit, code, taxpayer, deadline)
    if act is None:
        raise Rejection([Finding("act-unknown", "actDocumentCode", record.names)])
    text = answers.dumps({"data": _shown(act, nit, deadline)})
    if len(text.encode()) > answers.LARGEST:
        raise Rejection([Finding("answer-too-large")])
    return Answer(text)


def _entity(request: Request) -> str:
    """The one entity whose act document it is."""
    asked = request.record.values.get("entity")
    if str(asked).upper() == EVERY:
        raise Rejection([Finding("entity-not-reachable", "entity")])
    [nit] = reach(request.caller, None if asked is None else str(asked), request.call.deadline)
    return nit


def _only_taxpayer(nit: str, code: str, deadline: float) -> str:
    """The taxpayer of the only act document with a code; none has none."""
    key = act_key(nit, code), CODE
    row = reading.get([key], deadline).get(key)
    if row is None:
        return ""
    acts = int(row["acts"]["N"])
    if acts > 1:
        rows = reading.query(
            key[0], deadline, ActDocument.sk.startswith(taxpayer_key("")), page_size=MOST_TAXPAYERS + 1
        )
        documents = ", ".join(each["taxpayerDocumentNumber"]["S"] for each in islice(rows, MOST_TAXPAYERS))
        more = f" y {acts - MOST_TAXPAYERS} más" if acts > MOST_TAXPAYERS else ""
        finding = Finding("queried-act-ambiguous", "taxpayerDocumentNumber", {"documents": documents + more})
        raise Rejection([finding])
    taxpayer: str = row["firstTaxpayerDocumentNumber"]["S"]
    return taxpayer


def _shown(act: WholeAct, nit: str, deadline: float) -> dict[str, Any]:
    row, entity = act.row, names.entities([nit], deadline)[nit]
    stamps = names.of_stamps(dict.fromkeys((nit, entity.territorial)), deadline)
    return {
        **_entities(entity, deadline),
        "actDocumentCode": row.act_document_code,
        **_coded("platform", "Platform", row.platform),
        "generatorFactValue": amount(int(row.value)),
        "generatorFactStartDate": row.start,
        "generatorFactEndDate": row.end,
        **_coded("parametricActDocumentCodeType", "ActDocumentKind", row.kind),
        **_coded("parametricprocedureCode", "Procedure", row.procedure),
        "payerDocumentParametricTypeCode": row.taxpayer_document_kind,
        "payerDocumentParametricTypeName": contract.code_names("TaxpayerDocumentKind")[row.taxpayer_document_kind],
        "taxpayerDocumentNumber": row.taxpayer_document_number,
        "taxpayerName": row.taxpayer_name,
        "versions": [_creation(row), *map(_amendment, act.versions)],
        "totals": _totals(act),
        "liquidations": [shown for each in act.liquidations for shown in _liquidation(each, stamps)],
    }


def _entities(entity: Entity, deadline: float) -> dict[str, str]:
    """The territorial entity, and the decentralised one if the act document is its."""
    territorial = names.of_entities([entity.territorial], deadline)[entity.territorial]
    shown = {"territorialEntity": entity.territorial, "territorialEntityName": territorial}
    if entity.nit != entity.territorial:
        shown |= {"descentralizedEntity": entity.nit, "descentralizedEntityName": entity.name}
    return shown


def _coded(parameter: str, schema: str, code: str) -> dict[str, str]:
    return {parameter: code, f"{parameter}Name": contract.code_names(schema)[code]}


def _creation(row: ActDocument) -> dict[str, Any]:
    return {
        "version": CREATION,
        "radicado": row.radicado,
        "registeredAt": row.registered_at,
        "generatorFactValue": amount(int(row.first_value)),
        "generatorFactEndDate": row.first_end,
    }


def _amendment(version: ActVersion) -> dict[str, Any]:
    return {
        "version": AMENDMENT,
        "radicado": version.radicado,
        "registeredAt": version.registered_at,
        "generatorFactValue": amount(int(version.value)),
        "generatorFactEndDate": version.end,
    }


def _totals(act: WholeAct) -> dict[str, Any]:
    paid, missing = sum(each.paid for each in act.live), sum(each.row.missing for each in act.live)
    return {
        "liquidatedValue": amount(int(act.row.liquidated)),
        "valuePaid": amount(paid),
        "missingValue": amount(missing),
        "remainingValue": amount(int(act.row.remaining)),
        **({"state": paid_state(missing)} if act.live else {}),
    }


def _liquidation(liquidation: WholeLiquidation, stamps: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A row for its registration, with its payments, and one for its annulment."""
    row = liquidation.row
    alike = {
        "liquidatedValueId": row.liquidated_value_id,
        "stampNumber": row.stamp_number,
        "stampName": stamps[row.stamp_number],
        "liquidatedValue": amount(int(row.value)),
    }
    yield {
        "rowType": REGISTRATION,
        **alike,
        **_receipt(row),
        "valuePaid": amount(liquidation.paid),
        "missingValue": amount(row.missing),
        **(reported.annulled(row) or {"state": paid_state(row.missing)}),
        "payments": [shown for each in liquidation.payments for shown in _payment(each)],
    }
    if row.annulled_by is not None:
        yield {"rowType": ANNULMENT, **alike, **_annulment(row)}


def _payment(row: Payment) -> Iterator[dict[str, Any]]:
    """A row for its registration, and one for its annulment."""
    alike = {"paidValueId": row.paid_value_id, "paymentDate": row.date, "valuePaid": amount(int(row.value))}
    yield {"rowType": REGISTRATION, **alike, **_receipt(row), **reported.annulled(row)}
    if row.annulled_by is not None:
        yield {"rowType": ANNULMENT, **alike, **_annulment(row)}


def _receipt(row: Annullable) -> dict[str, str]:
    return {"radicado": row.radicado, "registeredAt": row.registered_at}


def _annulment(row: Annullable) -> dict[str, Any]:
    return {"radicado": row.annulled_by, "registeredAt": row.annulled_at}
