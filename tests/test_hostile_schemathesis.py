"""Schemathesis on the running service, in its short form; `make hostile` is the full one."""

from pathlib import Path

import pytest

from tests.hostile import runner


@pytest.mark.slow
def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """Some 600 requests made from the served contract, right and wrong, are answered as the contract says."""
    outcome = runner.run(tmp_path, seed=20241121, phases="examples,fuzzing", examples=30)
    assert outcome.status == 0, outcome.printed
    assert outcome.cases >= 600, outcome.cases
    assert outcome.accepted >= 5
    assert not outcome.leaked
