"""Reads a table whole, without our own code, and says what does not add up: money, receipts, half a transaction."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache, partial
from typing import Any

import boto3

from tests.proof.model import Row, State
from tests.proof.parameters import ACT, END, FIELDS, LIQUIDATED, LIQUIDATION, LIQUIDATION_ID, PAID, PAYMENT, VALUE

Item = dict[str, Any]


def read(endpoint: str, table: str) -> list[Item]:
    """Every item of a table."""
    pages = _client(endpoint).get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [_plain(item) for page in pages for item in page["Items"]]


def read_keys(endpoint: str, table: str, partitions: Iterable[str]) -> list[Item]:
    """Every item of some partitions of a table."""
    query = partial(_client(endpoint).query, TableName=table, ConsistentRead=True, KeyConditionExpression="pk = :pk")
    answers = (query(ExpressionAttributeValues={":pk": {"S": partition}}) for partition in partitions)
    return [_plain(item) for answer in answers for item in answer["Items"]]


@cache
def _client(endpoint: str) -> Any:
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("dynamodb", endpoint_url=endpoint, region_name="us-east-1", **credentials)


def _plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Numbers as integers, everything else as the text it is."""
    values = {name: next(iter(value.items())) for name, value in item.items()}
    return {name: int(content) if kind == "N" else content for name, (kind, content) in values.items()}


