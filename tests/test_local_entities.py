"""Whose token the commands on this machine take."""

import json
from pathlib import Path

import pytest

from local import folder, load
from local.__main__ import main

ENTITIES = [{"nit": nit, "token": f"of {nit}"} for nit in ("8888888888", "900111222")]


@pytest.fixture(autouse=True)
def _demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo, and beside it the address and token of other services."""
    (tmp_path / folder.DEMO).write_text(json.dumps({"baseUrl": "http://127.0.0.1:8000", "entities": ENTITIES}))
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("SIGEC_URL", "https://servicios.invalid/")
    monkeypatch.setenv("SIGEC_TOKEN", "of another")


def test_examples_and_tokens_are_of_the_demo_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """What the examples register is invented, and is never to be registered elsewhere."""
    assert main(["token", "900111222"]) == 0
    assert capsys.readouterr().out == "of 900111222\n"
    assert load.demo_entity(None) == ("http://127.0.0.1:8000", "of 8888888888")


def test_files_and_reports_may_be_of_other_services() -> None:
    """Those that the environment names."""
    assert load.where(None) == ("https://servicios.invalid", "of another")


def test_without_them_they_are_of_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """By NIT."""
    monkeypatch.delenv("SIGEC_TOKEN")
    assert load.where("900111222") == ("http://127.0.0.1:8000", "of 900111222")
