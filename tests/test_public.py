"""The public's consultation: what is shown to whom asks exactly, how, and what is not."""

import json
from collections.abc import Callable
from itertools import count

import pytest

from shared import contract, cursor, validation
from shared.public import references
from shared.public import stamps as public_stamps
from shared.radicado import draw
from shared.retry import deadline
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.public import NOTHING, ask, contract_question, liquidate, pay, post, procedure_question, register, shown

pytestmark = [pytest.mark.queries, pytest.mark.untraced]

COMPANY = ACT | {
    "payerDocumentParametricTypeCode": "NIT",
    "taxpayerDocumentNumber": "901805364",
    "taxpayerName": "UNIÓN TEMPORAL PUTUMAYO SEGURO 20/24",
}
PROCEDURE = ACT | {"parametricActDocumentCodeType": "AD2", "actDocumentCode": "CERT-1"}


def test_a_stamp_is_shown_with_its_act_and_entity(entity: Client) -> None:
    """A row names entity, act, taxpayer, stamp, liquidation, what is missing and the state; amounts digit for digit."""
    register(entity, COMPANY | {"generatorFactValue": "123456789012345678.91"}, {"liquidatedValue": 2000000.5})
    answer = ask(contract_question(COMPANY))
    [row] = answer.body["data"]
    assert row.pop("actReference").startswith(f"{entity.nit}-")
    assert row == {
        "entity": entity.nit,
        "entityName": f"Entidad {entity.nit}",
        "actDocumentCode": ACT["actDocumentCode"],
        "generatorFactValue": pytest.approx(123456789012345678.91),
        "taxpayerName": "UNIÓN TEMPORAL PUTUMAYO SEGURO 20/24",
        "stampNumber": LIQUIDATION["stampNumber"],
        "stampName": f"Estampilla {LIQUIDATION['stampNumber']}",
        "liquidatedValueId": LIQUIDATION["liquidatedValueId"],
        "liquidatedValue": 2000000.5,
        "missingValue": 2000000.5,
        "state": "LIQUIDADO",
    }
    assert '"generatorFactValue": 123456789012345678.91,' in answer.text
    assert '"missingValue": 2000000.50,' in answer.text
    assert "message" not in answer.body


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer nada", "Basic dXNlcjpwYXNz", "Bearer sgc_pre_0_0", "?"]
)
def test_no_token_is_asked_for_and_none_is_looked_at(entity: Client, authorization: str) -> None:
    """With no token, with any and with a wrong one the answer is the same."""
    register(entity)
    without = ask(contract_question())
    assert ask(contract_question(), {"Authorization": authorization}).text == without.text
    assert ask(contract_question(), {"Authorization": f"Bearer {entity.token}"}).text == without.text
    assert len(without.body["data"]) == 1


def test_a_payment_changes_what_is_missing_until_nothing_is(entity: Client) -> None:
    """LEGALIZADO is wholly paid; partly paid, or paid and then annulled, is LIQUIDADO with what is missing."""
    register(entity, ACT, {"liquidatedValue": 1000})

    def seen() -> tuple[str, float]:
        [row] = shown(contract_question())
        return row["state"], row["missingValue"]

    assert seen() == ("LIQUIDADO", 1000)
    pay(entity, paidValueId="P1", valuePaid="999.99")
    assert seen() == ("LIQUIDADO", 0.01)
    pay(entity, paidValueId="P2", valuePaid="0.01")
    assert seen() == ("LEGALIZADO", 0)
    pay(entity, paidValueId="P1", valuePaid="999.99", type=0)
    assert seen() == ("LIQUIDADO", 999.99)


def test_an_annulled_liquidation_is_not_shown(entity: Client) -> None:
    """Beside a live one only that is shown; alone, it is as if nobody had registered anything."""
    register(entity, ACT, {"liquidatedValueId": "L1"}, {"liquidatedValueId": "L2"})
    liquidate(entity, liquidatedValueId="L1", type=0)
    assert [row["liquidatedValueId"] for row in shown(contract_question())] == ["L2"]
    liquidate(entity, liquidatedValueId="L2", type=0)
    assert ask(contract_question()).text == NOTHING


