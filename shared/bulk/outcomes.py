"""What becomes of a row, and its short form in the table: one JSON object per step, row number -> outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.rejection import Finding

REGISTERED, ALREADY, REJECTED, NOT_PROCESSED, VALID = (
    "registered",
    "alreadyRegistered",
    "rejected",
    "notProcessed",
    "valid",
)


@dataclass(frozen=True)
class Outcome:
    """What became of a row: the radicado that it got, or had already; or its findings, as answers have them."""

    result: str
    radicado: str | None = None
    findings: tuple[dict[str, str], ...] = ()

    @classmethod
    def rejected(cls, findings: Iterable[Finding]) -> "Outcome":
        """A row that was not registered, and why."""
        return cls(REJECTED, None, tuple(each.told() for each in findings))

    def stored(self) -> list[Any]:
        """The outcome as JSON."""
        return [self.result, self.radicado, list(self.findings)]

    @classmethod
    def of(cls, stored: list[Any]) -> "Outcome":
        """The outcome that was stored."""
        result, radicado, findings = stored
        return cls(result, radicado, tuple(findings))
