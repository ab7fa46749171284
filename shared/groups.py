"""Where the index `groups` finds a row: its `group` and `place`.

Said once, for who writes the row and for the operator who completes those of before the index (console/completion.py).
"""

from collections.abc import Mapping
from typing import Any

from shared import contract, folding
from shared.models import (
    ACT_SHARDS,
    AFTER_TEXT,
    act_key,
    acts_group,
    liquidation_key,
    liquidations_of,
    members_group,
    public_contract,
    public_group,
    public_procedure,
)

Found = dict[str, Any]
"""The two attributes, for a row's keyword arguments."""


def of_act(nit: str, code: str, radicado: str) -> Found:
    """An act document, by its code."""
    group = acts_group(nit, int(radicado[-1], 36) % ACT_SHARDS)
    return {"group": group, "place": f"{folding.folded(code)}{AFTER_TEXT}{radicado}"}


def of_liquidation(nit: str, code: str, taxpayer_document: str, radicado: str) -> Found:
    """A liquidation, by its act document."""
    return {"group": act_key(nit, code), "place": f"{liquidations_of(taxpayer_document)}{radicado}"}


def of_payment(nit: str, liquidated_value_id: str, radicado: str) -> Found:
    """A payment, by its liquidation."""
    return {"group": liquidation_key(nit, liquidated_value_id), "place": radicado}


def of_creation(record: Mapping[str, Any], radicado: str) -> Found:
    """The log entry of an act document's creation, by who knows the taxpayer, and of a contract its year and code."""
    if record["parametricActDocumentCodeType"] in contract.contract_kinds():
        place = public_contract(str(record["generatorFactStartDate"])[:4], str(record["actDocumentCode"]))
    else:
        place = public_procedure(radicado)
    return {"group": public_group(str(record["taxpayerDocumentNumber"])), "place": place}


def of_member(territorial: str, nit: str) -> Found:
    """A decentralised entity, by its territorial one."""
    return {"group": members_group(territorial), "place": nit}
