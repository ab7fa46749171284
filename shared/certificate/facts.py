"""What a certificate states of an act document and its live stamps.

A natural person's name is masked, as everywhere in public; the document number is not: who asks for a certificate has
sent it, or was sent the reference by somebody who had, and by it a supervisor sees whose stamps these are.
"""

from typing import Any

from shared import answers, contract, names
from shared.public.masking import shown_name
from shared.whole_act import WholeAct, WholeLiquidation

Facts = dict[str, Any]
[NO_STAMPS] = contract.codes_of("NoStampsState")


def of(nit: str, act: WholeAct, deadline: float) -> Facts:
    """The facts of this moment, under the contract's names. Raises Rejection (unavailable)."""
    entity = names.entities([nit], deadline)[nit]
    stamp_names = names.of_stamps(dict.fromkeys((nit, entity.territorial)), deadline)
    row = act.row
    liquidated = sum(int(each.row.value) for each in act.live)
    paid = sum(each.paid for each in act.live)
    return {
        "entity": nit,
        "entityName": entity.name,
        "actDocumentCode": row.act_document_code,
        "parametricActDocumentCodeType": row.kind,
        "generatorFactValue": answers.amount(int(row.value)),
        "generatorFactStartDate": row.start,
        "generatorFactEndDate": row.end,
        "payerDocumentParametricTypeCode": row.taxpayer_document_kind,
        "taxpayerDocumentNumber": row.taxpayer_document_number,
        "taxpayerName": shown_name(row.taxpayer_document_kind, row.taxpayer_document_number, row.taxpayer_name),
        "stamps": [_stamp(each, stamp_names) for each in act.live],
        "liquidatedValue": answers.amount(liquidated),
        "paidValue": answers.amount(paid),
        "missingValue": answers.amount(liquidated - paid),
        "state": answers.paid_state(liquidated - paid) if act.live else NO_STAMPS,
    }


def _stamp(liquidation: WholeLiquidation, stamp_names: dict[str, str]) -> Facts:
    row = liquidation.row
    missing = int(row.value) - liquidation.paid
    return {
        "stampNumber": row.stamp_number,
        "stampName": stamp_names[row.stamp_number],
        "liquidatedValueId": row.liquidated_value_id,
        "liquidatedValue": answers.amount(int(row.value)),
        "paidValue": answers.amount(liquidation.paid),
        "missingValue": answers.amount(missing),
        "state": answers.paid_state(missing),
        "payments": [
            {
                "paidValueId": each.paid_value_id,
                "valuePaid": answers.amount(int(each.value)),
                "paymentDate": each.date,
            }
            for each in liquidation.payments
            if each.annulled_by is None
        ],
    }
