"""What the services answer to one call after the other: the manual's tables and docs/decisions.md, in memory."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from tests.proof import parameters as p
from tests.proof.calls import Answer, Call

Fields = Mapping[str, Any]
State = dict[tuple[str, ...], Any]  # ("act", entity, code, taxpayer) -> Row, and so on; no row is ever taken away
Outcome = tuple[Answer | None, State]  # why it is refused, or what changes


class Row(NamedTuple):
    """A record as registered, its value and end as they are, and what its live children take of that value."""

    writer: Hashable
    fields: frozenset[tuple[str, Any]]
    value: int
    end: str | None = None
    spent: int = 0
    children: int = 0
    annulled: Hashable = None


def step(state: State, call: Call, name: Hashable) -> tuple[Answer, State]:
    """The answer to a call, to be known by this name, and the rows that it changes: none if it is refused."""
    sent, acts = call.fields, call.operation == p.ACT
    missing = {p.PROCEDURE} if acts and call.annex and p.PROCEDURE not in sent else set()
    wrong = [rule for each, rule in p.INVALID[call.operation].items() if each in {*call.wrong, *missing}]
    creates = acts and sent.get(p.TYPE, "0") == "0"
    if creates and not {p.START, p.END, p.TYPE} & {*call.wrong} and sent[p.END] < sent[p.START]:
        wrong.append("act-end-before-start")
    if wrong:
        return Answer(tuple(wrong)), {}
    slot = ("key", call.entity, str(call.key))
    if call.key is not None and slot in state:
        first, writer = state[slot]
        return (Answer((), writer, replayed=True) if first == call.said else Answer(("idempotency-key-reused",))), {}
    first_time = sent.get(p.TYPE, "0") == ("0" if acts else "1")
    rule = (_create if first_time else _amend) if acts else (_register if first_time else _annul)
    refusal, changes = rule(state, call, sent, name)
    keeps = call.key is not None and refusal is None
    return refusal or Answer((), name), changes | ({slot: (call.said, name)} if keeps else {})


def _create(state: State, call: Call, sent: Fields, name: Hashable) -> Outcome:
    sent = {p.PROCEDURE: "TR1", **sent}
    if act := state.get(call.row):
        return Answer(("act-code-required" if call.annex else "act-taken",), act.writer, _differ(call, sent, act)), {}
    return None, {call.row: Row(name, kept(sent), sent[p.VALUE], sent[p.END])}


def _amend(state: State, call: Call, sent: Fields, name: Hashable) -> Outcome:
    if (act := state.get(call.row)) is None:
        return Answer(("amended-act-unknown",)), {}
    early, below = sent[p.END] < dict(act.fields)[p.START], sent[p.VALUE] < act.spent
    if codes := ("act-end-before-start",) * early + ("amendment-below-liquidated",) * below:
        return Answer(codes, told=act.spent if below else None), {}
    version = ("version", *call.row[1:], str(name))
    return None, {call.row: act._replace(value=sent[p.VALUE], end=sent[p.END]), version: (sent[p.VALUE], sent[p.END])}


def _register(state: State, call: Call, sent: Fields, name: Hashable) -> Outcome:
    parents, value, taken = _parents(state, call), sent[p.AMOUNT[call.operation]], state.get(call.row)
    parent = state[parents[0]] if len(parents) == 1 else None
    above = parent is not None and not taken and parent.value - parent.spent < value
    if call.operation == p.LIQUIDATION:
        found = {"act-unknown": not parents, "stamp-unknown": ("stamp", call.entity, sent[p.STAMP]) not in state,
                 "liquidation-id-taken": taken, "act-ambiguous": len(parents) > 1,
                 "liquidation-above-act": above}  # fmt: skip
        stored = {**sent, p.TAXPAYER: parents[0][3] if parents else None}
    else:
        found, stored = (
            {"liquidation-unknown": not parent, "payment-id-taken": taken, "payment-above-balance": above},
            sent,
        )
    if codes := tuple(code for code, holds in found.items() if holds):
        existing = (taken.writer, _differ(call, sent, taken)) if taken else (None, None)
        return Answer(codes, *existing, parent.value - parent.spent if above else None), {}
    spent = parent._replace(spent=parent.spent + value, children=parent.children + 1)
    return None, {call.row: Row(name, kept(stored), value), parents[0]: spent}


def _annul(state: State, call: Call, sent: Fields, name: Hashable) -> Outcome:
    noun = p.NOUN[call.operation]
    if (row := state.get(call.row)) is None:
        return Answer((f"{noun}-to-annul-unknown",)), {}
    differing, annulled = tuple(each for each in _differ(call, sent, row) if each != p.KIND), row.annulled is not None
    found = {"has-payments": row.children, "annulment-differs": differing, "annulled": annulled}
    if codes := tuple(f"{noun}-{code}" for code, holds in found.items() if holds):
        return Answer(codes, row.annulled, differing if annulled else None), {}
    parent = _parents(state, call._replace(fields=dict(row.fields)))[0]
    freed = state[parent]._replace(spent=state[parent].spent - row.value, children=state[parent].children - 1)
    return None, {call.row: row._replace(annulled=name), parent: freed}


def _parents(state: State, call: Call) -> list[tuple[str, ...]]:
    """The act documents that a liquidation may mean; the live liquidation that a payment means."""
    if call.operation == p.LIQUIDATION:
        same = [key for key in state if key[:3] == ("act", call.entity, call.fields[p.CODE])]
        return [key for key in same if call.fields.get(p.TAXPAYER, key[3]) == key[3]]
    key = ("liquidation", call.entity, call.fields[p.LIQUIDATION_ID])
    return [key] if key in state and state[key].annulled is None else []


def kept(sent: Fields) -> frozenset[tuple[str, Any]]:
    """What is stored of a record: all but what was to be done with it."""
    return frozenset((name, value) for name, value in sent.items() if name != p.TYPE)


def _differ(call: Call, sent: Fields, row: Row) -> tuple[str, ...]:
    """The parameters that are not as registered; the taxpayer of a liquidation, only if it is sent."""
    was = dict(row.fields)
    names = (name for name in p.FIELDS[call.operation] if name != p.TAXPAYER or name in sent)
    return tuple(name for name in names if sent.get(name) != was.get(name))
