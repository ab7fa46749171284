"""The certificate of payment as a supervisor gets it, and what its verification tells afterwards."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from console import registry
from local import keys as local_keys
from shared import contract, page, retry, whole_act
from shared.bulk import bucket as files_bucket
from shared.certificate import document, keys, seal
from shared.contract import certificates
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.bulk import download
from tests.certificates import codes_in, text_of
from tests.client import Answer, Client, browse, new_entity
from tests.clock import Clock
from tests.files import aws

pytestmark = [pytest.mark.queries, pytest.mark.usefixtures("certifying")]

PERSON = {"payerDocumentParametricTypeCode": "CC", "taxpayerDocumentNumber": "19396910", "taxpayerName": "Diego Ariza"}
COMPANY = {"payerDocumentParametricTypeCode": "NIT", "taxpayerDocumentNumber": "901805364", "taxpayerName": "Obras SAS"}
CONTRACT_OF_2024 = {"generatorFactStartDate": "2024-01-01 00:00:00", "generatorFactEndDate": "2024-12-31 00:00:00"}
CREATED = ACT | PERSON | CONTRACT_OF_2024 | {"actDocumentCode": "CCE-147-2023", "generatorFactValue": "5000000"}
ON_IT = {"actDocumentCode": "CCE-147-2023", "taxpayerDocumentNumber": "19396910"}
LIQUIDATED = LIQUIDATION | ON_IT | {"liquidatedValueId": "L-1", "liquidatedValue": "100000", "stampNumber": "90"}
PAID = PAYMENT | {
    "liquidatedValueId": "L-1",
    "paidValueId": "P-1",
    "valuePaid": "60000.50",
    "paymentDate": "2024-03-19",
}
CRITERIA = {"year": 2024, "taxpayerDocumentNumber": "19.396.910", "actDocumentCode": "CCE-147-2023"}


def _report(entity: Client, operation: str, body: dict[str, Any]) -> None:
    answer = entity.post(operation, body)
    assert answer.status == 200, answer.text


def _assess(entity: Client, **changes: str) -> None:
    """Assess a stamp, without which nothing is certified."""
    _report(entity, "registerLiquidation", LIQUIDATED | changes)


@pytest.fixture
def reporting(entity: Client) -> Client:
    """An entity with an act, a stamp assessed on it, and a payment of a part of that."""
    _report(entity, "registerActDocument", CREATED)
    _report(entity, "registerLiquidation", LIQUIDATED)
    _report(entity, "registerPayment", PAID)
    return entity


def _issued(entity: Client, criteria: dict[str, Any] = CRITERIA) -> dict[str, Any]:
    answer = entity.post("getCertificate", criteria)
    assert answer.status == 200, answer.text
    data: dict[str, Any] = answer.body["data"]
    return data


def _pdf(link: dict[str, Any]) -> bytes:
    """What the link leads to."""
    asked = parse_qs(urlsplit(link["url"]).query)
    assert asked["response-content-type"] == ["application/pdf"]
    assert link["fileName"] in asked["response-content-disposition"][0]
    return download(link["url"])


def _verified(entity: Client, code: str) -> dict[str, Any]:
    answer = entity.post("verifyCertificate", {"codigo": code})
    assert answer.status == 200, answer.text
    words = certificates.declared()
    assert answer.body["message"] == (words.unchanged if answer.body["data"]["unchanged"] else words.changed)
    data: dict[str, Any] = answer.body["data"]
    return data


def test_two_calls_lead_from_a_contracts_number_to_the_certificate(reporting: Client) -> None:
    """The public consultation gives the reference for the certificate; the contract's data give it at once."""
    asked = {"searchType": "Contrato", **CRITERIA}
    [found] = reporting.post("findPublicly", asked).body["data"]
    issued = _issued(reporting, {"actReference": found["actReference"]})
    assert issued["certificate"]["actDocumentCode"] == "CCE-147-2023"
    assert _issued(reporting)["certificate"] == issued["certificate"]


