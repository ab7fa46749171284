"""Files from their arrival to their results: what is registered, what is told of each row, and who may see it."""

import base64
import json
import os
import random
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zipfile import ZipFile

import pytest
import xlsxwriter
from botocore.exceptions import ClientError, EndpointConnectionError

from functions import bulk_work
from shared import contract
from shared.bulk import bucket as files_bucket
from shared.bulk import tickets, work
from shared.models import ActDocument, LogEntry, act_key, taxpayer_key
from shared.rejection import Finding, Rejection
from tests import bulk
from tests.bulk import Deliveries, csv_file, load, results, send, ticket
from tests.client import Client, new_entity
from tests.files import aws
from tests.test_use_cases import CASES

pytestmark = [pytest.mark.files, pytest.mark.untraced, pytest.mark.usefixtures("bucket")]

SERVICES = {"registerActDocument": "actoDocumento", "registerLiquidation": "liquidacion", "registerPayment": "pago"}
Row = list[Any]


def act(nit: str, code: str, value: str = "100.00", *, taxpayer: str = "19396910", kind: str = "0") -> Row:
    """A row of table 1."""
    day = "2024-01-01 00:00:00"
    return [nit, "", code, "2", value, day, "2024-12-31 00:00:00", "AD4", "CC", taxpayer, "Diego Ariza", kind]


def liquidation(nit: str, code: str, number: str, value: str = "10.00", *, kind: str = "1") -> Row:
    """A row of table 2."""
    return [nit, "", kind, code, "90", value, number, "19396910", "CC"]


def payment(nit: str, liquidated: str, number: str, value: str = "1.00", *, kind: str = "1") -> Row:
    """A row of table 3."""
    return [nit, "", kind, "2024-03-19", value, liquidated, number]


def counts(**known: int) -> dict[str, int]:
    """What a ticket counts when all its rows have a result."""
    kinds = dict.fromkeys(("registered", "alreadyRegistered", "rejected", "notProcessed", "valid"), 0)
    return {"total": sum(known.values()), "done": sum(known.values()), **kinds, **known}


