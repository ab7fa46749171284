"""`indice completar` gives rows of before the index what the services write into new ones, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from console import completion
from local.engine import Engine
from shared import retry, whole_act
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity
from tests.proof.rows import _client, read
from tests.typist import Result, typist

pytestmark = pytest.mark.around

NOT_BEFORE = {"group", "place", "liquidations", "payments"}
Rows = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Types a command."""
    return typist(capsys)


def _register(entity: Client) -> None:
    """One of everything that the index finds, and of what it does not."""
    for operation, body in (
        ("registerActDocument", ACT),
        ("registerActDocument", ACT | {"type": 1}),
        ("registerActDocument", ACT | {"actDocumentCode": "Ácta  1", "parametricActDocumentCodeType": "AD1"}),
        ("registerLiquidation", {name: LIQUIDATION[name] for name in LIQUIDATION if name != "taxpayerDocumentNumber"}),
        ("registerPayment", PAYMENT),
        ("registerPayment", PAYMENT | {"type": 0}),
        ("registerLiquidation", LIQUIDATION | {"type": 0}),
    ):
        answer = entity.post(operation, body)
        assert answer.status == 200, answer.text


def _age(client: Any, table: str) -> int:
    """Take from every row what rows of before did not have; how many it was taken from."""
    aged = 0
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            old = {name: value for name, value in item.items() if name not in NOT_BEFORE}
            record = json.loads(item["record"]["S"]) if "record" in item else {}
            if item.get("operation", {}).get("S") == "registerLiquidation" and record:
                del record["taxpayerDocumentNumber"]
                old["record"] = {"S": json.dumps(record)}
            if old != item:
                client.put_item(TableName=table, Item=old)
                aged += 1
    return aged


def test_rows_of_before_become_what_the_services_write(
    entity: Client, dynamodb: Any, table: str, stored_rows: Rows, run: Callable[..., Result]
) -> None:
    """Of a table in which every row lost its group and every logged liquidation its taxpayer, each row is as before."""
    _register(entity)
    new_entity("900111222", territorial=entity.nit)
    written = [_as_read(row) for row in stored_rows()]
    assert _age(dynamodb, table) == 9
    assert [_as_read(row) for row in stored_rows()] != written
    result = run("indice", "completar")
    assert result.code == 0, result.err
    assert [_as_read(row) for row in stored_rows()] == written
    assert result.out.splitlines() == [
        "Actos documento: 2",
        "Liquidaciones: 1",
        "Pagos: 1",
        "Entidades descentralizadas: 1",
        "Creaciones de actos documento, para la consulta pública: 2",
        "Liquidaciones sin su sujeto pasivo, en el registro de cambios: 2",
    ]
    assert "completadas: 9." in result.err


def test_an_act_of_before_counts_on_and_is_shown_once_it_is_completed(
    entity: Client, dynamodb: Any, table: str, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is registered on it in between is registered as ever, and shown with what was there before."""
    monkeypatch.setattr(whole_act, "PATIENCE", 0.0)
    asked = {"actDocumentCode": ACT["actDocumentCode"]}
    small = LIQUIDATION | {"liquidatedValue": 100}
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", small | {"liquidatedValueId": "1"})
    _age(dynamodb, table)
    assert entity.post("registerLiquidation", small | {"liquidatedValueId": "2"}).status == 200
    paid = entity.post("registerPayment", PAYMENT | {"liquidatedValueId": "1", "valuePaid": 1})
    assert paid.status == 200
    assert entity.post("getActDocument", asked).codes == ["unavailable"]
    assert run("indice", "completar").code == 0
    shown = entity.post("getActDocument", asked).body["data"]["liquidations"]
    assert [(each["liquidatedValueId"], len(each["payments"])) for each in shown] == [("1", 1), ("2", 0)]


def test_what_is_complete_is_left_alone(entity: Client, stored_rows: Rows, run: Callable[..., Result]) -> None:
    """Done again, or where nothing is of before, it changes nothing."""
    _register(entity)
    before = stored_rows()
    result = run("indice", "completar")
    assert (result.code, stored_rows()) == (0, before)
    assert all(line.endswith(": 0") for line in result.out.splitlines())


def test_what_was_completed_meanwhile_is_left_alone(
    entity: Client, dynamodb: Any, table: str, stored_rows: Rows
) -> None:
    """Between its reading and its writing a row may be completed by another: it is not changed again, nor counted."""
    _register(entity)
    before = stored_rows()
    _age(dynamodb, table)
    read_before = stored_rows()
    for row in before:
        dynamodb.put_item(TableName=table, Item=row)
    counts = completion._complete(read_before)
    assert +counts == {completion.READ: len(before)}
    assert stored_rows() == before


def test_a_row_that_went_meanwhile_does_not_come_back(table: str, stored_rows: Rows) -> None:
    """No row is made where there is none."""
    del table
    gone = {"pk": {"S": "ENTITY#1#PAYMENT#P"}, "sk": {"S": "PAYMENT"}, "liquidatedValueId": {"S": "L"}}
    assert completion._complete([gone | {"radicado": {"S": "R"}}])[completion.PAYMENTS] == 0
    assert stored_rows() == []


def test_a_table_that_does_not_answer_is_told_with_what_to_do(
    entity: Client, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator learns that what was completed stays, and that the command goes on when it is repeated."""
    del entity
    monkeypatch.setattr(retry, "DEADLINE", -1)
    result = run("indice", "completar")
    assert (result.code, result.out) == (1, "")
    assert "repita el comando" in result.err


def test_a_broken_off_command_says_how_to_go_on(
    entity: Client, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves with 1 and a line, and without waiting for the rest of the table."""
    del entity

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(completion, "wait", interrupt)
    result = run("indice", "completar")
    assert result.code == 1
    assert "Lo que se completó queda" in result.err


@pytest.mark.slow
def test_the_segments_have_every_row_once(engine: Engine, table: str, run: Callable[..., Result]) -> None:
    """On the engine, whose segments are parts of the table, every row is read once and completed."""
    entity = new_entity("8888888888", "194-000-001")
    for number in range(60):
        entity.post("registerActDocument", ACT | {"actDocumentCode": f"A{number}"})
    written = read(engine.endpoint, table)
    aged = _age(_client(engine.endpoint), table)
    result = run("indice", "completar")
    assert f"Filas leídas: {len(written)}; completadas: {aged}." in result.err
    assert _by_key(read(engine.endpoint, table)) == _by_key(written)


def _by_key(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["pk"], row["sk"]): row for row in rows}


def _as_read(row: dict[str, Any]) -> dict[str, Any]:
    """The row, with what its log says independent of the order of its parts."""
    return row | ({"record": json.loads(row["record"]["S"])} if "record" in row else {})
