"""Everything that an entity registered, in the order of the radicados, for who follows it (consultaCambios/buscar)."""

import time

from shared import answers, colombia, cursor, journal, radicado
from shared.call import Answer, Request
from shared.query import reported
from shared.rejection import Finding, Rejection


def find(request: Request) -> Answer:
    """The next changes after a cursor, up to what is complete by now; always with a cursor from which to go on."""
    nit, deadline = request.caller.nit, request.call.deadline
    before = journal.settled()  # before anything is read
    page = journal.page(nit, _after(request), before, int(request.record.text("pageSize")), deadline)
    answer = {
        "data": [reported.entry(item) for item in page.entries],
        "cursor": cursor.write(page.until, nit, request.operation.id),
        "more": page.more,
        "completeUntil": radicado.moment_of(page.until),
    }
    return Answer(answers.dumps(answer))


def _after(request: Request) -> str:
    """The radicado after which to begin. Raises Rejection (cursor-invalid, changes-day-to-come)."""
    values = request.record.values
    if "cursor" in values:
        position = cursor.read(request.record.text("cursor"), request.caller.nit, request.operation.id)
        if not radicado.is_one(position):
            raise Rejection([Finding("cursor-invalid", "cursor")])
        return position
    start = colombia.midnight(request.record.text("from")) if "from" in values else 0
    if start > time.time() * 1000:
        raise Rejection([Finding("changes-day-to-come", "from")])
    return radicado.first_of(start)
