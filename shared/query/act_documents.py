"""Act documents by their code, or their taxpayer's document or name (consultaActoDocumento/buscar; manual, 5.9).

The beginning of a code, or all of it, is looked for in the index, anything else in the catalogue. What is shown is
read from the table, as it is now.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from shared import answers, contract, cursor, folding, reading
from shared.call import Answer, Request
from shared.catalogue import search
from shared.catalogue.block import AT_THE_BEGINNING, CONTAINED, WHOLE
from shared.models import AFTER_TEXT, PROFILE, ActDocument, entity_key
from shared.reach import reach
from shared.reading import Key
from shared.rejection import Finding, Rejection

CODE = "actDocumentCode"
FIELDS = {CODE: "code", "taxpayerDocumentNumber": "document", "taxpayerName": "name"}
CONTAINS, STARTS_WITH, EQUALS = "contains", "startsWith", "equals"
FORMS = {CONTAINS: CONTAINED, STARTS_WITH: AT_THE_BEGINNING, EQUALS: WHOLE}


def find(request: Request) -> Answer:
    """A page of the act documents that meet every criterion; without any, of all."""
    values, nit, deadline = request.record.values, request.caller.nit, request.call.deadline
    asked = None if "entity" not in values else str(values["entity"])
    match, size = str(values["match"]), int(values["pageSize"])
    nits = reach(request.caller, asked, deadline)
    criteria = {name: folding.folded(str(values[name])) for name in FIELDS if name in values}
    if "" in criteria.values():  # nothing but accents
        raise Rejection([Finding("criterion-invalid", name) for name, text in criteria.items() if not text])
    by_code = criteria.keys() == {CODE} and match != CONTAINS

    listed = "\0".join((request.operation.id, asked or "", match, *(f"{name}={criteria[name]}" for name in criteria)))
    position = cursor.read(str(values["cursor"]), nit, listed) if "cursor" in values else None
    if position is not None and not (search.is_place if by_code else search.is_radicado)(position):
        raise Rejection([Finding("cursor-invalid", "cursor")])
    if by_code:
        beginning = criteria[CODE] + (AFTER_TEXT if match == EQUALS else "")
        found = iter(search.by_code(nits, beginning, position, size + 1, deadline))
    else:
        wanted = {FIELDS[name]: FORMS[match].format(text) for name, text in criteria.items()}
        found = search.newest_first(nits, wanted, position, deadline)

    page = list(islice(found, size + 1))
    answer: dict[str, Any] = {"data": _shown((key for _, key in page[:size]), deadline)}
    if not page:
        answer["message"] = contract.nothing_found()
    if len(page) > size:
        answer["cursor"] = cursor.write(page[size - 1][0], nit, listed)
    return Answer(answers.dumps(answer))


def _shown(keys: Iterable[Key], deadline: float) -> list[dict[str, Any]]:
    """Act documents as they are now, with the columns of the manual's table.

    One that is being registered may be in the log and not yet in its row: it is not shown yet.
    """
    acts = {key: key[0].split("#")[1] for key in keys}
    profiles = {nit: (entity_key(nit), PROFILE) for nit in acts.values()}
    rows = reading.get([*acts, *profiles.values()], deadline)
    kinds = contract.code_names("TaxpayerDocumentKind")
    shown = []
    for key, nit in acts.items():
        if key not in rows:
            continue
        act = ActDocument.from_raw_data(dict(rows[key]))
        shown.append(
            {
                "actDocumentCode": act.act_document_code,
                "generatorFactValue": answers.amount(int(act.value)),
                "taxpayerName": act.taxpayer_name,
                "payerDocumentParametricTypeCode": act.taxpayer_document_kind,
                "payerDocumentParametricTypeName": kinds[act.taxpayer_document_kind],
                "taxpayerDocumentNumber": act.taxpayer_document_number,
                "entity": nit,
                "entityName": rows[profiles[nit]]["name"]["S"],
                "radicado": act.radicado,
                "registeredAt": act.registered_at,
            }
        )
    return shown
