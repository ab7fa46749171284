"""A reading that comes between the rows of one transaction sees some of them: DynamoDB promises each row, not all."""

from typing import Any

import pytest

from shared import whole_act
from shared.models import ActDocument, ActVersion, act_key, taxpayer_key, version_key
from tests.bodies import ACT
from tests.client import Client
from tests.public import NOTHING, ask, contract_question, post, procedure_question, register

pytestmark = pytest.mark.queries

CODE = ACT["actDocumentCode"]
PROCEDURE = ACT | {"parametricActDocumentCodeType": "AD2"}


def _hide_act(entity: Client) -> None:
    """Everything of its registration is there but the act document's own row."""
    ActDocument(act_key(entity.nit, CODE), taxpayer_key(ACT["taxpayerDocumentNumber"])).delete(ActDocument.pk.exists())


@pytest.mark.parametrize("criteria", [{}, {"taxpayerName": "ariza"}], ids=["all", "by name"])
def test_a_search_leaves_out_an_act_that_is_being_registered(entity: Client, criteria: dict[str, Any]) -> None:
    """Its entry in the log is seen before its row."""
    for code in (CODE, f"{CODE}-2"):
        post(entity, "registerActDocument", ACT | {"actDocumentCode": code})
    _hide_act(entity)
    answer = entity.post("findActDocuments", criteria)
    assert answer.status == 200, answer.text
    assert [each["actDocumentCode"] for each in answer.body["data"]] == [f"{CODE}-2"]


def test_a_code_whose_act_is_being_registered_is_not_registered_yet(entity: Client) -> None:
    """The code's row is seen before the act's; with the taxpayer, and so by the act's own key, likewise."""
    post(entity, "registerActDocument", ACT)
    _hide_act(entity)
    codes = [{"actDocumentCode": CODE}, {"actDocumentCode": CODE, "taxpayerDocumentNumber": "19396910"}]
    answer = entity.post("getRecords", {"actDocuments": codes})
    assert answer.status == 200, answer.text
    assert [each["registered"] for each in answer.body["data"]["actDocuments"]] == [False, False]


@pytest.mark.parametrize(
    ("act", "question"), [(ACT, contract_question()), (PROCEDURE, procedure_question(PROCEDURE))], ids=["AD4", "AD2"]
)
def test_the_public_is_not_shown_an_act_that_is_being_registered(
    entity: Client, act: dict[str, Any], question: dict[str, Any]
) -> None:
    """As if nothing were found."""
    register(entity, act, {"liquidatedValue": 100})
    _hide_act(entity)
    assert ask(question).text == NOTHING


def test_an_amended_act_is_shown_with_its_amendment(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """If its row tells of one that is not seen, all is read again until it is."""
    post(entity, "registerActDocument", ACT)
    amendment = entity.post("registerActDocument", ACT | {"type": 1, "generatorFactValue": 90_000_000})
    monkeypatch.setattr(whole_act, "PATIENCE", 0.2)
    assert entity.post("getActDocument", {"actDocumentCode": CODE}).status == 200
    ActVersion(act_key(entity.nit, CODE), version_key(amendment.body["radicado"])).delete(ActVersion.pk.exists())
    assert entity.post("getActDocument", {"actDocumentCode": CODE}).codes == ["unavailable"]