def test_an_act_without_liquidations_is_not_shown(entity: Client) -> None:
    """There is nothing to show of it, and so nothing that tells it from an act that is not there."""
    post(entity, "registerActDocument", ACT)
    assert ask(contract_question()).text == NOTHING
    assert ask(contract_question(actDocumentCode="OTRO")).text == NOTHING


def test_an_amended_act_is_shown_with_its_value_of_today(entity: Client) -> None:
    """It stays where it was found, under the year in which it began, with its new value."""
    register(entity)
    amendment = ACT | {"type": 1, "generatorFactValue": 7000000, "generatorFactEndDate": "2026-12-31 00:00:00"}
    post(entity, "registerActDocument", amendment)
    [row] = shown(contract_question())
    assert row["generatorFactValue"] == 7000000
    assert ask(contract_question(year=2026)).text == NOTHING


def test_an_assignment_shows_each_taxpayer_its_own(entity: Client) -> None:
    """Of one code with two taxpayers, each finds what is liquidated to it, and not the other's."""
    register(entity, ACT, {"liquidatedValueId": "CEDENTE"})
    assigned = COMPANY | {"parametricActDocumentCodeType": "AD3"}
    register(entity, assigned, {"liquidatedValueId": "CESIONARIO", "liquidatedValue": 1})
    for act, identifier in ((ACT, "CEDENTE"), (assigned, "CESIONARIO")):
        assert [row["liquidatedValueId"] for row in shown(contract_question(act))] == [identifier]


def test_one_number_of_several_entities_shows_all_of_them(entity: Client, other_entity: Client) -> None:
    """Numbers are each entity's own: whoever knows contractor, year and number sees each, oldest first."""
    decentralised = new_entity("900111222", territorial=entity.nit)
    for each in (other_entity, decentralised, entity):
        register(each, COMPANY)
    rows = shown(contract_question(COMPANY))
    assert [row["entity"] for row in rows] == [other_entity.nit, decentralised.nit, entity.nit]
    assert [row["entityName"] for row in rows] == [f"Entidad {row['entity']}" for row in rows]
    assert {row["stampName"] for row in rows} == {
        f"Estampilla {LIQUIDATION['stampNumber']}"
    }  # one is its territorial's
    assert len({row["actReference"] for row in rows}) == 3


@pytest.mark.parametrize("kind", contract.document()["components"]["schemas"]["ActDocumentKind"]["enum"])
def test_an_act_is_a_contract_or_a_procedure(entity: Client, kind: str) -> None:
    """Each kind of act document is found in one of the two ways, and not in the other."""
    register(entity, ACT | {"parametricActDocumentCodeType": kind})
    found, not_found = contract_question(), procedure_question()
    if kind in {"AD1", "AD2", "AD5"}:
        found, not_found = not_found, found
    assert len(shown(found)) == 1
    assert ask(not_found).text == NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"year": 2023},
        {"actDocumentCode": "cce-147-2023"},
        {"actDocumentCode": "CCE-147"},
        {"actDocumentCode": "CCE-147-2023#"},
        {"taxpayerDocumentNumber": "1939691"},
        {"taxpayerDocumentNumber": "193969100"},
        {"searchType": "Tramite"},
    ],
)
def test_only_what_is_asked_exactly_is_found(entity: Client, changes: dict[str, object]) -> None:
    """Another year, part of a number, other letters or another document find nothing."""
    register(entity)
    assert ask(contract_question(**changes)).text == NOTHING


def test_a_procedure_is_asked_with_its_accent_or_without(entity: Client) -> None:
    """Both spellings are one question: its second page is asked with the other."""
    register(entity, PROCEDURE, *({"liquidatedValueId": f"L{number:02}", "liquidatedValue": 1} for number in range(11)))
    plain, accented = (procedure_question(PROCEDURE, searchType=word, pageSize=10) for word in ("Tramite", "Trámite"))
    first = ask(plain).body
    assert ask(accented).body == first
    [last] = shown(accented | {"cursor": first["cursor"]})
    assert last["liquidatedValueId"] == "L10"


