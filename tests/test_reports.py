"""Reports (manual, 5.11): what they have, whose, of which days, and how they end."""

import calendar
import io
import itertools
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared import radicado, reading, retry
from shared.bulk import queues, tickets
from shared.models import ActDocument, LogEntry, act_key, taxpayer_key
from shared.reporting import gathering, making, workbook
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.bulk import Deliveries, download
from tests.client import Client, new_entity
from tests.clock import Clock
from tests.reporting import BY_ACT, BY_PAYMENT, COLUMNS, EVER, TITLES, ask, flat_rows, report, sheet, shown
from tests.test_bulk_answers import conforms

pytestmark = [pytest.mark.files, pytest.mark.usefixtures("bucket")]

OTHER = {"taxpayerDocumentNumber": "900123456", "payerDocumentParametricTypeCode": "NIT", "taxpayerName": "Río & Cía."}
CRITERIA = [
    (BY_ACT, "por-fecha-del-acto", "Fecha de acto/documento"),
    (BY_PAYMENT, "por-fecha-de-registro-del-pago", "Fecha de registro del pago en el sistema"),
]
NOBODY = "01HZX3M5N7P9R1S3T5V7W9X1Y3"


def register(client: Client, operation: str, body: dict[str, Any], **changes: Any) -> str:
    """Register something that must be taken; its radicado."""
    answer = client.post(operation, body | changes)
    assert answer.status == 200, answer.text
    number: str = answer.body["radicado"]
    return number


def act(client: Client, code: str, value: Any = 5_000_000, **changes: Any) -> str:
    """Register an act document or its amendment."""
    return register(client, "registerActDocument", ACT, actDocumentCode=code, generatorFactValue=value, **changes)


def liquidation(client: Client, code: str, identifier: str, value: Any, **changes: Any) -> str:
    """Register a liquidation or its annulment."""
    about = {"actDocumentCode": code, "liquidatedValueId": identifier, "liquidatedValue": value}
    return register(client, "registerLiquidation", LIQUIDATION, **about, **changes)


def payment(client: Client, of: str, identifier: str, value: Any, **changes: Any) -> str:
    """Register a payment or its annulment."""
    about = {"liquidatedValueId": of, "paidValueId": identifier, "valuePaid": value}
    return register(client, "registerPayment", PAYMENT, **about, **changes)


def told(rows: list[dict[str, str]], *columns: str) -> list[tuple[str, ...]]:
    """Some columns of each row."""
    return [tuple(row[column] for column in columns) for row in rows]


@pytest.fixture
def history(entity: Client) -> dict[str, str]:
    """Acts A to D with every kind of event; the radicado of each."""
    return {
        "A": act(entity, "A"),
        "A amended": act(entity, "A", 6_000_000, type=1, generatorFactEndDate="2025-06-30 00:00:00"),
        "B": act(entity, "B", 100, generatorFactStartDate="2024-05-01 08:30:15", **OTHER),
        "C": act(entity, "C"),
        "C assigned": act(entity, "C", 1_000, **OTHER),
        "D": act(entity, "D", "0.5", taxpayerName='=1+1;"x"'),
        "L1": liquidation(entity, "A", "L1", 1_000),
        "L2": liquidation(entity, "A", "L2", 500),
        "L2 annulled": liquidation(entity, "A", "L2", 500, type=0),
        "L3": liquidation(entity, "A", "L3", "0.01"),
        "L4": liquidation(entity, "C", "L4", 900, taxpayerDocumentNumber=OTHER["taxpayerDocumentNumber"]),
        "P1": payment(entity, "L1", "P1", "100.5"),
        "P2": payment(entity, "L1", "P2", 200),
        "P2 annulled": payment(entity, "L1", "P2", 200, type=0),
        "P3": payment(entity, "L1", "P3", "0.5"),
        "P4": payment(entity, "L4", "P4", 900),
    }


def test_a_report_by_act_shows_every_event_of_the_history(entity: Client, history: dict[str, str]) -> None:
    """A row per payment, per liquidation without payments, per act without liquidations; what is annulled says so."""
    rows = report(entity)
    columns = ("code", "taxpayerDocumentNumber", "liquidationId", "liquidationState", "paymentId", "paymentState")
    cc, nit = ACT["taxpayerDocumentNumber"], OTHER["taxpayerDocumentNumber"]
    assert told(rows, *columns) == [
        ("A", cc, "L1", "Vigente", "P1", "Vigente"),
        ("A", cc, "L1", "Vigente", "P2", "Anulado"),
        ("A", cc, "L1", "Vigente", "P3", "Vigente"),
        ("A", cc, "L2", "Anulada", "", ""),
        ("A", cc, "L3", "Vigente", "", ""),
        ("B", nit, "", "", "", ""),
        ("C", cc, "", "", "", ""),
        ("C", nit, "L4", "Vigente", "P4", "Vigente"),
        ("D", cc, "", "", "", ""),
    ]
    assert told(rows, "actRadicado") == [
        (history[each],) for each in ("A", "A", "A", "A", "A", "B", "C", "C assigned", "D")
    ]
    liquidations = [history[each] for each in ("L1", "L1", "L1", "L2", "L3")]
    assert [row["liquidationRadicado"] for row in rows[:5]] == liquidations
    assert [row["paymentRadicado"] for row in rows[:3]] == [history[each] for each in ("P1", "P2", "P3")]
    assert [row["paymentAnnulledBy"] for row in rows[:3]] == ["", history["P2 annulled"], ""]
    assert rows[3]["liquidationAnnulledBy"] == history["L2 annulled"]