def test_a_certificate_states_the_act_its_stamps_and_their_payments(reporting: Client) -> None:
    """What is registered, in the contract's names, amounts digit for digit."""
    answer = reporting.post("getCertificate", CRITERIA)
    assert '"valuePaid": 60000.50' in answer.text
    stated = answer.body["data"]["certificate"]
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{20}", stated.pop("code"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", stated.pop("issuedAt"))
    assert re.fullmatch(r"[0-9a-f]{64}", stated.pop("pdfSha256"))
    assert stated == {
        "environment": "preprod",
        "entity": "900000000",
        "entityName": "Entidad 900000000",
        "actDocumentCode": "CCE-147-2023",
        "parametricActDocumentCodeType": CREATED["parametricActDocumentCodeType"],
        "generatorFactValue": 5000000.0,
        **CONTRACT_OF_2024,
        "payerDocumentParametricTypeCode": "CC",
        "taxpayerDocumentNumber": "19396910",
        "taxpayerName": "D*** A***",
        "stamps": [
            {
                "stampNumber": "90",
                "stampName": "Estampilla 90",
                "liquidatedValueId": "L-1",
                "liquidatedValue": 100000.0,
                "paidValue": 60000.5,
                "missingValue": 39999.5,
                "state": "LIQUIDADO",
                "payments": [{"paidValueId": "P-1", "valuePaid": 60000.5, "paymentDate": "2024-03-19"}],
            }
        ],
        "liquidatedValue": 100000.0,
        "paidValue": 60000.5,
        "missingValue": 39999.5,
        "state": "LIQUIDADO",
    }


def test_what_is_annulled_is_not_certified(reporting: Client) -> None:
    """Neither payments nor liquidations; what is paid wholly is LEGALIZADO.

    Without stamps an act is certified for who has its reference, and unknown to who has the contract's number alone.
    """
    [found, *_] = reporting.post("findPublicly", {"searchType": "Contrato", **CRITERIA}).body["data"]
    _report(reporting, "registerPayment", PAID | {"type": 0})
    _report(reporting, "registerPayment", PAID | {"paidValueId": "P-2", "valuePaid": "100000"})
    [stamp] = _issued(reporting)["certificate"]["stamps"]
    assert stamp["state"] == _issued(reporting)["certificate"]["state"] == "LEGALIZADO"
    assert [each["paidValueId"] for each in stamp["payments"]] == ["P-2"]
    _report(reporting, "registerPayment", PAID | {"paidValueId": "P-2", "valuePaid": "100000", "type": 0})
    _report(reporting, "registerLiquidation", LIQUIDATED | {"type": 0})
    stated = _issued(reporting, {"actReference": found["actReference"]})["certificate"]
    assert (stated["stamps"], stated["state"]) == ([], "SIN ESTAMPILLAS")
    assert reporting.post("getCertificate", CRITERIA).codes == ["certificate-act-unknown"]


def test_a_company_is_named_and_a_person_is_not(entity: Client) -> None:
    """Companies' names stand in full, natural persons' masked, in answer and PDF; the document stands in both."""
    for number, taxpayer in enumerate((COMPANY, {})):
        _report(entity, "registerActDocument", CREATED | taxpayer)
        _assess(
            entity,
            taxpayerDocumentNumber=(CREATED | taxpayer)["taxpayerDocumentNumber"],
            liquidatedValueId=f"L-{number}",
        )
    company = _issued(entity, CRITERIA | {"taxpayerDocumentNumber": "901805364"})
    assert company["certificate"]["taxpayerName"] == "Obras SAS"
    person = _issued(entity)
    shown = text_of(_pdf(person["pdf"]))
    assert "D*** A***, Cédula de Ciudadanía 19396910" in shown
    assert "Ariza" not in shown + json.dumps(person)


