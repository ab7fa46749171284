"""Whatever the functions log or print in a whole test run holds no token and no personal datum.

A pytest plugin, in each worker: it notes every token drawn, and every taxpayer (of a body, or of a row of a file) and
X-Road-UserId that reaches a function, and fails the test in whose output (stdout, stderr, log) one of them stands,
whichever test it came from.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import suppress
from functools import wraps
from types import SimpleNamespace
from typing import Any

import pytest

from shared import boundary, intake, tokens, validation
from shared.call import Call
from shared.contract import Operation
from shared.spreadsheet import rows
from tests.hostile import oracle

PERSONAL = ("taxpayerName", "taxpayerDocumentNumber")
SHORTEST = 6  # a shorter name or number may stand anywhere by chance
# Their output is the operator's console, which shows an entity's new token to the operator, once (manual, 5.4.5).
TOLD_TO_THE_OPERATOR = ("tests/test_console.py",)


def leaks(text: str, secrets: Collection[str]) -> set[str]:
    """The secrets that stand in a text, of a token its random part alone."""
    return {secret for secret in secrets if (secret[8:40] if secret.startswith("sgc_") else secret) in text}


class Watch:
    """The secrets of a run so far. Hooks of pytest."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()

    def note(self, *values: Any) -> None:
        """Remember what must not be seen."""
        self.secrets |= {value.strip() for value in values if isinstance(value, str) and len(value.strip()) >= SHORTEST}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the test whose output shows a secret."""
        report = yield
        if not item.nodeid.startswith(TOLD_TO_THE_OPERATOR):
            seen = leaks("\n".join(text for _, text in report.sections), self.secrets)
            if seen:
                report.outcome = "failed"
                report.longrepr = f"Logged or printed: {sorted(seen)}"
        return report


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run from its beginning."""
    watch = Watch()
    config.pluginmanager.register(watch, "secrets-watch")

    def tell(function: Callable[..., Any], what: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def told(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            watch.note(*what(result, *arguments))
            return result

        return told

    def read(operation: Operation, raw: bytes) -> validation.Record:
        with suppress(oracle.UnreadableError):
            body = oracle.read(raw)
            watch.note(*(body.get(name) for name in PERSONAL))
        return validation.read(operation, raw)

    def read_members(operation: Operation, members: Mapping[str, Any], *rest: Any) -> validation.Record:
        watch.note(*(members.get(name) for name in PERSONAL))
        return validation.read_members(operation, members, *rest)

    def of_call(_line: str, call: Call, *_rest: Any) -> list[Any]:
        return [call.x_road.get("X-Road-UserId")]

    tokens.draw = tell(tokens.draw, lambda token, _environment: [token])
    intake.validation = SimpleNamespace(read=read, read_members=read_members)
    rows.validation = SimpleNamespace(read_members=read_members)
    boundary._line = tell(boundary._line, of_call)
