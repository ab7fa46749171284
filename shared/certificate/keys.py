"""The keys that sign certificates, in KMS: the first of them signs, all of them are published.

A key is known by the thumbprint of its public part (RFC 7638), which says as much as the key itself: `kid`.
"""

import functools
import hashlib
import json
from typing import Any

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey
from joserfc.util import to_str, urlsafe_b64encode

from shared import retry, settings

ALGORITHM = "ES256"
KMS_ALGORITHM = "ECDSA_SHA_256"
HALF = 32  # bytes of each of a signature's two numbers


@functools.cache
def client() -> Any:
    """KMS."""
    return boto3.client("kms", config=Config(**retry.PATIENCE))


def sign(payload: bytes, deadline: float) -> str:
    """The payload as a compact JWS, by the key of now. Raises Rejection (unavailable).

    KMS signs the digest: a message may have 4 KB at most.
    """
    key_id = settings.certificate_keys()[0]
    header = {"alg": ALGORITHM, "kid": _known(key_id, deadline).thumbprint()}
    signed = b".".join(map(urlsafe_b64encode, (json.dumps(header).encode(), payload)))
    request = {
        "KeyId": key_id,
        "Message": hashlib.sha256(signed).digest(),
        "MessageType": "DIGEST",
        "SigningAlgorithm": KMS_ALGORITHM,
    }
    answer = retry.until(deadline, lambda: client().sign(**request))
    return to_str(b".".join((signed, urlsafe_b64encode(_raw(answer["Signature"])))))


def published(deadline: float) -> list[ECKey]:
    """The public keys, that of now first. Raises Rejection (unavailable)."""
    return [_known(key_id, deadline) for key_id in settings.certificate_keys()]


def _known(key_id: str, deadline: float) -> ECKey:
    return retry.until(deadline, lambda: _public(key_id))


@functools.cache
def _public(key_id: str) -> ECKey:
    return ECKey.import_key(client().get_public_key(KeyId=key_id)["PublicKey"])


def _raw(signature: bytes) -> bytes:
    """KMS answers in DER, a JWS has the two numbers one after the other (RFC 7518, 3.4)."""
    return b"".join(number.to_bytes(HALF) for number in decode_dss_signature(signature))
