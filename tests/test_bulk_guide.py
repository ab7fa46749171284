"""The clerks' guide says what the contract says, and the services answer what it shows."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from docs import bulk, integrators, markdown, story
from shared import contract
from shared.contract import loads
from tests.client import Client, new_entity
from tests.test_guide import anchors

pytestmark = pytest.mark.around

GUIDE = bulk.GUIDE.read_text()
RULES = bulk.explained()


@pytest.fixture
def clerk(bucket: str) -> Client:
    """The entity of the example."""
    del bucket
    return new_entity(story.NIT, *story.STAMPS)


def test_generated_parts_are_what_is_made_now(clerk: Client, stored_rows: Callable[[], list[Any]]) -> None:
    """Running `python -m docs` changes nothing: not the example either, which registers five acts, each once."""
    parts = bulk.PARTS | story.parts(clerk)
    assert markdown.written(GUIDE, parts) == GUIDE
    assert sorted(re.findall(r"<!-- generado: (\S+) -->", GUIDE)) == sorted(parts)
    receipts = [row["radicado"]["S"] for row in stored_rows() if "#LOG#" in row["pk"]["S"]]
    assert len(receipts) == len(set(receipts)) == len(story.ROWS)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained_once(rule: str) -> None:
    """A rule has one heading, and under it its text, cause and remedy."""
    (section,) = re.findall(rf"^#### {rule}\n(.*?)(?=^#|\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    assert section.count(f"`{bulk.text_of(rule)}`") == 1
    assert "Causa: " in section
    assert "Remedio: " in section


def test_every_rule_is_in_one_of_the_guides() -> None:
    """What the integrators' guide leaves out is here."""
    assert {*RULES, *integrators.rules()} == set(contract.rules())
    assert len(RULES) == len(set(RULES))


def test_what_is_told_of_a_rule_is_for_a_clerk() -> None:
    """Who writes into cells sends no text in quotes, no JSON and no headers, and gets no answer to a single record."""
    told = re.findall(r"^- (?:Causa|Remedio): (.+)$", GUIDE, re.MULTILINE)
    integrators_words = (
        r"entre comillas\.|existing|no lo envíe|JSON|no es texto|[Ee]nvíe (los|las)|encabezado `|Idempotency|Retry"
    )
    assert not [each for each in told if re.search(integrators_words, each)]


def test_every_word_of_a_load_is_explained() -> None:
    """Each state, each result and each column that a result file adds has its row in a table."""
    words = loads.bulk()
    explained = set(re.findall(r"^\| \**`?([^|*`]+)`?\** \|", GUIDE, re.MULTILINE))
    assert {*words.states.values(), *words.results.values(), *words.result_columns} <= explained


def test_every_command_shown_goes_to_an_operation() -> None:
    """curl finds each address, and every line is one that cmd.exe and a shell read alike."""
    lines = re.findall(r"^curl -K .*$", GUIDE, re.MULTILINE)
    assert len(lines) > 5
    for line in lines:
        assert "'" not in line
        assert "$" not in line
        assert shlex.split(line)[-1].removeprefix(story.BASE) in story.PATHS


def test_every_link_within_the_guide_leads_somewhere() -> None:
    """Each `#anchor` is that of a heading."""
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= anchors(GUIDE)
