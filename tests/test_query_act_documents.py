"""What consultaActoDocumento/buscar finds (manual, 5.9), and in which order and pages."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import cursor, journal, retry
from shared.catalogue import upkeep
from shared.catalogue.block import Block
from shared.folding import folded
from tests.bodies import ACT
from tests.client import Client, new_entity

NOTHING = "No se encontró información relacionada con los filtros seleccionados"
TAXPAYERS = [
    ("4600101009", "Corporación Parque Explora", "NIT", "900145472-0"),
    ("EPC-PS-296-2023", "IANCY ANETH CORTÉS CASTIBLANCO", "CC", "52154921"),
    ("1337-2023-T01", "JUAN CAMILO APONTE PEÑA", "CC", "1121903859"),
    ("2024-00062-T03", "LINA MARITZA BEJARANO RINCÓN", "NIT", "1121834114"),
    ("Nº 62/2024", "José  Aponte", "CE", "A-62"),
]
CODES = [code for code, *_ in TAXPAYERS]


pytestmark = [pytest.mark.queries, pytest.mark.untraced]


@pytest.fixture(params=["log", "catalogue"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the first search leaves what it finds: in the log, being young, or in small blocks of the catalogue."""
    if request.param == "catalogue":
        monkeypatch.setattr(journal, "WITHHELD", -upkeep.CLOCKS_APART)
        monkeypatch.setattr(upkeep, "FRESH", 0)
        monkeypatch.setattr(upkeep, "FULL", 200)
    return str(request.param)


def _register(client: Client, code: str, name: str = "Diego Ariza", kind: str = "CC", document: str = "1") -> str:
    taxpayer = {"taxpayerName": name, "payerDocumentParametricTypeCode": kind, "taxpayerDocumentNumber": document}
    answer = client.post("registerActDocument", ACT | {"actDocumentCode": code} | taxpayer)
    assert answer.status == 200, answer.text
    return str(answer.body["radicado"])


def _find(client: Client, **criteria: Any) -> dict[str, Any]:
    answer = client.post("findActDocuments", criteria)
    assert answer.status == 200, answer.text
    return answer.body


def _codes(client: Client, **criteria: Any) -> list[str]:
    return [each["actDocumentCode"] for each in _find(client, **criteria)["data"]]


def _pages(client: Client, **criteria: Any) -> Iterator[list[str]]:
    more: dict[str, Any] = {}
    while True:
        page = _find(client, **criteria, **more)
        yield [each["actDocumentCode"] for each in page["data"]]
        if "cursor" not in page:
            return
        more = {"cursor": page["cursor"]}


@pytest.fixture
def registered(entity: Client, place: str) -> Client:
    """An entity with the act documents above, searched once before the last of them was registered."""
    del place
    for each in TAXPAYERS[:-1]:
        _register(entity, *each)
    _find(entity)
    _register(entity, *TAXPAYERS[-1])
    return entity


def test_a_row_has_the_columns_of_the_manual(entity: Client) -> None:
    """Code, value, name, kind and number of the document, and by whom and when it was registered."""
    answer = entity.post("registerActDocument", ACT | {"generatorFactValue": "58798667.5"})
    assert _find(entity)["data"] == [
        {
            "actDocumentCode": "CCE-147-2023",
            "generatorFactValue": 58798667.5,
            "taxpayerName": "Diego Ariza",
            "payerDocumentParametricTypeCode": "CC",
            "payerDocumentParametricTypeName": "Cédula de Ciudadanía",
            "taxpayerDocumentNumber": "19396910",
            "entity": entity.nit,
            "entityName": f"Entidad {entity.nit}",
            "radicado": answer.body["radicado"],
            "registeredAt": answer.body["registeredAt"],
        }
    ]


def test_the_value_is_todays(registered: Client) -> None:
    """After an amendment the row has its value, of 18 digits too, and is still one row."""
    amended = ACT | {"actDocumentCode": CODES[1], "taxpayerDocumentNumber": "52154921", "type": 1}
    value = "999999999999999999.99"
    assert registered.post("registerActDocument", amended | {"generatorFactValue": value}).status == 200
    answer = registered.post("findActDocuments", {})
    assert f'"generatorFactValue": {value}' in answer.text
    assert [each["actDocumentCode"] for each in answer.body["data"]] == CODES[::-1]