def test_a_report_says_what_the_contract_says_of_each_column(entity: Client, history: dict[str, str]) -> None:
    """Every column of 5.10 and ours: names for codes, values of today, balances, moments in Colombia."""
    first = report(entity)[0]
    moments = {name: first.pop(name) for name in list(first) if name.endswith("At")}
    assert first == {
        "territorialNit": entity.nit,
        "territorialName": f"Entidad {entity.nit}",
        "decentralisedNit": "",
        "decentralisedName": "",
        "code": "A",
        "platform": "SECOP II",
        "kind": "Contratos",
        "procedure": "Suscripción",
        "taxpayerDocumentKind": "Cédula de Ciudadanía",
        "taxpayerDocumentNumber": ACT["taxpayerDocumentNumber"],
        "taxpayerName": ACT["taxpayerName"],
        "start": ACT["generatorFactStartDate"],
        "end": "2025-06-30 00:00:00",
        "actValue": "6000000,00",
        "firstValue": "5000000,00",
        "liquidated": "1000,01",
        "unliquidated": "5998999,99",
        "actRadicado": history["A"],
        "amendedBy": history["A amended"],
        "liquidationId": "L1",
        "stampNumber": LIQUIDATION["stampNumber"],
        "stampName": f"Estampilla {LIQUIDATION['stampNumber']}",
        "liquidationValue": "1000,00",
        "liquidationState": "Vigente",
        "paid": "101,00",
        "unpaid": "899,00",
        "liquidationRadicado": history["L1"],
        "liquidationAnnulledBy": "",
        "paymentId": "P1",
        "paymentDate": PAYMENT["paymentDate"],
        "paymentValue": "100,50",
        "paymentState": "Vigente",
        "paymentRadicado": history["P1"],
        "paymentAnnulledBy": "",
        "actSum": "6000000,00",
        "liquidationSum": "1000,00",
        "paymentSum": "100,50",
    }
    registered = {"act": "A", "amended": "A amended", "liquidation": "L1", "payment": "P1"}
    for name, event in registered.items():
        there = time.gmtime(radicado.milliseconds_of(history[event]) / 1000 - 5 * 3600)
        said = moments.get(f"{name}RegisteredAt") or moments[f"{name}At"]
        assert said == time.strftime("%Y-%m-%d %H:%M:%S", there)


def test_what_is_to_be_summed_counts_everything_once_and_nothing_annulled(
    entity: Client, history: dict[str, str]
) -> None:
    """The three columns come to the act documents, the live liquidations and the live payments; the summary too."""
    del history
    ticket = ask(entity)
    Deliveries().all()
    links = shown(entity, ticket)["results"]
    rows = flat_rows(download(links["csv"]))
    sums = Counter[str]()
    for row in rows:
        sums += {
            name: round(float(row[name].replace(",", ".")) * 100) for name in row if name.endswith("Sum") and row[name]
        }
    assert sums == {"actSum": 1_100_110_050, "liquidationSum": 190_001, "paymentSum": 100_100}
    *heading, head, own, total = [
        [cell for cell in line if cell is not None] for line in sheet(download(links["xlsx"]), "Resumen")
    ]
    assert ["Filas", 9] in heading
    assert ["Tipo de reporte", "Fecha de acto/documento"] in heading
    assert dict(zip(head, own, strict=True)) == {
        "NIT": entity.nit,
        "Entidad": f"Entidad {entity.nit}",
        "Actos documento": 5,
        "Valor de los actos documento (COP)": 11_001_100.5,
        "Liquidaciones vigentes": 3,
        "Liquidado vigente (COP)": 1_900.01,
        "Liquidaciones anuladas": 1,
        "Liquidado anulado (COP)": 500,
        "Pagos vigentes": 3,
        "Pagado vigente (COP)": 1_001,
        "Pagos anulados": 1,
        "Pagado anulado (COP)": 200,
    }
    assert total[-10:] == own[-10:]
    assert total[-11] == "Total"


