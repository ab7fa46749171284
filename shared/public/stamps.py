"""The stamps of a contract, or of a taxpayer's procedures (consultaPublica/buscar).

The index leads to log entries of creations, those to act documents as they are now, those to their liquidations.
Act documents come in the order of their creation, so that a cursor stays where it is while others register.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from shared import answers, contract, cursor, names, reading, whole_act
from shared.answers import amount
from shared.call import Answer, Request
from shared.models import (
    ActDocument,
    Groups,
    Liquidation,
    public_contract,
    public_group,
    public_procedure,
)
from shared.public import references
from shared.public.masking import shown_name
from shared.public.references import Referred
from shared.radicado import DIGITS
from shared.reading import Key
from shared.validation import Record
from shared.whole_act import LiquidatedAct

CONTRACT = "Contrato"

Found = tuple[Referred, ActDocument, Liquidation]


def find(request: Request) -> Answer:
    """A page of stamps, none of them annulled."""
    record, deadline = request.record, request.call.deadline
    size = int(record.text("pageSize"))
    group, place = _where(record)
    found = list(islice(_found(group, place, _after(request), size, deadline), size + 1))
    answer: dict[str, Any] = {"data": _shown(found[:size], deadline)}
    if len(found) > size:
        referred, _, liquidation = found[size - 1]
        position = referred.radicado + liquidation.radicado
        answer["cursor"] = cursor.write(position, question_of(record), request.operation.id)
    if not found:
        answer["message"] = contract.nothing_found()
    return Answer(answers.dumps(answer))


def _where(record: Record) -> tuple[str, str | None]:
    """The group of the index to look in, and the one place there for a contract."""
    group = public_group(record.text("taxpayerDocumentNumber"))
    if record.text("searchType") != CONTRACT:
        return group, None
    return group, public_contract(record.text("year"), record.text("actDocumentCode"))


def question_of(record: Record) -> str:
    """What a cursor is good for: the same question, however it is spelt."""
    group, place = _where(record)
    return f"{group}#{place}"


def _after(request: Request) -> str:
    """The radicados of the last act document and the last liquidation that were shown; nothing on the first page."""
    record = request.record
    if "cursor" not in record.values:
        return ""
    return cursor.read(record.text("cursor"), question_of(record), request.operation.id)


def _found(group: str, place: str | None, after: str, size: int, deadline: float) -> Iterator[Found]:
    """Live liquidations in the order of their act documents, then of their registration."""
    act_after, liquidation_after = after[:DIGITS], after[DIGITS:]
    acts = references.liquidated(_creations(group, place, act_after, deadline), size, deadline)
    while some := list(islice(acts, reading.AT_ONCE)):
        for referred, act in zip(some, reading.at_once(lambda each: _liquidated(each, deadline), some), strict=True):
            assert act is not None  # none is ever removed
            for liquidation in act.live:
                if (referred.radicado, liquidation.radicado) > (act_after, liquidation_after):
                    yield referred, act.row, liquidation


def _creations(group: str, place: str | None, first: str, deadline: float) -> Iterable[Key]:
    """The keys of log entries, from the one with this radicado on, in the order of their radicados."""
    if place is None:  # procedures: their places are the last of a group, and have that order
        later = Groups.place >= public_procedure(first)
        return map(reading.key_of, reading.query_group(group, deadline, later))
    keys = map(reading.key_of, reading.query_group(group, deadline, Groups.place == place))
    return sorted((key for key in keys if key[1] >= first), key=lambda key: key[1])


def _liquidated(act: Referred, deadline: float) -> LiquidatedAct | None:
    return whole_act.read_liquidated(act.nit, act.code, act.taxpayer, deadline)


def _shown(found: list[Found], deadline: float) -> list[dict[str, Any]]:
    entities = names.entities({referred.nit for referred, _, _ in found}, deadline)
    stamps = {nit: names.of_stamps((nit, each.territorial), deadline) for nit, each in entities.items()}
    return [
        _row(referred, act, liquidation, entities[referred.nit].name, stamps[referred.nit])
        for referred, act, liquidation in found
    ]


def _row(
    referred: Referred, act: ActDocument, liquidation: Liquidation, entity: str, stamps: Mapping[str, str]
) -> dict[str, Any]:
    """What the contract calls a PublicStamp."""
    return {
        "actReference": referred.reference,
        "entity": referred.nit,
        "entityName": entity,
        "actDocumentCode": act.act_document_code,
        "generatorFactValue": amount(int(act.value)),
        "taxpayerName": shown_name(act.taxpayer_document_kind, act.taxpayer_document_number, act.taxpayer_name),
        "stampNumber": liquidation.stamp_number,
        "stampName": stamps[liquidation.stamp_number],
        "liquidatedValueId": liquidation.liquidated_value_id,
        "liquidatedValue": amount(int(liquidation.value)),
        "missingValue": amount(int(liquidation.remaining)),
        "state": answers.paid_state(int(liquidation.remaining)),
    }
