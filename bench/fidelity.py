"""How many wrong payments each choice refuses with the manual's text: how equal the compared work is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.artefacts import OURS, ROOT, Choice
from bench.ground import PAYMENT, Ground
from bench.sampling import inside


def measure(
    choices: list[tuple[Choice, Path]], ground: Ground, environment: Mapping[str, str], place: Path
) -> dict[str, list[int]]:
    """Choice -> refused alike, of all. Ours answers all of them as the manual wants (tests/test_cases.py)."""
    file = place / "wrong.json"
    file.write_text(json.dumps([ground.event("payment", body) for body in _wrong_bodies()]), encoding="utf-8")
    found = {
        choice.name: inside(folder, environment, "answers", choice.handlers["payment"], str(file))
        for choice, folder in choices
    }
    # A body that is wrong only beside the rows of its own test is accepted here, and left out.
    refused = [number for number, (status, _) in enumerate(found[OURS]) if status != 200]
    return {
        name: [sum(answers[number] == found[OURS][number] for number in refused), len(refused)]
        for name, answers in found.items()
    }


# What is lost once JSON has been parsed into floats and dictionaries.
WRITTEN_WRONG = (
    '"valuePaid": 1e0',
    '"valuePaid": 0.010000000000000000001',
    '"valuePaid": 1, "valuePaid": 2',
    '"valuePaid": NaN',
)


def _wrong_bodies() -> list[str]:
    """Those, and the failing twins of tests/cases/payment.yaml that need nothing in the table, as JSON text."""
    rest = json.dumps({name: value for name, value in PAYMENT.items() if name != "valuePaid"})[:-1]
    found = [f"{rest}, {written}}}" for written in WRITTEN_WRONG]
    for case in yaml.safe_load((ROOT / "tests" / "cases" / "payment.yaml").read_text(encoding="utf-8"))["cases"]:
        if "given" not in case and case.get("set", {}).get("type") != 0:
            body = _changed({**PAYMENT, "valuePaid": 1}, case)
            for twin in case["fails"]:
                wrong = _changed(body, twin)
                text = json.dumps(wrong)[:-1]
                literals = [f", {json.dumps(name)}: {literal}" for name, literal in twin.get("literal", {}).items()]
                found.append(text + "".join(literals) + "}")
    return found


def _changed(body: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    gone = {change.get("remove"), *change.get("literal", {})}
    return {name: value for name, value in {**body, **change.get("set", {})}.items() if name not in gone}
