"""The stamps that an entity may use, as consultaEstampilla/buscar answers them."""

import pytest

from console import registry
from tests.client import Client, new_entity

pytestmark = pytest.mark.queries


def _found(client: Client) -> list[tuple[str, str, str, str]]:
    answer = client.post("findStamps", {})
    assert answer.status == 200, answer.text
    return [
        (each["stampNumber"], each["stampName"], each["entity"], each["entityName"]) for each in answer.body["data"]
    ]


def test_an_entity_sees_its_own_stamps_and_its_territorial_ones_by_number(entity: Client) -> None:
    """Each with its name and whose it is, in the order of their numbers."""
    decentralised = new_entity("900111222", "0", "150", territorial=entity.nit)
    territorial = [
        (number, f"Estampilla {number}", entity.nit, f"Entidad {entity.nit}")
        for number in ("100", "194-000-001", "194-000-002", "90", "QA202471")
    ]
    own = [
        (number, f"Estampilla {number}", decentralised.nit, f"Entidad {decentralised.nit}") for number in ("0", "150")
    ]
    assert _found(entity) == territorial
    assert _found(decentralised) == sorted(own + territorial)


def test_of_a_stamp_that_both_have_it_sees_its_own(entity: Client) -> None:
    """A number stands once, under the name that its own entity gave it."""
    decentralised = new_entity("900111222", territorial=entity.nit)
    registry.add_stamp(decentralised.nit, "90", "La propia")
    assert [each for each in _found(decentralised) if each[0] == "90"] == [
        ("90", "La propia", decentralised.nit, f"Entidad {decentralised.nit}")
    ]


def test_an_entity_sees_no_stamp_of_another(entity: Client, other_entity: Client) -> None:
    """Stamps go down from the territorial entity, not up, and not across."""
    new_entity("900111222", "propia", territorial=entity.nit)
    registry.add_stamp(other_entity.nit, "ajena", "Estampilla ajena")
    assert {each[0] for each in _found(entity)}.isdisjoint({"propia", "ajena"})
    assert {each[2] for each in _found(entity)} == {entity.nit}


def test_an_entity_without_stamps_is_answered_an_empty_list(table: str) -> None:
    """No stamps are no failure."""
    del table
    assert _found(new_entity("900111222")) == []


def test_a_stamp_added_a_moment_ago_is_there(entity: Client) -> None:
    """Nothing is remembered from an earlier answer."""
    _found(entity)
    registry.add_stamp(entity.nit, "nueva", "Estampilla nueva")
    assert "nueva" in {each[0] for each in _found(entity)}
