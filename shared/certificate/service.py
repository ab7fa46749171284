"""What the services of certificates answer (constancia*): certificates, whether one is genuine, and public keys."""

from itertools import islice
from typing import Any
from urllib.parse import urlencode

from shared import answers, contract, reading, settings, whole_act
from shared.bulk import bucket
from shared.call import Answer, Request
from shared.certificate import changes, facts, keys, page, seal, store
from shared.certificate.facts import Facts
from shared.contract import certificates
from shared.models import CERTIFICATE, Certificate, Groups, certificate_key, public_contract, public_group
from shared.page import HEADERS, MEDIA_TYPE
from shared.public import references
from shared.public.references import Referred
from shared.radicado import draw
from shared.rejection import Finding, Rejection
from shared.validation import Record

PDF = "application/pdf"
FOLDER = "certificates/"


def issue(request: Request) -> Answer:
    """A certificate about an act document: the last one, if it has just stated the same, else a new one."""
    deadline = request.call.deadline
    referred = _referred(request.record, deadline)
    moment = draw()[1]  # before the facts are read: nothing that they lack was there by then
    stated = _facts(referred.nit, referred.code, referred.taxpayer, deadline) if referred else None
    if referred is None or stated is None or not _may_be_shown(stated, request.record):
        raise Rejection([Finding("certificate-act-unknown")])
    issued = store.last(stated, deadline) or _new(referred, moment, stated, deadline)
    return Answer(answers.dumps({"data": _shown(issued)}))


def verify(request: Request) -> Answer:
    """Whether a certificate is genuine, what it states, and what has changed since."""
    found = _verification(request.record.text("codigo"), request.call.deadline)
    words = certificates.declared()
    message = words.unchanged if found["unchanged"] else words.changed
    return Answer(answers.dumps({"data": found, "message": message}))


def show_verification(request: Request) -> Answer:
    """The same as a page, or the form that asks for a code."""
    code = request.record.values.get("codigo")
    shown = page.form() if code is None else page.verification(_verification(str(code), request.call.deadline))
    return Answer(shown, media_type=MEDIA_TYPE, headers=HEADERS)


def show_keys(request: Request) -> Answer:
    """The public keys, as a JWK set and in PEM."""
    public = keys.published(request.call.deadline)
    shown = [key.as_dict(private=False, kid=key.thumbprint(), alg=keys.ALGORITHM, use="sig") for key in public]
    pem = "".join(key.as_pem(private=False).decode() for key in public)
    return Answer(answers.dumps({"data": {"keys": shown, "pem": pem}}))


def _referred(record: Record, deadline: float) -> Referred | None:
    """The act document that is asked for; none if several entities have stamps on such a contract."""
    if "actReference" in record.values:
        return references.find(record.text("actReference"), deadline)
    place = public_contract(record.text("year"), record.text("actDocumentCode"))
    group = public_group(record.text("taxpayerDocumentNumber"))
    creations = map(reading.key_of, reading.query_group(group, deadline, Groups.place == place))
    found = list(islice(references.liquidated(creations, 2, deadline), 2))
    return found[0] if len(found) == 1 else None


def _may_be_shown(stated: Facts, record: Record) -> bool:
    """Who only knows a contract's number is not told of one that the public's consultation would not show."""
    return bool(stated["stamps"]) or "actReference" in record.values


def _facts(nit: str, code: str, taxpayer: str, deadline: float) -> Facts | None:
    act = whole_act.read(nit, code, taxpayer, deadline)
    return None if act is None else facts.of(nit, act, deadline)


def _new(referred: Referred, moment: str, stated: Facts, deadline: float) -> Certificate:
    """A certificate of that moment, signed and kept: its PDF first, so that whatever certificate is found has one."""
    from shared.certificate import document  # noqa: PLC0415 - with what only drawing needs

    code = store.new_code()
    certificate = {"code": code, "issuedAt": moment, "environment": settings.environment(), **stated}
    if len(answers.dumps(certificate).encode()) > certificates.declared().maximum_bytes:
        raise Rejection([Finding("certificate-too-large")])
    pdf = document.draw(certificate, _address(code))
    certificate["pdfSha256"] = seal.digest(pdf)
    signature = keys.sign(answers.dumps(certificate).encode(), deadline)
    bucket.put_by(deadline, _pdf_key(code), seal.sealed(pdf, signature))
    row = Certificate(
        certificate_key(code),
        CERTIFICATE,
        nit=referred.nit,
        act_document_code=referred.code,
        taxpayer_document_number=referred.taxpayer,
        signature=signature,
    )
    store.keep(row, stated, deadline)
    return row


def _shown(issued: Certificate) -> dict[str, Any]:
    """What is answered, with a link to the sealed PDF."""
    certificate = store.content(issued)
    code = certificate["code"]
    key = _pdf_key(code)
    file_name = key.removeprefix(FOLDER)
    link = {"fileName": file_name, "url": bucket.link(key, file_name, PDF), "expiresAt": bucket.link_expiry()}
    return {"certificate": certificate, "signature": issued.signature, "verification": _address(code), "pdf": link}


def _pdf_key(code: str) -> str:
    return f"{FOLDER}constancia-{code}.pdf"


def _verification(code: str, deadline: float) -> dict[str, Any]:
    row = store.find(code, deadline)
    if row is None:
        raise Rejection([Finding("certificate-unknown", "codigo")])
    certificate, moment = store.content(row), draw()[1]
    now = _facts(row.nit, row.act_document_code, row.taxpayer_document_number, deadline)
    assert now is not None  # an act document is never withdrawn
    found = changes.between(certificate, now)
    return {
        "genuine": True,
        "unchanged": not found,
        "checkedAt": moment,
        "certificate": certificate,
        "changes": found,
    }


def _address(code: str) -> str:
    """Where a certificate is verified: what its QR code says."""
    base = settings.base_url() or contract.server(settings.environment())
    return f"{base}{contract.operation('showVerification').path}?{urlencode({'codigo': code})}"