@pytest.mark.parametrize("match", ["contains", "startsWith", "equals"])
def test_nothing_found_is_said_and_is_no_error(registered: Client, match: str) -> None:
    """An empty list and the manual's message; with something found there is no message."""
    for name in ("actDocumentCode", "taxpayerDocumentNumber", "taxpayerName"):
        assert _find(registered, **{name: "no hay"}, match=match) == {"data": [], "message": NOTHING}
    assert "message" not in _find(registered)


CRITERIA: list[tuple[dict[str, Any], list[int]]] = [
    ({"actDocumentCode": "2023"}, [1, 2]),
    ({"actDocumentCode": "epc-ps"}, [1]),
    ({"actDocumentCode": "n° 62"}, []),
    ({"actDocumentCode": "nº 62"}, [4]),
    ({"actDocumentCode": "62"}, [3, 4]),
    ({"taxpayerDocumentNumber": "11218"}, [3]),
    ({"taxpayerDocumentNumber": "1121"}, [2, 3]),
    ({"taxpayerDocumentNumber": "472-0"}, [0]),
    ({"taxpayerDocumentNumber": "a-"}, [4]),
    ({"taxpayerName": "aponte"}, [2, 4]),
    ({"taxpayerName": "APONTE PENA"}, [2]),
    ({"taxpayerName": "corporacion"}, [0]),
    ({"taxpayerName": "Rincón"}, [3]),
    ({"taxpayerName": "Ríncon"}, [3]),
    ({"taxpayerName": "jose aponte"}, [4]),
    ({"taxpayerName": " José   APONTE "}, [4]),
    ({"taxpayerName": "cortes", "actDocumentCode": "2023"}, [1]),
    ({"taxpayerName": "cortes", "actDocumentCode": "1337"}, []),
    ({"taxpayerName": "a", "actDocumentCode": "20", "taxpayerDocumentNumber": "1"}, [1, 2, 3]),
    ({"actDocumentCode": "1337", "match": "startsWith"}, [2]),
    ({"actDocumentCode": "Epc", "match": "startsWith"}, [1]),
    ({"actDocumentCode": "337", "match": "startsWith"}, []),
    ({"actDocumentCode": "1337-2023-t01", "match": "equals"}, [2]),
    ({"actDocumentCode": "1337-2023-t0", "match": "equals"}, []),
    ({"taxpayerName": "juan", "match": "startsWith"}, [2]),
    ({"taxpayerName": "camilo", "match": "startsWith"}, []),
    ({"taxpayerName": "jose aponte", "match": "equals"}, [4]),
    ({"taxpayerName": "aponte", "match": "equals"}, []),
    ({"taxpayerDocumentNumber": "112", "match": "startsWith"}, [2, 3]),
    ({"taxpayerDocumentNumber": "1121903859", "match": "equals"}, [2]),
    ({"taxpayerDocumentNumber": "112190385", "match": "equals"}, []),
    ({"taxpayerName": "l", "actDocumentCode": "2024", "match": "startsWith"}, [3]),
]
"""What is looked for, and which of the act documents above are found."""


def test_criteria_are_texts_whole_or_in_part_and_all_hold(registered: Client) -> None:
    """In any case, with or without accents or spaces to spare: what meets every criterion is found, nothing else."""
    for criteria, found in CRITERIA:
        assert sorted(_codes(registered, **criteria)) == sorted(CODES[each] for each in found), criteria


def test_no_text_is_found_across_two_act_documents_or_columns(registered: Client) -> None:
    """Each text stands for itself."""
    for text in ("52154921 1121903859", "5492111", "rinconjose"):
        assert not _codes(registered, taxpayerDocumentNumber=text)
        assert not _codes(registered, taxpayerName=text)


