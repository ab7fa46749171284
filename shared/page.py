"""Pages for people: one small document without scripts, which nothing from elsewhere may join."""

import base64
import hashlib
from html import escape

from shared.contract import certificates
from shared.rejection import Rejection

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.15rem; }
.result { border: 2px solid; border-left-width: .6rem; padding: .6rem 1rem; font-weight: bold; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid; padding: .3rem .5rem; text-align: left; vertical-align: top; }
.amount { text-align: right; white-space: nowrap; }
input, button { font: inherit; padding: .4rem .6rem; max-width: 100%; }
input { width: 20rem; }
@media print { form { display: none; } body { padding: 0; } }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

FORM = """<h2>Verificar una constancia</h2>
<form method=get>
<p><label for=codigo>Código de verificación</label><br>
<input id=codigo name=codigo required maxlength=60 autocomplete=off spellcheck=false autocapitalize=characters></p>
<p><button>Verificar</button></p>
</form>"""

BAD_REQUEST = 400
MEDIA_TYPE = "text/html; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def document(title: str, body: str) -> str:
    """A whole page; `body` is HTML already."""
    return f"""<!DOCTYPE html>
<html lang="es-CO">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · SIGEC</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
"""


def refusal(rejection: Rejection, request_id: str) -> bytes:
    """That no certificate has the code, with the form again; or what is wrong here, as JSON says it elsewhere."""
    if rejection.status == BAD_REQUEST:
        words = certificates.declared()
        return document(words.unknown, f"<p class=result role=alert>{escape(words.to_check)}</p>{FORM}").encode()
    told = "".join(f"<p class=result role=alert>{escape(finding.message)}</p>" for finding in rejection.findings)
    number = f"<p>Número de la solicitud: {escape(request_id)}</p>"
    return document("No se pudo responder", told + number).encode()
