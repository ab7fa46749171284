"""The guide to consultations shows what the services answer, and what it says is in the contract."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from console import catalogue
from console.help import HELP
from docs import markdown, queries
from docs.integrators import LOCAL
from docs.queries import act, certificates, teller
from docs.queries.__main__ import Reporter
from local.load import STILL_RUNNING
from shared import contract, journal, validation
from shared.catalogue import upkeep
from tests.test_guide import anchors
from tests.test_local_run import ENDS_WITHIN, clean_environment, pasted, running

pytestmark = pytest.mark.around

ROOT = queries.GUIDE.parent.parent
GUIDE = queries.GUIDE.read_text()
GUIDE_TO_OPERATIONS = queries.GUIDE.with_name("operaciones.md")
EXAMPLE = re.compile(r"<!-- generado: (\S+) -->\n\n```bash\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)
CURL = re.compile(rf"^curl -s {re.escape(LOCAL)}(\S+) .*?-d '(.*?)'$", re.DOTALL | re.MULTILINE)
PATHS = {each.path: each for each in contract.operations().values()}


def test_generated_parts_are_what_is_made_now(bucket: str) -> None:
    """Running `python -m docs` changes nothing: the services still answer what the guide shows."""
    del bucket
    parts = queries.parts()
    assert markdown.written(GUIDE, parts) == GUIDE
    assert sorted(re.findall(r"<!-- generado: (\S+) -->", GUIDE)) == sorted(parts)


def test_every_consultation_is_shown() -> None:
    """Each has its command in the guide, or its address where it is opened by a browser."""
    assert {each.path for each in queries.operations() if f"{LOCAL}{each.path}" not in GUIDE} == set()


def test_every_request_shown_is_well_formed() -> None:
    """Each command goes to an operation, with a body that is free of format findings and a token where one is asked."""
    shown = CURL.findall(GUIDE)
    assert len(shown) > 2
    for command, (path, body) in zip(re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL), shown, strict=True):
        operation = PATHS[path]
        assert isinstance(json.loads(body), dict)
        assert validation.read(operation, body.encode()) is not None
        assert ("Authorization: Bearer" in command) != operation.is_public


def test_every_link_leads_somewhere() -> None:
    """Each `#anchor` is that of a heading, of this guide or of the one that is named."""
    for file, anchor in re.findall(r"\]\(([\w-]*(?:\.md)?)#([^)]+)\)", GUIDE):
        guide = (Path(queries.GUIDE.parent) / file).read_text() if file else GUIDE
        assert anchor in anchors(guide), (file, anchor)


def test_the_contents_are_the_headings() -> None:
    """Each part of the guide is found at its beginning, in order."""
    assert re.findall(r"^- \[(.*)\]\(#", GUIDE, re.MULTILINE) == re.findall(r"^## (.*)", GUIDE, re.MULTILINE)


def test_how_long_a_change_is_withheld_is_said_as_it_is() -> None:
    """Half a minute, in the guide and in the contract."""
    assert journal.WITHHELD == 30
    assert "Lo registrado en el último medio minuto todavía no se entrega." in GUIDE
    described = contract.document()["paths"][contract.operation("findChanges").path]["post"]["description"]
    assert "hace menos de medio minuto todavía no se entrega" in described


def test_what_each_search_reads_of_the_log_is_said_as_it_is() -> None:
    """Ten minutes, in the guides, in the contract and in the console's help; and that the first search reads it all."""
    assert upkeep.FRESH == 10 * 60 * 1000
    described = contract.document()["paths"][contract.operation("findActDocuments").path]["post"]["description"]
    operators = GUIDE_TO_OPERATIONS.read_text()
    for text in (GUIDE, described):
        assert "últimos diez minutos" in text.replace("\n", " ")
    assert catalogue.FURTHER_APART == 60 * 60
    for text in (operators, HELP["catalogo preparar"].description):
        assert "última hora" in text.replace("\n", " ")
    for text in (GUIDE, described, operators):
        assert "503 varias veces" in text


def test_every_word_of_a_change_is_explained() -> None:
    """What was done, and by which service, stands in the guide."""
    assert {code for code in contract.codes_of("OperationName") if f"`{code}`" not in GUIDE} == set()


def test_every_word_of_an_act_is_explained() -> None:
    """The states that an act document may have stand in the guide."""
    assert {code for code in contract.codes_of("PaidState") if f"`{code}`" not in GUIDE} == set()


@pytest.mark.slow
def test_every_command_is_answered_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted in order after what the guide says to paste first, twice, each is answered what stands below it.

    By the services on this machine, also where the environment names others.
    """
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("SIGEC_URL", "https://servicios.invalid")
    monkeypatch.setenv("SIGEC_TOKEN", "of another")
    happens = {"acto-cedido": act.assign, "constancia-cambiada": certificates.pay_the_rest}
    first = GUIDE.split("```sh\nmake ejemplos\n")[1].split("```")[0]
    with running(tmp_path) as run:
        for _ in range(2):
            subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "docs.queries"],
                cwd=ROOT,
                env=clean_environment(tmp_path),
                check=True,
            )
        # As a shell that stays open would know them.
        known = pasted(f"{first}declare -p {' '.join(re.findall('^[A-Z_]+', first, re.MULTILINE))}\n", tmp_path)
        [found] = run.post("findPublicly", {"searchType": "Contrato", **certificates.CONTRACT})[1]["data"]
        received = {
            LOCAL: run.demo["baseUrl"],
            '"CURSOR"': json.dumps(run.post("findChanges", {})[1]["cursor"]),
            f"{teller.TERRITORIAL}-{certificates.SHOWN_REFERENCE}": found["actReference"],
        }
        examples = EXAMPLE.findall(GUIDE)
        assert len(examples) == GUIDE.count("```bash")
        for part, line, printed in examples:
            if part in happens:
                happens[part](Reporter())
            answer = _answer_to(known + _with(line, received), tmp_path)
            received |= _to_put(answer)
            expected = json.loads(_with(printed, received))
            if part == "cambios":  # withheld still
                answer, expected = answer | {"data": []}, expected | {"data": []}
            _assert_like(expected, answer)


def _with(text: str, received: dict[str, str]) -> str:
    for shown, actual in received.items():
        text = text.replace(shown, actual)
    return text


def _answer_to(script: str, folder: Path) -> dict[str, Any]:
    """What the services answer to it; of a report, once it has ended."""
    limit = time.monotonic() + ENDS_WITHIN
    while True:
        answer: dict[str, Any] = json.loads(pasted(script, folder))
        data = answer.get("data")
        if not isinstance(data, dict) or data.get("state") not in STILL_RUNNING or time.monotonic() > limit:
            return answer


def _to_put(answer: dict[str, Any]) -> dict[str, str]:
    """What the guide shows in later commands -> what this answer gave in its place."""
    data = answer.get("data")
    if "ticket" in answer:
        return {teller.example_ticket(): answer["ticket"]}
    if isinstance(data, dict) and "pdf" in data:
        return {certificates.SHOWN_CODE: data["certificate"]["code"]}
    return {}


def _assert_like(shown: Any, given: Any) -> None:
    """The same, but for texts that the guide cuts short."""
    if isinstance(shown, dict):
        assert shown.keys() == given.keys()
        for name, value in shown.items():
            _assert_like(value, given[name])
    elif isinstance(shown, list):
        assert len(shown) == len(given)
        for each, other in zip(shown, given, strict=True):
            _assert_like(each, other)
    else:
        assert shown == given or "…" in str(shown), given
