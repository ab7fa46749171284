"""Whatever is registered and whatever is asked, the public is shown what it asked for, and nothing beside it.

Registers of several entities and taxpayers are drawn, with a model beside them that knows what may be shown; facts that
nobody may see, or only who asks for them, are texts that stand nowhere else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bodies import ACT
from tests.client import Client, new_entity
from tests.engine import Direct, new_table
from tests.public import NOTHING, ask, contract_question, liquidate, pay, post, procedure_question

pytestmark = pytest.mark.queries

STAMP = "194-000-001"
ENTITIES = ("900000000", "900000001", "900111222")  # the last is the first one's
YEARS = (2024, 2025)
CODES = ("1", "1 ", "01", "1#2024")
CONTRACTS, PROCEDURES = ("AD3", "AD4", "AD7"), ("AD1", "AD2", "AD5")


@dataclass(frozen=True)
class Taxpayer:
    """Who has acts: kind of document, the spellings of its number, and whether it is a company."""

    kind: str
    spellings: tuple[str, ...]
    is_company: bool
    name: str

    @property
    def secrets(self) -> list[str]:
        """What nobody may read, or who asks for another."""
        return [self.name] if self.is_company else self.name.split()


TAXPAYERS = (
    Taxpayer("NIT", ("901805364", "901.805.364-1", "9018053641"), True, "Consorcio Uno"),  # noqa: FBT003
    Taxpayer("NIT", ("800094164", "800.094.164"), True, "Empresa Dos"),  # noqa: FBT003
    Taxpayer("CC", ("19396910", "19.396.910"), False, "Zacarías Quiñones"),  # noqa: FBT003
    Taxpayer("NIT", ("1034780857", "1.034.780.857"), False, "Wilfrido Kepler"),  # noqa: FBT003
)


@dataclass(frozen=True)
class Stamped:
    """A liquidation: its value and what is paid of it, in pesos, and whether it is annulled."""

    value: int
    paid: int
    annulled: bool


@dataclass(frozen=True)
class Reported:
    """An act document as one entity reports it, and what is liquidated on it."""

    entity: int
    kind: str
    year: int
    code: str
    taxpayer: int
    spelling: int
    amended: bool
    stamps: tuple[Stamped, ...]

    @property
    def key(self) -> tuple[int, str, str]:
        """No two acts have the same."""
        return self.entity, self.code.strip(), self.document

    @property
    def document(self) -> str:
        """As it is registered."""
        spellings = TAXPAYERS[self.taxpayer].spellings
        return spellings[self.spelling % len(spellings)]


STAMPED = st.builds(
    lambda value, share, annulled: Stamped(value, 0 if annulled else value * share // 2, annulled),
    st.integers(1, 1000),
    st.integers(0, 2),
    st.booleans(),
)
REPORTED = st.builds(
    Reported,
    st.integers(0, len(ENTITIES) - 1),
    st.sampled_from(CONTRACTS + PROCEDURES),
    st.sampled_from(YEARS),
    st.sampled_from(CODES),
    st.integers(0, len(TAXPAYERS) - 1),
    st.integers(0, 2),
    st.booleans(),
    st.lists(STAMPED, max_size=2).map(tuple),
)
REGISTERS = st.lists(REPORTED, min_size=1, max_size=6, unique_by=lambda act: act.key)


@pytest.fixture
def empty(direct: Direct, table: str) -> Callable[[], list[Client]]:
    """What empties the table."""

    def emptied() -> list[Client]:
        direct("DeleteTable", TableName=table)
        new_table(direct)
        first, second, third = ENTITIES
        return [new_entity(first, STAMP), new_entity(second, STAMP), new_entity(third, territorial=first)]

    return emptied


@pytest.mark.slow
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=REGISTERS, wrong=st.sampled_from([{"year": 2023}, {"actDocumentCode": "11"}]))
def test_the_public_endpoint_leaks_nothing_about_what_is_not_asked_for(
    empty: Any, acts: list[Reported], wrong: dict[str, Any]
) -> None:
    """Every fact is of the acts that were asked for, persons' names are nowhere, and all empty answers are one."""
    entities = empty()
    for number, act in enumerate(acts):
        _register(entities[act.entity], act, number)
    for asked in acts:
        spelling = TAXPAYERS[asked.taxpayer].spellings[0]
        own = contract_question(_body(asked), taxpayerDocumentNumber=spelling)
        _check(own, acts, lambda act, asked=asked: _is_contract(act, asked))
        _check(
            procedure_question(taxpayerDocumentNumber=spelling),
            acts,
            lambda act, asked=asked: _is_procedure(act, asked),
        )
        for stranger in ({**own, "taxpayerDocumentNumber": "19396911"}, {**own, **wrong}):
            assert ask(stranger).text == NOTHING


