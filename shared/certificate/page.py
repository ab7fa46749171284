"""The page to which a certificate's QR code leads: the same as constancia/verificar answers, to be read."""

from html import escape
from typing import Any

from shared import contract, page
from shared.certificate import wording
from shared.certificate.facts import Facts
from shared.contract import certificates

TITLE = "Verificación de la constancia de pago de estampillas"


def form() -> str:
    """The page that asks for a code."""
    return page.document(TITLE, page.FORM)


def verification(found: dict[str, Any]) -> str:
    """The page that tells of a certificate what `verifyCertificate` answers."""
    certificate, words = found["certificate"], certificates.declared()
    trial = "" if certificate["environment"] == "prod" else "<p class=result>Ambiente de pruebas: no tiene validez.</p>"
    result = words.unchanged if found["unchanged"] else words.changed
    changes = "".join(f"<li>{escape(each['message'])}</li>" for each in found["changes"])
    shown = page.document(
        TITLE,
        f"""{trial}<p class=result role=status>{escape(result)}</p>
{f"<h2>Qué ha cambiado</h2><ul>{changes}</ul>" if changes else ""}
<h2>Lo que certifica</h2>
<p>Compárelo con la constancia que tiene: si algo difiere, esa no es auténtica.</p>
<dl>{"".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in _facts(certificate))}</dl>
{_table(certificate)}
<p>Verificada el {wording.moment(found["checkedAt"])} (hora de Colombia).</p>
{page.FORM}""",
    )
    return wording.straight(shown)


def _facts(certificate: Facts) -> list[tuple[str, str]]:
    kind = contract.code_names("TaxpayerDocumentKind")[certificate["payerDocumentParametricTypeCode"]]
    act_kind = contract.code_names("ActDocumentKind")[certificate["parametricActDocumentCodeType"]]
    start, end = (wording.day(certificate[f"generatorFact{which}Date"]) for which in ("Start", "End"))
    return [
        ("Código", wording.grouped(certificate["code"])),
        ("Expedida", f"{wording.moment(certificate['issuedAt'])} (hora de Colombia)"),
        ("Entidad", f"{certificate['entityName']}, NIT {certificate['entity']}"),
        ("Acto documento", f"{certificate['actDocumentCode']} ({act_kind})"),
        ("Sujeto pasivo", f"{certificate['taxpayerName']}, {kind} {certificate['taxpayerDocumentNumber']}"),
        ("Valor", wording.money(certificate["generatorFactValue"])),
        ("Vigencia", f"del {start} al {end}"),
        ("Estado", certificate["state"]),
    ]


def _table(certificate: Facts) -> str:
    if not certificate["stamps"]:
        return "<p>El acto documento no tenía estampillas liquidadas vigentes.</p>"
    heads = "".join(f"<th scope=col>{name}</th>" for name in ("Liquidación", "Valor", "Pagos", "Falta", "Estado"))
    return f"""<div class=wide tabindex=0 role=region aria-label="Estampillas liquidadas"><table>
<caption>Estampillas liquidadas</caption>
<thead><tr><th scope=col>Estampilla</th>{heads}</tr></thead>
<tbody>{"".join(map(_row, certificate["stamps"]))}</tbody>
<tfoot><tr><th scope=row colspan=2>Total</th>{_amounts(certificate, wording.money(certificate["paidValue"]))}</tr>
</tfoot>
</table></div>"""


def _row(stamp: Facts) -> str:
    payments = "<br>".join(
        f"{wording.short_day(each['paymentDate'])}: {wording.money(each['valuePaid'])}" for each in stamp["payments"]
    )
    name = f"{escape(stamp['stampName'])} ({escape(stamp['stampNumber'])})"
    amounts = _amounts(stamp, payments or "Ninguno")
    return f"<tr><th scope=row>{name}</th><td>{escape(stamp['liquidatedValueId'])}</td>{amounts}</tr>"


def _amounts(of: Facts, paid: str) -> str:
    value, missing = (wording.money(of[name]) for name in ("liquidatedValue", "missingValue"))
    cells = "".join(f"<td class=amount>{each}</td>" for each in (value, paid, missing))
    return f"{cells}<td>{of['state']}</td>"