def test_the_pdf_is_sealed_and_its_code_leads_to_the_verification(reporting: Client) -> None:
    """The link's file and the answer are genuine by the published key, state the same, and the QR is the address."""
    answer = reporting.post("getCertificate", CRITERIA)
    data = answer.body["data"]
    pem = reporting.post("getCertificateKey", {}).body["data"]["pem"]
    pdf = _pdf(data["pdf"])
    stated = seal.verified(pdf, seal.keys(pem.encode()))
    assert stated == seal.verified(answer.text.encode(), seal.keys(pem.encode()))
    assert codes_in(pdf) == [data["verification"]]
    address = urlsplit(data["verification"])
    assert f"{address.scheme}://{address.netloc}" == contract.server("preprod")
    assert browse("showVerification", **{k: v[0] for k, v in parse_qs(address.query).items()}).status == 200
    assert address.path == contract.operation("showVerification").path


@pytest.mark.parametrize("moment", ["issuedAt", "checkedAt"])
def test_what_comes_after_the_facts_were_read_is_later(
    reporting: Client, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A payment that neither certificate nor verification knows was never registered before their moment."""
    code = _issued(reporting)["certificate"]["code"]
    _report(reporting, "registerPayment", PAID | {"paidValueId": "P-2", "valuePaid": "1"})
    read, registered, loop = whole_act.read, [], asyncio.new_event_loop()

    def overtaken(*asked: Any) -> Any:
        found = read(*asked)
        with ThreadPoolExecutor(1, initializer=lambda: asyncio.set_event_loop(loop)) as meanwhile:
            paid = meanwhile.submit(reporting.post, "registerPayment", PAID | {"paidValueId": "P-3", "valuePaid": "1"})
        registered.append(paid.result().body["registeredAt"])
        return found

    with monkeypatch.context() as overtaking:
        overtaking.setattr(whole_act, "read", overtaken)
        told = _verified(reporting, code) if moment == "checkedAt" else _issued(reporting)["certificate"]
    loop.close()
    assert "P-3" not in json.dumps(told)
    assert told[moment] <= registered[0]


def test_the_address_of_a_code_is_the_deployments(reporting: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a domain of its own, or on this machine, the code leads there."""
    monkeypatch.setenv("BASE_URL", "http://127.0.0.1:8000")
    assert _issued(reporting)["verification"].startswith("http://127.0.0.1:8000/gateway/")


def test_the_same_facts_are_certified_once(reporting: Client) -> None:
    """Asked again, the same certificate comes, with a link that works; after a change another one does."""
    first, again = _issued(reporting), _issued(reporting)
    assert again["certificate"] == first["certificate"]
    assert again["signature"] == first["signature"]
    assert _pdf(again["pdf"]) == _pdf(first["pdf"])
    _report(reporting, "registerPayment", PAID | {"paidValueId": "P-2", "valuePaid": "1"})
    assert _issued(reporting)["certificate"]["code"] != first["certificate"]["code"]


def test_a_certificate_is_given_again_as_it_was_drawn(
    reporting: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is drawn a second time, so it does not matter what this version would draw."""
    first = _issued(reporting)
    monkeypatch.setattr(document, "TEMPLATE", tmp_path / "none.typ")
    again = _issued(reporting)
    assert again["certificate"] == first["certificate"]
    assert seal.verified(_pdf(again["pdf"]), keys.published(retry.deadline()))["code"] == first["certificate"]["code"]


def test_a_bucket_without_the_certificate_gets_another_one(reporting: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link never leads to what is not there."""
    first = _issued(reporting)
    aws("s3").create_bucket(Bucket="sigec-other-files")
    monkeypatch.setenv("BUCKET_NAME", "sigec-other-files")
    other = _issued(reporting)
    assert other["certificate"]["code"] != first["certificate"]["code"]
    assert seal.verified(_pdf(other["pdf"]), keys.published(retry.deadline()))["code"] == other["certificate"]["code"]


def test_some_time_later_another_certificate_is_issued(reporting: Client, dynamodb: Any, table: str) -> None:
    """The moment of issue is never older than the contract says."""
    first = _issued(reporting)
    [row] = [each for each in dynamodb.scan(TableName=table)["Items"] if each["pk"]["S"].startswith("FACTS#")]
    dynamodb.put_item(TableName=table, Item=row | {"expires": {"N": "1"}})
    assert _issued(reporting)["certificate"]["code"] != first["certificate"]["code"]


def test_a_contract_of_several_entities_is_certified_by_its_reference_alone(
    reporting: Client, other_entity: Client
) -> None:
    """Which entity's is meant must be said; and one entity's stamps are never in another's certificate.

    What has no stamps is not among them: nobody who knows a contract's number is told of it.
    """
    _report(other_entity, "registerActDocument", CREATED)
    assert _issued(reporting)["certificate"]["entity"] == reporting.nit
    _report(other_entity, "registerLiquidation", LIQUIDATED | {"stampNumber": "100"})
    assert reporting.post("getCertificate", CRITERIA).codes == ["certificate-act-unknown"]
    stamps = {
        each["entity"]: _issued(reporting, {"actReference": each["actReference"]})["certificate"]["stamps"]
        for each in reporting.post("findPublicly", {"searchType": "Contrato", **CRITERIA}).body["data"]
    }
    assert {nit: [each["stampNumber"] for each in found] for nit, found in stamps.items()} == {
        reporting.nit: ["90"],
        other_entity.nit: ["100"],
    }
    _report(other_entity, "registerLiquidation", LIQUIDATED | {"stampNumber": "100", "type": 0})
    assert _issued(reporting)["certificate"]["entity"] == reporting.nit


def test_what_nothing_has_changed_of_is_told_as_unchanged(reporting: Client) -> None:
    """Genuine, as it was issued, by its code however it is typed."""
    code = _issued(reporting)["certificate"]["code"]
    for typed in (
        code,
        code.lower(),
        "-".join(re.findall("....", code)),
        f" {code.replace('0', 'o').replace('1', 'l')} ",
    ):
        told = _verified(reporting, typed)
        assert (told["genuine"], told["unchanged"], told["changes"]) == (True, True, [])
        assert told["certificate"]["code"] == code


CHANGES = {
    "paymentRegistered": ("registerPayment", PAID | {"paidValueId": "P-2", "valuePaid": "1"}),
    "paymentAnnulled": ("registerPayment", PAID | {"type": 0}),
    "liquidationRegistered": ("registerLiquidation", LIQUIDATED | {"liquidatedValueId": "L-2"}),
    "generatorFactValue": ("registerActDocument", CREATED | {"type": 1, "generatorFactValue": "6000000"}),
    "generatorFactEndDate": (
        "registerActDocument",
        CREATED | {"type": 1, "generatorFactEndDate": "2025-06-30 00:00:00"},
    ),
}
SAID = {
    "paymentRegistered": (
        "Se registró el pago P-2 por $\u00a01,00, del 19 de marzo de 2024, de la liquidación L-1 (Estampilla 90)."
    ),
    "paymentAnnulled": (
        "Se anuló el pago P-1 por $\u00a060.000,50, del 19 de marzo de 2024, de la liquidación L-1 (Estampilla 90)."
    ),
    "liquidationRegistered": ("Se registró la liquidación L-2 de «Estampilla 90» (90) por $\u00a0100.000,00."),
    "generatorFactValue": "El valor del acto documento pasó de $\u00a05.000.000,00 a $\u00a06.000.000,00.",
    "generatorFactEndDate": (
        "La fecha final del acto documento pasó del 31 de diciembre de 2024 al 30 de junio de 2025."
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_since_is_told(reporting: Client, change: str) -> None:
    """Each change in words and by what it is of, with the certificate as it was issued."""
    issued = _issued(reporting)["certificate"]
    _report(reporting, *CHANGES[change])
    told = _verified(reporting, issued["code"])
    assert not told["unchanged"]
    assert told["certificate"] == issued
    [found] = told["changes"]
    assert (found["change"], found["message"]) == (change, SAID[change])
    assert change in _schema_enum("CertificateChange", "change")
    shown = browse("showVerification", codigo=issued["code"])
    assert certificates.declared().changed in shown.text
    assert SAID[change] in shown.text


def test_an_end_on_the_same_day_is_told_with_its_time(reporting: Client) -> None:
    """A change within a day does not read as none."""
    code = _issued(reporting)["certificate"]["code"]
    _report(reporting, "registerActDocument", CREATED | {"type": 1, "generatorFactEndDate": "2024-12-31 23:59:59"})
    [found] = _verified(reporting, code)["changes"]
    assert found["message"] == (
        "La fecha final del acto documento pasó del 31 de diciembre de 2024 a las 00:00:00"
        " al 31 de diciembre de 2024 a las 23:59:59."
    )


def test_all_changes_are_told_together(reporting: Client) -> None:
    """Annulled payment and liquidation, a new one wholly paid: each, and what that makes of the whole."""
    code = _issued(reporting)["certificate"]["code"]
    _report(reporting, "registerPayment", PAID | {"type": 0})
    _report(reporting, "registerLiquidation", LIQUIDATED | {"type": 0})
    _report(reporting, "registerLiquidation", LIQUIDATED | {"liquidatedValueId": "L-2"})
    _report(
        reporting, "registerPayment", PAID | {"liquidatedValueId": "L-2", "paidValueId": "P-2", "valuePaid": "100000"}
    )
    told = _verified(reporting, code)["changes"]
    assert [each["change"] for each in told] == [
        "state",
        "liquidationAnnulled",
        "paymentAnnulled",
        "liquidationRegistered",
    ]
    assert told[2]["message"] == SAID["paymentAnnulled"]
    assert told[0]["message"] == "El estado del acto documento pasó de LIQUIDADO a LEGALIZADO."


def test_every_change_has_its_words() -> None:
    """What the contract names as changes are those that it has words for."""
    assert set(_schema_enum("CertificateChange", "change")) == set(certificates.declared().changes)


def _schema_enum(schema: str, name: str) -> list[str]:
    found: list[str] = contract.document()["components"]["schemas"][schema]["properties"][name]["enum"]
    return found


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _well_made(answer: Answer) -> None:
    """In Spanish, titled, with a heading and a label, without scripts, pictures or anything from elsewhere."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    elements = _Elements()
    elements.feed(answer.text)
    tags = [tag for tag, _ in elements.found]
    assert ("html", {"lang": "es-CO"}) in elements.found
    assert {"title", "main", "h1"} <= set(tags)
    assert set(tags).isdisjoint({"script", "img", "iframe", "link", "object"})
    assert not [attrs for _, attrs in elements.found if {"style", "src", "href", "onclick"} & set(attrs)]
    assert [attrs["for"] for tag, attrs in elements.found if tag == "label"] == [
        attrs["id"] for tag, attrs in elements.found if tag == "input"
    ]


def test_the_page_shows_what_is_certified(reporting: Client) -> None:
    """The same as the verification answers, in words, as a page that can be read and printed by anybody."""
    code = _issued(reporting)["certificate"]["code"]
    shown = browse("showVerification", codigo=code)
    assert shown.status == 200
    _well_made(shown)
    for text in (
        certificates.declared().unchanged,
        "CCE-147-2023 (Contratos)",
        "D*** A***",
        "L-1",
        "19/03/2024: $\u00a060.000,50",
    ):
        assert text in shown.text
    assert "no tiene validez" in shown.text


@pytest.mark.parametrize("asked", [{}, {"codigo": ""}])
def test_the_page_asks_for_a_code(reporting: Client, asked: dict[str, str]) -> None:
    """Opened without one, or sent empty, it shows where to write it, and finds nothing wrong."""
    del reporting
    shown = browse("showVerification", **asked)
    assert shown.status == 200
    _well_made(shown)
    assert "name=codigo" in shown.text
    assert "role=alert" not in shown.text


@pytest.mark.parametrize("code", ["7K3MZ9QW2C5XRT8VABCD", "otro", " ", "<script>alert(1)</script>"])
def test_an_unknown_code_is_one_clear_finding(reporting: Client, code: str) -> None:
    """By POST and as a page, whatever was typed; the page is no outage, and asks for the code again."""
    answer = reporting.post("verifyCertificate", {"codigo": code})
    assert (answer.status, answer.codes) == (400, ["certificate-unknown"])
    shown = browse("showVerification", codigo=code)
    assert shown.status == 400
    _well_made(shown)
    assert "<h1>No hay ninguna constancia con ese código</h1>" in shown.text
    assert "name=codigo" in shown.text
    assert "No se pudo" not in shown.text
    assert "alert(" not in shown.text


def test_names_are_text_on_the_page(entity: Client) -> None:
    """What an entity calls its acts is never taken for markup."""
    _report(entity, "registerActDocument", CREATED | {"actDocumentCode": "<b>&1"})
    _assess(entity, actDocumentCode="<b>&1")
    code = _issued(entity, CRITERIA | {"actDocumentCode": "<b>&1"})["certificate"]["code"]
    assert "&lt;b&gt;&amp;1" in browse("showVerification", codigo=code).text
    assert page.HEADERS["Content-Security-Policy"]


def test_no_name_turns_what_stands_beside_it_on_the_page(entity: Client) -> None:
    """A code that reads from right to left as another's is told by its code points."""
    turned = "\u202e3202-741-ECC"
    _report(entity, "registerActDocument", CREATED | {"actDocumentCode": turned})
    _assess(entity, actDocumentCode=turned)
    certificate = _issued(entity, CRITERIA | {"actDocumentCode": turned})["certificate"]
    assert certificate["actDocumentCode"] == turned
    shown = browse("showVerification", codigo=certificate["code"]).text
    assert "<dd>[U+202E]3202-741-ECC (Contratos)</dd>" in shown
    assert "\u202e" not in shown


def test_a_page_is_not_posted_to_and_nothing_else_is_browsed(reporting: Client) -> None:
    """The one address has both methods, and no other."""
    path = contract.operation("showVerification").path
    assert reporting.post("verifyCertificate", {"codigo": "x"}, path=path).codes == ["certificate-unknown"]
    refused = reporting.post("verifyCertificate", {}, method="PUT")
    assert refused.headers["allow"] == "GET, POST"
    assert refused.body["message"] == "Error. El servicio solamente admite el método GET o POST"
    assert reporting.post("getCertificate", {}, method="GET").status == 405


def test_keys_are_published_as_a_set_and_in_pem(reporting: Client) -> None:
    """Both verify what is signed, and neither has anything of the private key."""
    answer = reporting.post("getCertificateKey", {})
    data = reporting.post("getCertificate", CRITERIA).text.encode()
    [jwk] = answer.body["data"]["keys"]
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    for published in (answer.text.encode(), answer.body["data"]["pem"].encode()):
        assert seal.verified(data, seal.keys(published))
    assert "PRIVATE" not in answer.text


class _Kms:
    """KMS with several keys, each at an endpoint of its own."""

    def __init__(self, **clients: Any) -> None:
        self.clients = clients

    def get_public_key(self, **asked: Any) -> Any:
        return self.clients[asked["KeyId"]].get_public_key(**asked)

    def sign(self, **asked: Any) -> Any:
        return self.clients[asked["KeyId"]].sign(**asked)


@pytest.fixture
def rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Makes these the keys of the functions from here on: `new`, and that of before, `constancias`."""
    before = keys.client()

    @contextmanager
    def to(names: str) -> Iterator[None]:
        keys.client.cache_clear()
        with local_keys.running(tmp_path / "new.pem"), monkeypatch.context() as rotated:
            kms = _Kms(new=keys.client(), constancias=before)
            rotated.setattr(keys, "client", lambda: kms)
            rotated.setenv("CERTIFICATE_KEYS", names)
            yield

    return to


def test_a_key_that_has_signed_stays_published(reporting: Client, rotated: Callable[[str], Any]) -> None:
    """After a rotation the new key signs, and what the old one signed is still verified by what is published."""
    old = reporting.post("getCertificate", CRITERIA).text.encode()
    with rotated("new,constancias"):
        _report(reporting, *CHANGES["paymentRegistered"])
        new = reporting.post("getCertificate", CRITERIA).text.encode()
        published = seal.keys(reporting.post("getCertificateKey", {}).text.encode())
    assert len({key.thumbprint() for key in published}) == 2
    for certificate, key in ((new, published[0]), (old, published[1])):
        assert seal.verified(certificate, published) == seal.verified(certificate, [key])


def test_what_a_withdrawn_key_signed_is_not_given_again(reporting: Client, rotated: Callable[[str], Any]) -> None:
    """After an emergency nobody gets a certificate that the published keys do not verify."""
    old = _issued(reporting)["certificate"]["code"]
    with rotated("new"):
        answer = reporting.post("getCertificate", CRITERIA)
        published = seal.keys(reporting.post("getCertificateKey", {}).text.encode())
    assert seal.verified(answer.text.encode(), published)["code"] != old
    assert _verified(reporting, old)["unchanged"]


def test_what_is_too_large_is_refused(entity: Client) -> None:
    """An act with more stamps and payments than a certificate takes is told so."""
    registry.add_stamp(entity.nit, "long", "\U0001f4b0" * 300)
    _report(entity, "registerActDocument", CREATED)
    for number in range(70):
        long = {"stampNumber": "long", "liquidatedValueId": "\U0001f4b0" * 115 + f"{number:05}"}
        _report(entity, "registerLiquidation", LIQUIDATED | long | {"liquidatedValue": "1"})
    assert entity.post("getCertificate", CRITERIA).codes == ["certificate-too-large"]


@pytest.mark.parametrize("service", ["KMS", "S3"])
def test_without_key_or_bucket_nothing_is_issued(
    reporting: Client, stored_rows: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, clock: Clock, service: str
) -> None:
    """An endpoint that does not answer is a 503, and no certificate is left half made."""
    before = stored_rows()
    with monkeypatch.context() as unreachable:
        reach(service, "http://127.0.0.1:9", unreachable)
        assert reporting.post("getCertificate", CRITERIA).codes == ["unavailable"]
        assert clock.paused >= retry.DEADLINE
    assert stored_rows() == before
    assert _pdf(_issued(reporting)["pdf"])


def reach(service: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the functions call a service of AWS there, by a client made now."""
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", endpoint)
    module = {"KMS": keys, "S3": files_bucket}[service]
    made = module.client.__wrapped__()
    monkeypatch.setattr(module, "client", lambda: made)


def test_neither_names_nor_codes_reach_the_log(reporting: Client, lines: Callable[[], list[str]]) -> None:
    """Who was certified, and by which code that is found, is nobody's business who reads logs."""
    code = _issued(reporting)["certificate"]["code"]
    browse("showVerification", codigo=code)
    reporting.post("verifyCertificate", {"codigo": code})
    written = "\n".join(lines())
    assert "showVerification" in written
    for secret in (code, "19396910", "Ariza", "CCE-147-2023", "D***"):
        assert secret not in written


def test_certificates_belong_to_no_entity(reporting: Client) -> None:
    """Anybody may ask, with a token or without: what is answered is the same."""
    stranger = new_entity("900999999")
    with_token = stranger.post("getCertificate", CRITERIA, {"Authorization": f"Bearer {stranger.token}"})
    assert with_token.body["data"]["certificate"] == _issued(reporting)["certificate"]


def test_an_empty_request_is_told_all_that_may_be_sent(reporting: Client) -> None:
    """One answer names the reference, and each parameter that stands for it."""
    answer = reporting.post("getCertificate", {})
    told = {each["code"]: each["message"] for each in answer.body["errors"]}
    assert answer.status == 400
    for name in contract.operation("getCertificate").fields:
        assert name.name in told["certificate-reference-invalid"]
