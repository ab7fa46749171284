"""Whose records a caller may see."""

import pytest

from shared import nit, retry
from shared.call import Caller
from shared.reach import reach
from shared.rejection import Rejection
from tests.client import Client, new_entity

pytestmark = pytest.mark.queries

HOSPITAL, SCHOOL = "900111222", "900111223"


@pytest.fixture
def family(entity: Client) -> Client:
    """A territorial entity with two decentralised ones, and another territorial entity with one."""
    new_entity(SCHOOL, territorial=entity.nit)
    new_entity(HOSPITAL, territorial=entity.nit)
    new_entity("900000001")
    new_entity("900333444", territorial="900000001")
    return entity


def _reached(own: str, territorial: str, asked: str | None) -> tuple[str, ...]:
    return reach(Caller(own, territorial), asked, retry.deadline())


def test_nothing_asked_is_the_callers_own(family: Client) -> None:
    """Without the parameter each entity sees what is its own."""
    assert _reached(family.nit, family.nit, None) == (family.nit,)
    assert _reached(HOSPITAL, family.nit, None) == (HOSPITAL,)


def test_an_entity_may_name_itself(family: Client) -> None:
    """Also a decentralised one, and as people write a NIT."""
    assert _reached(family.nit, family.nit, family.nit) == (family.nit,)
    assert _reached(HOSPITAL, family.nit, f"900.111.222-{nit.check_digit(HOSPITAL)}") == (HOSPITAL,)


def test_a_territorial_entity_reaches_its_decentralised_ones(family: Client) -> None:
    """One of them by its NIT, with or without its check digit, or all of them with itself."""
    digit = nit.check_digit(SCHOOL)
    for written in (SCHOOL, f"{SCHOOL}-{digit}", SCHOOL + digit):
        assert _reached(family.nit, family.nit, written) == (SCHOOL,)
    for written in ("TODAS", "todas"):
        assert _reached(family.nit, family.nit, written) == (family.nit, HOSPITAL, SCHOOL)


@pytest.mark.parametrize("asked", ["900000001", "900333444", "900999999", "ninguna", "900111223-0", "-"])
def test_an_entity_of_another_is_as_one_that_is_not_there(family: Client, asked: str) -> None:
    """Neither another territorial entity, nor its decentralised one, nor nobody: all are refused alike."""
    with pytest.raises(Rejection) as refused:
        _reached(family.nit, family.nit, asked)
    assert [(each.rule, each.parameter) for each in refused.value.findings] == [("entity-not-reachable", "entity")]


@pytest.mark.parametrize("asked", ["900000000", SCHOOL, "TODAS"])
def test_a_decentralised_entity_reaches_itself_alone(family: Client, asked: str) -> None:
    """Neither its territorial entity, nor a sister, nor all."""
    with pytest.raises(Rejection):
        _reached(HOSPITAL, family.nit, asked)
