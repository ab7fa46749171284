"""The end of a load: its file read again, each row with what became of it, and the ticket's final figures."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from shared import contract, retry
from shared.bulk import bucket, files, progress, source, tickets, workplace
from shared.bulk.outcomes import NOT_PROCESSED, VALID, Outcome
from shared.bulk.results import Results
from shared.bulk.tickets import RowError, Ticket
from shared.contract import loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet.cells import Cell
from shared.spreadsheet.rows import read_row
from shared.spreadsheet.table import Table
from shared.validation import Record

Judge = Callable[[int, Record], Outcome]
"""What became of a row that keeps every rule of format."""


def finish(nit: str, ticket_id: str) -> None:
    """Write the result files of a load and end it. Done again, it writes the same."""
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    if ticket.results_until is not None or (ticket.reason and not ticket.total):
        return
    counts: Counter[str] = Counter()
    errors: list[RowError] = []
    with workplace.folder() as folder:
        found = source.fetch(ticket, folder)
        if found is None:
            return
        table, _ = found
        with Results(folder, table) as results:
            for number, cells, outcome in _outcomes(ticket, table):
                results.add(number, cells, outcome)
                counts[outcome.result] += 1
                tickets.add_errors(errors, number, outcome.findings)
        for path in results.paths:
            bucket.put_file(files.result_key(nit, ticket_id, path.name), path)
    tickets.finish(ticket, counts, errors)


def break_off(nit: str, ticket_id: str) -> None:
    """End a load whose results could not be written, for no fault of its own: none of its lanes is at work any more."""
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    counts, _ = progress.counts(ticket, retry.deadline())
    counts[NOT_PROCESSED] = int(ticket.total) - counts.total()
    tickets.break_off(ticket, counts)


def _outcomes(ticket: Ticket, table: Table) -> Iterator[tuple[int, Sequence[Cell], Outcome]]:
    file = loads.files()[ticket.operation]
    registration = contract.operation(file.registers)
    known = {} if ticket.only_check else _known(ticket)
    judge = _repeats(file) if ticket.only_check else _not_processed
    for number, cells in table.rows():
        outcome = known.pop(number, None)
        if outcome is None:
            try:
                outcome = judge(number, read_row(registration, file, ticket.caller, table.header, cells))
            except Rejection as rejection:
                outcome = Outcome.rejected(rejection.findings)
        yield number, cells, outcome


def _known(ticket: Ticket) -> dict[int, Outcome]:
    """What the steps kept, whatever the rules of format say by now."""
    known: dict[int, Outcome] = {}
    for step in progress.steps_of(ticket):
        known |= {int(number): Outcome.of(stored) for number, stored in step.outcomes.items()}
    return known


def _not_processed(_number: int, _record: Record) -> Outcome:
    """A row of a lane that was given up has no outcome."""
    return Outcome(NOT_PROCESSED, None, (Finding("processing-failed").told(),))


def _repeats(file: loads.File) -> Judge:
    """Whether an earlier row of the file registers the same id."""
    first: dict[tuple[str | int, ...], int] = {}

    def judge(number: int, record: Record) -> Outcome:
        if not file.identity_when.items() <= record.values.items():
            return Outcome(VALID)
        earlier = first.setdefault(tuple(record.values[name] for name in file.identity), number)
        if earlier == number:
            return Outcome(VALID)
        return Outcome.rejected([Finding("row-repeated", values={"row": str(earlier)})])

    return judge
