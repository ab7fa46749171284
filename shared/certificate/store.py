"""Certificates that were issued: by their code, and the last one of the same facts, to be given again for a while."""

import hashlib
import json
import secrets
import time
from typing import TypeVar

from joserfc.util import urlsafe_b64decode

from shared import answers, reading, retry, settings
from shared.certificate.facts import Facts
from shared.contract import certificates
from shared.models import CERTIFICATE, Certificate, CertifiedFacts, Row, certificate_key, facts_key
from shared.radicado import ALPHABET
from shared.validation.body import NumberText

CODE_LENGTH = 20  # of 5 bits each: nobody guesses one

T = TypeVar("T", bound=Row)


def new_code() -> str:
    """A code that nobody has had, made to be read from paper and typed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def find(code: str, deadline: float) -> Certificate | None:
    """The certificate with this code. Raises Rejection (unavailable)."""
    return _get(Certificate, certificate_key(code), deadline)


def last(stated: Facts, deadline: float) -> Certificate | None:
    """The certificate that has just stated the same, by bucket and key of now. Raises Rejection (unavailable)."""
    known = _get(CertifiedFacts, facts_key(_digest(stated)), deadline)
    return find(known.code, deadline) if known is not None and known.expires > time.time() else None


def keep(certificate: Certificate, stated: Facts, deadline: float) -> None:
    """Store a certificate, and that it is the last of what it states. Raises Rejection (unavailable)."""
    code = certificate.pk.removeprefix(certificate_key(""))
    expires = int(time.time()) + certificates.declared().same_for
    retry.until(deadline, certificate.save)  # under a code that nobody else has drawn
    retry.until(deadline, CertifiedFacts(facts_key(_digest(stated)), CERTIFICATE, code=code, expires=expires).save)


def content(certificate: Certificate) -> Facts:
    """All that it says, its numbers digit for digit."""
    payload = urlsafe_b64decode(certificate.signature.split(".")[1].encode())
    said: Facts = json.loads(payload, parse_int=NumberText, parse_float=NumberText)
    return said


def _get(model: type[T], pk: str, deadline: float) -> T | None:
    key = (pk, CERTIFICATE)
    found = reading.get([key], deadline).get(key)
    return None if found is None else model.from_raw_data(dict(found))


def _digest(stated: Facts) -> str:
    """Of facts, the bucket with the PDF of a certificate that states them, and the key that signed it."""
    made_with = settings.bucket_name(), settings.certificate_keys()[0]
    return hashlib.sha256(answers.dumps([*made_with, stated]).encode()).hexdigest()
