"""A function imports what its path uses, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import pack
from shared import framework

pytestmark = pytest.mark.slow

FUNCTIONS = ("act_document", "liquidation", "payment")
# What the functions of bulk loads import beyond these; python_multipart not, which starlette imports wherever it is.
BULK = {"boto3", "s3transfer", "python_calamine", "xlsxwriter", "shared.bulk"}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our code as a built function has it."""
    folder = tmp_path_factory.mktemp("packed")
    pack.add_code(folder)
    return folder


def _modules_after(statement: str, folder: Path) -> set[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    script = f"import json, sys\n{statement}\nprint(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_nothing_that_its_path_does_not_use(packed: Path, function: str) -> None:
    """No operator's, local or test code, nothing of bulk loads, no HTTP client, and of the ledger its own part."""
    loaded = _modules_after(f"import functions.{function}", packed)
    assert loaded.isdisjoint({"console", "local", "moto", *framework.UNUSED, *framework.NOT_CARRIED})
    assert loaded.isdisjoint(BULK)
    ledger = {"act_document": "acts", "liquidation": "liquidations", "payment": "payments"}
    others = {f"shared.ledger.{module}" for name, module in ledger.items() if name != function}
    assert loaded.isdisjoint(others)
    assert ("shared.stamps" in loaded) == (function == "liquidation")


def test_the_consultations_load_neither_what_registers_nor_what_reads_files(packed: Path) -> None:
    """They read what is registered, and write neither records nor files."""
    loaded = _modules_after("import functions.query", packed)
    assert loaded.isdisjoint({"console", "local", "moto", *framework.UNUSED, *framework.NOT_CARRIED})
    assert loaded.isdisjoint({*BULK, "shared.ledger.acts", "shared.ledger.liquidations", "shared.ledger.payments"})


def test_what_anybody_may_call_loads_neither_what_registers_nor_what_reads_files(packed: Path) -> None:
    """The public's function reads what is registered, and writes nothing: neither rows nor files."""
    loaded = _modules_after("import functions.public", packed)
    assert loaded.isdisjoint({"console", "local", "moto", *framework.UNUSED, *framework.NOT_CARRIED})
    assert loaded.isdisjoint({*BULK, "shared.ledger.acts", "shared.ledger.liquidations", "shared.ledger.payments"})


DRAWS = {"typst", "segno", "fontpkg_noto_sans"}


@pytest.mark.parametrize("function", [*FUNCTIONS, "query", "public", "bulk_load", "bulk_split", "bulk_work"])
def test_only_certificates_load_what_signs_and_draws(packed: Path, function: str) -> None:
    """Neither Typst nor what signs reaches any other function."""
    loaded = _modules_after(f"import functions.{function}", packed)
    assert loaded.isdisjoint({*DRAWS, "joserfc", "cryptography", "shared.certificate"})


def test_what_draws_is_loaded_when_a_certificate_is_made(packed: Path) -> None:
    """Who verifies one, or asks for the keys, does not wait for it."""
    loaded = _modules_after("import functions.certificate", packed)
    assert loaded.isdisjoint({"console", "local", "moto", *framework.NOT_CARRIED, *DRAWS})
    assert _modules_after("import shared.certificate.document", packed) >= DRAWS


@pytest.mark.parametrize("function", ["bulk_load", "bulk_split", "bulk_work"])
def test_a_function_of_bulk_loads_loads_no_development_code(packed: Path, function: str) -> None:
    """No operator's, local or test code, and what reads or writes files only where there are files."""
    loaded = _modules_after(f"import functions.{function}", packed)
    assert loaded.isdisjoint({"console", "local", "moto", "flask", "openpyxl", "requests", "rich"})
    assert ("python_calamine" in loaded) == (function == "bulk_split")
    assert ("shared.bulk.form" in loaded) == (function == "bulk_load")
    assert ("xlsxwriter" in loaded) == (function != "bulk_work")


def test_leaving_modules_out_is_still_needed(tmp_path: Path) -> None:
    """Connexion by itself imports each module that we leave out; one that it no longer does, goes from the list."""
    assert set(framework.UNUSED) <= _modules_after("import connexion", tmp_path)


def test_who_asks_for_a_left_out_module_gets_the_real_one(packed: Path) -> None:
    """The stand-ins are gone once connexion is there."""
    asked = "import functions.payment, requests, jsonschema, yaml; assert requests.get.__doc__; assert yaml.__version__"
    assert {"requests.sessions", "jsonschema.validators", "yaml.loader"} <= _modules_after(asked, packed)
