"""`python -m local.verify <certificate> <public key>`: is it genuine, and what does it state? Without any connection.

The certificate is a PDF, an answer of constancia/obtener saved as a file, or its signature alone; the key is what
constanciaLlave/obtener answers: the whole answer, its JWK set, or its PEM. The exit status is 0 if it is genuine.
"""

import sys
from pathlib import Path
from typing import Any

from local import say
from shared.certificate import seal, wording

USAGE = "Uso: make verificar FILE=constancia.pdf LLAVE=llave.pem"
NOT_GENUINE, MISUSED = 1, 2


def main(arguments: list[str]) -> int:
    """Verify one file and give the exit status."""
    if len(arguments) != 2 or not all(arguments):
        say(USAGE, error=True)
        return MISUSED
    try:
        file, text = (Path(name).read_bytes() for name in arguments)
        public = seal.keys(text)
    except OSError as error:
        say(f"No se puede leer {error.filename}: mire si existe, si es un archivo y si tiene permiso.", error=True)
        return MISUSED
    except ValueError:
        say(f"{arguments[1]} no tiene una llave pública.", error=True)
        return MISUSED
    try:
        say(wording.straight("\n".join(_told(seal.verified(file, public)))))
    except seal.NotGenuineError as error:
        say(f"NO ES AUTÉNTICA: {error}", error=True)
        return NOT_GENUINE
    return 0


def _told(stated: dict[str, Any]) -> list[str]:
    trial = [] if stated["environment"] == "prod" else ["Es del ambiente de pruebas: no tiene validez."]
    kind, number = stated["payerDocumentParametricTypeCode"], stated["taxpayerDocumentNumber"]
    return [
        "ES AUTÉNTICA: la firma corresponde a la llave, y nada ha cambiado desde que se firmó.",
        *trial,
        f"Código {wording.grouped(stated['code'])}",
        f"Expedida el {wording.moment(stated['issuedAt'])} (hora de Colombia)",
        f"Entidad: {stated['entityName']}, NIT {stated['entity']}",
        f"Acto documento: {stated['actDocumentCode']}, por {wording.money(stated['generatorFactValue'])}",
        f"Sujeto pasivo: {stated['taxpayerName']}, {kind} {number}",
        *(
            f"  {each['stampName']} ({each['stampNumber']}), liquidación {each['liquidatedValueId']}: "
            f"{wording.money(each['liquidatedValue'])}, pagado {wording.money(each['paidValue'])}, "
            f"falta {wording.money(each['missingValue'])}, {each['state']}"
            for each in stated["stamps"]
        ),
        f"Estado: {stated['state']}, falta {wording.money(stated['missingValue'])}",
        "Si algo ha cambiado en el registro desde entonces lo dice la verificación por su código.",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