def test_a_report_by_payment_has_the_payments_alone(entity: Client, history: dict[str, str]) -> None:
    """With their liquidation and act, however they came; what has no payment has no row."""
    del history
    rows = report(entity, BY_PAYMENT)
    assert told(rows, "code", "liquidationId", "paymentId") == [
        ("A", "L1", "P1"),
        ("A", "L1", "P2"),
        ("A", "L1", "P3"),
        ("C", "L4", "P4"),
    ]
    assert rows == [row for row in report(entity) if row["paymentId"]]


def moved(row: Any, moment: str) -> str:
    """Have a log entry registered at another moment (UTC), as if the clock had been put back; its new radicado."""
    entry = LogEntry.from_raw_data(dict(row))
    entry.delete()
    seconds = calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%S"))
    number = radicado.first_of(seconds * 1000)[:-1] + entry.sk[-1]
    moment = f"{moment}.000Z"
    shard = entry.pk.rpartition("#")[2]
    pk = f"{entry.pk.split('#LOG#')[0]}#LOG#{moment[:7]}#{shard}"
    attributes = {name: getattr(entry, name) for name in ("request_id", "operation", "record")}
    LogEntry(pk, number, radicado=number, registered_at=moment, **attributes).save()
    return number


def amended_by(client: Client, code: str, number: str) -> None:
    """Have an act name another radicado as its last amendment."""
    row = ActDocument(act_key(client.nit, code), taxpayer_key(ACT["taxpayerDocumentNumber"]))
    row.update([ActDocument.amended_by.set(number)])


@pytest.fixture
def stored_log(stored_rows: Callable[[], list[dict[str, Any]]]) -> Callable[[str], dict[str, Any]]:
    """The log entry of a registration, by its radicado."""
    return lambda number: next(row for row in stored_rows() if "#LOG#" in row["pk"]["S"] and row["sk"]["S"] == number)