class Books:
    """A table's items by what they are; `problems` is what an auditor would object to."""

    def __init__(self, items: Iterable[Item]) -> None:
        kinds: dict[str, dict[tuple[str, ...], Item]] = defaultdict(dict)
        for item in items:
            kind, key = _kind(item)
            kinds[kind][key] = item
        self.codes, self.acts, self.versions = kinds["CODE"], kinds["ACT"], kinds["VERSION"]
        self.liquidations, self.payments = kinds["LIQUIDATION"], kinds["PAYMENT"]
        self.annulments, self.keys = kinds["ANNULMENT"], kinds["KEY"]
        self.log, self.stamps = kinds["LOG"], kinds["STAMP"]
        self.radicados = {entry["radicado"] for entry in self.log.values()}
        # Whoever calls says in X-Road-Id by what name it knows the call, and the log keeps it.
        self.writers = {entry["radicado"]: _sent_as(entry) for entry in self.log.values()}

    def problems(self) -> list[str]:
        """Whatever no order of whole registrations can have left behind."""
        return [
            *self._codes(),
            *self._act_money(),
            *self._liquidation_money(),
            *self._counts(),
            *self._annulments(),
            *self._receipts(),
            *self._keys(),
        ]

    def _codes(self) -> Iterable[str]:
        """Each code counts its act documents, and knows the first one's taxpayer."""
        counted = Counter(act[:2] for act in self.acts)
        for key in counted.keys() | self.codes.keys():
            row = self.codes.get(key, {"acts": 0, "firstTaxpayerDocumentNumber": None})
            if row["acts"] != counted[key] or (*key, row["firstTaxpayerDocumentNumber"]) not in self.acts:
                yield f"{counted[key]} act documents have the code: {key} {row}"

    def _act_money(self) -> Iterable[str]:
        live: Counter[tuple[str, ...]] = Counter()
        for (entity, _), row in self.liquidations.items():
            act = (entity, row["actDocumentCode"], row["taxpayerDocumentNumber"])
            if act not in self.acts:
                yield f"a liquidation of no act document: {row}"
            if "annulledBy" not in row:
                live[act] += row[LIQUIDATED]
        versions = defaultdict(set)
        for (*act, _), row in self.versions.items():
            versions[tuple(act)].add((row[VALUE], row[END]))
        if not versions.keys() <= self.acts.keys():
            yield f"versions of no act document: {versions.keys() - self.acts.keys()}"
        for act, row in self.acts.items():
            if row["liquidated"] != live[act]:
                yield f"{live[act]} is liquidated on: {row}"
            if row["remaining"] != row[VALUE] - live[act] or row["remaining"] < 0:
                yield f"{row[VALUE] - live[act]} remains of: {row}"
            first = {(row["firstGeneratorFactValue"], row["firstGeneratorFactEndDate"])}
            if (row[VALUE], row[END]) not in (versions[act] or first):
                yield f"none of its versions {versions[act] or first}: {row}"

    def _liquidation_money(self) -> Iterable[str]:
        paid: Counter[tuple[str, ...]] = Counter()
        payments: Counter[tuple[str, ...]] = Counter()
        for (entity, _), row in self.payments.items():
            liquidation = (entity, row[LIQUIDATION_ID])
            if liquidation not in self.liquidations:
                yield f"a payment of no liquidation: {row}"
            if "annulledBy" not in row:
                paid[liquidation] += row[PAID]
                payments[liquidation] += 1
        for key, row in self.liquidations.items():
            if row["remaining"] != row[LIQUIDATED] - paid[key] or row["remaining"] < 0:
                yield f"{row[LIQUIDATED] - paid[key]} remains of: {row}"
            if row["livePayments"] != payments[key] or (payments[key] and "annulledBy" in row):
                yield f"{payments[key]} live payments of: {row}"

    def _counts(self) -> Iterable[str]:
        """Each act document counts its liquidations, each liquidation its payments, annulled ones too."""
        liquidations = Counter(
            (entity, row["actDocumentCode"], row["taxpayerDocumentNumber"])
            for (entity, _), row in self.liquidations.items()
        )
        payments = Counter((entity, row[LIQUIDATION_ID]) for (entity, _), row in self.payments.items())
        for key, row in self.acts.items():
            if row["liquidations"] != liquidations[key]:
                yield f"{liquidations[key]} liquidations of: {row}"
        for own, row in self.liquidations.items():
            if row["payments"] != payments[own]:
                yield f"{payments[own]} payments of: {row}"

    def _annulments(self) -> Iterable[str]:
        marked = {
            (kind, *key): (row["annulledBy"], row["annulledAt"])
            for kind, rows in (("LIQUIDATION", self.liquidations), ("PAYMENT", self.payments))
            for key, row in rows.items()
            if "annulledBy" in row
        }
        kept = {key: (row["radicado"], row["registeredAt"]) for key, row in self.annulments.items()}
        for key in marked.keys() | kept.keys():
            if marked.get(key) != kept.get(key):
                yield f"annulled {marked.get(key)}, annulment {kept.get(key)}: {key}"

    def _receipts(self) -> Iterable[str]:
        """Each record has its log entry, and each log entry its record, of one receipt and one request."""
        groups = (self.acts, self.versions, self.liquidations, self.payments, self.annulments)
        records = Counter(_receipt(row) for group in groups for row in group.values())
        logged = Counter(_receipt(row) for row in self.log.values())
        yield from (f"record {count} times: {receipt}" for receipt, count in records.items() if count > 1)
        yield from (f"record without log entry: {receipt}" for receipt in records.keys() - logged.keys())
        yield from (f"log entry without record: {receipt}" for receipt in logged.keys() - records.keys())
        for place, name in enumerate(("receipt", "moment", "request")):
            several = Counter(receipt[place] for receipt in logged)
            if name != "moment":
                yield from (f"{name} {count} times in the log: {one}" for one, count in several.items() if count > 1)

    def _keys(self) -> Iterable[str]:
        for row in self.keys.values():
            if json.loads(row["answer"])["radicado"] not in self.radicados:
                yield f"Idempotency-Key without its registration: {row}"

    def versions_of(self, act: tuple[str, ...]) -> list[Item]:
        """The amendments of an act document."""
        return [row for (*of, _), row in self.versions.items() if tuple(of) == act]

    def state(self, writer_of: Callable[[str], Hashable]) -> State:
        """What the model would hold; `writer_of` knows whose a receipt number is."""
        state: State = {("stamp", *key): True for key in self.stamps}
        spent: Counter[tuple[str, ...]] = Counter()
        for (entity, _), row in self.liquidations.items():
            if "annulledBy" not in row:
                spent["act", entity, row["actDocumentCode"], row["taxpayerDocumentNumber"]] += 1
        for key, row in self.acts.items():
            first = {VALUE: row["firstGeneratorFactValue"], END: row["firstGeneratorFactEndDate"]}
            state["act", *key] = Row(
                writer_of(row["radicado"]),
                _fields({**row, **first}, ACT),
                row[VALUE],
                row[END],
                row[VALUE] - row["remaining"],
                spent["act", *key],
            )
        for (*act, radicado), row in self.versions.items():
            state["version", *act, str(writer_of(radicado))] = (row[VALUE], row[END])
        for key, row in self.liquidations.items():
            state["liquidation", *key] = Row(
                writer_of(row["radicado"]),
                _fields(row, LIQUIDATION),
                row[LIQUIDATED],
                spent=row[LIQUIDATED] - row["remaining"],
                children=row["livePayments"],
                annulled=writer_of(row["annulledBy"]) if "annulledBy" in row else None,
            )
        for key, row in self.payments.items():
            state["payment", *key] = Row(
                writer_of(row["radicado"]),
                _fields(row, PAYMENT),
                row[PAID],
                annulled=writer_of(row["annulledBy"]) if "annulledBy" in row else None,
            )
        for key, row in self.keys.items():
            said = (row["operation"], row["bodySha256"])
            state["key", *key] = (said, writer_of(json.loads(row["answer"])["radicado"]))
        return state


def _kind(item: Item) -> tuple[str, tuple[str, ...]]:
    """What an item is, and its key without the words that say so."""
    head, _, rest = item["pk"].partition("#")
    if head == "TOKEN":
        return head, (rest,)
    entity, _, rest = rest.partition("#")
    kind, _, name = rest.partition("#")
    sk, _, sort = item["sk"].partition("#")
    if sk == "VERSION":
        return sk, (entity, name, item["taxpayerDocumentNumber"], sort)
    if sk == "ANNULMENT":
        return sk, (kind, entity, name)
    if kind == "ACT":
        return (sk, (entity, name)) if sk == "CODE" else (kind, (entity, name, sort))
    if kind == "LOG":
        return kind, (entity, item["sk"])
    return {"IDEMPOTENCY": "KEY", "": sk}.get(kind, kind), (entity, name or sort)


def _sent_as(entry: Item) -> str | None:
    headers: dict[str, str] = json.loads(entry.get("xRoad", "{}"))
    return headers.get("X-Road-Id")


def _receipt(row: Item) -> tuple[str, str, str]:
    return row["radicado"], row["registeredAt"], row["requestId"]


def _fields(row: Item, operation: str) -> frozenset[tuple[str, Any]]:
    return frozenset((name, row[name]) for name in FIELDS[operation] if name in row)
