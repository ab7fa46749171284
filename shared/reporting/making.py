"""Makes a report that was asked for: gathers what it is made of, writes its two files, and ends its ticket.

Done again, after a crash or for a message that came twice, it makes other files; those that were stored first count.
"""

import time
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

from shared import colombia, radicado, retry
from shared.bulk import bucket, files, workplace
from shared.bulk.tickets import now
from shared.contract import reports
from shared.reporting import tickets
from shared.reporting.books import Books
from shared.reporting.figures import Figures
from shared.reporting.gathering import Criteria, gather
from shared.reporting.rows import Rows
from shared.reporting.tickets import ReportTicket
from shared.reporting.workbook import Workbook
from shared.spreadsheet.output import CsvFile, inert

CSV_DELIMITER = ";"  # what a spreadsheet in Spanish expects


def make(nit: str, ticket_id: str, time_left: Callable[[], float]) -> None:
    """Make the report of a ticket; `time_left` gives seconds. Raises Rejection (unavailable): to be tried again."""
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    if ticket.results_until is not None:
        return  # one that was broken off may still be made
    tickets.start(ticket)
    build, _ = radicado.draw()
    with workplace.folder() as folder:
        figures = write(ticket, folder, time.monotonic() + time_left())
        for path in sorted(folder.glob("reporte.*")):
            bucket.put_file(f"{files.report_key(nit, ticket_id, build)}{path.suffix}", path)
    tickets.finish(ticket, build, figures.rows)


def break_off(nit: str, ticket_id: str) -> None:
    """End a report that failed too often."""
    tickets.break_off(tickets.find(nit, ticket_id, retry.deadline()))


def write(ticket: ReportTicket, folder: Path, deadline: float) -> Figures:
    """Write the report's files, `reporte.csv` and `reporte.xlsx`, into a folder; what they come to.

    Raises Rejection (unavailable).
    """
    criteria = Criteria(tuple(ticket.entities), ticket.kind, ticket.first_day, ticket.last_day)
    books = Books(folder / "books")
    try:
        gather(books, criteria, deadline)
        return _write(books, criteria, ticket, folder, deadline)
    finally:
        books.close()


def _write(books: Books, criteria: Criteria, ticket: ReportTicket, folder: Path, deadline: float) -> Figures:
    words, columns = reports.declared(), list(chain.from_iterable(reports.declared().columns.values()))
    flat, book = CsvFile(folder / "reporte.csv", CSV_DELIMITER), Workbook(folder / "reporte.xlsx", columns)
    flat.add([inert(column.title) for column in columns])
    rows = Rows(books, criteria, ticket.territorial, deadline)
    for cells in rows:
        flat.add([text for part in cells for text in part.flat])
        book.add(cells)
    flat.close()
    figures, entities = rows.figures, list(rows.entities)
    book.close(_heading(ticket, entities[0], figures), figures.table(entities, words.summary["total"]))
    return figures


def _heading(ticket: ReportTicket, first: tuple[str, str], figures: Figures) -> Mapping[str, str | int]:
    """What a report says of itself; `first` is NIT and name of its first entity."""
    words = reports.declared()
    nit, name = first
    empty = {} if figures.rows else {"": words.empty_message}
    return {
        words.summary["entity"]: ticket.about.title.format(nit=nit, name=name),
        words.summary["type"]: words.types[ticket.kind].title,
        words.summary["from"]: ticket.first_day,
        words.summary["to"]: ticket.last_day,
        words.summary["made"]: colombia.told(now()),
        words.summary["rows"]: figures.rows,
        **empty,
    }