def told(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Result and codes of each row."""
    return [(row["resultado"], row["codigos"]) for row in rows]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case {case['case']}")
def test_use_case_from_files(case: dict[str, Any]) -> None:
    """Every step of the eight use cases, as a row of its own file, ends as the same step does as a call.

    But for what is there already and is identical, which is no error in a file.
    """
    entity = new_entity(case["entity"], "90", "100", "QA202471", "194-000-001", "194-000-002")
    for step in case["steps"]:
        service = SERVICES[step["service"]]
        names = [column.name for column in bulk.FILES[service].columns[2:]]
        body = {**step["body"], "Type": step["body"].get("type", "")}
        shown = load(entity, service, csv_file([[entity.nit, "", *(body.get(name, "") for name in names)]], service))
        [row] = results(shown)
        if step["expect"].get("code") == "act-taken":
            assert (shown["state"], row["resultado"]) == ("Finalizado Sin Errores", "ya registrado")
        elif step["expect"]["status"] == 200:
            assert (shown["state"], row["resultado"]) == ("Finalizado Sin Errores", "registrado"), shown
        else:
            assert shown["state"] == "Finalizado Con Errores"
            assert (row["resultado"], row["codigos"]) == ("rechazado", step["expect"]["code"])
            assert row["mensajes"].split("\n")[0] == step["expect"]["message"]


def test_a_file_loaded_again_registers_nothing_twice(entity: Client, stored_rows: Callable[[], list[Any]]) -> None:
    """The second time each row is told as registered already, with the radicado that it got the first time."""
    content = csv_file([act(entity.nit, f"A{number}") for number in range(60)], "actoDocumento")
    first = results(load(entity, "actoDocumento", content))
    registered = [row for row in stored_rows() if "#ACT#" in row["pk"]["S"] or "#LOG#" in row["pk"]["S"]]
    shown = load(entity, "actoDocumento", content)
    assert shown["state"] == "Finalizado Sin Errores"
    assert shown["rows"] == counts(alreadyRegistered=60)
    again = results(shown)
    assert [row["radicado"] for row in again] == [row["radicado"] for row in first]
    assert {row["resultado"] for row in again} == {"ya registrado"}
    assert [row for row in stored_rows() if "#ACT#" in row["pk"]["S"] or "#LOG#" in row["pk"]["S"]] == registered


def test_what_a_call_registered_is_told_with_its_radicado(entity: Client) -> None:
    """A row that is identical to what was registered by a call is no error."""
    body = dict(CASES[1]["steps"][0]["body"])
    radicado = entity.post("registerActDocument", body).body["radicado"]
    names = [column.name for column in bulk.FILES["actoDocumento"].columns[2:]]
    row = [entity.nit, "", *({**body, "Type": body["type"]}[name] for name in names)]
    [told_row] = results(load(entity, "actoDocumento", csv_file([row], "actoDocumento")))
    assert (told_row["resultado"], told_row["radicado"]) == ("ya registrado", radicado)


def test_an_old_amendment_does_not_undo_a_newer_one(entity: Client) -> None:
    """A file with an amendment, loaded again after a newer amendment, leaves the newer one in place."""
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento"))
    older = csv_file([act(entity.nit, "A", "200.00", kind="1")], "actoDocumento")
    newer = csv_file([act(entity.nit, "A", "300.00", kind="1")], "actoDocumento")
    [first] = results(load(entity, "actoDocumento", older))
    load(entity, "actoDocumento", newer)
    [again] = results(load(entity, "actoDocumento", older))
    assert (again["resultado"], again["radicado"]) == ("ya registrado", first["radicado"])
    assert ActDocument.get(act_key(entity.nit, "A"), taxpayer_key("19396910")).value == 300_00


def test_an_amendment_that_changes_nothing_is_none(entity: Client) -> None:
    """The same amendment in another file, as when a mended copy of the whole file is loaded, is no second version."""
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento"))
    amended = act(entity.nit, "A", "200.00", kind="1")
    [first] = results(load(entity, "actoDocumento", csv_file([amended], "actoDocumento")))
    mended = csv_file([amended, act(entity.nit, "B")], "actoDocumento")
    again, other = results(load(entity, "actoDocumento", mended))
    assert (again["resultado"], again["radicado"]) == ("ya registrado", first["radicado"])
    assert other["resultado"] == "registrado"


def test_an_amendment_that_changed_nothing_does_not_undo_a_newer_one_either(entity: Client) -> None:
    """A file whose amendment was there already, loaded again after a newer one, leaves the newer one in place."""
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A", "200.00")], "actoDocumento"))
    nothing_new = csv_file([act(entity.nit, "A", "200.00", kind="1")], "actoDocumento")
    [first] = results(load(entity, "actoDocumento", nothing_new))
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A", "300.00", kind="1")], "actoDocumento"))
    [again] = results(load(entity, "actoDocumento", nothing_new))
    assert (again["resultado"], again["radicado"]) == ("ya registrado", first["radicado"])
    assert ActDocument.get(act_key(entity.nit, "A"), taxpayer_key("19396910")).value == 300_00


def test_a_passing_fault_is_no_outcome_of_a_row(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read for a moment makes the message come again, and the row is registered then."""
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento"))
    rows = csv_file([liquidation(entity.nit, "A", "L1")], "liquidacion")
    number = send(entity, "liquidacion", "a.csv", rows).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    [(url, lane)] = deliveries.waiting()
    with monkeypatch.context() as silent:
        silent.setattr("shared.stamps.is_known", unavailable)
        assert not deliveries.bring(url, lane)
    assert deliveries.bring(url, lane)
    deliveries.all()
    assert told(results(ticket(entity, number))) == [("registrado", "")]


def unavailable(*_: object) -> bool:
    """A table that does not answer in time."""
    raise Rejection([Finding("unavailable")])


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (EndpointConnectionError(endpoint_url="https://bucket"), 503),
        (ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "PutObject"), 503),
        (ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject"), 500),
    ],
)
def test_a_bucket_that_does_not_answer_is_503(
    entity: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    """The client repeats its call; what will not pass by itself is ours to mend."""

    def fails(**_: object) -> None:
        raise failure

    monkeypatch.setattr(files_bucket.client(), "put_object", fails)
    answer = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento"))
    assert (answer.status, answer.headers.get("retry-after")) == (status, "2" if status == 503 else None)


def test_of_messages_brought_together_those_that_failed_come_again(entity: Client) -> None:
    """One of two messages names a load that never was: it alone is told as failed, and the other is worked off."""
    number = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento")).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    [(_, lane)] = deliveries.waiting()
    attributes = {"ApproximateReceiveCount": "1"}
    records = [
        {"messageId": "right", "body": json.dumps(lane), "attributes": attributes},
        {"messageId": "wrong", "body": json.dumps({**lane, "ticket_id": "0" * 26}), "attributes": attributes},
    ]
    answer = bulk_work.handler({"Records": records}, bulk.AMPLE)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "wrong"}]}
    deliveries.all()
    assert ticket(entity, number)["state"] == "Finalizado Sin Errores"


