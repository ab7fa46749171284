"""`token comparar` after a restoration: what works again, and what no longer does, whatever the clocks said."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console import comparison, registry
from local import table as table_definition
from shared import auth
from tests.engine import TABLE
from tests.typist import Result, opens, token_of, typist

pytestmark = pytest.mark.around

NIT, OTHER = "8888888888", "900111222"
RESTORED = "sigec-restored"
MOMENT = 1_795_000_000  # epoch seconds: what the table was restored to


@pytest.fixture
def run(table: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Types a command; there are a territorial entity and a decentralised one, the first with a token."""
    del table
    typed = typist(capsys)
    assert typed("entidad", "crear", NIT, "Departamento de Ejemplo").code == 0
    assert typed("entidad", "crear", OTHER, "Hospital de Ejemplo", "--territorial", NIT).code == 0
    return typed


Run = Callable[..., Result]


@pytest.fixture
def restore(run: Run, dynamodb: Any, table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes the restored table of the rows as they are; returns what puts it into use."""
    del run

    def restored() -> Callable[[], None]:
        rows = dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]
        dynamodb.create_table(TableName=RESTORED, **table_definition.definition())
        for row in rows:
            dynamodb.put_item(TableName=RESTORED, Item=row)

        def use() -> None:
            monkeypatch.setenv("TABLE_NAME", RESTORED)
            auth._callers.clear()

        return use

    yield restored
    if RESTORED in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=RESTORED)


Restore = Callable[[], Callable[[], None]]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock of the operator's machine, in seconds from MOMENT."""
    return lambda seconds: monkeypatch.setattr(
        registry, "_now", lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(MOMENT + seconds))
    )


@pytest.mark.parametrize("clock", [-240, 0, 1])
def test_a_revocation_after_the_moment_is_told_whatever_the_clock_said(
    run: Run, restore: Restore, table: str, at: Callable[[int], None], clock: int
) -> None:
    """Of a clock four minutes behind, or in the same second: the token that works again is revoked again."""
    at(-3600)
    token = token_of(run("token", "generar", NIT))
    use = restore()
    at(clock)
    assert run("token", "revocar", NIT).code == 0
    use()
    assert opens(token)
    result = run("token", "comparar", table)
    assert (result.code, result.out) == (
        0,
        f"{NIT}: el token que se le revocó sirve otra vez. Revóquelo: `token revocar {NIT}`.\n",
    )
    assert run("token", "revocar", NIT).code == 0
    auth._callers.clear()
    assert not opens(token)
    result = run("token", "comparar", table)
    assert (result.code, result.out) == (0, "")
    assert "No hay nada que hacer." in result.err


@pytest.mark.parametrize("clock", [-240, 0, 1])
def test_a_token_that_was_replaced_or_issued_after_the_moment_is_handed_out_anew(
    run: Run, restore: Restore, table: str, at: Callable[[int], None], clock: int
) -> None:
    """One that was replaced works again and its successor does not; a first one is not there: each gets another."""
    at(-3600)
    old = token_of(run("token", "generar", NIT))
    use = restore()
    at(clock)
    lost = [token_of(run("token", "generar", NIT, "--reemplazar")), token_of(run("token", "generar", OTHER))]
    use()
    assert [opens(token) for token in (old, *lost)] == [True, False, False]
    assert run("token", "comparar", table).out.splitlines() == [
        f"{nit}: su último token no sirve. Entréguele otro: `token generar {nit} --reemplazar`." for nit in (NIT, OTHER)
    ]
    new = [token_of(run("token", "generar", nit, "--reemplazar")) for nit in (NIT, OTHER)]
    auth._callers.clear()
    assert [opens(token) for token in (old, *new)] == [False, True, True]
    assert run("token", "comparar", table).out == ""


