"""Answers as JSON text, their amounts digit for digit: a float would round those of 18 digits."""

import json
from collections.abc import Mapping
from typing import Any

from shared import contract, money
from shared.validation.body import NumberText

LARGEST = 5_000_000  # bytes; of Lambda's own 6 MB an envelope and escapes take their part
PAID, UNPAID = contract.codes_of("PaidState")


def amount(centavos: int) -> NumberText:
    """An amount in centavos as a JSON number of pesos with two decimals."""
    return NumberText(money.pesos(centavos))


def paid_state(missing: int) -> str:
    """What is said of what is liquidated, by what is missing of it (centavos)."""
    return UNPAID if missing else PAID


def dumps(value: Any) -> str:
    """JSON text of mappings, lists and what they hold; a NumberText is written as it stands."""
    if isinstance(value, NumberText):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{dumps(name)}: {dumps(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(dumps, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
