"""A bulk load from the file to its results, as a clerk's program makes it: over the API, the bucket and the queues."""

import csv
import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import requests

from rehearsal import check, wait_until
from rehearsal.traffic import Api
from shared.contract import loads

LOAD = "loadActDocuments"
FINISHED_WITHIN = 120.0  # seconds
UNDER_WAY = ("received", "underWay")


def load(api: Api, token: str, nit: str, expected: dict[str, str]) -> None:
    """Upload a file of act documents by their codes, and see that its results say this of each. Raises RehearsalError.

    An empty code is the one thing wrong with its row.
    """
    states = loads.bulk().states
    asked = api.post(LOAD, token, {"fileName": "actos.csv"})
    check("Pedir una dirección para un archivo", asked.status, 202)
    address = asked.body["upload"]
    sent = requests.post(
        _here(api, address["url"]), data=address["fields"], files={"file": _file(nit, expected)}, timeout=60
    )
    check("Subir el archivo", sent.status_code, 204)

    def ticket() -> dict[str, Any]:
        shown: dict[str, Any] = api.post("getTicket", token, {"ticket": asked.body["ticket"]}).body["data"]
        return shown

    wait_until(
        lambda: ticket()["state"] not in {states[each] for each in UNDER_WAY},
        FINISHED_WITHIN,
        "La carga de un archivo no terminó.",
    )
    found = requests.get(_here(api, ticket()["results"]["csv"]), timeout=60)
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    check("Lo que dice el archivo de resultados", {row["actDocumentCode"]: row["resultado"] for row in rows}, expected)


def _file(nit: str, codes: Iterable[str]) -> str:
    """A CSV with the template's header, and one row per code."""
    file = loads.files()[LOAD]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.name for column in file.columns)
    days = ("2024-01-01 00:00:00", "2024-12-31 00:00:00")
    writer.writerows([nit, "", code, "2", "100.00", *days, "AD4", "CC", "19396910", "Ensayo", "0"] for code in codes)
    return text.getvalue()


def _here(api: Api, address: str) -> str:
    """The same address at the emulator, which tells a bucket by its path as well."""
    parts = urlsplit(address)
    return parts._replace(netloc=f"127.0.0.1:{api.port}").geturl()
