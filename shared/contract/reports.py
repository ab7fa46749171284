"""Of the contract, what reports have and say."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared import contract


@dataclass(frozen=True)
class ReportType:
    """How to choose what a report has: `by` the start of the act document (act), or the registration of the payment."""

    by: str
    title: str
    file_name: str


@dataclass(frozen=True)
class ReportAbout:
    """How a report says whose it is, by NIT and name in its heading, and by NIT in the names of its files."""

    title: str
    file_name: str


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report: what it holds, its Spanish title, how it is written, and what the guide says of it."""

    name: str
    title: str
    format: str
    description: str


@dataclass(frozen=True)
class Reports:
    """What a report is (`x-reports`; manual, 5.11). `columns` by part: act, liquidation, payment, sums.

    `about` one entity, or every one: a territorial entity and its decentralised ones.
    `states` of a liquidation and of a payment: live, and annulled. `sheets` and `summary` are what a workbook says.
    """

    types: Mapping[str, ReportType]
    about: Mapping[str, ReportAbout]
    file_name: str
    states: Mapping[str, tuple[str, str]]
    columns: Mapping[str, tuple[ReportColumn, ...]]
    sheets: Mapping[str, str]
    summary: Mapping[str, str]
    requested_message: str
    empty_message: str


@cache
def declared() -> Reports:
    """Columns and words of reports."""
    said, schemas = contract.document()["x-reports"], contract.document()["components"]["schemas"]
    [requested] = schemas["ReportRequested"]["properties"]["message"]["enum"]
    [empty] = schemas["ReportShown"]["properties"]["message"]["enum"]
    return Reports(
        types={name: ReportType(each["by"], each["title"], each["fileName"]) for name, each in said["types"].items()},
        about={name: ReportAbout(each["title"], each["fileName"]) for name, each in said["about"].items()},
        file_name=said["fileName"],
        states={name: (live, annulled) for name, (live, annulled) in said["states"].items()},
        columns={
            part: tuple(ReportColumn(**column) for column in columns) for part, columns in said["columns"].items()
        },
        sheets=said["sheets"],
        summary=said["summary"],
        requested_message=requested,
        empty_message=empty,
    )
