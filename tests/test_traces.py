"""What a call leaves behind: one log line without token or personal data, one log entry with everything."""

import json
from collections.abc import Callable

from shared.models import LOG_SHARDS, LogEntry
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client
from tests.public import contract_question, procedure_question, register, shown

X_ROAD = {
    "X-Road-Client": "CO-PRE/GOB/CCE-8033/SECOP",
    "X-Road-Id": "GOB-fa29ed5a",
    "X-Road-Request-Id": "f92591a3-6bf0-49b1",
    "X-Road-UserId": "CO19396910",
}


def _entries(client: Client, month: str) -> list[LogEntry]:
    shards = range(LOG_SHARDS)
    return [row for shard in shards for row in LogEntry.query(f"ENTITY#{client.nit}#LOG#{month}#{shard}")]


def test_each_call_is_one_log_line(entity: Client, lines: Callable[[], list[str]]) -> None:
    """A line tells who called what, how it ended and by which rules, with the request id that the client was told."""
    lines()
    entity.post("registerActDocument", ACT, X_ROAD)
    refused = entity.post("registerPayment", PAYMENT | {"type": 9})
    unknown = Client("", "no").post("registerPayment", PAYMENT)
    stored_line, refused_line, unknown_line = (json.loads(line) for line in lines())
    assert stored_line["operation"] == "registerActDocument"
    assert (stored_line["entity"], stored_line["status"]) == (entity.nit, 200)
    assert stored_line["xRoad"]["X-Road-Id"] == "GOB-fa29ed5a"
    assert refused_line["requestId"] == refused.body["requestId"]
    assert refused_line["rules"] == ["payment-type-invalid"]
    assert (unknown_line["entity"], unknown_line["status"]) == (None, 401)
    assert unknown_line["requestId"] == unknown.body["requestId"]
    Client("", "no").post("registerPayment", PAYMENT, X_ROAD, path="/Diego-Ariza")
    [lost_line] = lines()
    assert "Diego" not in lost_line
    assert json.loads(lost_line)["xRoad"]["X-Road-Id"] == "GOB-fa29ed5a"


def test_neither_tokens_nor_personal_data_reach_the_log(entity: Client, lines: Callable[[], list[str]]) -> None:
    """No token, name, document or user of any call, stored or refused, is in what the functions log."""
    for operation, body in (
        ("registerActDocument", ACT),
        ("registerActDocument", ACT),
        ("registerActDocument", ACT | {"platform": 9}),
        ("registerLiquidation", LIQUIDATION),
        ("registerPayment", PAYMENT | {"paidValueId": 7}),
    ):
        entity.post(operation, body, X_ROAD)
    Client("", entity.token + "x").post("registerPayment", PAYMENT)
    logged = "\n".join(lines())
    assert logged.count("requestId") == 6
    for secret in (entity.token[8:40], "19396910", "Diego Ariza"):
        assert secret not in logged


def test_a_registration_is_in_the_entitys_log_with_how_it_came(entity: Client) -> None:
    """Each registration, amendment and annulment adds one entry under its radicado: record, time, X-Road headers."""
    calls = [
        ("registerActDocument", ACT),
        ("registerActDocument", ACT | {"type": 1}),
        ("registerLiquidation", LIQUIDATION),
        ("registerLiquidation", LIQUIDATION | {"type": 0}),
    ]
    answers = [entity.post(operation, body, X_ROAD) for operation, body in calls]
    entity.post("registerActDocument", ACT, X_ROAD)
    entries = {entry.radicado: entry for entry in _entries(entity, answers[0].body["registeredAt"][:7])}
    assert sorted(entries) == sorted(answer.body["radicado"] for answer in answers)
    first = entries[answers[0].body["radicado"]]
    assert (first.operation, first.registered_at) == ("registerActDocument", answers[0].body["registeredAt"])
    assert first.record["generatorFactValue"] == 4_599_999_99
    assert first.x_road == X_ROAD


def test_an_act_document_is_found_by_the_index(entity: Client) -> None:
    """By the beginning of its code, and by the public: a contract by its number, any other by its taxpayer."""
    register(entity)
    register(
        entity, ACT | {"actDocumentCode": "CERT-1", "parametricActDocumentCodeType": "AD2"}, {"liquidatedValueId": "2"}
    )
    found = entity.post("findActDocuments", {"actDocumentCode": "ce", "match": "startsWith"}).body["data"]
    assert [each["actDocumentCode"] for each in found] == ["CERT-1"]
    assert [each["actDocumentCode"] for each in shown(contract_question())] == [ACT["actDocumentCode"]]
    assert [each["actDocumentCode"] for each in shown(procedure_question())] == ["CERT-1"]
    entries = {entry.radicado: entry for entry in _entries(entity, found[0]["registeredAt"][:7])}
    assert entries[found[0]["radicado"]].place == f"TRAMITE#{found[0]['radicado']}"  # so they come in order


def test_an_entry_says_whose_it_is_though_the_call_did_not(entity: Client) -> None:
    """A liquidation that names no taxpayer, and its annulment, are logged with the act document's only one."""
    entity.post("registerActDocument", ACT)
    unnamed = {name: value for name, value in LIQUIDATION.items() if name != "taxpayerDocumentNumber"}
    answers = [entity.post("registerLiquidation", unnamed | {"type": kind}) for kind in ("1", "0")]
    entries = {entry.radicado: entry for entry in _entries(entity, answers[0].body["registeredAt"][:7])}
    for answer in answers:
        assert entries[answer.body["radicado"]].record["taxpayerDocumentNumber"] == ACT["taxpayerDocumentNumber"]


def test_a_busy_month_is_spread_over_the_shards(entity: Client) -> None:
    """Entries of one month do not all fall into one partition."""
    answers = [entity.post("registerActDocument", ACT | {"actDocumentCode": f"A-{number}"}) for number in range(40)]
    month = answers[0].body["registeredAt"][:7]
    used = [shard for shard in range(LOG_SHARDS) if list(LogEntry.query(f"ENTITY#{entity.nit}#LOG#{month}#{shard}"))]
    assert used == list(range(LOG_SHARDS))


def test_no_header_fills_the_table(entity: Client) -> None:
    """Of an X-Road header no more than 255 characters are kept."""
    answer = entity.post("registerActDocument", ACT, {"X-Road-Id": "x" * 5000})
    [entry] = _entries(entity, answer.body["registeredAt"][:7])
    assert entry.x_road == {"X-Road-Id": "x" * 255}
