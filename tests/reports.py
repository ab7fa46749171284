"""What an entity reports, as the ledger gets it: for tests that call the ledger itself."""

import json
from collections.abc import Mapping
from typing import Any

from shared import contract, radicado, retry, validation
from shared.call import Caller, Report
from tests.client import Client


def report_of(
    entity: Client, operation_id: str, body: Mapping[str, Any], request_id: str = "a call", ticket: str | None = None
) -> Report:
    """The report of a body, with a new receipt; with a ticket, that of a row of a file."""
    operation = contract.operation(operation_id)
    receipt, moment = radicado.draw()
    return Report(
        request_id,
        retry.deadline(),
        operation,
        Caller(entity.nit, entity.nit),
        validation.read(operation, json.dumps(body).encode()),
        receipt,
        moment,
        ticket=ticket,
    )