@pytest.mark.parametrize("size", [10, 25, 50])
@pytest.mark.parametrize("match", ["contains", "startsWith"])
def test_pages_show_everything_once(entity: Client, place: str, match: str, size: int) -> None:
    """By pages of each size: the newest first, or in the order of their codes, where those are looked for alone."""
    del place
    codes = [f"C-{number:02d}" for number in range(60)]
    for code in random.Random(size).sample(codes, len(codes)):
        _register(entity, code)
    pages = list(_pages(entity, actDocumentCode="c-", match=match, pageSize=size))
    assert [len(page) for page in pages] == [size] * (60 // size) + [60 % size] * (60 % size > 0)
    shown = [code for page in pages for code in page]
    if match == "startsWith":
        assert shown == codes
    else:
        assert shown == random.Random(size).sample(codes, len(codes))[::-1]


@pytest.mark.parametrize("match", ["contains", "startsWith"])
def test_pages_stay_while_others_write(entity: Client, place: str, match: str) -> None:
    """What was there when the first page was asked for is shown once, whatever is registered between two pages."""
    del place
    there = [f"C-{number:02d}" for number in range(35)]
    for code in there:
        _register(entity, code)
    shown = []
    for number, page in enumerate(_pages(entity, actDocumentCode="C-", match=match, pageSize=10)):
        shown += page
        for each in ("00", "15", "34"):
            _register(entity, f"C-{each}-{number}")
    assert len(shown) == len(set(shown))
    assert [code for code in shown if code in there] == (there if match == "startsWith" else there[::-1])


def test_a_cursor_is_good_for_its_entity_alone(entity: Client, other_entity: Client) -> None:
    """Another entity's cursor is refused, by whichever search it came."""
    for client in (entity, other_entity):
        for number in range(11):
            _register(client, f"C-{number}")
    for match in ("contains", "startsWith"):
        search = {"actDocumentCode": "C", "match": match, "pageSize": 10}
        page = _find(entity, **search)
        answer = other_entity.post("findActDocuments", search | {"cursor": page["cursor"]})
        assert (answer.status, answer.codes) == (400, ["cursor-invalid"])
        changed = page["cursor"][:-6] + page["cursor"][-6:].swapcase()
        assert entity.post("findActDocuments", search | {"cursor": changed}).codes == ["cursor-invalid"]


def _listed(*search: str) -> str:
    """What a cursor is good for."""
    return "\0".join(("findActDocuments", "", *search))


@pytest.mark.parametrize("position", ["x", "ñ" * 26, "7" * 25, "7" * 27, "x" * 1025])
def test_a_cursor_with_a_position_that_never_was_is_refused(entity: Client, position: str) -> None:
    """Also if somebody made it with our own check: no position leads to a failure."""
    _register(entity, "C")
    by_name = cursor.write(position, entity.nit, _listed("contains"))
    assert entity.post("findActDocuments", {"cursor": by_name}).codes == ["cursor-invalid"]
    by_code = cursor.write(position, entity.nit, _listed("equals", "actDocumentCode=c"))
    answer = entity.post("findActDocuments", {"cursor": by_code, "actDocumentCode": "C", "match": "equals"})
    assert answer.codes == (["cursor-invalid"] if len(position) > 1024 else []), answer.text


@pytest.mark.parametrize("position", ["0" * 26, "Z" * 26])
def test_a_cursor_at_either_end_of_time_is_a_page(entity: Client, position: str) -> None:
    """Before everything there is nothing, and after everything there is all."""
    _register(entity, "C")
    by_name = cursor.write(position, entity.nit, _listed("contains"))
    assert _codes(entity, cursor=by_name) == ["C"] * (position > "1")


def test_no_search_shows_what_another_entity_registered(registered: Client, other_entity: Client, place: str) -> None:
    """No search of another entity finds it, by catalogue, log or index."""
    del place
    for search in ({}, {"actDocumentCode": "1"}, {"actDocumentCode": "1", "match": "startsWith"}, {"entity": "TODAS"}):
        assert _find(other_entity, **search) == {"data": [], "message": NOTHING}
    _register(other_entity, "1-propio")
    assert _codes(other_entity, actDocumentCode="1", match="startsWith") == ["1-propio"]
    assert _codes(other_entity) == ["1-propio"]
    assert _codes(registered) == CODES[::-1]


def test_a_territorial_entity_asks_for_its_decentralised_ones(registered: Client, place: str) -> None:
    """For one of them, or for all with itself, the newest first or by code; a decentralised one for itself alone."""
    del place
    hospital = new_entity("900111222", territorial=registered.nit)
    school = new_entity("900111223", territorial=registered.nit)
    for client in (hospital, school, registered):
        _register(client, f"1-{client.nit}")
    assert _codes(registered, entity=hospital.nit) == _codes(hospital) == [f"1-{hospital.nit}"]
    found = _find(registered, entity="TODAS", actDocumentCode="1", match="startsWith")["data"]
    assert [(each["actDocumentCode"], each["entity"], each["entityName"]) for each in found] == [
        *((f"1-{each.nit}", each.nit, f"Entidad {each.nit}") for each in (registered, hospital, school)),
        (CODES[2], registered.nit, f"Entidad {registered.nit}"),
    ]
    newest_first = [f"1-{each.nit}" for each in (registered, school, hospital)] + CODES[::-1]
    assert [code for page in _pages(registered, entity="TODAS", pageSize=10) for code in page] == newest_first
    for asked in (registered.nit, school.nit, "TODAS"):
        assert hospital.post("findActDocuments", {"entity": asked}).codes == ["entity-not-reachable"]


def test_a_search_writes_blocks_of_its_catalogue_alone(
    entity: Client, place: str, stored_rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """Whatever is found, nothing else changes; and there are blocks where much is to be found."""
    for number in range(20):
        _register(entity, f"C-{number}")
    before = stored_rows()
    for search in ({}, {"taxpayerName": "d"}, {"actDocumentCode": "C", "match": "startsWith"}):
        _find(entity, **search)
    after = stored_rows()
    made = [row for row in after if row["pk"]["S"] == upkeep.catalogue_key(entity.nit)]
    assert [row for row in after if row not in made] == before
    assert len(made) > 5 if place == "catalogue" else len(made) == 1


def test_no_block_is_written_after_the_deadline(entity: Client, stored_rows: Callable[[], list[Any]]) -> None:
    """A call that has used up its time answers with what it has read, and leaves the catalogue to the next one."""
    before, settled = stored_rows(), journal.settled()
    blocks = [Block.of(upkeep.BEGINNING, settled, [])]
    assert list(upkeep._kept(entity.nit, None, blocks, settled, time.monotonic() - 1)) == blocks
    assert stored_rows() == before
    assert list(upkeep._kept(entity.nit, None, blocks, settled, retry.deadline())) == blocks
    assert len(stored_rows()) == len(before) + 1


def test_searches_agree_with_a_naive_one(entity: Client, place: str) -> None:
    """Random texts, criteria and pages, between registrations: the same as looking at each act document in turn."""
    del place
    draw = random.Random("searches")
    known: list[dict[str, str]] = []

    def text(longest: int) -> str:
        return "".join(draw.choices("aAáÁbñN -", k=draw.randrange(longest))) + draw.choice("abÑ1")

    for number in range(120):
        fields = {
            "actDocumentCode": f"{text(4)}{number}",
            "taxpayerDocumentNumber": text(4).strip(),
            "taxpayerName": text(8),
        }
        assert entity.post("registerActDocument", ACT | fields).status == 200
        known.append(fields)
        if number % 3:
            continue
        match = draw.choice(["contains", "startsWith", "equals"])
        asked = {
            name: draw.choice([text(3), draw.choice(known)[name]]) for name in draw.sample([*fields], k=number % 4)
        }
        compare: Callable[[str, str], bool] = {
            "contains": str.__contains__,
            "startsWith": str.startswith,
            "equals": str.__eq__,
        }[match]
        expected = [
            each["actDocumentCode"].strip()
            for each in known[::-1]
            if all(compare(folded(each[name]), folded(wanted)) for name, wanted in asked.items())
        ]
        if asked.keys() == {"actDocumentCode"} and match != "contains":
            expected.sort(key=lambda code: (folded(code), code))
        found = [code for page in _pages(entity, **asked, match=match, pageSize=10) for code in page]
        assert found == expected, (asked, match)
