"""A key of KMS on this machine: signs with a key file, so that certificates can be verified after a restart, too.

moto's KMS forgets its keys, and signs a digest as if it were a message.
"""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

HOST = "127.0.0.1"
STOPS_WITHIN = 0.01  # seconds
KEY_ID = "constancias"
ALGORITHM = "ECDSA_SHA_256"
MEDIA_TYPE = "application/x-amz-json-1.1"


@contextmanager
def running(file: Path) -> Iterator[None]:
    """An endpoint of KMS with the key of `file`, made if it is not there, known to the functions by the environment."""
    server = ThreadingHTTPServer((HOST, 0), _handler(_key(file)))
    threading.Thread(target=server.serve_forever, args=(STOPS_WITHIN,), daemon=True).start()
    os.environ["AWS_ENDPOINT_URL_KMS"] = f"http://{HOST}:{server.server_port}"
    os.environ["CERTIFICATE_KEYS"] = KEY_ID
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    """The key, for its owner's eyes only."""
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    kept = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(kept, ec.EllipticCurvePrivateKey)
    return kept


def _handler(key: ec.EllipticCurvePrivateKey) -> type[BaseHTTPRequestHandler]:
    """KMS's JSON protocol, as far as the functions speak it."""

    def sign(request: dict[str, Any]) -> dict[str, Any]:
        assert (request["MessageType"], request["SigningAlgorithm"]) == ("DIGEST", ALGORITHM)
        digest = base64.b64decode(request["Message"])
        signature = key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return {"Signature": base64.b64encode(signature).decode(), "SigningAlgorithm": ALGORITHM}

    def get_public_key(_request: dict[str, Any]) -> dict[str, Any]:
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {
            "PublicKey": base64.b64encode(public).decode(),
            "KeySpec": "ECC_NIST_P256",
            "KeyUsage": "SIGN_VERIFY",
            "SigningAlgorithms": [ALGORITHM],
        }

    actions = {"TrentService.Sign": sign, "TrentService.GetPublicKey": get_public_key}

    class Handler(BaseHTTPRequestHandler):
        """One call."""

        def do_POST(self) -> None:
            """Answer it."""
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = actions[self.headers["X-Amz-Target"]](request)
            body = json.dumps({"KeyId": request["KeyId"], **answer}).encode()
            self.send_response(200)
            self.send_header("Content-Type", MEDIA_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: what the functions log is enough."""

    return Handler