def test_what_is_no_number_is_told_and_written_back_as_text(entity: Client) -> None:
    """A workbook may hold what Excel never writes: its row is rejected, and the load ends all the same."""
    book = BytesIO()
    with xlsxwriter.Workbook(book, {"nan_inf_to_errors": False}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, [column.name for column in bulk.FILES["actoDocumento"].columns])
        sheet.write_row(1, 0, act(entity.nit, "A"))
        sheet.write_number(1, 4, 26.11)
    content = BytesIO()
    with ZipFile(book) as made, ZipFile(content, "w") as changed:
        for part in made.namelist():
            changed.writestr(part, made.read(part).replace(b"<v>26.11</v>", b"<v>1e999</v>"))
    shown = load(entity, "actoDocumento", content.getvalue(), "a.xlsx")
    assert shown["rows"] == counts(rejected=1)
    assert [error["code"] for error in shown["errors"]] == ["act-value-invalid"]


def test_a_load_broken_off_after_its_rows_tells_their_count_and_can_still_be_finished(entity: Client) -> None:
    """Results that cannot be written end the load without links; brought again by hand, they come after all."""
    number = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento")).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    [(url, lane)] = deliveries.waiting()
    assert deliveries.bring(url, lane)
    [(files_queue, finish)] = deliveries.waiting()
    assert not deliveries.bring(files_queue, finish, receives=5)
    shown = ticket(entity, number)
    assert (shown["state"], shown["reason"]["code"]) == ("Finalizado Con Errores", "processing-failed")
    assert shown["rows"] == counts(registered=1)
    assert "results" not in shown
    assert deliveries.bring(files_queue, finish)
    shown = ticket(entity, number)
    assert (shown["state"], told(results(shown))) == ("Finalizado Sin Errores", [("registrado", "")])