def _is_contract(act: Reported, asked: Reported) -> bool:
    same = (act.taxpayer, act.year, act.code.strip()) == (asked.taxpayer, asked.year, asked.code.strip())
    return same and act.kind in CONTRACTS


def _is_procedure(act: Reported, asked: Reported) -> bool:
    return act.taxpayer == asked.taxpayer and act.kind in PROCEDURES


def _check(question: dict[str, Any], acts: list[Reported], belongs: Any) -> None:
    """The rows are those of the acts that belong, in the model's own words, and no other act's secret is there."""
    answer = ask(question)
    expected = [row for number, act in enumerate(acts) if belongs(act) for row in _rows(act, number)]
    if not expected:
        assert answer.text == NOTHING
    compared = ("entity", "entityName", "actDocumentCode", "liquidatedValueId", "taxpayerName")
    numbers = ("generatorFactValue", "liquidatedValue", "missingValue")
    rows = [
        {name: row[name] for name in compared} | {name: row[name] for name in numbers} | {"state": row["state"]}
        for row in answer.body["data"]
    ]
    assert rows == expected
    named = {act.taxpayer for act in acts if belongs(act) and TAXPAYERS[act.taxpayer].is_company}
    hidden = [secret for number, each in enumerate(TAXPAYERS) if number not in named for secret in each.secrets]
    hidden += [f"L-{number}-" for number, act in enumerate(acts) if not belongs(act)]
    hidden += [document for each in TAXPAYERS for document in each.spellings]
    assert not [secret for secret in hidden if secret in answer.text]


def _rows(act: Reported, number: int) -> Iterator[dict[str, Any]]:
    taxpayer = TAXPAYERS[act.taxpayer]
    masked = " ".join(f"{word[0]}***" for word in taxpayer.name.split())
    for place, each in enumerate(act.stamps):
        if not each.annulled:
            yield {
                "entity": ENTITIES[act.entity],
                "entityName": f"Entidad {ENTITIES[act.entity]}",
                "actDocumentCode": act.code.strip(),
                "liquidatedValueId": f"L-{number}-{place}",
                "taxpayerName": taxpayer.name if taxpayer.is_company else masked,
                "generatorFactValue": 6000 if act.amended else 5000,
                "liquidatedValue": each.value,
                "missingValue": each.value - each.paid,
                "state": "LIQUIDADO" if each.value > each.paid else "LEGALIZADO",
            }


def _body(act: Reported) -> dict[str, Any]:
    taxpayer = TAXPAYERS[act.taxpayer]
    return ACT | {
        "actDocumentCode": act.code,
        "generatorFactValue": 5000,
        "generatorFactStartDate": f"{act.year}-01-01 00:00:00",
        "generatorFactEndDate": f"{act.year}-12-31 00:00:00",
        "parametricActDocumentCodeType": act.kind,
        "payerDocumentParametricTypeCode": taxpayer.kind,
        "taxpayerDocumentNumber": act.document,
        "taxpayerName": taxpayer.name,
    }


def _register(entity: Client, act: Reported, number: int) -> None:
    body = _body(act)
    post(entity, "registerActDocument", body)
    for place, each in enumerate(act.stamps):
        own = {"liquidatedValueId": f"L-{number}-{place}", "liquidatedValue": each.value, "stampNumber": STAMP}
        liquidate(entity, body, **own)
        if each.annulled:
            liquidate(entity, body, **own, type=0)
        if each.paid:
            identifier = {"liquidatedValueId": own["liquidatedValueId"], "paidValueId": f"P-{number}-{place}"}
            pay(entity, **identifier, valuePaid=each.paid)
    if act.amended:
        post(entity, "registerActDocument", body | {"type": 1, "generatorFactValue": 6000})
