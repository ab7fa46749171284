"""The certificate as it is printed: all that it states, on one page, for every reader, and a code that leads back."""

import re
from typing import Any

import pypdfium2
import pytest

from shared.certificate import document, wording
from tests.certificates import ADDRESS, certificate, codes_in, stamp, text_of

pytestmark = pytest.mark.queries

TWELVE = 12
LATIN = "Muñoz Ñáñez Øst Żółć Đặng Жук Ελλάς"
BEYOND = "你好 😀 שלום \ue000"


def _drawn(*args: Any, **changed: Any) -> bytes:
    return document.draw(certificate(*args, **changed), ADDRESS)


def _without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_it_shows_all_that_it_states() -> None:
    """Entity, act, taxpayer, each stamp with its payments, totals, moment in Colombia, and the code in groups."""
    stated = certificate(0, stamps=[stamp(1), stamp(2, paid="200000.00", missing="35000.00", payments=2)])
    text = text_of(document.draw(stated, ADDRESS)).replace("\u00a0", " ")
    for shown in (
        "CONSTANCIA DE PAGO DE ESTAMPILLAS",
        "26 de noviembre de 2026, 1:43:45 p. m. (hora de Colombia)",
        "Gobernación del Putumayo, NIT 800094164",
        "CCE-147-2023 (Contratos)",
        "UNIÓN TEMPORAL PUTUMAYO SEGURO 20/24, NIT 901805364",
        "$ 46.911.499,00",
        "del 1 de enero de 2024 al 31 de diciembre de 2024",
        "Pro Bienestar del Adulto Mayor 194-000-001 LIQ-000001 $ 235.000,00 19/03/2024 $ 235.000,00 $ 0,00 LEGALIZADO",
        "19/03/2024 $ 200.000,00 19/03/2024 $ 200.000,00 $ 35.000,00 LIQUIDADO",
        "LEGALIZADO: pagada del todo. LIQUIDADO: le falta por pagar.",
        "7K3M-Z9QW-2C5X-RT8V-ABCD",
        "Página 1 de 1",
    ):
        assert shown in text, text


def test_the_codes_it_carries_lead_to_its_verification() -> None:
    """The QR code, read back from the page, is the address."""
    assert codes_in(_drawn()) == [ADDRESS]


@pytest.mark.parametrize("number", [0, 1, TWELVE])
def test_a_usual_act_fits_on_one_page(number: int) -> None:
    """Up to twelve stamps."""
    assert len(pypdfium2.PdfDocument(_drawn(number))) == 1


def test_more_stamps_go_on_over_pages_that_are_counted() -> None:
    """Each page says which it is, repeats the table's header, and bears the code."""
    pages = pypdfium2.PdfDocument(_drawn(40))
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert len(texts) == 2
    for number, text in enumerate(texts, start=1):
        assert f"Página {number} de 2" in text
        assert "Código de verificación: 7K3M-Z9QW-2C5X-RT8V-ABCD" in text
        assert "Liquidación" in text
    assert codes_in(_drawn(40)) == [ADDRESS]


def test_an_act_without_stamps_says_so() -> None:
    """Nothing liquidated is stated as such, not shown as an empty table."""
    assert "no tiene estampillas liquidadas vigentes" in text_of(_drawn(0, state="SIN ESTAMPILLAS"))


def test_what_is_of_no_value_says_so() -> None:
    """A certificate of the trial environment, on its face; one of production does not."""
    trial = "ESTA CONSTANCIA NO TIENE VALIDEZ"
    assert trial in text_of(_drawn(environment="preprod"))
    assert trial not in text_of(_drawn())


def test_it_is_made_for_every_reader() -> None:
    """Tagged, in Colombian Spanish, titled, with a text for its picture, and with the fonts that it needs in it."""
    drawn = _drawn()
    for part in (b"/MarkInfo<</Marked true", b"/Lang(es-CO)", b"/StructTreeRoot", b"/DisplayDocTitle true", b"/Alt"):
        assert part in drawn.replace(b" /", b"/"), part
    assert b"pdfuaid:part" in drawn
    pages = pypdfium2.PdfDocument(drawn)
    assert pages.get_metadata_dict()["Title"] == "Constancia de pago de estampillas 7K3M-Z9QW-2C5X-RT8V-ABCD"
    assert drawn.count(b"/FontFile2") >= 2


def test_any_name_is_printed() -> None:
    """Latin, Greek and Cyrillic as they are written; what no font has by its code points; never a box in its place."""
    assert _without_spaces(LATIN) in _without_spaces(text_of(_drawn(entityName=LATIN)))
    text = _without_spaces(text_of(_drawn(entityName=f"{LATIN} {BEYOND}")))
    assert _without_spaces(LATIN) in text
    for character in BEYOND.replace(" ", ""):
        assert f"[U+{ord(character):04X}]" in text


def test_the_fonts_have_what_is_not_spelt_out() -> None:
    """All that is left as it is when a certificate is drawn again can be drawn."""
    every = (chr(each) for first, last in document.WRITTEN for each in range(ord(first), ord(last) + 1))
    known = "".join(each for each in every if document._spelt_out(each) == each and each.isprintable())
    assert "[U+" not in text_of(_drawn(entityName=known))


def test_no_name_turns_what_stands_beside_it() -> None:
    """What would write the NIT behind it from right to left is told by its code point."""
    text = text_of(_drawn(taxpayerName="OBRAS SAS \u202e"))
    assert "OBRAS SAS [U+202E], NIT 901805364" in text


def test_a_name_is_a_name_and_nothing_else() -> None:
    """What Typst would take for its own language is printed as it stands."""
    hostile = '#panic("x") $x$ *a* _b_ `c` <d> @e \\u{41} // f "g" = h'
    assert _without_spaces(hostile) in _without_spaces(text_of(_drawn(entityName=hostile)))


def test_what_is_too_long_for_its_column_stays_in_it() -> None:
    """Ids of 120 characters and amounts of 18 digits are broken, whole, within the page: amounts between groups."""
    identifier, amount = "X9" * 60, "999999999999999999.99"
    long = stamp() | {"liquidatedValueId": identifier, "liquidatedValue": amount, "missingValue": amount}
    drawn = document.draw(
        certificate(0, stamps=[long], actDocumentCode=identifier, taxpayerDocumentNumber=identifier), ADDRESS
    )
    text = _without_spaces(text_of(drawn))
    assert text.count(identifier) >= 3
    assert _without_spaces(wording.money(amount)) in text
    assert "$ 999.999.999. 999.999.999,99" in text_of(drawn).replace("\u00a0", " ")
    for page in pypdfium2.PdfDocument(drawn):
        shown, width = page.get_textpage(), page.get_width()
        boxes = [shown.get_charbox(number) for number in range(shown.count_chars())]
        assert all(left > 0 and right < width for left, _, right, _ in boxes if right > left)