def test_rows_that_depend_on_one_another_are_registered_in_order(entity: Client) -> None:
    """An act and its amendments; a payment, its annulment and what then fits; an id taken within the file."""
    acts = [act(entity.nit, "A"), act(entity.nit, "A", "50.00", kind="1"), act(entity.nit, "A"), act(entity.nit, "B")]
    assert told(results(load(entity, "actoDocumento", csv_file(acts, "actoDocumento")))) == [
        ("registrado", ""),
        ("registrado", ""),
        ("ya registrado", ""),
        ("registrado", ""),
    ]
    liquidations = [
        liquidation(entity.nit, "A", "L1", "40.00"),
        liquidation(entity.nit, "A", "L2", "20.00"),
        liquidation(entity.nit, "A", "L1", "40.00", kind="0"),
        liquidation(entity.nit, "A", "L3", "50.00"),
        liquidation(entity.nit, "B", "L3", "50.00"),
    ]
    assert told(results(load(entity, "liquidacion", csv_file(liquidations, "liquidacion")))) == [
        ("registrado", ""),
        ("rechazado", "liquidation-above-act"),
        ("registrado", ""),
        ("registrado", ""),
        ("rechazado", "liquidation-id-taken record-differs"),
    ]
    payments = [
        payment(entity.nit, "L3", "P1", "30.00"),
        payment(entity.nit, "L3", "P2", "30.00"),
        payment(entity.nit, "L3", "P1", "30.00", kind="0"),
        payment(entity.nit, "L3", "P3", "50.00"),
        payment(entity.nit, "L9", "P4"),
    ]
    assert told(results(load(entity, "pago", csv_file(payments, "pago")))) == [
        ("registrado", ""),
        ("rechazado", "payment-above-balance"),
        ("registrado", ""),
        ("registrado", ""),
        ("rechazado", "liquidation-unknown"),
    ]


def test_a_row_keeps_every_rule_of_a_call(entity: Client) -> None:
    """All findings of a row are told at once, and the ticket shows them by row."""
    wrong = act(entity.nit, "A", "x")
    wrong[7], wrong[10] = "AD9", ""
    shown = load(entity, "actoDocumento", csv_file([act(entity.nit, "B"), wrong], "actoDocumento"))
    assert shown["state"] == "Finalizado Con Errores"
    assert shown["errors"] == [
        {
            "row": 3,
            "code": "act-value-invalid",
            "parameter": "generatorFactValue",
            "message": "Error. El valor del parámetro generatorFactValue es obligatorio y debe ser un número con dos "
            "decimales máximo",
        },
        {
            "row": 3,
            "code": "act-kind-invalid",
            "parameter": "parametricActDocumentCodeType",
            "message": "Error. El parámetro parametricActDocumentCodeType es obligatorio y debe estar dentro de los "
            "códigos válidos",
        },
        {
            "row": 3,
            "code": "taxpayer-name-required",
            "parameter": "taxpayerName",
            "message": "Error. El parámetro taxpayerName es obligatorio.",
        },
    ]


