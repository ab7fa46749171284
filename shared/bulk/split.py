"""A file that arrived -> lanes of rows that keep every rule of format, and one message for each lane.

Done again, after a crash or for an event that came twice, it sends the same messages.
"""

from shared import contract, retry, settings
from shared.bulk import bucket, files, plan, queues, source, tickets, workplace
from shared.bulk.tickets import RowError, Ticket
from shared.contract import loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet.rows import read_row
from shared.spreadsheet.table import Table


def split(nit: str, ticket_id: str, version: str | None) -> None:
    """Begin the load of the file that arrived for this ticket, in this version."""
    ticket = _begun(nit, ticket_id, version)
    if ticket is None:
        return
    lanes = _divide(ticket) if ticket.lanes is None else int(ticket.lanes)
    if lanes is not None:
        _send(ticket, lanes)


def give_up(nit: str, ticket_id: str, version: str | None) -> None:
    """End the load of a file that could not be divided.

    One that was divided ends by its lanes, which may be at work: they are sent again, in case not all of them were.
    """
    ticket = _begun(nit, ticket_id, version)
    if ticket is None:
        return
    if ticket.lanes is None:
        tickets.refuse(ticket, Rejection([Finding("processing-failed")]))
    else:
        _send(ticket, int(ticket.lanes))


def _begun(nit: str, ticket_id: str, version: str | None) -> Ticket | None:
    """The ticket, begun; None for an event that came again too late, or for a second file at the same address."""
    ticket = tickets.find(nit, ticket_id, retry.deadline())
    return ticket if ticket.finished_at is None and tickets.start(ticket, version) else None


def _send(ticket: Ticket, lanes: int) -> None:
    """A message for each lane; if there is none, for the results. Those that are done or at work take no harm of it."""
    whose = {"nit": ticket.nit, "ticket_id": ticket.sk}
    if lanes:
        queues.send(settings.lanes_queue(), [{**whose, "lane": lane} for lane in range(lanes)], retry.deadline())
    else:
        queues.send(settings.files_queue(), [{"finish": whose}], retry.deadline())


def _divide(ticket: Ticket) -> int | None:
    """Store the lanes, and what is known of the whole file; the number of lanes, None if the file is refused."""
    if ticket.only_check:
        return 0
    with workplace.folder() as folder:
        found = source.fetch(ticket, folder)
        return _store(ticket, *found) if found else None


def _store(ticket: Ticket, table: Table, sha256: str) -> int:
    file = loads.files()[ticket.operation]
    registration = contract.operation(file.registers)
    dependencies = plan.Dependencies(file.depends_on)
    rows: list[bytes] = []  # what a lane has of each row: [number, parameters]
    errors: list[RowError] = []
    rejected = 0
    for number, cells in table.rows():
        try:
            record = read_row(registration, file, ticket.caller, table.header, cells)
        except Rejection as rejection:
            rejected += 1
            tickets.add_errors(errors, number, (finding.told() for finding in rejection.findings))
        else:
            dependencies.add(record.values)
            rows.append(f"[{number}, {record.received_json()}]".encode())
    sets = dependencies.sets()
    lanes = plan.lanes(sets)
    for number, lane in enumerate(lanes):
        steps = (b"[" + b",".join(rows[row] for row in step) + b"]" for step in plan.steps(lane, sets))
        bucket.put(files.lane_key(ticket.nit, ticket.sk, number), b"[" + b",\n".join(steps) + b"]")
    figures = {"total": len(rows) + rejected, "rejected": rejected, "lanes": len(lanes)}
    tickets.divided(ticket, sha256, figures, errors)
    return len(lanes)
