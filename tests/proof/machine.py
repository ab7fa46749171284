"""One call after the other, whatever Hypothesis thinks of, against the model: each answer, and the table at the end."""

import json
import random
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.proof import parameters as p
from tests.proof.calls import Call, seen
from tests.proof.found import Found
from tests.proof.model import State, step
from tests.proof.rows import Books, read_keys
from tests.proof.world import CAPITAL, INSTITUTE, World, stamps, world

STEPS = 40
MOST = 10**20 - 1  # centavos: 18 digits of pesos
MESSAGES = {
    p.ACT: "Carga del acto documento almacenada",
    p.LIQUIDATION: "Carga de la liquidación almacenada",
    p.PAYMENT: "Carga del pago almacenada",
}
CODES, TAXPAYERS = ("A", "Ñ b"), ("1", "2")
LIQUIDATIONS, PAYMENTS, KEYS = ("L1", "L2", "L3"), ("P1", "P2", "P3", "P4"), ("K1", "K2", "K3")
IDS = (p.CODE, p.LIQUIDATION_ID, p.PAYMENT_ID)

entities = st.sampled_from([CAPITAL, INSTITUTE])
keys = st.one_of(st.none(), st.none(), st.none(), st.sampled_from(KEYS))
hows = st.fixed_dictionaries({"key": keys, "annex": st.booleans(), "digits": st.booleans()})
acts = st.fixed_dictionaries(
    {
        p.CODE: st.sampled_from(CODES),
        p.PLATFORM: st.sampled_from(["2", "2", "4"]),
        p.VALUE: st.sampled_from([0, 1000, 1050, 2000, MOST]),
        p.START: st.sampled_from([*["2024-01-01 00:00:00"] * 9, "2024-12-31 00:00:00"]),
        p.END: st.sampled_from([*["2024-12-31 00:00:00", "2025-01-31 00:00:00"] * 6, "2024-06-30 00:00:00"]),
        p.ACT_KIND: st.sampled_from(["AD4", "AD8"]),
        p.PROCEDURE: st.sampled_from(["TR1", "TR1", "TR4"]),
        p.KIND: st.sampled_from(["CC", "NIT"]),
        p.TAXPAYER: st.sampled_from(TAXPAYERS),
        p.NAME: st.just("Diego Ariza"),
    }
)
liquidations = st.fixed_dictionaries(
    {
        p.CODE: st.sampled_from(CODES),
        p.LIQUIDATION_ID: st.sampled_from(LIQUIDATIONS),
        p.STAMP: st.sampled_from(["90", "90", "7", "404"]),
        p.LIQUIDATED: st.sampled_from([1, 500, 550, 1000]),
    },
    optional={p.TAXPAYER: st.sampled_from(TAXPAYERS), p.KIND: st.sampled_from(["CC", "NIT"])},
)
payments = st.fixed_dictionaries(
    {
        p.LIQUIDATION_ID: st.sampled_from(LIQUIDATIONS),
        p.PAYMENT_ID: st.sampled_from(PAYMENTS),
        p.PAID: st.sampled_from([1, 250, 500]),
        p.DATE: st.sampled_from(["2024-03-19", "2024-03-19", "2024-02-29"]),
    }
)
SHAPES = {p.ACT: acts, p.LIQUIDATION: liquidations, p.PAYMENT: payments}


@dataclass
class Figures:
    """What the machine amounted to."""

    examples: int = 0
    calls: int = 0
    answers: Counter[str] = field(default_factory=Counter)