def test_an_entity_that_is_not_there_is_told(run: Run, restore: Restore, table: str) -> None:
    """With its token; created again, and given another, it is no longer told."""
    use = restore()
    assert run("entidad", "crear", "333", "Instituto de Ejemplo").code == 0
    run("token", "generar", "333")
    use()
    told = run("token", "comparar", table).out
    assert told.startswith("333: la entidad no está. Créela, con sus estampillas, ")
    assert run("entidad", "crear", "333", "Instituto de Ejemplo").code == 0
    assert "333: su último token no sirve" in run("token", "comparar", table).out
    run("token", "generar", "333")
    assert run("token", "comparar", table).out == ""


def test_what_is_as_it_was_is_left_alone(
    run: Run, restore: Restore, dynamodb: Any, table: str, stored_rows: Callable[[], Any]
) -> None:
    """A token that works in both tables, one revoked in both, and one that came and went: nothing is told."""
    token_of(run("token", "generar", NIT))
    run("token", "generar", NIT, "--reemplazar")
    use = restore()
    run("token", "generar", OTHER)
    run("token", "revocar", OTHER)
    before = stored_rows(), dynamodb.scan(TableName=RESTORED)["Items"]
    use()
    result = run("token", "comparar", table)
    assert (result.code, result.out) == (0, "")
    assert f"los 3 tokens de la tabla anterior, {table}" in result.err
    assert "Atención" not in result.err
    assert "entregados" not in result.err
    assert (stored_rows(), dynamodb.scan(TableName=RESTORED)["Items"]) == before


def test_on_the_way_back_nothing_is_left_out(
    run: Run, restore: Restore, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that was revoked in the restored table works again in the stack's own; one handed out since does not.

    The one that the own table has for it looks as if handed out since, and is told.
    """
    stolen = token_of(run("token", "generar", OTHER))
    use = restore()
    run("token", "generar", NIT)
    with monkeypatch.context() as restored:
        use()
        run("token", "generar", NIT)
        run("token", "revocar", OTHER)
        restored.setenv("TABLE_NAME", table)
        auth._callers.clear()
        assert opens(stolen)
        result = run("token", "comparar", RESTORED)
    assert result.out == f"{OTHER}: el token que se le revocó sirve otra vez. Revóquelo: `token revocar {OTHER}`.\n"
    assert f"Se dan por entregados los tokens, que {RESTORED} no tiene, de {NIT}." in result.err


def test_tables_that_are_named_the_wrong_way_round_are_told(run: Run, restore: Restore, table: str) -> None:
    """Of the table before, in use, nothing has to be done by the restored one; the operator learns what that means."""
    run("token", "generar", NIT)
    restore()
    run("token", "revocar", NIT)
    result = run("token", "comparar", RESTORED)
    assert (result.code, result.out) == (0, "")
    assert f"están revocados en {table} y no en {RESTORED} tokens de {NIT}." in result.err
    assert "las tablas están al revés" in result.err


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (TABLE, f"La tabla {TABLE} es la de TABLE_NAME"),
        ("otra", "No se pudo leer la tabla anterior, otra (ResourceNotFoundException)"),
        (RESTORED, f"La tabla anterior, {RESTORED}, no es de preprod"),
    ],
)
def test_a_table_that_cannot_be_the_one_before_is_told(run: Run, dynamodb: Any, before: str, why: str) -> None:
    """The same, none, or one of no environment: no answer would be worse than this."""
    dynamodb.create_table(TableName=RESTORED, **table_definition.definition())
    result = run("token", "comparar", before)
    dynamodb.delete_table(TableName=RESTORED)
    assert (result.code, result.out) == (1, "")
    assert why in result.err


def test_all_pages_are_read(run: Run, restore: Restore, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens beyond the first page of a segment count as well."""
    monkeypatch.setattr(comparison, "SEGMENTS", 1)
    use = restore()
    nits = [str(number) for number in range(1000, 1012)]
    for nit in nits:
        registry.create_entity(nit, "x" * 300)
        registry.issue_token(nit)
    use()
    scan = registry.Row.connection().client.scan
    monkeypatch.setattr(registry.Row.connection().client, "scan", lambda **asked: scan(**asked, Limit=5))
    assert len(run("token", "comparar", table).out.splitlines()) == len(nits)
