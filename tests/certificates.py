"""Certificates for tests: facts as they are certified, a key of one's own, and what a PDF shows."""

import hashlib
from typing import Any

import pypdfium2
import zxingcpp
from joserfc import jws
from joserfc.jwk import ECKey

from shared import answers
from shared.certificate import document, seal

ADDRESS = "https://sigec.example/constancia/verificar?codigo=7K3MZ9QW2C5XRT8VABCD"
POINTS_PER_INCH = 72
READABLE = 200  # dots per inch


def stamp(number: int = 1, *, paid: str = "235000.00", missing: str = "0.00", payments: int = 1) -> dict[str, Any]:
    """A stamp as it is certified."""
    value = f"{int(paid.split('.', maxsplit=1)[0]) + int(missing.split('.', maxsplit=1)[0])}.00"
    return {
        "stampNumber": f"194-000-{number:03}",
        "stampName": "Pro Bienestar del Adulto Mayor",
        "liquidatedValueId": f"LIQ-{number:06}",
        "liquidatedValue": value,
        "paidValue": paid,
        "missingValue": missing,
        "state": "LEGALIZADO" if missing == "0.00" else "LIQUIDADO",
        "payments": [
            {"paidValueId": f"P-{number}-{each}", "valuePaid": paid, "paymentDate": "2024-03-19"}
            for each in range(payments)
        ],
    }


def certificate(number: int = 2, **changed: Any) -> dict[str, Any]:
    """What a certificate states, its PDF's digest aside."""
    every = [stamp(each) for each in range(number)]
    total = f"{235000 * number}.00"
    return {
        "code": "7K3MZ9QW2C5XRT8VABCD",
        "issuedAt": "2026-11-26T18:43:45.123Z",
        "environment": "prod",
        "entity": "800094164",
        "entityName": "Gobernación del Putumayo",
        "actDocumentCode": "CCE-147-2023",
        "parametricActDocumentCodeType": "AD4",
        "generatorFactValue": "46911499.00",
        "generatorFactStartDate": "2024-01-01 00:00:00",
        "generatorFactEndDate": "2024-12-31 00:00:00",
        "payerDocumentParametricTypeCode": "NIT",
        "taxpayerDocumentNumber": "901805364",
        "taxpayerName": "UNIÓN TEMPORAL PUTUMAYO SEGURO 20/24",
        "stamps": every,
        "liquidatedValue": total,
        "paidValue": total,
        "missingValue": "0.00",
        "state": "LEGALIZADO",
        **changed,
    }


def signed(payload: dict[str, Any], key: ECKey) -> str:
    """A JWS over it, as the service makes it."""
    header = {"alg": "ES256", "kid": key.thumbprint()}
    return jws.serialize_compact(header, answers.dumps(payload), key, ["ES256"])


def issued(key: ECKey, stated: dict[str, Any]) -> tuple[bytes, bytes]:
    """The sealed PDF of a certificate, and the answer that it came with."""
    pdf = document.draw(stated, ADDRESS)
    whole = {**stated, "pdfSha256": hashlib.sha256(pdf).hexdigest()}
    signature = signed(whole, key)
    answer = answers.dumps({"data": {"certificate": whole, "signature": signature}})
    return seal.sealed(pdf, signature), answer.encode()


def text_of(pdf: bytes) -> str:
    """The text of all its pages, every space and line break a space."""
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages).replace("\ufffe", "")


def codes_in(pdf: bytes) -> list[str]:
    """What the QR codes on its pages say, as a camera would read them in black and white."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        bitmap = page.render(scale=READABLE / POINTS_PER_INCH, grayscale=True)
        rows = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
        found += [each.text for each in zxingcpp.read_barcodes(rows)]
    return found
