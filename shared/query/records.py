"""What the registry holds under many ids at once, as it is now (consultaRegistro/obtener).

Each id is read by its key from the table itself, so who asks right after a lost answer is told the truth. A code of act
documents without a taxpayer stands for all that have it: the code's own row tells how many there are, and whose is the
first, so only of those with several the rest is looked for.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from shared import answers, contract, journal, reading
from shared.call import Answer, Request
from shared.models import (
    CODE,
    LIQUIDATION,
    PAYMENT,
    ActCode,
    ActDocument,
    Liquidation,
    Payment,
    Registered,
    act_key,
    liquidation_key,
    payment_key,
    taxpayer_key,
)
from shared.query import reported
from shared.reading import Item, Key
from shared.rejection import Finding, Rejection
from shared.validation.lists import Element


def obtain(request: Request) -> Answer:
    """Of each id, in the order asked, what is registered under it, or that nothing is. Raises Rejection."""
    nit, deadline, lists = request.caller.nit, request.call.deadline, request.record.lists
    if not lists:
        raise Rejection([Finding("records-required")])
    keys = {name: [_KEYS[name](nit, each) for each in elements] for name, elements in lists.items()}
    asked = [key for of_list in keys.values() for key in of_list]
    most = max(field.maximum_items for field in request.operation.fields)
    _limit(len(asked), most)
    rows = reading.get(asked, deadline)
    codes = [ActCode.from_raw_data(dict(rows[key])) for key in keys.get("actDocuments", ()) if _is_code(key, rows)]
    _limit(len(asked) + sum(int(code.acts) - 1 for code in codes), most)
    acts = _acts(codes, deadline)

    def of_key(key: Key) -> list[Item]:
        return acts[key] if key in acts else [rows[key]] if key in rows else []

    data = {
        name: [_SHOWN[name](each, of_key(key)) for each, key in zip(elements, keys[name], strict=True)]
        for name, elements in lists.items()
    }
    return Answer(answers.dumps({"data": data}))


def _limit(count: int, most: int) -> None:
    if count > most:
        raise Rejection([Finding("records-too-many", None, {"maximum": str(most)})])


def _is_code(key: Key, rows: Mapping[Key, Item]) -> bool:
    return key[1] == CODE and key in rows


def _acts(codes: Collection[ActCode], deadline: float) -> dict[Key, list[Item]]:
    """The act documents of each code, by the code's key: of one, by its key; of several, by a query.

    None of a code whose first act document is just being registered: of its rows not all can be seen yet.
    """
    first = {(code.pk, taxpayer_key(code.first_taxpayer)): (code.pk, CODE) for code in codes if code.acts == 1}
    rows = reading.get(first, deadline)
    found = {code: [rows[key]] if key in rows else [] for key, code in first.items()}

    def of_code(code: ActCode) -> tuple[Key, list[Item]]:
        of_taxpayers = ActDocument.sk.startswith(taxpayer_key(""))
        return (code.pk, CODE), list(reading.query(code.pk, deadline, of_taxpayers))

    return found | dict(reading.at_once(of_code, (code for code in codes if code.acts > 1)))


def _show_acts(asked: Element, items: list[Item]) -> dict[str, Any]:
    code, taxpayer = asked
    ids = _known({"actDocumentCode": code, "taxpayerDocumentNumber": taxpayer})
    acts = {"actDocuments": [_act(item) for item in items]} if items else {}
    return {**ids, "registered": bool(items), **acts}


def _by(name: str, show: Callable[[Item], dict[str, Any]]) -> Callable[[Element, list[Item]], dict[str, Any]]:
    """What is shown of an id of which there is one row at most; `name` is what the id is called."""

    def shown(asked: Element, items: list[Item]) -> dict[str, Any]:
        registered = {key: value for item in items for key, value in show(item).items()}
        return {name: asked[0], "registered": bool(items), **registered}

    return shown


def _act(item: Item) -> dict[str, Any]:
    row = ActDocument.from_raw_data(dict(item))
    amended = {"amendedBy": row.amended_by, "amendedAt": row.amended_at}
    return {
        **_registered("registerActDocument", row),
        "liquidated": answers.amount(int(row.liquidated)),
        "remaining": answers.amount(int(row.remaining)),
        **_known(amended),
    }


def _liquidation(item: Item) -> dict[str, Any]:
    row = Liquidation.from_raw_data(dict(item))
    state = {"remaining": answers.amount(row.missing), "livePayments": int(row.live_payments)}
    return {**_registered("registerLiquidation", row), **state, **reported.annulled(row)}


def _payment(item: Item) -> dict[str, Any]:
    row = Payment.from_raw_data(dict(item))
    return {**_registered("registerPayment", row), **reported.annulled(row)}


def _registered(operation: str, row: Registered) -> dict[str, Any]:
    return {
        "record": reported.record(contract.operation(operation), row.wire()),
        "radicado": row.radicado,
        "registeredAt": row.registered_at,
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


_KEYS: dict[str, Callable[[str, Element], Key]] = {
    "actDocuments": lambda nit, each: (
        act_key(nit, str(each[0])),
        CODE if each[1] is None else taxpayer_key(str(each[1])),
    ),
    "liquidations": lambda nit, each: (liquidation_key(nit, str(each[0])), LIQUIDATION),
    "payments": lambda nit, each: (payment_key(nit, str(each[0])), PAYMENT),
    "radicados": lambda nit, each: journal.key_of(nit, str(each[0])),
}
_SHOWN: dict[str, Callable[[Element, list[Item]], dict[str, Any]]] = {
    "actDocuments": _show_acts,
    "liquidations": _by("liquidatedValueId", _liquidation),
    "payments": _by("paidValueId", _payment),
    "radicados": _by("radicado", reported.entry),
}