def test_an_id_taken_by_other_data_tells_which_and_where(entity: Client) -> None:
    """The row of a repeated id that is not identical names the radicado and the columns that differ."""
    [first] = results(load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento")))
    [row] = results(load(entity, "actoDocumento", csv_file([act(entity.nit, "A", "7.00")], "actoDocumento")))
    assert row["mensajes"].split("\n") == [
        "Error. El valor del parámetro actDocumentCode ya existe para el taxpayerDocumentNumber para esta entidad",
        f"Error. Lo que ya está registrado, con el radicado {first['radicado']}, difiere en: generatorFactValue",
    ]


def test_everything_wrong_with_a_header_is_told_at_once(entity: Client) -> None:
    """Each missing and each unknown column, as findings of the file and not of a row."""
    content = csv_file([act(entity.nit, "A")], "actoDocumento").replace(b"platform", b"plataforma")
    shown = load(entity, "actoDocumento", content.replace(b"taxpayerName", b"nombre"))
    assert shown["state"] == "Rechazado"
    assert [(error["code"], error["parameter"]) for error in shown["errors"]] == [
        ("file-column-missing", "platform"),
        ("file-column-missing", "taxpayerName"),
        ("file-column-unknown", "plataforma"),
        ("file-column-unknown", "nombre"),
    ]
    assert shown["reason"] == shown["errors"][0]


def test_what_failed_is_a_file_to_mend_and_load_again(entity: Client) -> None:
    """The file of rejected rows loads as it is; mended, only its rows are registered."""
    rows = [act(entity.nit, "A"), act(entity.nit, "B", "x"), act(entity.nit, "C")]
    shown = load(entity, "actoDocumento", csv_file(rows, "actoDocumento"))
    rejected = bulk.download(shown["results"]["rejectedCsv"])
    again = load(entity, "actoDocumento", rejected)
    assert again["rows"] == counts(rejected=1)
    mended = load(entity, "actoDocumento", rejected.replace(b'"x"', b'"10.00"'))
    assert mended["rows"] == counts(registered=1)


def test_checking_registers_nothing(entity: Client, stored_rows: Callable[[], list[Any]]) -> None:
    """validar tells formats and repeats, labels the report, and leaves no registration."""
    rows = [act(entity.nit, "A"), act(entity.nit, "A"), act(entity.nit, "A", "5.00", kind="1"), act("1", "B")]
    shown = load(entity, "actoDocumento", csv_file(rows, "actoDocumento"), validar="true")
    assert shown["validar"] is True
    assert shown["rows"] == counts(valid=2, rejected=2)
    assert told(results(shown)) == [
        ("válido", ""),
        ("rechazado", "row-repeated"),
        ("válido", ""),
        ("rechazado", "entity-not-own"),
    ]
    assert shown["errors"][0]["message"] == "Error. La fila repite el registro de la fila 2"
    assert not [row for row in stored_rows() if "#ACT#" in row["pk"]["S"] or "#LOG#" in row["pk"]["S"]]


def test_a_row_leaves_in_the_log_which_load_it_came_with(entity: Client, stored_rows: Callable[[], list[Any]]) -> None:
    """The log tells the ticket."""
    shown = load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento"))
    [entry] = [row for row in stored_rows() if "#LOG#" in row["pk"]["S"]]
    assert LogEntry.from_raw_data(entry).ticket == shown["ticket"]


def test_messages_that_come_twice_and_in_any_order_change_nothing(
    entity: Client, other_entity: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes of few rows, brought at random: rows end as in a file brought in order, each registered once."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_LANE", 6)
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_STEP", 3)
    dice = random.Random(26)
    codes = [f"A{dice.randrange(30)}" for _ in range(120)]
    kinds = [dice.choice("001") for _ in codes]
    ended = []
    for client, shuffled in ((entity, None), (other_entity, dice)):
        rows = [
            act(client.nit, code, f"{100 + number}.00", kind=kind)
            for number, (code, kind) in enumerate(zip(codes, kinds, strict=True))
        ]
        answer = send(client, "actoDocumento", "a.csv", csv_file(rows, "actoDocumento"))
        Deliveries().all(shuffled)
        ended.append(told(results(ticket(client, answer.body["ticket"]))))
    assert ended[0] == ended[1]
    assert len({result for result, _ in ended[0]}) > 1


def test_a_worker_that_fails_half_way_is_followed_by_another(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps that are done are not done again, and the rest is."""
    rows = [act(entity.nit, f"A{number}") for number in range(70)]
    answer = send(entity, "actoDocumento", "a.csv", csv_file(rows, "actoDocumento"))
    deliveries = Deliveries()
    [(url, arrival)] = [each for each in deliveries.waiting() if "Records" in each[1]]
    assert deliveries.bring(url, arrival)
    [(url, lane)] = deliveries.waiting()
    real = work._do
    done: list[int] = []

    def dies_at_the_second(ticket_: Any, lane_: int, step: int, *rest: Any, **named: Any) -> bool:
        if done:
            raise MemoryError
        done.append(step)
        return real(ticket_, lane_, step, *rest, **named)

    monkeypatch.setattr(work, "_do", dies_at_the_second)
    assert not deliveries.bring(url, lane)
    under_way = ticket(entity, answer.body["ticket"])
    assert (under_way["state"], under_way["rows"]["done"], under_way["rows"]["total"]) == ("En Proceso", 24, 70)
    monkeypatch.setattr(work, "_do", real)
    assert deliveries.bring(url, lane)
    deliveries.all()
    ended = ticket(entity, answer.body["ticket"])
    assert (ended["state"], ended["rows"]["registered"]) == ("Finalizado Sin Errores", 70)


@pytest.mark.parametrize("late_at", range(4))
def test_a_worker_that_is_overtaken_changes_nothing(
    entity: Client, monkeypatch: pytest.MonkeyPatch, stored_rows: Callable[[], list[Any]], late_at: int
) -> None:
    """One that is late with a step, while another does the whole lane: what was rejected then is not registered now."""
    load(entity, "actoDocumento", csv_file([act(entity.nit, "A")], "actoDocumento"))
    rows = [
        liquidation(entity.nit, "A", "L1", "90.00"),
        liquidation(entity.nit, "A", "L2", "20.00"),
        liquidation(entity.nit, "A", "L1", "90.00", kind="0"),
        liquidation(entity.nit, "A", "L3", "10.00"),
    ]
    number = send(entity, "liquidacion", "a.csv", csv_file(rows, "liquidacion")).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    [(url, lane)] = deliveries.waiting()
    real = work._do
    after_the_other: list[list[Any]] = []

    def is_late(ticket_: Any, lane_: int, step: int, *rest: Any, **named: Any) -> bool:
        if step == late_at and not after_the_other:
            after_the_other.append([])
            assert deliveries.bring(url, lane)
            after_the_other[0] = stored_rows()
        return real(ticket_, lane_, step, *rest, **named)

    monkeypatch.setattr(work, "_do", is_late)
    assert deliveries.bring(url, lane)
    assert stored_rows() == after_the_other[0]
    deliveries.all()
    assert told(results(ticket(entity, number))) == [
        ("registrado", ""),
        ("rechazado", "liquidation-above-act"),
        ("registrado", ""),
        ("registrado", ""),
    ]


def test_a_worker_short_of_time_leaves_the_rest_to_another_message(entity: Client) -> None:
    """It sends the same message again and ends in order."""
    answer = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento"))
    deliveries = Deliveries()
    deliveries.arrivals()
    [(url, lane)] = deliveries.waiting()
    hurried = type("Context", (), {"get_remaining_time_in_millis": lambda _: 1_000})()
    assert deliveries.bring(url, lane, context=hurried)
    assert ticket(entity, answer.body["ticket"])["rows"]["done"] == 0
    deliveries.all()
    assert ticket(entity, answer.body["ticket"])["state"] == "Finalizado Sin Errores"


def test_a_lane_that_fails_for_the_last_time_is_told(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are told as not processed, the others keep their results; loaded again, the file is whole."""
    monkeypatch.setattr("shared.bulk.plan.ROWS_PER_LANE", 2)
    content = csv_file([act(entity.nit, f"A{number}") for number in range(4)], "actoDocumento")
    answer = send(entity, "actoDocumento", "a.csv", content)
    deliveries = Deliveries()
    deliveries.arrivals()
    lanes = deliveries.waiting()
    with monkeypatch.context() as poisoned:
        poisoned.setattr(work, "_do", lambda *_, **__: 1 / 0)
        assert not deliveries.bring(*lanes[0], receives=5)
    assert deliveries.bring(*lanes[1])
    deliveries.all()
    shown = ticket(entity, answer.body["ticket"])
    assert (shown["state"], shown["reason"]["code"]) == ("Finalizado Con Errores", "processing-failed")
    assert sorted(told(results(shown))) == [("no procesado", "processing-failed")] * 2 + [("registrado", "")] * 2
    again = load(entity, "actoDocumento", content)
    assert (again["state"], again["rows"]["registered"]) == ("Finalizado Sin Errores", 2)


def test_a_file_that_cannot_be_divided_is_told(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last attempt at a file that makes the function fail ends its ticket."""
    answer = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento"))
    monkeypatch.setattr("shared.bulk.split._divide", lambda _: 1 / 0)
    deliveries = Deliveries()
    for url, message in [each for each in deliveries.waiting() if "Records" in each[1]]:
        assert not deliveries.bring(url, message, receives=5)
    shown = ticket(entity, answer.body["ticket"])
    assert (shown["state"], shown["reason"]["code"]) == ("Rechazado", "processing-failed")


def test_nothing_waits_for_ever(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that stands still is told as broken off, and a file that never came as not received."""
    waiting = entity.post("loadPayments", {"fileName": "pagos.csv"}).body["ticket"]
    stuck = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento")).body["ticket"]
    deliveries = Deliveries()
    deliveries.arrivals()
    assert ticket(entity, waiting)["state"] == "Recibido"
    assert ticket(entity, stuck)["state"] == "En Proceso"
    waited = f"en los {tickets.STALLED_AFTER // 86_400} días"
    monkeypatch.setattr(tickets, "STALLED_AFTER", -tickets.UPLOAD_SECONDS - 1)
    late = ticket(entity, waiting)
    assert (late["state"], late["reason"]["code"]) == ("Rechazado", "file-not-received")
    [rule] = [rule for rule in contract.document()["x-rules"] if rule["id"] == "file-not-received"]
    assert waited in rule["cause"]
    still = ticket(entity, stuck)
    assert (still["state"], still["reason"]["code"]) == ("Finalizado Con Errores", "processing-failed")


@pytest.mark.parametrize(("seconds", "state"), [(-1, "Rechazado"), (tickets.APART - 10, "Recibido")])
def test_what_is_or_will_soon_be_told_as_not_received_is_not_loaded(
    entity: Client,
    stored_rows: Callable[[], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    state: str,
) -> None:
    """A file that arrives after that, or so short before that clocks do not tell, registers nothing."""
    answer = entity.post("loadActDocuments", {"fileName": "a.csv"})
    monkeypatch.setattr(tickets, "STALLED_AFTER", seconds - tickets.UPLOAD_SECONDS)
    assert ticket(entity, answer.body["ticket"])["state"] == state
    aws("s3").put_object(
        Bucket=os.environ["BUCKET_NAME"],
        Key=answer.body["upload"]["fields"]["key"],
        Body=csv_file([act(entity.nit, "A")], "actoDocumento"),
    )
    Deliveries().all()
    assert ticket(entity, answer.body["ticket"])["state"] == state
    assert not [row for row in stored_rows() if "#ACT#" in row["pk"]["S"]]


def test_what_was_begun_in_time_goes_on_however_late(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message of a file that was begun comes again after the moment at which a file is told as not received."""
    number = send(entity, "actoDocumento", "a.csv", csv_file([act(entity.nit, "A")], "actoDocumento")).body["ticket"]
    deliveries = Deliveries()
    [(url, arrival)] = [each for each in deliveries.waiting() if "Records" in each[1]]
    with monkeypatch.context() as broken:
        broken.setattr("shared.bulk.split._divide", lambda _: 1 / 0)
        assert not deliveries.bring(url, arrival)
    monkeypatch.setattr(tickets, "STALLED_AFTER", -tickets.UPLOAD_SECONDS - 1)
    assert deliveries.bring(url, arrival)
    deliveries.all()
    assert ticket(entity, number)["state"] == "Finalizado Sin Errores"


def test_an_upload_address_takes_one_file_of_that_type_and_size(entity: Client) -> None:
    """Its policy names the key, the type and 100 MB at most; what is uploaded there is loaded."""
    answer = entity.post("loadActDocuments", {"fileName": "Actos.XLSX"})
    upload = answer.body["upload"]
    conditions = json.loads(base64.b64decode(upload["fields"]["policy"]))["conditions"]
    assert ["content-length-range", 1, 104857600] in conditions
    assert {"key": upload["fields"]["key"]} in conditions
    assert {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} in conditions
    assert upload["fields"]["key"].endswith(f"{answer.body['ticket']}.xlsx")


@pytest.mark.parametrize("name", ["a.csv", 'Año \u2013 "2024"; 100%.csv', "\u0623\u062f.csv", "a'b.csv"])
def test_results_are_saved_under_the_name_of_their_file(entity: Client, name: str) -> None:
    """The header that a link asks for is ASCII, and holds any name, to be read as RFC 6266 says."""
    answer = entity.post("loadActDocuments", {"fileName": name})
    key = answer.body["upload"]["fields"]["key"]
    aws("s3").put_object(
        Bucket=os.environ["BUCKET_NAME"], Key=key, Body=csv_file([act(entity.nit, "A")], "actoDocumento")
    )
    Deliveries().all()
    shown = ticket(entity, answer.body["ticket"])
    [header] = parse_qs(urlsplit(shown["results"]["csv"]).query)["response-content-disposition"]
    assert header.isascii()
    plain, encoded = re.fullmatch(
        r"attachment; filename=\"([^\"\\%]+)\"; filename\*=UTF-8''([\w.%-]+)", header
    ).groups()
    assert plain.endswith("-resultados.csv")
    assert unquote(encoded) == f"{name.removesuffix('.csv')}-resultados.csv"


@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1"])
def test_addresses_name_the_region(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    """In a region other than us-east-1 the global endpoint would answer a new bucket's uploads with a redirect."""
    host = f"https://sigec-files.s3.{region}.amazonaws.com/"
    with monkeypatch.context() as there:
        there.setenv("AWS_DEFAULT_REGION", region)
        there.setenv("BUCKET_NAME", "sigec-files")
        there.setattr(files_bucket, "client", files_bucket.client.__wrapped__)
        assert files_bucket.link("results/1/a.csv", "a.csv").startswith(host)
        assert files_bucket.upload_address("uploads/1/a.csv", ".csv", 10, 60)["url"] == host


def test_tickets_are_found_by_date_newest_first_and_paged(entity: Client, other_entity: Client) -> None:
    """Pages of the size asked for, without a gap or a repeat, and of this entity alone."""
    sent = [entity.post("loadPayments", {"fileName": f"{number}.csv"}).body["ticket"] for number in range(12)]
    other_entity.post("loadPayments", {"fileName": "ajeno.csv"})
    found: list[str] = []
    body: dict[str, Any] = {"pageSize": 10}
    while True:
        page = entity.post("findTickets", body).body
        found.extend(each["ticket"] for each in page["data"])
        if "cursor" not in page:
            break
        body["cursor"] = page["cursor"]
    assert found == sent[::-1]
    assert entity.post("findTickets", {"to": "2020-01-01"}).body == {"data": []}
    assert len(entity.post("findTickets", {"from": "2020-01-01", "to": date.max.isoformat()}).body["data"]) == 12


def test_a_cursor_is_good_for_its_entity_alone(entity: Client, other_entity: Client) -> None:
    """Another entity's cursor, or one that was changed, is a clear 400."""
    for client in (entity, other_entity):
        for number in range(11):
            client.post("loadPayments", {"fileName": f"{number}.csv"})
    cursor = entity.post("findTickets", {"pageSize": 10}).body["cursor"]
    for wrong in ("A" + cursor[1:], cursor[:-4], "x"):
        assert entity.post("findTickets", {"cursor": wrong}).codes == ["cursor-invalid"]
    assert other_entity.post("findTickets", {"cursor": cursor}).codes == ["cursor-invalid"]


def test_an_entity_sees_its_own_tickets_alone(entity: Client, other_entity: Client) -> None:
    """Another entity's ticket is as unknown as one that never was."""
    number = entity.post("loadPayments", {"fileName": "a.csv"}).body["ticket"]
    answer = other_entity.post("getTicket", {"ticket": number})
    assert answer.codes == ["ticket-unknown"]
    assert other_entity.post("getTicket", {"ticket": "0" * 26}).body["message"] == answer.body["message"]