@pytest.mark.parametrize("registered", ["901805364", "901.805.364", "901805364-1", "901.805.364-1", "9018053641"])
@pytest.mark.parametrize("asked", ["901805364", "901 805 364", "901.805.364-1", "9018053641"])
def test_a_nit_is_found_however_it_is_written(entity: Client, registered: str, asked: str) -> None:
    """With or without points, spaces and check digit, when registered and when asked."""
    act = COMPANY | {"taxpayerDocumentNumber": registered}
    register(entity, act)
    assert len(shown(contract_question(act, taxpayerDocumentNumber=asked))) == 1
    assert ask(contract_question(act, taxpayerDocumentNumber="901805364-2")).text == NOTHING


def test_two_spellings_of_one_taxpayer_are_found_together(entity: Client) -> None:
    """Even in one entity: the document is the same."""
    for number, spelling in enumerate(("901805364", "901.805.364-1")):
        act = COMPANY | {"taxpayerDocumentNumber": spelling}
        register(entity, act, {"liquidatedValueId": f"L{number}", "liquidatedValue": 1})
    assert [row["liquidatedValueId"] for row in shown(contract_question(COMPANY))] == ["L0", "L1"]


# Kind of document, number, and how the name is shown: companies' NIT are 8 or 9 and eight more digits.
NAMED = [
    ("NIT", "901805364", "in full"),
    ("NIT", "800.094.164-4", "in full"),
    ("NIT", "8000941644", "in full"),
    ("NIT", "19396910", "masked"),
    ("NIT", "1034780857", "masked"),
    ("NIT", "19396910-2", "masked"),
    ("NIT", "700094164", "masked"),
    ("NIT", "90180536", "masked"),
    ("NIT", "999888222111", "masked"),
    ("NIT", "9A1805364", "masked"),
    ("NITE", "901805364", "masked"),
    ("CC", "901805364", "masked"),
    ("CC", "19396910", "masked"),
    ("CE", "800094", "masked"),
    ("TI", "99010112345", "masked"),
    ("RC", "1034780857", "masked"),
    ("TE", "800094164", "masked"),
    ("PAS", "AO123456", "masked"),
    ("DIE", "X-800094164", "masked"),
    ("PEP", "900000000000001", "masked"),
    ("NUIP", "1034780857", "masked"),
]


@pytest.mark.parametrize(("kind", "document", "how"), NAMED)
def test_a_company_is_named_and_a_person_is_not(entity: Client, kind: str, document: str, how: str) -> None:
    """By kind and number of the document, never by the name; whoever is not surely a company is a person."""
    name = "Andrés  Julián CALDERÓN de Paloma"
    act = ACT | {"payerDocumentParametricTypeCode": kind, "taxpayerDocumentNumber": document, "taxpayerName": name}
    register(entity, act)
    answer = ask(contract_question(act))
    expected = {"in full": name, "masked": "A*** J*** C*** d*** P***"}[how]
    assert answer.body["data"][0]["taxpayerName"] == expected
    assert ("CALDERÓN" in answer.text) == (how == "in full")


def test_every_kind_of_document_is_in_the_table() -> None:
    """A kind that the manual adds must be decided upon."""
    kinds = contract.document()["components"]["schemas"]["TaxpayerDocumentKind"]["enum"]
    assert {kind for kind, _, _ in NAMED} == set(kinds)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Diego Ariza", "D*** A***"),
        ("Y", "Y***"),
        ("Ñandú", "Ñ***"),
        ("(Diego) 'Ariza'", "D*** A***"),
        ("Diego-Andrés", "D***"),
        ("Diego 19396910", "D*** 1***"),
        ("Diego\u00a0Ariza", "D*** A***"),
        ("...", "***"),
    ],
)
def test_a_masked_name_keeps_first_letters_alone(entity: Client, name: str, masked: str) -> None:
    """Of each word the first letter, and nothing that tells how long it is."""
    register(entity, ACT | {"taxpayerName": name})
    assert shown(contract_question())[0]["taxpayerName"] == masked


