"""Who registered a record is known from the token alone, and what one entity registered does not exist for another."""

from typing import Any

import pytest

from console import registry
from shared import contract, settings, tokens
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity


def _register_all(entity: Client) -> None:
    for operation, body in (
        ("registerActDocument", ACT),
        ("registerLiquidation", LIQUIDATION),
        ("registerPayment", PAYMENT),
    ):
        assert entity.post(operation, body).status == 200


def test_what_one_entity_registered_does_not_exist_for_another(entity: Client, other_entity: Client) -> None:
    """Every reference to another entity's record is answered as to one that nobody registered."""
    _register_all(entity)
    assert other_entity.post("registerActDocument", ACT | {"type": 1}).codes == ["amended-act-unknown"]
    assert other_entity.post("registerLiquidation", LIQUIDATION).codes == ["act-unknown"]
    assert other_entity.post("registerLiquidation", LIQUIDATION | {"type": 0}).codes == ["liquidation-to-annul-unknown"]
    assert other_entity.post("registerPayment", PAYMENT).codes == ["liquidation-unknown"]
    assert other_entity.post("registerPayment", PAYMENT | {"type": 0}).codes == ["payment-to-annul-unknown"]
    _register_all(other_entity)


def test_a_decentralised_entitys_records_do_not_exist_for_its_territorial_one(entity: Client) -> None:
    """The territorial token reaches nothing that came with the decentralised token, nor the other way round."""
    decentralised = new_entity("900111222", territorial=entity.nit)
    _register_all(decentralised)
    assert entity.post("registerLiquidation", LIQUIDATION).codes == ["act-unknown"]
    assert entity.post("registerPayment", PAYMENT).codes == ["liquidation-unknown"]
    _register_all(entity)


def test_a_decentralised_entity_uses_its_own_stamps_and_its_territorial_ones(
    entity: Client, other_entity: Client
) -> None:
    """Stamps go down from the territorial entity, not up, and not across."""
    decentralised = new_entity("900111222", "propia", territorial=entity.nit)
    registry.add_stamp(other_entity.nit, "ajena", "Estampilla ajena")
    for client in (entity, decentralised):
        client.post("registerActDocument", ACT)

    def codes(client: Client, stamp: str, number: int) -> list[str]:
        own = {"stampNumber": stamp, "liquidatedValueId": f"L-{stamp}-{number}", "liquidatedValue": 1}
        return client.post("registerLiquidation", LIQUIDATION | own).codes

    for number in range(2):  # read from the table, then remembered
        assert codes(decentralised, "194-000-001", number) == []
        assert codes(decentralised, "propia", number) == []
        assert codes(entity, "propia", number) == ["stamp-unknown"]
        assert codes(decentralised, "ajena", number) == ["stamp-unknown"]


def test_a_stamp_added_later_works_at_once(entity: Client) -> None:
    """A stamp that was unknown a moment ago is looked up again before it is refused."""
    entity.post("registerActDocument", ACT)
    body = LIQUIDATION | {"stampNumber": "nueva"}
    assert entity.post("registerLiquidation", body).codes == ["stamp-unknown"]
    registry.add_stamp(entity.nit, "nueva", "Estampilla nueva")
    assert entity.post("registerLiquidation", body).status == 200


@pytest.mark.parametrize("header", ["X-Entity", "nit"])
def test_entity_is_not_taken_from_the_request(entity: Client, other_entity: Client, header: str) -> None:
    """Naming another entity in a header or in the body changes nothing."""
    body: dict[str, Any] = ACT | {"territorialEntity": other_entity.nit, "nit": other_entity.nit}
    assert entity.post("registerActDocument", body, {header: other_entity.nit}).status == 200
    assert other_entity.post("registerLiquidation", LIQUIDATION).codes == ["act-unknown"]


def test_every_operation_asks_for_the_token(entity: Client) -> None:
    """Without a live token of this environment an operation answers 401, whatever the body, unless it is public."""
    unknown = tokens.draw(settings.environment())
    other_environment = tokens.draw("prod")
    revoked = new_entity("900000009")
    registry.revoke_token(revoked.nit)
    replaced = new_entity("900000010")
    registry.issue_token(replaced.nit)
    for operation in (each.id for each in contract.operations().values() if not each.is_public):
        for authorization in (
            "",
            entity.token,
            f"Bearer {unknown}",
            f"Bearer {other_environment}",
            f"Bearer {revoked.token}",
            f"Bearer {replaced.token}",
            f"Bearer {entity.token} {entity.token}",
            f"Bearer {entity.token.swapcase()}",
            [f"Bearer {entity.token}", f"Bearer {entity.token}"],
        ):
            answer = entity.post(operation, "[", {"Authorization": authorization})
            assert (answer.status, answer.body["message"]) == (401, "Error. Token inválido")
            assert answer.headers["www-authenticate"] == "Bearer"
