"""The one domain exception, and the one renderer of refusals."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import contract


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a request: the id of a rule of the catalogue and what fills its text."""

    rule: str
    parameter: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The catalogue's text; `{parameter}` and the rest filled in."""
        return contract.rules()[self.rule].message.format_map({"parameter": self.parameter, **self.values})

    def told(self) -> dict[str, str]:
        """The finding as answers have it: code, parameter if it is about one, message."""
        parameter = {"parameter": self.parameter} if self.parameter else {}
        return {"code": self.rule, **parameter, "message": self.message}


@dataclass(frozen=True)
class Existing:
    """The record that already holds a repeated id."""

    radicado: str
    registered_at: str
    differences: tuple[str, ...]


class Rejection(Exception):
    """A request that changes nothing, and why: its findings in the catalogue's order of precedence."""

    def __init__(
        self, findings: Iterable[Finding], existing: Existing | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        catalogue = contract.rules()
        self.findings = sorted(findings, key=lambda finding: catalogue[finding.rule].order)
        self.existing = existing
        first = catalogue[self.findings[0].rule]
        self.status = first.status
        self.headers = dict(headers or {})
        if first.retry_after is not None:
            self.headers["Retry-After"] = str(first.retry_after)
        super().__init__(", ".join(finding.rule for finding in self.findings))

    def body(self, request_id: str) -> bytes:
        """The answer's JSON (schema Rejection of the contract)."""
        answer: dict[str, Any] = {
            "httpstatus": self.status,
            "message": self.findings[0].message,
            "errors": [finding.told() for finding in self.findings],
        }
        if self.existing:
            answer["existing"] = {
                "radicado": self.existing.radicado,
                "registeredAt": self.existing.registered_at,
                "identical": not self.existing.differences,
                "differences": self.existing.differences,
            }
        answer["requestId"] = request_id
        return json.dumps(answer, ensure_ascii=False).encode()
