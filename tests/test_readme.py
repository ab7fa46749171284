"""The README says what is: its commands work, its guarantees have their tests, its paths exist."""

import ast
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.test_local_run import pasted, running

pytestmark = pytest.mark.around

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def _section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _tests() -> Counter[str]:
    trees = (ast.parse(path.read_text()) for path in (ROOT / "tests").glob("test_*.py"))
    return Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_each_guarantee_names_the_one_test_that_proves_it() -> None:
    """No guarantee stands without its proof, and no other test has its name."""
    guarantees = [line for line in _section("Guarantees").splitlines() if line.startswith("- ")]
    named = [re.fullmatch(r"- .+: `(test_\w+)`\.", line) for line in guarantees]
    assert all(named), guarantees
    tests = _tests()
    assert {match[1]: tests[match[1]] for match in named if match and tests[match[1]] != 1} == {}


def test_the_layout_shows_the_tree_as_it_is() -> None:
    """Every path of the layout exists, and every module of shared/ and every folder is in it."""
    cells = re.findall(r"^\| (`.+?) \|", _section("Layout"), re.MULTILINE)
    shown = {path.rstrip("/") for cell in cells for path in re.findall(r"`([^`]+)`", cell)}
    shown = {path if (ROOT / path).exists() else f"shared/{path}" for path in shown}
    assert {path for path in shown if not (ROOT / path).exists()} == set()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    folders = {path.split("/")[0] for path in listed if "/" in path and not path.startswith(".")}
    assert folders <= {path.split("/")[0] for path in shown}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "shared").iterdir() if path.stem.isidentifier()}
    assert {module for module in modules if "__" not in module} <= shown


@pytest.mark.parametrize("target", sorted({target for block in BLOCKS for target in re.findall(r"make (\w+)", block)}))
def test_make_knows_each_target(target: str) -> None:
    """Each make command of the README is one that make can carry out."""
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.slow
def test_first_request_console_and_file_work_as_printed(tmp_path: Path) -> None:
    """The lines of "First request" and "First file", pasted, register an act, show an entity, and load a file."""
    blocks = re.findall(r"```sh\n(.*?)```", _section("First request") + _section("First file"), re.DOTALL)
    assert len(blocks) == 3
    with running(tmp_path) as run:
        here = {"http://127.0.0.1:8000": run.demo["baseUrl"], ".local/": f"{tmp_path}/"}
        script = "\n".join(blocks)
        for shown, actual in here.items():
            assert shown in script
            script = script.replace(shown, actual)
        printed = pasted(script, tmp_path)
    answer, end = json.JSONDecoder().raw_decode(printed)
    assert answer["message"] == "Carga del acto documento almacenada"
    assert "2222222222" in printed[end:]
    assert '"message": "Archivo recibido"' in printed[end:]
    assert "Finalizado Sin Errores" in printed[end:]
