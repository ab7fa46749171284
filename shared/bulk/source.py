"""A load's own file, brought here to be read; apart from what only names files, for what reads them weighs."""

import hashlib
from pathlib import Path

from shared.bulk import bucket, files
from shared.bulk.tickets import Ticket
from shared.contract import loads
from shared.spreadsheet.table import Table, open_table


def fetch(ticket: Ticket, folder: Path) -> tuple[Table, str]:
    """The table in a ticket's file, and the file's SHA-256. Raises Rejection for a file that is refused as a whole."""
    path = folder / f"file{files.extension(ticket.file_name)}"
    bucket.download(files.upload_key(ticket.nit, ticket.sk, ticket.file_name), ticket.version, path)
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    file = loads.files()[ticket.operation]
    return open_table(path, ticket.file_name, file), sha256
