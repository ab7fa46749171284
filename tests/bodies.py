"""The bodies that the tests start from: those of tests/cases, by service."""

from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"


def _body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = yaml.load((CASES / f"{name}.yaml").read_text(), yaml.CSafeLoader)["body"]
    return body


ACT = _body("act_document")
LIQUIDATION = _body("liquidation")
PAYMENT = _body("payment")
