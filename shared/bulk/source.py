"""A load's own file, brought here to be read; apart from what only names files, for what reads them weighs."""

import hashlib
from pathlib import Path

from shared.bulk import bucket, files, tickets
from shared.bulk.tickets import Ticket
from shared.contract import loads
from shared.rejection import Rejection
from shared.spreadsheet.table import Table, open_table


def fetch(ticket: Ticket, folder: Path) -> tuple[Table, str] | None:
    """The table in a ticket's file, and the file's SHA-256; None for a file that is refused as a whole.

    Nothing else refuses a load: what fails before or after is no fault of the file, and its message comes again.
    """
    path = folder / f"file{files.extension(ticket.file_name)}"
    bucket.download(files.upload_key(ticket.nit, ticket.sk, ticket.file_name), ticket.version, path)
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    file = loads.files()[ticket.operation]
    try:
        return open_table(path, ticket.file_name, file), sha256
    except Rejection as rejection:
        tickets.refuse(ticket, rejection)
        return None
