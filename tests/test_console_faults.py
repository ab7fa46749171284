"""The operator's commands when answers are lost or transactions conflict, on the engine."""

from collections.abc import Callable

import pytest

from console import registry
from tests import fault_proxy
from tests.fault_proxy import FaultProxy
from tests.typist import Result, opens, token_of, typist

pytestmark = pytest.mark.slow
WRITE = "TransactWriteItems"
NIT = "8888888888"


@pytest.fixture
def run(faulty: FaultProxy, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Types a command; there is an entity with a token, and one without."""
    del faulty
    typed = typist(capsys)
    assert typed("entidad", "crear", NIT, "Departamento de Ejemplo").code == 0
    assert typed("entidad", "crear", "900111222", "Hospital de Ejemplo", "--territorial", NIT).code == 0
    assert typed("token", "generar", NIT).code == 0
    return typed


Run = Callable[..., Result]


@pytest.mark.parametrize(
    "arguments",
    [
        ("entidad", "crear", "333", "X"),
        ("estampilla", "agregar", NIT, "1", "X"),
        ("token", "generar", "900111222"),
        ("token", "generar", NIT, "--reemplazar"),
        ("token", "revocar", NIT),
    ],
)
@pytest.mark.parametrize(
    "fault",
    [fault_proxy.drop_answer, fault_proxy.cancelled("TransactionConflict", "None")],
    ids=["answer lost", "conflict"],
)
def test_a_passing_fault_is_no_refusal(
    run: Run, faulty: FaultProxy, fault: fault_proxy.Fault, arguments: tuple[str, ...]
) -> None:
    """A change whose answer is lost, or that meets another, is made once and is told as done."""
    faulty.calls.clear()
    faulty.first(WRITE, fault)
    result = run(*arguments)
    assert result.code == 0, result.err
    assert faulty.calls.count(WRITE) == 2
    if "generar" in arguments:
        assert opens(token_of(result))


def test_a_change_that_is_not_confirmed_is_not_told_as_refused(
    run: Run, faulty: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no attempt is answered, the operator is told that the outcome is unknown and how to see it."""
    monkeypatch.setattr(registry, "PATIENCE", 0.1)
    faulty.always(WRITE, fault_proxy.drop_answer)
    result = run("token", "generar", "900111222")
    assert (result.code, result.out) == (1, "")
    assert "pudo quedar hecho o no" in result.err
    assert "entidad ver 900111222" in result.err
