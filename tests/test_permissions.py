"""What registrations, loads and reports ask of the table, the template allows by key (IAM, LeadingKeys).

Of the index they are allowed all or nothing.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from shared import auth
from shared.models import Row, certificate_key, entity_key, token_key
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.bulk import Deliveries, csv_file, send, ticket
from tests.client import Client, new_entity
from tests.reporting import BY_ACT, BY_PAYMENT, ask, shown
from tests.test_bulk_load import act, liquidation, payment
from tests.test_template import statements

pytestmark = [pytest.mark.around, pytest.mark.usefixtures("bucket")]

INDEX = "/index/groups"
SERVICES = {
    "registerActDocument": "ActDocumentFunction",
    "registerLiquidation": "LiquidationFunction",
    "registerPayment": "PaymentFunction",
}
Asked = tuple[str, str, str]
"""Function, action, pk."""


def may(function: str, action: str, pk: str) -> bool:
    """Whether a statement of the function's policies allows the action on rows under this key."""
    allowing = [each for each in _of_table(function) if f"dynamodb:{action}" in each["Action"]]
    patterns = [each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for each in allowing]
    return any(fnmatchcase(pk, pattern) for some in patterns for pattern in some)


def _of_table(function: str) -> list[dict[str, Any]]:
    return [each for each in statements(function) if INDEX not in str(each["Resource"])]