def prove(seed_text: str, examples: int, progress: Callable[[int], None]) -> Figures:
    """So many sequences of calls. Raises AssertionError, with the shortest sequence that Hypothesis finds as a note."""
    figures = Figures()
    with world() as here:

        class Machine(_Machine):
            def __init__(self) -> None:
                figures.examples += 1
                progress(min(figures.examples, examples))
                super().__init__(here, figures)

        chosen = seed(random.Random(seed_text).getrandbits(32))(Machine)
        run_state_machine_as_test(
            chosen,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
        if wrong := here.failures + here.books().problems():
            raise Found(seed_text, "the table does not add up", wrong)
    return figures


class _Machine(RuleBasedStateMachine):
    """The services and the model, called alike. Ids are the example's own, so each begins with nothing registered."""

    def __init__(self, here: World, figures: Figures) -> None:
        super().__init__()
        self.here = here
        self.figures = figures
        self.prefix = f"{figures.examples}/"
        self.state: State = {**stamps(CAPITAL), **stamps(INSTITUTE)}
        self.made: list[Call] = []
        self.writers: dict[str, Hashable] = {}
        self.texts: dict[str, str] = {}

    @initialize(entity=entities, fields=acts)
    def begin(self, entity: str, fields: dict[str, Any]) -> None:
        """With an act document on which much can be liquidated."""
        valid = {p.VALUE: 10**6, p.START: "2024-01-01 00:00:00", p.END: "2024-12-31 00:00:00"}
        self._call(entity, p.ACT, {**fields, **valid}, {"key": None})

    @rule(entity=entities, fields=acts, kind=st.sampled_from(["0", "1", None]), drop=st.integers(0, 5), how=hows)
    def report_act(self, entity: str, fields: dict[str, Any], kind: str | None, drop: int, how: dict[str, Any]) -> None:
        """Create an act document, for another taxpayer too (an assignment), or amend it; some say no procedure."""
        kinds = {} if kind is None else {p.TYPE: kind}
        dropped = {name: value for name, value in fields.items() if drop or name != p.PROCEDURE}
        self._call(entity, p.ACT, dropped | kinds, how)

    @rule(entity=entities, fields=liquidations, kind=st.sampled_from(["1", "1", "0"]), how=hows)
    def report_liquidation(self, entity: str, fields: dict[str, Any], kind: str, how: dict[str, Any]) -> None:
        """Register a liquidation, or annul one."""
        self._call(entity, p.LIQUIDATION, fields | {p.TYPE: kind}, how)

    @rule(entity=entities, fields=payments, kind=st.sampled_from(["1", "1", "0"]), how=hows)
    def report_payment(self, entity: str, fields: dict[str, Any], kind: str, how: dict[str, Any]) -> None:
        """Register a payment, or annul one."""
        self._call(entity, p.PAYMENT, fields | {p.TYPE: kind}, how)

    @rule(data=st.data(), kind=st.sampled_from(["0", "1"]), how=hows)
    def report_again(self, data: st.DataObject, kind: str, how: dict[str, Any]) -> None:
        """What was reported before, to be done or undone: in the other dialect, under another key."""
        if self.made:
            call = data.draw(st.sampled_from(self.made))
            self._send(call._replace(fields={**call.fields, p.TYPE: kind}, **self._own(how)))

    @rule(data=st.data(), part=st.sampled_from([-1, 0, 0, 1, 10**4]), how=hows)
    def report_next(self, data: st.DataObject, part: int, how: dict[str, Any]) -> None:
        """What fits what is there, within its balance or just beyond: a liquidation, a payment, an annulment."""
        rows = [(key, row) for key, row in self.state.items() if key[0] in {"act", "liquidation", "payment"}]
        (noun, entity, *_), row = data.draw(st.sampled_from(rows))
        was, left = dict(row.fields), min(max(1, row.value - row.spent - part), MOST)
        undo = data.draw(st.booleans())
        if noun == "act":
            liquidation = data.draw(liquidations) | {p.CODE: was[p.CODE], p.TAXPAYER: was[p.TAXPAYER], p.STAMP: "90"}
            own = {p.LIQUIDATION_ID: self.prefix + liquidation[p.LIQUIDATION_ID], p.LIQUIDATED: left, p.TYPE: "1"}
            self._send(Call(entity, p.LIQUIDATION, {**liquidation, **own}, **self._own(how)))
        elif noun == "liquidation" and not undo:
            payment = data.draw(payments) | {p.LIQUIDATION_ID: was[p.LIQUIDATION_ID], p.PAID: left, p.TYPE: "1"}
            own = {p.PAYMENT_ID: self.prefix + payment[p.PAYMENT_ID]}
            self._send(Call(entity, p.PAYMENT, {**payment, **own}, **self._own(how)))
        else:
            operation = p.LIQUIDATION if noun == "liquidation" else p.PAYMENT
            self._send(Call(entity, operation, {**was, p.TYPE: "0"}, **self._own(how)))

    @rule(back=st.integers(1, 5))
    def repeat(self, back: int) -> None:
        """A recent call, byte for byte."""
        if len(self.made) >= back:
            self._send(self.made[-back])

    @rule(entity=entities, data=st.data(), how=hows)
    def report_wrongly(self, entity: str, data: st.DataObject, how: dict[str, Any]) -> None:
        """Some parameters are not valid, or not there."""
        operation = data.draw(st.sampled_from([*SHAPES]))
        fields = data.draw(SHAPES[operation]) | {p.TYPE: "1"}
        wrong = data.draw(st.sets(st.sampled_from([*fields]), min_size=1, max_size=3))
        self._call(entity, operation, fields, how | {"wrong": tuple(sorted(wrong))})

    def teardown(self) -> None:
        """What is stored is what the model holds."""
        self.here.proxy.drain()
        items = read_keys(self.here.engine.endpoint, self.here.table, self._partitions())
        stored = {**stamps(CAPITAL), **stamps(INSTITUTE), **Books(items).state(self._writer_of)}
        assert stored == self.state, {key: (stored.get(key), self.state.get(key)) for key in stored | self.state}

    def _call(self, entity: str, operation: str, fields: dict[str, Any], how: dict[str, Any]) -> None:
        own = {name: self.prefix + value for name, value in fields.items() if name in IDS}
        self._send(Call(entity, operation, {**fields, **own}, **self._own(how)))

    def _own(self, how: dict[str, Any]) -> dict[str, Any]:
        return how | {"key": how["key"] and self.prefix + how["key"]}

    def _send(self, call: Call) -> None:
        name = f"{self.prefix}{len(self.made)}"
        self.made.append(call)
        answer = self.here.clients[call.entity].post(call.operation, call.body(), call.headers())
        assert answer.status in {200, 400, 422}, f"{answer.status} {answer.text} to {call}"
        if answer.status == 200 and "idempotency-replayed" not in answer.headers:
            self.writers[answer.body["radicado"]] = name
            self.texts[name] = answer.text
        said = seen(answer, self._writer_of)
        due, changes = step(self.state, call, name)
        assert said == due, f"{call}: {said}; due: {due}"
        if not said.codes:
            assert answer.text == self.texts[str(said.writer)]
            assert (answer.body["message"], _received(answer.text)) == (MESSAGES[call.operation], _sent(call))
        self.state |= changes
        self.figures.calls += 1
        self.figures.answers["+".join(said.codes) or ("replayed" if said.replayed else "done")] += 1

    def _writer_of(self, radicado: str) -> Hashable:
        return self.writers.get(radicado, f"nobody known ({radicado})")

    def _partitions(self) -> list[str]:
        """Every partition that this example may have written to."""
        names = {"ACT": CODES, "LIQUIDATION": LIQUIDATIONS, "PAYMENT": PAYMENTS, "IDEMPOTENCY": KEYS}
        return [
            f"ENTITY#{entity}#{kind}#{self.prefix}{name}"
            for entity in (CAPITAL, INSTITUTE)
            for kind, each in names.items()
            for name in each
        ]


def _received(text: str) -> dict[str, Any]:
    """The record that an answer carries, its numbers digit for digit."""
    received: dict[str, Any] = json.loads(text, parse_float=str, parse_int=str)["data"]
    return received


def _sent(call: Call) -> dict[str, Any]:
    """What a call sent, by canonical names and with what was not sent and has a default."""
    canonical = {annex: name for name, annex in p.ANNEX.items()}
    sent = json.loads(call.body(), parse_float=str, parse_int=str)
    amended = call.fields.get(p.TYPE) == "1"
    defaults = {p.PROCEDURE: "TR2" if amended else "TR1", p.TYPE: "0"} if call.operation == p.ACT else {}
    return defaults | {canonical.get(name, name): value for name, value in sent.items()}