def test_pages_show_each_stamp_once_while_others_register(entity: Client, other_entity: Client) -> None:
    """A cursor goes on where its page ended, over acts; what is registered meanwhile is not lost, nor twice."""
    number = count()

    def procedure(of: Client, stamps: int) -> list[str]:
        act = PROCEDURE | {"actDocumentCode": f"CERT-{next(number)}"}
        ids = [f"L{next(number)}" for _ in range(stamps)]
        register(of, act, *({"liquidatedValueId": each, "liquidatedValue": 1} for each in ids))
        return ids

    expected = [each for stamps in (4, 0, 9, 7) for each in (procedure(entity, stamps) if stamps else [])]
    expected += procedure(other_entity, 3)
    question = procedure_question(pageSize=10)
    seen: list[str] = []
    pages = []
    while True:
        answer = ask(question).body
        pages.append(len(answer["data"]))
        seen += [row["liquidatedValueId"] for row in answer["data"]]
        if "cursor" not in answer:
            break
        expected += procedure(entity, 1)
        question |= {"cursor": answer["cursor"]}
    assert seen == expected
    assert pages[:2] == [10, 10]


def test_a_last_page_that_is_full_has_no_cursor(entity: Client) -> None:
    """Ten stamps are one page of ten."""
    register(entity, ACT, *({"liquidatedValueId": f"L{number}", "liquidatedValue": 1} for number in range(10)))
    answer = ask(contract_question(pageSize=10)).body
    assert (len(answer["data"]), "cursor" in answer) == (10, False)


@pytest.mark.parametrize("position", ["x", "\x00", "0" * 52, "Z" * 52, "\U0010ffff" * 52, "é" * 400])
@pytest.mark.parametrize("question", [contract_question, procedure_question])
def test_a_cursor_that_somebody_made_opens_nothing(
    entity: Client, question: Callable[[], dict[str, object]], position: str
) -> None:
    """Whoever works out how cursors are made still sees stamps of the question alone, or none."""
    register(entity, ACT if question is contract_question else PROCEDURE | {"actDocumentCode": ACT["actDocumentCode"]})
    asked = validation.read(contract.operation("findPublicly"), json.dumps(question()).encode())
    made = cursor.write(position, public_stamps.question_of(asked), "findPublicly")
    rows = ask({**question(), "cursor": made}).body["data"]
    assert rows in ([], shown(question()))


def test_the_reference_of_a_row_leads_to_its_act(entity: Client) -> None:
    """It is known to whom it was shown, and nothing else is a reference: no other radicado, entity or text."""
    register(entity, COMPANY)
    [row] = shown(contract_question(COMPANY))
    found = references.find(row["actReference"], deadline())
    assert found is not None
    assert (found.nit, found.code, found.taxpayer) == (entity.nit, COMPANY["actDocumentCode"], "901805364")
    liquidated = entity.post("registerPayment", PAYMENT).body["radicado"]
    number = found.radicado
    for other in (draw()[0], liquidated, number[::-1], "7" + "Z" * 25):
        assert references.find(f"{entity.nit}-{other}", deadline()) is None
    assert references.find(f"900000001-{number}", deadline()) is None


def test_nothing_that_was_asked_or_answered_is_logged(entity: Client, lines: Callable[[], list[str]]) -> None:
    """The line of a call holds no criterion, no fact of the answer and no address."""
    register(entity, COMPANY)
    lines()
    answer = ask(contract_question(COMPANY))
    [text] = lines()
    line = json.loads(text)
    assert set(line) == {"requestId", "operation", "entity", "status", "milliseconds", "xRoad"}
    assert (line["operation"], line["entity"], line["status"]) == ("findPublicly", None, 200)
    facts = [*answer.body["data"][0].values(), *contract_question(COMPANY).values(), "192.0.2.1"]
    assert not [fact for fact in facts if isinstance(fact, str) and fact in text]


def test_the_public_changes_nothing(entity: Client, stored_rows: Callable[[], list[object]]) -> None:
    """Asking leaves no trace in the table."""
    register(entity)
    before = stored_rows()
    ask(contract_question())
    ask(procedure_question())
    assert stored_rows() == before
