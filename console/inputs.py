"""What an operator types, checked. Codes and names by the contract's own limits, so that what is stored can be sent."""

import os
import re
from argparse import ArgumentTypeError

from shared import contract, tokens
from shared.validation.formats import NotNormalError, normal

_NIT = re.compile(r"[0-9]{3,15}")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ENDPOINT = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]+)?/?")


def nit(text: str) -> str:
    """A NIT as written. Raises ArgumentTypeError."""
    if _NIT.fullmatch(text) is None:
        raise ArgumentTypeError(
            f"{text!r} no es un NIT. Escriba de 3 a 15 dígitos, sin puntos, espacios ni dígito de verificación, "
            "como 900111222"
        )
    return text


def stamp_code(text: str) -> str:
    """A stamp's code in the normal form in which liquidations are compared with it. Raises ArgumentTypeError."""
    return _normal("stampNumber", text)


def name(text: str) -> str:
    """The name of an entity or stamp, in normal form. Raises ArgumentTypeError."""
    return _normal("taxpayerName", text)


def table(text: str) -> str:
    """The name of a table of DynamoDB. Raises ArgumentTypeError."""
    if _TABLE.fullmatch(text) is None:
        raise ArgumentTypeError(f"{text!r} no es el nombre de una tabla de DynamoDB")
    return text


def wrong_in_environment() -> str | None:
    """What to set or mend before anything can be done, or None."""
    if not os.environ.get("TABLE_NAME"):
        return "falta la variable TABLE_NAME: el nombre de la tabla de DynamoDB del ambiente"
    if os.environ.get("SIGEC_ENVIRONMENT") not in tokens.PREFIXES:
        return f"la variable SIGEC_ENVIRONMENT debe ser {' o '.join(tokens.PREFIXES)}"
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if endpoint and _ENDPOINT.fullmatch(endpoint) is None:
        return "la variable AWS_ENDPOINT_URL_DYNAMODB debe ser una dirección como http://127.0.0.1:8001"
    return None


def _normal(parameter: str, text: str) -> str:
    """The text by the rule of a parameter of the contract."""
    fields = (field for operation in contract.operations().values() for field in operation.fields)
    rule = next(field for field in fields if field.name == parameter)
    try:
        return str(normal(rule, text))
    except NotNormalError as error:
        if error.reason == "tooLong":
            raise ArgumentTypeError(f"es muy largo: admite hasta {rule.maximum_length} caracteres") from None
        raise ArgumentTypeError("no puede estar vacío ni tener saltos de línea u otros caracteres de control") from None
