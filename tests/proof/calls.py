"""A call as the model knows it, the body it becomes in either dialect, and the model's view of an answer."""

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests import client
from tests.proof.parameters import (
    ACT,
    ACT_KIND,
    AMOUNT,
    ANNEX,
    CODE,
    DATE,
    ID,
    KIND,
    NAME,
    NOUN,
    OPTIONAL,
    PLATFORM,
    PROCEDURE,
    STAMP,
    START,
    TAXPAYER,
    TYPE,
)

AMOUNTS = frozenset(AMOUNT.values())
# Left out of what a report says of a call.
UNTOLD = frozenset({PLATFORM, START, ACT_KIND, PROCEDURE, KIND, NAME, STAMP, DATE})
# None of them is a value of any parameter; to be absent is wrong where the parameter is required.
ABSENT = "absent"
WRONG = (None, ABSENT, True, [], "", "\t", {})


class Call(NamedTuple):
    """A call with its parameters in normal form, amounts in centavos.

    `wrong` are the parameters sent as something they cannot be; `digits` writes numbers as text.
    """

    entity: str
    operation: str
    fields: Mapping[str, Any]
    key: str | None = None
    annex: bool = False
    digits: bool = False
    wrong: tuple[str, ...] = ()

    def body(self) -> str:
        """The JSON text that is sent."""
        members = (
            f"{json.dumps(ANNEX.get(name, name) if self.annex else name)}: {self._written(name, value)}"
            for name, value in self.fields.items()
            if name not in self.wrong or self._wrongly(name) != ABSENT
        )
        return "{" + ", ".join(members) + "}"

    def headers(self) -> dict[str, str]:
        """What is sent beside the token."""
        return {} if self.key is None else {"Idempotency-Key": self.key}

    @property
    def said(self) -> tuple[str, str]:
        """What an Idempotency-Key stands for: the operation, and the SHA-256 of the body."""
        return self.operation, hashlib.sha256(self.body().encode()).hexdigest()

    @property
    def row(self) -> tuple[str, ...]:
        """The model's key of the record that it registers, changes or annuls."""
        if self.operation == ACT:
            return "act", self.entity, self.fields[CODE], self.fields[TAXPAYER]
        return NOUN[self.operation], self.entity, self.fields[ID[self.operation]]

    def __str__(self) -> str:
        told = {TYPE: "", **{name: value for name, value in self.fields.items() if name not in UNTOLD}}
        words = [self.operation.removeprefix("register"), *map(str, told.values())]
        return " ".join([*words, *([f"key={self.key}"] if self.key else []), *(f"wrong:{name}" for name in self.wrong)])

    def _written(self, name: str, value: Any) -> str:
        if name in self.wrong:
            return json.dumps(self._wrongly(name))
        if name in AMOUNTS:
            amount = f"{value // 100}.{value % 100:02d}"
            return f'"{amount}"' if self.digits else amount
        return json.dumps(value if name not in {TYPE, PLATFORM} or self.digits else int(value))

    def _wrongly(self, name: str) -> Any:
        """What is sent in place of a parameter: what its name and the other wrong ones lead to, so always the same."""
        wrong = WRONG[(len(name) + len(self.wrong) + len(self.fields)) % len(WRONG)]
        return "" if wrong == ABSENT and name in OPTIONAL[self.operation] else wrong


@dataclass(frozen=True)
class Answer:
    """A success (no findings) or a refusal.

    `writer` is the call whose receipt it carries, `told` the balance that its message names, in centavos.
    """

    codes: tuple[str, ...] = ()
    writer: Hashable = None
    differences: tuple[str, ...] | None = None
    told: int | None = None
    replayed: bool = False

    def __str__(self) -> str:
        if not self.codes:
            return f"done {self.writer}{' (replayed)' if self.replayed else ''}"
        told = "" if self.told is None else f" balance {self.told}"
        existing = "" if self.writer is None else f" held by {self.writer}, differs in {list(self.differences or ())}"
        return f"{'+'.join(self.codes)}{told}{existing}"


def seen(answer: client.Answer, writer_of: Callable[[str], Hashable]) -> Answer:
    """The model's view of an answer of 200, 400 or 422; `writer_of` knows whose a receipt number is."""
    if answer.status == 200:
        replayed = answer.headers.get("idempotency-replayed") == "true"
        return Answer((), writer_of(answer.body["radicado"]), replayed=replayed)
    told = [
        int(error["message"].rpartition(" ")[2].replace(".", ""))
        for error in answer.body["errors"]
        if ", que es " in error["message"]
    ]
    existing = answer.body.get("existing")
    if existing is None:
        return Answer(tuple(answer.codes), told=told[0] if told else None)
    differences = tuple(existing["differences"])
    assert existing["identical"] is not bool(differences), answer.text
    return Answer(tuple(answer.codes), writer_of(existing["radicado"]), differences, told[0] if told else None)
