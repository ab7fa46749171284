"""Whether a certificate is genuine is told by the file and the public key alone, and any change of it is noticed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

from local import verify
from shared.certificate import seal
from tests import certificates

pytestmark = pytest.mark.queries

KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")
RSA_KEY = RSAKey.generate_key(2048)
STATED = certificates.certificate()
PDF, ANSWER = certificates.issued(KEY, STATED)
SIGNATURE = json.loads(ANSWER)["data"]["signature"].encode()
FILES = {"pdf": PDF, "answer": ANSWER, "signature": SIGNATURE}


LINKS: dict[str, Any] = {
    "verification": certificates.ADDRESS,
    "pdf": {"fileName": "c.pdf", "url": "https://a.example", "expiresAt": ""},
}


def _answer(data: dict[str, Any], **beside: str) -> bytes:
    return json.dumps({"data": data, **beside}).encode()


def _public(*keys: ECKey) -> list[ECKey]:
    return seal.keys(b"".join(key.as_pem(private=False) for key in keys))


PUBLIC = _public(KEY)


def _genuine(file: bytes, public: list[ECKey] = PUBLIC) -> bool:
    try:
        seal.verified(file, public)
    except seal.NotGenuineError:
        return False
    return True


@pytest.mark.parametrize("kind", FILES)
def test_a_certificate_is_genuine_and_states_what_was_signed(kind: str) -> None:
    """Each form of it states the same."""
    stated = seal.verified(FILES[kind], PUBLIC)
    assert stated.pop("pdfSha256")
    assert stated == STATED


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(PDF) - 1), byte=st.integers(0, 255))
def test_a_certificate_altered_by_one_byte_is_refused(position: int, byte: int) -> None:
    """Wherever the byte stands in the PDF, and whatever it becomes."""
    altered = PDF[:position] + bytes([byte]) + PDF[position + 1 :]
    assert _genuine(altered) == (altered == PDF)


SEAL = PDF.rindex(seal.MARK)
REGIONS = {
    "header": range(10),
    "first page": range(SEAL // 2, SEAL // 2 + 10),
    "end of the PDF": range(SEAL - 30, SEAL),
    "mark": range(SEAL, SEAL + len(seal.MARK)),
    "signature's header": range(SEAL + len(seal.MARK), SEAL + len(seal.MARK) + 20),
    "signature's end": range(PDF.rindex(b"\nstartxref") - 90, PDF.rindex(b"\nstartxref") + 1),
    "end of the file": range(PDF.rindex(b"\nstartxref"), len(PDF)),
}


@pytest.mark.parametrize("region", REGIONS)
def test_no_byte_of_a_region_can_be_another(region: str) -> None:
    """Every byte of each part of the file, with each of its bits turned."""
    for position in REGIONS[region]:
        for bit in range(8):
            altered = bytearray(PDF)
            altered[position] ^= 1 << bit
            assert not _genuine(bytes(altered)), position


@pytest.mark.parametrize(
    "change", [PDF[:-1], PDF[: len(PDF) // 2], PDF[:SEAL], PDF + b"\n", PDF + b"x", b" " + PDF, b""]
)
def test_a_file_cut_short_or_extended_is_refused(change: bytes) -> None:
    """Not a byte less, and not a byte more."""
    assert not _genuine(change)


@settings(max_examples=200, deadline=None)
@given(position=st.integers(0, len(SIGNATURE) - 1), byte=st.sampled_from(b"-0123456789ABCDEFabcdef_."))
def test_a_signature_altered_by_one_character_is_refused(position: int, byte: int) -> None:
    """Not even a character that base64 would read as the same bytes."""
    altered = SIGNATURE[:position] + bytes([byte]) + SIGNATURE[position + 1 :]
    assert _genuine(altered) == (altered == SIGNATURE)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [path] if members is None else [each for name, under in members for each in _paths(under, (*path, name))]


@pytest.mark.parametrize("path", _paths(json.loads(ANSWER)["data"]["certificate"]), ids=str)
def test_an_answer_that_shows_anything_else_than_what_was_signed_is_refused(path: tuple[Any, ...]) -> None:
    """Each value that the answer shows beside the signature."""
    answer = json.loads(ANSWER, parse_float=str)
    holder = answer["data"]["certificate"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] += "1"
    assert not _genuine(json.dumps(answer).encode())


def test_an_answer_that_shows_something_twice_is_refused() -> None:
    """Who reads it might read the other one, at whatever depth."""
    data = ANSWER.decode().partition('{"data": ')[2][:-1]
    shown = '"certificate": {"paidValue": 1.00}, '
    assert _genuine(f'{{"data": {data}}}'.encode())
    assert not _genuine(f'{{"data": {{{shown}{data[1:]}}}'.encode())
    assert not _genuine(f'{{"data": {{{shown[:-2]}}}, "data": {data}}}'.encode())


def test_an_answer_that_shows_more_than_was_answered_is_refused() -> None:
    """Beside certificate and signature only the links, which are not signed, whole or not."""
    data = json.loads(ANSWER, parse_float=str)["data"]
    assert _genuine(_answer(data | LINKS))
    assert not _genuine(_answer(data | {"note": "Pagada del todo"}))
    assert not _genuine(_answer(data | LINKS | {"pdf": LINKS["pdf"] | {"note": "Pagada del todo"}}))
    assert not _genuine(_answer(data | LINKS, message="Pagada del todo"))


@pytest.mark.parametrize("trick", ["%PDF-1.4", "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj"])
def test_an_answer_that_viewers_may_open_as_a_pdf_is_refused(trick: str) -> None:
    """A file shows one thing to whoever opens it, and states the same to whoever verifies it."""
    data = json.loads(ANSWER, parse_float=str)["data"]
    assert _genuine(_answer(data | {"verification": "https://sigec.example"}))
    assert not _genuine(_answer(data | {"verification": trick}))


def test_another_pdf_under_the_same_signature_is_refused() -> None:
    """A seal is for one file."""
    other, _ = certificates.issued(KEY, certificates.certificate(3))
    assert not _genuine(other[: other.rindex(seal.MARK)] + PDF[SEAL:])
    assert not _genuine(PDF[:SEAL] + other[other.rindex(seal.MARK) :])


def test_another_key_is_refused() -> None:
    """Whoever signs with a key of their own, even under the id of ours."""
    assert not _genuine(PDF, _public(OTHER_KEY))
    forged = certificates.signed({**STATED, "pdfSha256": seal.digest(PDF[:SEAL])}, OTHER_KEY)
    assert not _genuine(PDF[:SEAL] + PDF[SEAL:].replace(SIGNATURE, forged.encode()))


def test_no_algorithm_but_ours_is_taken() -> None:
    """Neither a signature that is none, nor one made with the public key as a secret."""
    header = certificates.signed(STATED, KEY).split(".")
    none = "eyJhbGciOiJub25lIn0." + header[1] + "."
    assert not _genuine(none.encode())


def test_a_key_that_signed_before_still_verifies() -> None:
    """Of several published keys, the one that a certificate names is taken."""
    assert _genuine(PDF, _public(OTHER_KEY, KEY))
    assert _genuine(ANSWER, _public(OTHER_KEY, KEY))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as a supervisor would have them."""
    for name, content in {
        "constancia.pdf": PDF,
        "constancia.json": ANSWER,
        "llave.pem": KEY.as_pem(private=False),
        "llaves.json": json.dumps({"data": {"keys": [KEY.as_dict(private=False)], "pem": ""}}).encode(),
        "otra.pem": OTHER_KEY.as_pem(private=False),
        "rsa.pem": RSA_KEY.as_pem(private=False),
        "rsa.json": json.dumps({"keys": [RSA_KEY.as_dict(private=False)]}).encode(),
        "sin-llaves.json": b'{"keys": []}',
        "lista.json": b'{"data": []}',
        "honda.json": b'{"keys":' + b"[" * 100_000,
        "alterada.pdf": PDF.replace(b"%PDF-1.7", b"%PDF-1.6"),
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "key", "status"),
    [
        ("constancia.pdf", "llave.pem", 0),
        ("constancia.json", "llave.pem", 0),
        ("constancia.pdf", "llaves.json", 0),
        ("alterada.pdf", "llave.pem", verify.NOT_GENUINE),
        ("constancia.pdf", "otra.pem", verify.NOT_GENUINE),
        ("llave.pem", "llave.pem", verify.NOT_GENUINE),
        ("constancia.pdf", "constancia.pdf", verify.MISUSED),
        ("constancia.pdf", "rsa.pem", verify.MISUSED),
        ("constancia.pdf", "rsa.json", verify.MISUSED),
        ("constancia.pdf", "sin-llaves.json", verify.MISUSED),
        ("constancia.pdf", "lista.json", verify.MISUSED),
        ("constancia.pdf", "honda.json", verify.MISUSED),
        ("ninguna.pdf", "llave.pem", verify.MISUSED),
        ("constancia.pdf", "", verify.MISUSED),
    ],
)
def test_the_command_says_so_and_exits_so(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, key: str, status: int
) -> None:
    """Genuine is 0, and it says what is stated; anything else is not."""
    assert verify.main([str(folder / file), str(folder / key) if key else ""]) == status
    said = capsys.readouterr()
    assert ("ES AUTÉNTICA" in said.out and "$\u00a0470.000,00" not in said.err) == (status == 0)
    assert ("CCE-147-2023" in said.out) == (status == 0)
    assert ("NO ES AUTÉNTICA" in said.err) == (status == verify.NOT_GENUINE)


HEAD, BODY, TAIL = SIGNATURE.split(b".")
WHY = {
    "another key": (SIGNATURE, OTHER_KEY, "otra llave"),
    "another content": (b".".join((HEAD, b"e30", TAIL)), KEY, "al contenido: fue alterado"),
    "no certificate": (b"hola", KEY, "no es una constancia"),
}


@pytest.mark.parametrize("case", WHY)
def test_the_command_says_why_it_is_not_genuine(tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    """A wrong key, a wrong signature and a file of something else are told apart."""
    content, key, why = WHY[case]
    file, public = tmp_path / "constancia", tmp_path / "llave.pem"
    file.write_bytes(content)
    public.write_bytes(key.as_pem(private=False))
    assert verify.main([str(file), str(public)]) == verify.NOT_GENUINE
    assert why in capsys.readouterr().err


def test_the_command_says_in_spanish_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of the system's own words."""
    assert verify.main([str(tmp_path / "ninguna.pdf"), str(tmp_path)]) == verify.MISUSED
    assert (
        capsys.readouterr().err.rstrip().endswith("ninguna.pdf: mire si existe, si es un archivo y si tiene permiso.")
    )
