"""What the services of bulk load answer (cargaMasiva*): tickets, addresses to upload to, templates."""

import json
import time
from typing import Any

from shared import cursor, radicado
from shared.bulk import bucket, files, progress, tickets
from shared.bulk.outcomes import ALREADY, NOT_PROCESSED, REGISTERED, REJECTED, VALID
from shared.bulk.tickets import Ticket
from shared.call import Answer, Request
from shared.colombia import DAY_MILLISECONDS, midnight
from shared.contract import loads
from shared.spreadsheet import templates


def accept(request: Request) -> Answer:
    """Take a file, or give the address to upload it to; 202 with the ticket by which its load is followed."""
    file = request.file
    file_name = file.name if file else request.record.text("fileName")
    number, moment = radicado.draw()
    key = files.upload_key(request.caller.nit, number, file_name)
    ticket = Ticket(
        tickets.tickets_key(request.caller.nit),
        number,
        operation=request.operation.id,
        territorial=request.caller.territorial,
        file_name=file_name,
        only_check=request.record.text("validar") == "true",
        received_at=moment,
        upload_expires=int(time.time()) + tickets.UPLOAD_SECONDS,
        x_road=dict(request.call.x_road) or None,
    )
    tickets.create(ticket, request.call.deadline)
    arrived, to_upload = loads.bulk().accepted_messages
    if file:
        bucket.put_by(request.call.deadline, key, file.content)
        return _answer({"ticket": number, "message": arrived}, 202)
    maximum = loads.bulk().maximum_bytes
    post = bucket.upload_address(key, files.extension(file_name), maximum, tickets.UPLOAD_SECONDS)
    upload = {"url": post["url"], "fields": post["fields"], "expiresAt": _moment(ticket.upload_expires)}
    return _answer({"ticket": number, "message": to_upload, "upload": upload}, 202)


def show_ticket(request: Request) -> Answer:
    """An entity's ticket: how far its load is, what is wrong, and where its results are."""
    ticket = tickets.find(request.caller.nit, request.record.text("ticket"), request.call.deadline)
    shown = _summary(ticket, request.call.deadline)
    shown["errors"] = ticket.errors or []
    if ticket.has_results:
        shown["results"] = _results(ticket)
    return _answer({"data": shown})


def find_tickets(request: Request) -> Answer:
    """An entity's tickets between two days in Colombia, newest first, by pages."""
    nit, record = request.caller.nit, request.record
    first, last = _bounds(record.values.get("from"), record.values.get("to"))
    if "cursor" in record.values:
        position = cursor.read(record.text("cursor"), nit, request.operation.id)
        last = min(last, position[:-1] + chr(ord(position[-1]) - 1))  # what is sorted just before it
    size = int(record.text("pageSize"))
    found = tickets.between(nit, first, last, size + 1, request.call.deadline)
    answer: dict[str, Any] = {"data": [_summary(ticket, request.call.deadline) for ticket in found[:size]]}
    if len(found) > size:
        answer["cursor"] = cursor.write(found[size - 1].sk, nit, request.operation.id)
    return _answer(answer)


def show_template(request: Request) -> Answer:
    """The template of a file, made from the contract and stored under its own name."""
    service, kind = request.record.text("service"), request.record.text("format")
    file = next(each for each in loads.files().values() if each.service == service)
    content = templates.csv_template(file) if kind == "csv" else templates.xlsx_template(file)
    file_name = f"plantilla-{service}.{kind}"
    key = files.template_key(content, file_name)
    bucket.put_by(request.call.deadline, key, content)
    shown = {"fileName": file_name, "url": bucket.link(key, file_name), "expiresAt": bucket.link_expiry()}
    return _answer({"data": shown})


def _summary(ticket: Ticket, deadline: float) -> dict[str, Any]:
    if ticket.is_under_way:
        counts, last = progress.counts(ticket, deadline)
    else:
        counts, last = ticket.counts, ""
    state, reason = tickets.state(ticket, last, time.time())
    shown = {
        "ticket": ticket.sk,
        "service": loads.files()[ticket.operation].service,
        "fileName": ticket.file_name,
        "validar": ticket.only_check,
        "state": loads.bulk().states[state],
        "reason": reason,
        "rows": {
            "total": int(ticket.total),
            "done": counts.total() - counts[NOT_PROCESSED],
            **{name: counts[name] for name in (REGISTERED, ALREADY, REJECTED, NOT_PROCESSED, VALID)},
        },
        "receivedAt": ticket.received_at,
        "startedAt": ticket.started_at,
        "finishedAt": ticket.finished_at,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _results(ticket: Ticket) -> dict[str, str]:
    """Links to the result files; those of the rejected rows only if there are any."""
    names = {"csv": "resultados.csv", "xlsx": "resultados.xlsx"}
    if ticket.rejected + ticket.not_processed:
        names |= {"rejectedCsv": "rechazados.csv", "rejectedXlsx": "rechazados.xlsx"}
    stem = ticket.file_name.rpartition(".")[0]
    links = {
        kind: bucket.link(files.result_key(ticket.nit, ticket.sk, name), f"{stem}-{name}")
        for kind, name in names.items()
    }
    return {**links, "expiresAt": bucket.link_expiry()}


def _bounds(first_day: str | int | None, last_day: str | int | None) -> tuple[str, str]:
    """The first ticket that may be of the first day, and the first that is not of the last one any more."""
    first = midnight(str(first_day)) if first_day else 0
    last = midnight(str(last_day)) if last_day else time.time_ns() // 1_000_000
    return radicado.first_of(first), radicado.first_of(last + DAY_MILLISECONDS)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _answer(body: dict[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(body, ensure_ascii=False), status)
