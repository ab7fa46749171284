"""The certificate as a PDF of one page, or more when the stamps do not fit: tagged (PDF/UA-1), made to last (PDF/A-2a).

Typst and its fonts are imported with this module, and this module only when a certificate is made.
"""

import datetime
import functools
import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import segno
import typst

from shared import answers, contract
from shared.certificate import seal, wording
from shared.certificate.facts import Facts

TEMPLATE = Path(__file__).with_name("certificate.typ")
STANDARDS: list[Any] = ["ua-1", "a-2a"]
# Latin, Greek and Cyrillic letters, and punctuation, as far as Unicode assigns them: what the fonts have.
WRITTEN = (("\u0020", "\u052f"), ("\u1e00", "\u1fff"), ("\u2010", "\u206f"), ("\u20a0", "\u20c0"))


def draw(certificate: Facts, address: str) -> bytes:
    """The PDF of a certificate; `address` is where it is verified."""
    texts = wording.straight(json.dumps(_texts(certificate, address), ensure_ascii=False))
    code = io.BytesIO()
    segno.make(address, error="m", boost_error=False).save(code, kind="svg", border=2, xmldecl=False)
    inputs = {"data": texts, "qr": code.getvalue().decode()}
    issued = int(datetime.datetime.fromisoformat(certificate["issuedAt"]).timestamp())
    try:
        return seal.closed(_compiled(inputs, issued))
    except typst.TypstError:  # no font has one of its characters: the standards forbid a box in its place
        return seal.closed(_compiled(inputs | {"data": "".join(map(_spelt_out, texts))}, issued))


def _compiled(inputs: dict[str, str], timestamp: int) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=STANDARDS,
        timestamp=timestamp,
    )


@functools.cache
def _fonts() -> typst.Fonts:
    """Noto Sans, and those that Typst carries: alike on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(fontpkg_noto_sans.ROOT / "files")])


def _spelt_out(character: str) -> str:
    """A character that no font may have, by its code point."""
    known = any(first <= character <= last for first, last in WRITTEN) and unicodedata.category(character) != "Cn"
    return character if known else wording.spelt_out(character)


def _texts(certificate: Facts, address: str) -> dict[str, Any]:
    """What the template shows, ready to be read."""
    kind, number = certificate["payerDocumentParametricTypeCode"], certificate["taxpayerDocumentNumber"]
    return {
        "trial": certificate["environment"] != "prod",
        "code": wording.grouped(certificate["code"]),
        "issued": wording.moment(certificate["issuedAt"]),
        "address": address,
        "page": address.partition("?")[0],
        "entity": certificate["entity"],
        "entityName": certificate["entityName"],
        "actDocumentCode": certificate["actDocumentCode"],
        "kind": contract.code_names("ActDocumentKind")[certificate["parametricActDocumentCodeType"]],
        "taxpayerName": certificate["taxpayerName"],
        "taxpayer": f"{contract.code_names('TaxpayerDocumentKind')[kind]} {number}",
        "value": wording.money(certificate["generatorFactValue"]),
        "start": wording.day(certificate["generatorFactStartDate"]),
        "end": wording.day(certificate["generatorFactEndDate"]),
        "paid": answers.PAID,
        "unpaid": answers.UNPAID,
        "stamps": [_stamp(each) for each in certificate["stamps"]],
        "totals": {
            "value": wording.money(certificate["liquidatedValue"]),
            "paid": wording.money(certificate["paidValue"]),
            "missing": wording.money(certificate["missingValue"]),
            "state": certificate["state"],
        },
    }


def _stamp(stamp: Facts) -> dict[str, Any]:
    return {
        "name": stamp["stampName"],
        "number": stamp["stampNumber"],
        "liquidation": stamp["liquidatedValueId"],
        "value": wording.money(stamp["liquidatedValue"]),
        "payments": [
            (wording.short_day(each["paymentDate"]), wording.money(each["valuePaid"])) for each in stamp["payments"]
        ],
        "missing": wording.money(stamp["missingValue"]),
        "state": stamp["state"],
    }