def _keys(action: str, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions that a call to the table is authorised by, and the keys that they are about."""
    if action == "TransactWriteItems":
        for [(kind, part)] in (each.items() for each in asked["TransactItems"]):
            yield {"ConditionCheck": "ConditionCheckItem"}.get(kind, f"{kind}Item"), _pk(part)
    elif action == "BatchGetItem":
        [batch] = asked["RequestItems"].values()
        yield from ((action, key["pk"]["S"]) for key in batch["Keys"])
    elif "IndexName" not in asked:
        yield action, _pk(asked)


def _pk(asked: dict[str, Any]) -> str:
    if "KeyConditionExpression" in asked:
        name, _, value = asked["KeyConditionExpression"].strip("(").split(" ")[:3]
        assert asked["ExpressionAttributeNames"][name] == "pk"
        return str(asked["ExpressionAttributeValues"][value]["S"])
    return str((asked.get("Key") or asked["Item"])["pk"]["S"])


@pytest.fixture
def member(entity: Client) -> Client:
    """A decentralised entity, there before anything is noted."""
    return new_entity("900000001", territorial=entity.nit)


@pytest.fixture
def asked() -> Iterator[tuple[set[Asked], Callable[[str], None]]]:
    """What was asked of the table, and by which function it is asked from now on."""
    found: set[Asked] = set()
    asking = ["BulkLoadFunction"]

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        found.update((asking[0], action, pk) for action, pk in _keys(model.name, params))

    events = Row.connection().client.meta.events
    events.register("provide-client-params.dynamodb", note, unique_id="asked")
    yield found, lambda function: asking.__setitem__(0, function)
    events.unregister("provide-client-params.dynamodb", unique_id="asked")


def _deliver(asks: Callable[[str], None]) -> None:
    """All that waits, each to the function that it is for; what is asked afterwards is a client's."""
    deliveries = Deliveries()
    while waiting := deliveries.waiting():
        for url, message in waiting:
            asks("BulkWorkFunction" if url == os.environ["LANES_QUEUE"] else "BulkSplitFunction")
            assert deliveries.bring(url, message)
    asks("BulkLoadFunction")


def _load(entity: Client, service: str, rows: list[list[Any]], asks: Callable[[str], None], rejected: int = 0) -> None:
    """Load a file to its end, and look at its ticket."""
    number = send(entity, service, "filas.csv", csv_file(rows, service)).body["ticket"]
    _deliver(asks)
    assert ticket(entity, number)["rows"]["registered"] == len(rows) - rejected
    assert entity.post("findTickets", {}).status == 200


def test_every_function_of_a_load_may_do_what_it_does(entity: Client, member: Client, asked: Any) -> None:
    """All that can be registered is, from files, and reported; every key touched is one that the policies name."""
    found, asks = asked
    nit = entity.nit
    _load(entity, "actoDocumento", [act(nit, "A#TICKETS"), act(nit, "A#TICKETS", "200.00", kind="1")], asks)
    liquidations = [liquidation(nit, "A#TICKETS", number) for number in "12"]
    unknown = liquidation(nit, "A#TICKETS", "3")
    unknown[4] = "a stamp of nobody's"
    _load(
        entity, "liquidacion", [*liquidations, liquidation(nit, "A#TICKETS", "2", kind="0"), unknown], asks, rejected=1
    )
    _load(entity, "pago", [payment(nit, "1", "P"), payment(nit, "1", "P", kind="0")], asks)
    for kind, about in ((BY_ACT, "TODAS"), (BY_PAYMENT, nit), (BY_ACT, member.nit)):
        number = ask(entity, kind, entity=about)
        _deliver(asks)
        assert shown(entity, number)["state"] == "Finalizado Sin Errores"
    assert {(function, action) for function, action, _ in found} == {
        (function, action.partition(":")[2])
        for function in ("BulkLoadFunction", "BulkSplitFunction", "BulkWorkFunction")
        for each in _of_table(function)
        for action in each["Action"]
        if action.startswith("dynamodb:")
    }
    assert not [each for each in found if not may(*each)]


def _register(entity: Client, operation: str, body: dict[str, Any], asks: Callable[[str], None]) -> None:
    """As a client does, under an Idempotency-Key; its token is known to none of the functions."""
    auth._callers.clear()
    asks(SERVICES[operation])
    answer = entity.post(operation, body, {"Idempotency-Key": str(uuid.uuid4())})
    assert answer.status == 200, answer.text


def test_every_service_may_do_what_it_does(entity: Client, member: Client, asked: Any) -> None:
    """All that can be registered is, amended and annulled, also with another entity's stamp and without a taxpayer."""
    found, asks = asked
    unnamed = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    for each in (entity, member):
        for body in (ACT, ACT | {"type": 1, "generatorFactValue": 90_000_000}):
            _register(each, "registerActDocument", body, asks)
        for body in (LIQUIDATION, unnamed | {"liquidatedValueId": "L-2"}):
            _register(each, "registerLiquidation", body | {"liquidatedValue": 1}, asks)
        payment = PAYMENT | {"valuePaid": 1}
        for body in (payment, payment | {"type": 0}):
            _register(each, "registerPayment", body, asks)
        _register(each, "registerLiquidation", LIQUIDATION | {"liquidatedValue": 1, "type": 0}, asks)
    assert {(function, action) for function, action, _ in found} == {
        (function, action.partition(":")[2])
        for function in SERVICES.values()
        for each in _of_table(function)
        for action in each["Action"]
    }
    assert not [each for each in found if not may(*each)]


@pytest.mark.parametrize("function", [*SERVICES.values(), "BulkLoadFunction", "BulkSplitFunction", "BulkWorkFunction"])
@pytest.mark.parametrize("action", ["PutItem", "UpdateItem"])
@pytest.mark.parametrize("key", [token_key("0" * 64), entity_key("900000000"), certificate_key("0" * 20)])
def test_nobody_who_registers_writes_entities_stamps_tokens_or_certificates(
    function: str, action: str, key: str
) -> None:
    """Whatever a body or a file holds."""
    assert not may(function, action, key)


@pytest.mark.parametrize(
    ("function", "action"),
    [
        *(("BulkLoadFunction", action) for action in ("GetItem", "Query", "PutItem", "UpdateItem")),
        *(("BulkSplitFunction", action) for action in ("GetItem", "PutItem", "UpdateItem")),
    ],
)
def test_only_the_worker_writes_what_is_registered(function: str, action: str) -> None:
    """The others know files and tickets, and read names, and what a report tells."""
    assert not may(function, action, f"{entity_key('900000000')}#ACT#CCE-147-2023")
    assert not may(function, action, entity_key("900000000"))
