"""The guide's section on the certificate of payment: from a contract to the certificate, and its verification."""

import contextlib
import io
import re
import tempfile
from pathlib import Path

from docs.queries.teller import Registrar, Teller
from local import keys as local_keys
from local import verify
from shared.certificate import keys

CODE = "CCE-0502-2025"
ACT = {
    "actDocumentCode": CODE,
    "platform": 2,
    "generatorFactValue": "46911499",
    "generatorFactStartDate": "2025-02-03 00:00:00",
    "generatorFactEndDate": "2025-12-31 00:00:00",
    "parametricActDocumentCodeType": "AD4",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": "19396910",
    "taxpayerName": "Diego Ariza",
    "type": 0,
}
PAYMENT = {
    "liquidatedValueId": "LIQ-0502-1",
    "paidValueId": "PSE-0502-1",
    "valuePaid": "200000",
    "paymentDate": "2025-02-10",
    "type": 1,
}
CONTRACT = {"year": 2025, "taxpayerDocumentNumber": "19396910", "actDocumentCode": CODE}
SHOWN_CODE, SHOWN_REFERENCE = "SAD3K1AHCHK4BKETSGWB", "01JGX3M5N7P9R1S3T5V7W9X1Y3"

# What is another each time that this is told -> how the guide shows it.
_STEADY = (
    (r'("actReference": "\d+-)01…\w"', rf'\g<1>{SHOWN_REFERENCE}"'),
    (r'("signature": )"[^"]*"', r'\1"eyJhbGciOiAiRVMyNTYiLCAia2lkIjog…"'),
    (r'("pdfSha256": )"[^"]*"', r'\1"896c34db…"'),
    (r'("(?:x|y|kid)": )"[^"]*"', r'\1"…"'),
    (r"(-----BEGIN PUBLIC KEY-----\\n).*?(\\n-----END)", r"\1…\2"),
    (r"Expedida el .*? \(hora", "Expedida el 26 de noviembre de 2026, 9:10:24\u00a0p.\u00a0m. (hora"),
)


def tell(teller: Teller) -> dict[str, str]:
    """A contract with a stamp paid in part; its certificate is verified, before and after the rest is paid."""
    with tempfile.TemporaryDirectory() as folder, local_keys.running(Path(folder) / "key.pem"):
        for cached in (keys.client, keys._public):  # noqa: SLF001 - of another endpoint
            cached.cache_clear()
        return _told(teller, Path(folder))


def _told(teller: Teller, folder: Path) -> dict[str, str]:
    register(teller)
    [row] = teller.ask("findPublicly", {"searchType": "Contrato", **CONTRACT})[1].body["data"]
    shown, issued = teller.ask("getCertificate", {"actReference": row["actReference"]})
    code = issued.body["data"]["certificate"]["code"]
    published, public = teller.ask("getCertificateKey", {})
    offline = _verified(folder, issued.text, public.text)
    unchanged = teller.ask("verifyCertificate", {"codigo": code})[0]
    pay_the_rest(teller)
    changed = teller.ask("verifyCertificate", {"codigo": code})[0]
    parts = {
        "constancia": shown,
        "constancia-igual": unchanged,
        "constancia-cambiada": changed,
        "constancia-llave": published,
        "constancia-sin-conexion": offline,
    }
    return {name: _steady(text, code) for name, text in parts.items()}


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    teller.register("registerActDocument", ACT)
    liquidation = {
        "actDocumentCode": CODE,
        "taxpayerDocumentNumber": "19396910",
        "liquidatedValueId": "LIQ-0502-1",
        "stampNumber": "194-000-001",
        "liquidatedValue": "235000",
        "type": 1,
    }
    teller.register("registerLiquidation", liquidation)
    teller.register("registerPayment", PAYMENT)


def pay_the_rest(teller: Registrar) -> None:
    """What changes after the certificate was issued."""
    rest = {"paidValueId": "PSE-0502-2", "valuePaid": "35000", "paymentDate": "2025-03-04"}
    teller.register("registerPayment", PAYMENT | rest)


def _verified(folder: Path, certificate: str, public: str) -> str:
    """What the command says of the saved answer."""
    files = {"constancia.json": certificate, "llave.json": public}
    for name, text in files.items():
        (folder / name).write_text(text)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert verify.main([str(folder / name) for name in files]) == 0
    return f"```text\n{said.getvalue().strip()}\n```"


def _steady(text: str, code: str) -> str:
    grouped = "-".join(re.findall("....", SHOWN_CODE))
    text = text.replace(code, SHOWN_CODE).replace("-".join(re.findall("....", code)), grouped)
    for changing, shown in _STEADY:
        text = re.sub(changing, shown, text)
    return text
