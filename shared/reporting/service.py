"""What the services of reports answer (reporte/*): a ticket, then how far the report is and where its files are."""

import json
from typing import Any

from shared import radicado, settings
from shared.bulk import bucket, files, queues
from shared.bulk.tickets import create
from shared.call import Answer, Request
from shared.contract import loads, reports
from shared.reach import EVERY, reach
from shared.reporting import tickets
from shared.reporting.tickets import ReportTicket


def ask(request: Request) -> Answer:
    """Take note of a report and have it made; 202 with the ticket by which it is followed."""
    record, caller, deadline = request.record, request.caller, request.call.deadline
    asked = record.text("entity") if "entity" in record.values else None
    entities = reach(caller, asked, deadline)
    number, moment = radicado.draw()
    ticket = ReportTicket(
        tickets.reports_key(caller.nit),
        number,
        territorial=caller.territorial,
        kind=record.text("reportType"),
        first_day=record.text("from"),
        last_day=record.text("to"),
        entity=EVERY if asked is not None and asked.upper() == EVERY else entities[0],
        entities=list(entities),
        received_at=moment,
        x_road=dict(request.call.x_road) or None,
    )
    create(ticket, deadline)
    queues.send(settings.reports_queue(), [{"report": {"nit": caller.nit, "ticket_id": number}}], deadline)
    return _answer({"ticket": number, "message": reports.declared().requested_message}, 202)


def show(request: Request) -> Answer:
    """An entity's report: how far it is, and where its files are."""
    ticket = tickets.find(request.caller.nit, request.record.text("ticket"), request.call.deadline)
    state, reason = tickets.state(ticket)
    shown = {
        "ticket": ticket.sk,
        "reportType": ticket.kind,
        "from": ticket.first_day,
        "to": ticket.last_day,
        "entity": ticket.entity,
        "state": loads.bulk().states[state],
        "reason": reason,
        "rows": None if ticket.rows is None else int(ticket.rows),
        "receivedAt": ticket.received_at,
        "startedAt": ticket.started_at,
        "finishedAt": ticket.finished_at,
        "results": _results(ticket) if ticket.has_results else None,
    }
    answer: dict[str, Any] = {"data": {name: value for name, value in shown.items() if value is not None}}
    if ticket.rows == 0:
        answer["message"] = reports.declared().empty_message
    return _answer(answer)


def _results(ticket: ReportTicket) -> dict[str, str]:
    words = reports.declared()
    said = {
        "about": ticket.about.file_name.format(nit=ticket.entities[0]),
        "type": words.types[ticket.kind].file_name,
        "from": ticket.first_day,
        "to": ticket.last_day,
    }
    name = words.file_name.format_map(said)
    key = files.report_key(ticket.nit, ticket.sk, str(ticket.build))
    links = {kind: bucket.link(f"{key}.{kind}", f"{name}.{kind}") for kind in ("csv", "xlsx")}
    return {**links, "expiresAt": bucket.link_expiry()}


def _answer(body: dict[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(body, ensure_ascii=False), status)
