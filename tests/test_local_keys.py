"""The key of `make run` outlives it, so that what it signed can still be verified."""

import hashlib
import os
from pathlib import Path

import boto3
import pytest
from joserfc.jwk import ECKey

from local import keys
from shared import retry
from shared.certificate import keys as signing
from shared.certificate import seal


def _signed_and_published(file: Path) -> tuple[bytes, list[ECKey]]:
    for cached in (signing.client, signing._public):
        cached.cache_clear()
    with keys.running(file):
        return signing.sign(b'{"a": 1}', retry.deadline()).encode(), signing.published(retry.deadline())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_KMS", "CERTIFICATE_KEYS"):
        monkeypatch.setenv(name, "")


def test_a_restart_keeps_the_key(tmp_path: Path) -> None:
    """What one run signed another verifies, and the file is its owner's alone."""
    file = tmp_path / "key.pem"
    signature, _ = _signed_and_published(file)
    again, public = _signed_and_published(file)
    assert seal.verified(signature, public) == seal.verified(again, public) == {"a": "1"}
    assert file.stat().st_mode & 0o777 == 0o600
    _, others = _signed_and_published(tmp_path / "other.pem")
    with pytest.raises(seal.NotGenuineError):
        seal.verified(signature, others)


def test_it_speaks_as_kms_does(tmp_path: Path) -> None:
    """AWS's own client understands its answers: a DER signature of a digest, and a DER public key."""
    with keys.running(tmp_path / "key.pem"):
        client = boto3.client("kms", endpoint_url=os.environ["AWS_ENDPOINT_URL_KMS"])
        digest = hashlib.sha256(b"x").digest()
        signed = client.sign(KeyId="a", Message=digest, MessageType="DIGEST", SigningAlgorithm=signing.KMS_ALGORITHM)
        assert (signed["KeyId"], signed["Signature"][:1]) == ("a", b"\x30")
        assert client.get_public_key(KeyId="a")["KeySpec"] == "ECC_NIST_P256"