def test_days_of_payments_end_at_midnight_in_colombia(
    entity: Client, stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """05:00 UTC is midnight; a second before it is the day before."""
    parents = [act(entity, "A"), act(entity, "A", 7_000_000, type=1), liquidation(entity, "A", "L", 1_000)]
    for number in parents:
        moved(stored_log(number), "2026-02-01T12:00:00")
    moments = {
        "before": "2026-03-01T04:59:59",
        "first": "2026-03-01T05:00:00",
        "last": "2026-04-01T04:59:59",
        "after": "2026-04-01T05:00:00",
    }
    for value, (name, moment) in enumerate(moments.items(), start=1):
        moved(stored_log(payment(entity, "L", name, value)), moment)
    rows = report(entity, BY_PAYMENT, **{"from": "2026-03-01", "to": "2026-03-31"})
    assert told(rows, "paymentId", "paymentRegisteredAt") == [
        ("first", "2026-03-01 00:00:00"),
        ("last", "2026-03-31 23:59:59"),
    ]
    assert (
        told(rows, "actValue", "firstValue", "liquidated", "paid", "unpaid")
        == [("7000000,00", ACT_VALUE, "1000,00", "10,00", "990,00")] * 2
    )
    assert told(report(entity, BY_PAYMENT, **{"from": "2026-02-28", "to": "2026-02-28"}), "paymentId") == [("before",)]
    assert told(report(entity, BY_PAYMENT, **{"from": "2026-04-01", "to": "2026-04-01"}), "paymentId") == [("after",)]


ACT_VALUE = "5000000,00"


def test_liquidation_and_act_older_than_the_payments_are_read_by_key(
    entity: Client, stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """What was registered before the first day counts in balances, though its log is not read."""
    old = [
        act(entity, "A"),
        act(entity, "A", 7_000_000, type=1),
        act(entity, "A", 8_000_000, type=1),
        liquidation(entity, "A", "L", 1_000),
        payment(entity, "L", "old", 100),
        payment(entity, "L", "annulled", 1),
        payment(entity, "L", "annulled", 1, type=0),
    ]
    for number in old:
        moved(stored_log(number), "2026-02-01T12:00:00")
    new = payment(entity, "L", "new", 50)
    [row] = report(entity, BY_PAYMENT, **{"from": "2026-03-01"})
    assert (row["paymentRadicado"], row["paid"], row["unpaid"]) == (new, "150,00", "850,00")
    assert (row["actValue"], row["firstValue"], row["liquidated"]) == ("8000000,00", ACT_VALUE, "1000,00")


def test_days_of_acts_are_those_of_their_start(entity: Client) -> None:
    """Both days are in, to their last second."""
    for code, start in {
        "before": "2023-12-31 23:59:59",
        "first": "2024-01-01 00:00:00",
        "last": "2024-01-31 23:59:59",
        "after": "2024-02-01 00:00:00",
    }.items():
        act(entity, code, generatorFactStartDate=start)
    rows = report(entity, **{"from": "2024-01-01", "to": "2024-01-31"})
    assert told(rows, "code") == [("first",), ("last",)]


def test_the_last_amendment_counts_whatever_the_order_of_the_radicados(
    entity: Client, stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """A radicado is drawn before its write commits: the act itself knows which amendment came last."""
    act(entity, "A")
    last_but_one, last = act(entity, "A", 7_000_000, type=1), act(entity, "A", 6_000_000, type=1)
    last = moved(stored_log(last), "2026-01-15T00:00:00")
    amended_by(entity, "A", last)
    [row] = report(entity)
    assert (row["actValue"], row["amendedBy"]) == ("6000000,00", last)
    assert row["amendedBy"] != last_but_one


def test_a_liquidation_of_before_has_its_taxpayer_from_the_table(
    entity: Client, stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """An older log entry does not say whose the liquidation is, where its client did not."""
    act(entity, "A")
    entry = LogEntry.from_raw_data(dict(stored_log(liquidation(entity, "A", "L", 10))))
    entry.record = {name: value for name, value in entry.record.items() if name != "taxpayerDocumentNumber"}
    entry.save()
    act(entity, "A", **OTHER)
    payment(entity, "L", "P", 4)
    rows = report(entity)
    assert told(rows, "taxpayerDocumentNumber", "liquidationId", "unpaid", "paymentId") == [
        (ACT["taxpayerDocumentNumber"], "L", "6,00", "P"),
        (OTHER["taxpayerDocumentNumber"], "", "", ""),
    ]
    assert told(report(entity, BY_PAYMENT), "taxpayerDocumentNumber") == [(ACT["taxpayerDocumentNumber"],)]


# --- Whose ---


def test_a_territorial_entity_sees_its_own_one_of_its_decentralised_ones_or_all(entity: Client) -> None:
    """Each row says whose it is; a decentralised entity sees itself alone."""
    one, two = (
        new_entity("900111222", territorial=entity.nit),
        new_entity("900333444", "propia", territorial=entity.nit),
    )
    for client in (entity, one, two):
        act(client, "A")
        liquidation(client, "A", "L", 1, stampNumber="propia" if client is two else "194-000-001")
        payment(client, "L", "P", 1)
    columns = ("territorialNit", "decentralisedNit", "decentralisedName", "stampName", "paymentId")
    own = (entity.nit, "", "", "Estampilla 194-000-001", "P")
    of_one = (entity.nit, one.nit, f"Entidad {one.nit}", "Estampilla 194-000-001", "P")
    of_two = (entity.nit, two.nit, f"Entidad {two.nit}", "Estampilla propia", "P")
    for kind in (BY_ACT, BY_PAYMENT):
        assert told(report(entity, kind), *columns) == [own]
        assert told(report(entity, kind, entity=one.nit), *columns) == [of_one]
        assert told(report(entity, kind, entity="TODAS"), *columns) == [own, of_one, of_two]
        assert told(report(one, kind), *columns) == [of_one]


def test_what_one_entity_registered_and_asked_for_does_not_exist_for_another(
    entity: Client, other_entity: Client, history: dict[str, str]
) -> None:
    """Neither its records, nor its reports, nor its decentralised entities."""
    del history
    decentralised = new_entity("900111222", territorial=entity.nit)
    ticket = ask(entity, entity="TODAS")
    Deliveries().all()
    for client in (other_entity, decentralised):
        assert report(client) == []
        assert client.post("getReport", {"ticket": ticket}).codes == ["report-ticket-unknown"]
    for client, asked in (
        (other_entity, entity.nit),
        (other_entity, decentralised.nit),
        (decentralised, entity.nit),
        (decentralised, "TODAS"),
        (entity, other_entity.nit),
        (entity, "1"),
    ):
        body = {"reportType": BY_ACT, **EVER, "entity": asked}
        assert client.post("requestReport", body).codes == ["entity-not-reachable"]
    assert shown(entity, ticket)["entity"] == "TODAS"


def test_a_load_is_no_report_and_a_report_no_load(entity: Client) -> None:
    """The tickets of loads and of reports do not exist for one another."""
    report_ticket = ask(entity)
    load_ticket = entity.post("loadPayments", {"fileName": "pagos.csv"}).body["ticket"]
    assert entity.post("getTicket", {"ticket": report_ticket}).codes == ["ticket-unknown"]
    assert entity.post("getReport", {"ticket": load_ticket}).codes == ["report-ticket-unknown"]
    assert [each["ticket"] for each in entity.post("findTickets", {}).body["data"]] == [load_ticket]


# --- Files ---


def test_an_empty_report_says_so(entity: Client) -> None:
    """Header alone, zero rows, and the manual's words in the answer and in the workbook."""
    ticket = ask(entity, **{"from": "2024-01-01", "to": "2024-01-31"})
    Deliveries().all()
    answer = entity.post("getReport", {"ticket": ticket}).body
    assert answer["message"] == "No se encontró información relacionada con los filtros seleccionados"
    assert (answer["data"]["state"], answer["data"]["rows"]) == ("Finalizado Sin Errores", 0)
    assert flat_rows(download(answer["data"]["results"]["csv"])) == []
    xlsx = download(answer["data"]["results"]["xlsx"])
    assert sheet(xlsx) == [TITLES]
    assert answer["message"] in [cell for line in sheet(xlsx, "Resumen") for cell in line]


@pytest.mark.parametrize(("kind", "by", "title"), CRITERIA)
def test_a_report_says_whose_it_is_and_by_what(entity: Client, kind: str, by: str, title: str) -> None:
    """In the names of its files, and at the head of its summary: two reports of the same days are not confused."""
    decentralised, own = new_entity("900111222", territorial=entity.nit), f"{entity.nit} Entidad {entity.nit}"
    cases = {
        entity.nit: (entity.nit, own),
        decentralised.nit: ("900111222", "900111222 Entidad 900111222"),
        "todas": (f"{entity.nit}-y-descentralizadas", f"{own} y sus entidades descentralizadas"),
    }
    for asked, (whose, told_of) in cases.items():
        ticket = ask(entity, kind, entity=asked)
        Deliveries().all()
        links = shown(entity, ticket)["results"]
        names = {extension: re.findall('filename="(.*)"', unquote(links[extension])) for extension in ("csv", "xlsx")}
        assert names == {each: [f"reporte-{whose}-{by}-2000-01-01-a-2100-12-31.{each}"] for each in names}
        heading = {line[0]: line[1] for line in sheet(download(links["xlsx"]), "Resumen")[:4]}
        assert heading == {"Entidad": told_of, "Tipo de reporte": title, "Desde": EVER["from"], "Hasta": EVER["to"]}


def test_a_workbook_is_for_reading(entity: Client, history: dict[str, str]) -> None:
    """Frozen header, filter, formats, widths, and a print set-up; texts are texts, codes among them."""
    del history
    act(entity, "0147", **OTHER)
    ticket = ask(entity)
    Deliveries().all()
    links = shown(entity, ticket)["results"]
    page = openpyxl.load_workbook(io.BytesIO(download(links["xlsx"])))["Reporte"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == page.dimensions == f"A1:{page.cell(11, len(COLUMNS)).coordinate}"
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$1")
    assert all(page.column_dimensions[cell.column_letter].width > 10 for cell in page[1][:5])
    moment = "yyyy-mm-dd hh:mm:ss"
    formats = {"amount": '"$" #,##0.00', "moment": moment, "registered": moment, "day": "yyyy-mm-dd"}
    for column, cell in zip(COLUMNS, page[3], strict=True):
        if cell.value is not None and column.format != "text":
            assert cell.number_format == formats[column.format]
            assert cell.data_type == ("n" if column.format == "amount" else "d")
    assert [page.cell(2, 1).data_type, page.cell(2, 5).value] == ["s", "0147"]


@pytest.mark.parametrize(
    "name", ["=1+1", "<r><t>x</t></r>", "a&b<c>", "_x0041_", "-5;6", '"x"', " e", "O\ufffeX", "'", "Ñandú"]
)
def test_a_text_stays_a_text(entity: Client, name: str) -> None:
    """No formula, no mark-up, no separator: the workbook gives back what was registered."""
    act(entity, "A", taxpayerName=name)
    ticket = ask(entity)
    Deliveries().all()
    links = shown(entity, ticket)["results"]
    cell = openpyxl.load_workbook(io.BytesIO(download(links["xlsx"])))["Reporte"].cell(2, TITLES.index(NAME) + 1)
    assert cell.data_type == "s"
    assert openpyxl.utils.escape.unescape(cell.value) == name.strip()
    [row] = flat_rows(download(links["csv"]))
    assert row["taxpayerName"] in {name.strip(), f"'{name.strip()}"}
    assert row["taxpayerName"][0] not in "=+-@"


NAME = next(column.title for column in COLUMNS if column.name == "taxpayerName")


def test_an_amount_that_a_spreadsheet_would_round_is_a_text(entity: Client) -> None:
    """Fifteen digits are exact; of more, the workbook has every digit too, as the CSV does, and so have the sums."""
    act(entity, "A", "999999999999999999.99")
    act(entity, "B", "9999999999999.99")
    rows = report(entity)
    assert told(rows, "actValue") == [("999999999999999999,99",), ("9999999999999,99",)]


def test_a_sheet_that_is_full_goes_on_in_another(
    entity: Client, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its header; all rows are there, once."""
    del history
    monkeypatch.setattr(workbook, "MOST_ROWS", 5)
    ticket = ask(entity)
    Deliveries().all()
    xlsx = download(shown(entity, ticket)["results"]["xlsx"])
    assert openpyxl.load_workbook(io.BytesIO(xlsx)).sheetnames == ["Resumen", "Reporte", "Reporte 2", "Reporte 3"]
    sheets = [sheet(xlsx, name) for name in ("Reporte", "Reporte 2", "Reporte 3")]
    assert [len(rows) for rows in sheets] == [5, 5, 2]
    assert all(rows[0] == TITLES for rows in sheets)


# --- How it ends ---


def bring(entity: Client, ticket: str, receives: int = 1) -> bool:
    """Bring the message of a report to its function."""
    message = {"report": {"nit": entity.nit, "ticket_id": ticket}}
    return Deliveries().bring(os.environ["REPORTS_QUEUE"], message, receives)


def make(entity: Client, ticket: str) -> None:
    """Make a report as its function does, but in this thread."""
    making.make(entity.nit, ticket, time_left=lambda: 900.0)


def made_here(entity: Client, kind: str = BY_ACT, **criteria: str) -> list[dict[str, str]]:
    """The rows of a report that is made in this thread, where calls may come between."""
    ticket = ask(entity, kind, **criteria)
    make(entity, ticket)
    return flat_rows(download(shown(entity, ticket)["results"]["csv"]))


def test_reports_wait_in_a_queue_of_their_own(entity: Client) -> None:
    """However many are asked for, none stands before a file."""
    asked = [ask(entity) for _ in range(3)]
    waiting = [(url, message["report"]["ticket_id"]) for url, message in Deliveries().waiting() if "report" in message]
    assert sorted(waiting) == [(os.environ["REPORTS_QUEUE"], ticket) for ticket in sorted(asked)]


def test_a_report_tells_how_far_it_is(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Received, under way, finished."""
    ticket = ask(entity)
    assert shown(entity, ticket)["state"] == "Recibido"
    states = []

    def write(*arguments: Any) -> Any:
        states.append(shown(entity, ticket)["state"])
        return original(*arguments)

    original = making.write
    monkeypatch.setattr(making, "write", write)
    make(entity, ticket)
    data = shown(entity, ticket)
    assert (states, data["state"]) == (["En Proceso"], "Finalizado Sin Errores")
    assert data["receivedAt"] < data["startedAt"] < data["finishedAt"]


def test_a_message_that_comes_twice_changes_nothing(entity: Client, history: dict[str, str]) -> None:
    """The report is what it was when its ticket said so."""
    del history
    ticket = ask(entity)
    Deliveries().all()
    before = shown(entity, ticket)
    act(entity, "E")
    assert bring(entity, ticket)
    after = shown(entity, ticket)
    assert after | {"results": 0} == before | {"results": 0}
    assert len(flat_rows(download(after["results"]["csv"]))) == after["rows"] == 9


def test_of_two_workers_the_first_files_count(
    entity: Client, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a slower one writes with more rows is not what the links lead to."""
    del history
    ticket = ask(entity)
    original = making.write

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(making, "write", original)
        make(entity, ticket)
        act(entity, "E")
        return original(*arguments)

    monkeypatch.setattr(making, "write", overtaken)
    make(entity, ticket)
    data = shown(entity, ticket)
    assert len(flat_rows(download(data["results"]["csv"]))) == data["rows"] == 9


def test_a_report_that_failed_too_often_ends_so(entity: Client) -> None:
    """The message that comes for the last time is not tried: the ticket says what to do, and has no files."""
    ticket = ask(entity)
    assert not bring(entity, ticket, receives=int(os.environ["MOST_RECEIVES"]))
    data = shown(entity, ticket)
    assert data["state"] == "Finalizado Con Errores"
    assert data["reason"] == {"code": "report-failed", "message": "Error. El reporte se interrumpió, pídalo de nuevo"}
    assert "results" not in data
    assert "rows" not in data
    assert bring(entity, ticket)  # from the dead letters, once the cause is mended
    assert shown(entity, ticket)["state"] == "Finalizado Sin Errores"


def test_a_worker_given_up_too_soon_still_gives_the_report(
    entity: Client, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was only slow ends the report well."""
    del history
    ticket = ask(entity)
    original = making.write

    def given_up(*arguments: Any) -> Any:
        assert not bring(entity, ticket, receives=int(os.environ["MOST_RECEIVES"]))
        return original(*arguments)

    monkeypatch.setattr(making, "write", given_up)
    assert bring(entity, ticket)
    data = shown(entity, ticket)
    assert (data["state"], data["rows"], "reason" in data) == ("Finalizado Sin Errores", 9, False)


def test_no_report_waits_for_ever(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose message is lost, or whose worker died unnoticed, has failed after five days."""
    ticket = ask(entity)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + tickets.STALLED_AFTER - 60)
    assert shown(entity, ticket)["state"] == "Recibido"
    monkeypatch.setattr(time, "time", lambda: real() + tickets.STALLED_AFTER + 60)
    data = shown(entity, ticket)
    assert (data["state"], data["reason"]["code"]) == ("Finalizado Con Errores", "report-failed")


def test_files_are_offered_as_long_as_they_are_kept(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 90 days the ticket is still there, its links are not."""
    ticket = ask(entity)
    Deliveries().all()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + tickets.KEPT_DAYS * 86_400 + 60)
    data = shown(entity, ticket)
    assert (data["state"], "results" in data) == ("Finalizado Sin Errores", False)


def _queue(monkeypatch: pytest.MonkeyPatch, *, fails: int, by: Callable[[], Any]) -> None:
    """Let the first so many messages to SQS fail in this way."""
    calls, original = itertools.count(), queues.client()
    monkeypatch.setattr(
        queues,
        "client",
        lambda: SimpleNamespace(
            send_message_batch=lambda **sent: by() if next(calls) < fails else original.send_message_batch(**sent)
        ),
    )


def _raises(failure: Exception) -> Callable[[], Any]:
    def fail() -> None:
        raise failure

    return fail


PASSING = {
    "no connection": _raises(EndpointConnectionError(endpoint_url="https://queue")),
    "outage": _raises(ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "SendMessageBatch")),
    "not taken": lambda: {"Failed": [{"Id": "0"}]},
}


@pytest.mark.parametrize("by", PASSING.values(), ids=PASSING)
def test_a_queue_is_asked_again_within_the_deadline(
    entity: Client, monkeypatch: pytest.MonkeyPatch, clock: Clock, by: Callable[[], Any]
) -> None:
    """A passing fault is not noticed; an outage is 503 while the client still waits."""
    with monkeypatch.context() as briefly:
        _queue(briefly, fails=2, by=by)
        ticket = ask(entity)
        Deliveries().all()
        assert shown(entity, ticket)["state"] == "Finalizado Sin Errores"
    _queue(monkeypatch, fails=10_000, by=by)
    arrived = clock.now
    assert entity.post("requestReport", {"reportType": BY_ACT, **EVER}).codes == ["unavailable"]
    assert retry.DEADLINE <= clock.now - arrived < retry.DEADLINE + retry.LONGEST_PAUSE


def test_what_does_not_pass_at_the_queue_is_500(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ours to mend, and no client is asked to try again."""
    _queue(
        monkeypatch, fails=1, by=_raises(ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "SendMessageBatch"))
    )
    assert entity.post("requestReport", {"reportType": BY_ACT, **EVER}).status == 500


def test_what_reports_answer_is_of_its_schema(entity: Client, history: dict[str, str]) -> None:
    """Asked for, awaited, under way, finished with and without rows, broken off."""
    del history
    asked = [entity.post("requestReport", {"reportType": BY_ACT, **EVER}) for _ in range(3)]
    empty = entity.post("requestReport", {"reportType": BY_PAYMENT, "from": "2000-01-01", "to": "2000-01-01"})
    awaited, broken, made = [conforms("requestReport", each)["ticket"] for each in asked]
    assert bring(entity, made)
    assert bring(entity, conforms("requestReport", empty)["ticket"])
    assert not bring(entity, broken, receives=int(os.environ["MOST_RECEIVES"]))
    for ticket in (awaited, broken, made, empty.body["ticket"]):
        conforms("getReport", entity.post("getReport", {"ticket": ticket}))


# --- Consistency ---


def test_what_commits_while_the_log_is_read_is_read_too(
    entity: Client, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The young part is read until two readings agree: no payment without what it is of, whatever came between."""
    del history
    original, late = gathering._read, iter(range(3))

    def read(*arguments: Any) -> Any:
        yield from original(*arguments)
        for number in late:
            act(entity, f"late {number}")
            liquidation(entity, f"late {number}", f"late {number}", 5)
            payment(entity, f"late {number}", f"late {number}", 5)
            return

    monkeypatch.setattr(gathering, "_read", read)
    ticket = ask(entity)
    make(entity, ticket)
    rows = flat_rows(download(shown(entity, ticket)["results"]["csv"]))
    assert told(rows[9:], "code", "liquidationId", "paymentId") == [(f"late {number}",) * 3 for number in range(3)]


def test_what_is_registered_while_much_is_read_is_in_the_report(
    entity: Client, history: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment of a report is not that at which it was begun."""
    del history
    original, late, now = gathering._read, iter(range(1)), time.time_ns

    def read(*arguments: Any) -> Any:
        yield from original(*arguments)
        for _ in late:
            monkeypatch.setattr(time, "time_ns", lambda: now() + 60 * 10**9)
            monkeypatch.setattr(time, "time", lambda: time.time_ns() / 10**9)
            act(entity, "late")

    monkeypatch.setattr(gathering, "_read", read)
    assert told(made_here(entity)[9:], "code") == [("late",)]


@pytest.fixture
def overtaken(entity: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An act of 120, of which 110 are liquidated; annulled, and amended to 50, before the act is read by its key.

    The radicados of its two amendments of before, and of the one that comes meanwhile.
    """
    act(entity, "A", 100)
    amendments = [act(entity, "A", 110, type=1), act(entity, "A", 120, type=1)]
    liquidation(entity, "A", "L", 110)
    original, late = reading.get, iter(range(1))

    def get(keys: Any, deadline: float) -> Any:
        wanted = list(keys)
        if any("#ACT#" in pk for pk, _ in wanted):
            for _ in late:
                liquidation(entity, "A", "L", 110, type=0)
                amendments.append(act(entity, "A", 50, type=1))
        return original(wanted, deadline)

    monkeypatch.setattr(reading, "get", get)
    return amendments


OF_ONE_MOMENT = ("actValue", "liquidated", "unliquidated", "liquidationState", "amendedBy")


def test_an_act_amended_while_it_is_read_is_shown_with_what_was_annulled_before(
    entity: Client, overtaken: list[str]
) -> None:
    """Of two amendments at once the log does not tell the last: it is read on, until it has what the act names."""
    rows = made_here(entity)
    assert told(rows, *OF_ONE_MOMENT) == [("50,00", "0,00", "50,00", "Anulada", overtaken[-1])]


def test_an_act_amended_while_it_is_read_is_shown_as_it_was_before(
    entity: Client, overtaken: list[str], stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """Of two amendments that were not under way together the log tells the last: the report has its moment."""
    moved(stored_log(overtaken[0]), "2026-01-15T00:00:00")
    last = overtaken[1]
    rows = made_here(entity)
    assert told(rows, *OF_ONE_MOMENT) == [("120,00", "110,00", "10,00", "Vigente", last)]
    rows = made_here(entity)
    assert told(rows, *OF_ONE_MOMENT) == [("50,00", "0,00", "50,00", "Anulada", overtaken[-1])]


def paid_elsewhere(client: Client) -> None:
    """An act of its own with a payment."""
    act(client, "B")
    liquidation(client, "B", "LB", 5)
    payment(client, "LB", "other", 5)


CHANGES = {
    "annulled": lambda client: (payment(client, "L", "new", 50, type=0),),
    "paid": lambda client: (payment(client, "L", "newer", 7),),
    "paid elsewhere, then liquidated": lambda client: (paid_elsewhere(client), liquidation(client, "A", "L2", 9)),
    "paid elsewhere, then amended": lambda client: (paid_elsewhere(client), act(client, "A", 10_000_000, type=1)),
    "all undone": lambda client: (
        payment(client, "L", "new", 50, type=0),
        payment(client, "L", "old", 100, type=0),
        liquidation(client, "A", "L", 1_000, type=0),
        act(client, "A", 500, type=1),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_while_it_is_read_by_key_is_shown_with_its_payments(
    entity: Client,
    stored_log: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Client], Any],
) -> None:
    """A report by payment is of one moment too: balances are those of the payments, states and values beside them."""
    old = [act(entity, "A"), liquidation(entity, "A", "L", 1_000), payment(entity, "L", "old", 100)]
    for number in old:
        moved(stored_log(number), "2026-02-01T12:00:00")
    payment(entity, "L", "new", 50)
    days = {"from": "2026-03-01"}

    def shows() -> list[tuple[str, ...]]:
        columns = (*OF_ONE_MOMENT[:-1], "paid", "unpaid", "paymentId", "paymentState")
        return told(made_here(entity, BY_PAYMENT, **days), *columns)

    before = shows()
    original, late = reading.get, iter(range(1))

    def get(keys: Any, deadline: float) -> Any:
        wanted = list(keys)
        if any("#LIQUIDATION#" in pk for pk, _ in wanted):
            for _ in late:
                change(entity)
        return original(wanted, deadline)

    monkeypatch.setattr(reading, "get", get)
    meanwhile = shows()
    assert meanwhile in (before, shows())
    assert before != shows()


def test_a_payment_seen_before_its_liquidation_is_shown_with_it(
    entity: Client, stored_log: Callable[[str], dict[str, Any]]
) -> None:
    """A radicado of a moment to come is left for the next report; what hangs on it has it by its key."""
    old, of = act(entity, "A"), liquidation(entity, "A", "L", 5)
    payment(entity, "L", "P", 2)
    for number in (old, of):
        moved(stored_log(number), time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 3600)))
    [row] = report(entity)
    assert (row["liquidationId"], row["unpaid"], row["liquidated"]) == ("L", "3,00", "5,00")
