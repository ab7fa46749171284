"""What the services of bulk loads answer is of the contract's schemas, in every state of a load."""

from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from shared import contract
from shared.contract import loads
from tests.bulk import Deliveries, csv_file, load, send
from tests.client import Answer, Client
from tests.test_bulk_load import act

pytestmark = [pytest.mark.files, pytest.mark.usefixtures("bucket")]

DOCUMENT = contract.document()
STATES = loads.bulk().states


def conforms(operation_id: str, answer: Answer) -> dict[str, Any]:
    """The answer's body, which is of the schema that the contract has for its status."""
    operation = contract.operation(operation_id)
    answers = DOCUMENT["paths"][operation.path][operation.method]["responses"]
    schema = answers[str(answer.status)]["content"]["application/json"]["schema"]
    OAS30Validator({**schema, "components": DOCUMENT["components"]}).validate(answer.body)
    return answer.body


def test_tickets_in_every_state_are_of_their_schema(entity: Client) -> None:
    """Shown one by one and listed: awaited, under way, ended without and with errors, refused, only checked."""
    good, bad = act(entity.nit, "A"), act(entity.nit, "B", "x")
    load(entity, "actoDocumento", csv_file([good], "actoDocumento"))
    load(entity, "actoDocumento", csv_file([good, bad], "actoDocumento"))
    load(entity, "actoDocumento", csv_file([], "actoDocumento"))
    load(entity, "actoDocumento", csv_file([good], "actoDocumento"), validar="true")
    conforms("loadPayments", entity.post("loadPayments", {"fileName": "pagos.csv"}))
    conforms("loadActDocuments", send(entity, "actoDocumento", "a.csv", csv_file([good], "actoDocumento")))
    deliveries = Deliveries()
    for url, message in [each for each in deliveries.waiting() if "Records" in each[1]]:
        assert deliveries.bring(url, message)
    listed = conforms("findTickets", entity.post("findTickets", {"pageSize": 10}))["data"]
    assert {each["state"] for each in listed} == set(STATES.values())
    for each in listed:
        shown = conforms("getTicket", entity.post("getTicket", {"ticket": each["ticket"]}))["data"]
        assert each.items() <= shown.items()


def test_pages_and_templates_are_of_their_schema(entity: Client) -> None:
    """A page that another follows, and each template."""
    for _ in range(11):
        entity.post("loadPayments", {"fileName": "pagos.csv"})
    assert conforms("findTickets", entity.post("findTickets", {"pageSize": 10}))["cursor"]
    for service in ("actoDocumento", "liquidacion", "pago"):
        for kind in ("csv", "xlsx"):
            conforms("getTemplate", entity.post("getTemplate", {"service": service, "format": kind}))
