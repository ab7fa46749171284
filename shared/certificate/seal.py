"""Seals a certificate, and tells whether one is genuine: with the file and the public key alone.

What is signed is one JSON object, the certificate, with the SHA-256 of its PDF as `pdfSha256`; the JWS that holds it
stands in the answer as `signature`, and behind the PDF as a comment, which viewers pass over:

    %PDF-1.7 ... startxref 12345 %%EOF      the PDF as it was made, of which the hash is
    %SIGEC-JWS eyJhbGciOi...                the seal
    startxref 12345 %%EOF                   the same end once more, for viewers look for it in the last bytes
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from joserfc import jws
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet

MARK = b"%SIGEC-JWS "
ALGORITHMS = ["ES256"]
MEMBERS = {"certificate", "signature", "verification", "pdf"}
LINK = {"fileName", "url", "expiresAt"}

_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\n\Z")
# By which viewers find a PDF, in a file that does not begin as one, too.
_SHOWN_AS_PDF = re.compile(rb"%PDF-|\d\s+\d+\s+obj\b")


class NotGenuineError(Exception):
    """Not a certificate of the key's owner, or no longer as it was issued; the text says why, in Spanish."""


def digest(pdf: bytes) -> str:
    """What the certificate says of its PDF."""
    return hashlib.sha256(pdf).hexdigest()


def closed(pdf: bytes) -> bytes:
    """The PDF, ending in a line of its own."""
    return pdf.rstrip() + b"\n"


def sealed(pdf: bytes, signature: str) -> bytes:
    """A `closed` PDF with its certificate's JWS behind it."""
    return pdf + MARK + signature.encode() + b"\n" + _end(pdf)


def keys(text: bytes) -> list[ECKey]:
    """The public keys of a PEM file, or of a JWK set. Raises ValueError."""
    try:
        found = [ECKey.import_key(each) for each in _written_keys(text)]
    except (JoseError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError from error
    if not found:
        raise ValueError
    return found


def _written_keys(text: bytes) -> list[Any]:
    if text.lstrip().startswith(b"{"):
        found = json.loads(text)
        return list(found.get("data", found)["keys"])
    blocks = re.findall(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", text, re.DOTALL)
    return [block + b"\n" for block in blocks]


def verified(file: bytes, public: Iterable[ECKey]) -> dict[str, Any]:
    """What a certificate states: a PDF, an answer of constancia/obtener, or a JWS alone. Raises NotGenuineError.

    Numbers are kept as their text.
    """
    if file.startswith(b"%PDF-"):
        return _verified_pdf(file, public)
    if file.lstrip().startswith(b"{"):
        return _verified_answer(file, public)
    return _stated(file.strip(), public)


def _verified_pdf(file: bytes, public: Iterable[ECKey]) -> dict[str, Any]:
    pdf, mark, seal = file.rpartition(MARK)
    signature, _, end = seal.partition(b"\n")
    if not mark:
        raise NotGenuineError("El archivo no tiene firma.")
    stated = _stated(signature, public)
    if stated["pdfSha256"] != digest(pdf) or end != _end(pdf):
        raise NotGenuineError("El archivo no es como se firmó: fue alterado o está incompleto.")
    return stated


def _verified_answer(file: bytes, public: Iterable[ECKey]) -> dict[str, Any]:
    """What the answer shows must be what is signed, to whatever it is opened with.

    Beside certificate and signature it may have the links that came with them, and nothing else. The links are not
    signed: they say where to look, and state nothing.
    """
    if _SHOWN_AS_PDF.search(file):
        raise NotGenuineError("El archivo puede mostrarse como un PDF que no es el que se firmó.")
    try:
        answer = _parsed(file)
        data = answer["data"]
        shown, signature = data["certificate"], data["signature"].encode()
        known = answer.keys() == {"data"} and data.keys() <= MEMBERS and data.get("pdf", {}).keys() <= LINK
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotGenuineError("El archivo no es una constancia, o está incompleto.") from None
    stated = _stated(signature, public)
    if shown != stated or not known:
        raise NotGenuineError("Lo que muestra el archivo no es lo que se firmó.")
    return stated


def _stated(signature: bytes, public: Iterable[ECKey]) -> dict[str, Any]:
    """joserfc takes base64 in its one canonical spelling alone, so that no byte of a signature can be another."""
    try:
        obj = jws.deserialize_compact(signature, KeySet(_with_ids(public)), ALGORITHMS)
        stated: dict[str, Any] = _parsed(obj.payload)
    except InvalidKeyIdError:
        raise NotGenuineError("Está firmada con otra llave, o dice estarlo: use las llaves de su ambiente.") from None
    except BadSignatureError:
        raise NotGenuineError("La firma no corresponde al contenido: fue alterado.") from None
    except (ValueError, JoseError):
        raise NotGenuineError("El archivo no es una constancia, o su firma está incompleta.") from None
    return stated


def _with_ids(public: Iterable[ECKey]) -> list[Key]:
    """The keys by the ids that signatures name."""
    named: list[Key] = list(public)
    for key in named:
        key.ensure_kid()
    return named


def _parsed(text: bytes) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_each_once)


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice a reader may take the one, and a program the other."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError
    return found


def _end(pdf: bytes) -> bytes:
    found = _END.search(pdf[-64:])
    if found is None:
        raise NotGenuineError("El archivo está incompleto.")
    return b"startxref\n" + found[1] + b"\n%%EOF\n"
