"""The watch over what the functions log and print: it is on in every run of these tests, and it bites."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared import contract, tokens
from tests.bodies import ACT, LIQUIDATION
from tests.client import Client
from tests.hostile.watch import Watch, leaks
from tests.test_local_run import running

USER = "CO-USUARIO-19396910"


def test_the_watch_is_on_and_knows_what_was_sent(request: pytest.FixtureRequest, entity: Client) -> None:
    """Tokens drawn, taxpayers sent and X-Road users of this very test are among what must not be seen."""
    watch = request.config.pluginmanager.get_plugin("secrets-watch")
    assert isinstance(watch, Watch)
    body = ACT | {"taxpayerName": "Nombre Vigilado", "taxpayerDocumentNumber": "DOC-VIGILADO"}
    entity.post("registerActDocument", body, {"X-Road-UserId": USER})
    drawn = tokens.draw("preprod")
    assert {drawn, "Nombre Vigilado", "DOC-VIGILADO", USER} <= watch.secrets


@pytest.mark.parametrize("shown", ["sgc_pre_{0}_xxxxxx", "el {0}", "Nombre Vigilado"])
def test_the_watch_fails_a_test_whose_output_shows_a_secret(shown: str) -> None:
    """A token, even its random part alone, or a name in any section of a test's output makes that test fail."""
    watch = Watch()
    token = tokens.draw("prod").replace("sgc_prod_", "sgc_pre_")
    watch.note(token, "Nombre Vigilado")
    report = SimpleNamespace(outcome="passed", longrepr=None, sections=[("Captured log", shown.format(token[8:40]))])
    hook = watch.pytest_runtest_makereport(SimpleNamespace(nodeid="tests/test_x.py::test_y"))  # type: ignore[arg-type]
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)  # type: ignore[arg-type]
    assert report.outcome == "failed"


def test_failures_inside_a_function_show_no_personal_data(
    entity: Client, lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the code itself fails with the body in hand, the answer is 500 and the log tells where, not with what."""

    def fail(*_arguments: object) -> None:
        raise ValueError(ACT["taxpayerName"], entity.token)

    monkeypatch.setattr("shared.ledger.acts._create", fail)
    lines()
    answer = entity.post("registerActDocument", ACT, {"X-Road-UserId": USER})
    assert answer.status == 500
    logged = "\n".join(lines())
    assert "ValueError" in logged
    assert not leaks(logged + answer.text, [entity.token, ACT["taxpayerName"], ACT["taxpayerDocumentNumber"], USER])


@pytest.mark.slow
def test_what_a_local_run_writes_holds_no_token_and_no_personal_data(tmp_path: Path) -> None:
    """After stored, refused and malformed calls, log.jsonl and the engine's log show none of what they carried."""
    with running(tmp_path) as run:
        for operation, body in (
            ("registerActDocument", ACT),
            ("registerActDocument", ACT),
            ("registerLiquidation", LIQUIDATION | {"taxpayerDocumentNumber": "DOC-VIGILADO"}),
            ("registerActDocument", ACT | {"taxpayerName": "Nombre Vigilado" * 30}),
            ("registerActDocument", {"Nombre Vigilado": 1}),
        ):
            run.post(operation, body)
        secrets = [*run.tokens(), ACT["taxpayerName"], ACT["taxpayerDocumentNumber"], "DOC-VIGILADO", "Nombre Vigilado"]
        run.process.terminate()
        run.process.wait(30)
        written = "".join((tmp_path / name).read_text() for name in ("log.jsonl", "engine.log"))
    assert len([line for line in written.splitlines() if line.startswith("{") and json.loads(line)]) >= 5
    assert not leaks(written, secrets)
    assert contract.operation("registerActDocument").id in written
