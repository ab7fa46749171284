"""Why the table could not be reached or used, in words an operator can act on."""

from botocore.exceptions import (
    BotoCoreError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from pynamodb.exceptions import PynamoDBException

from shared import settings

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_NOT_ACCEPTED = {
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}

UNAVAILABLE = (
    "DynamoDB no respondió y no se hizo ningún cambio. Revise su red, AWS_DEFAULT_REGION y, si la usa, "
    "AWS_ENDPOINT_URL_DYNAMODB; luego repita el comando."
)


def explanation(error: PynamoDBException | BotoCoreError) -> str:
    """What went wrong and what to do about it."""
    code = error.cause_response_code if isinstance(error, PynamoDBException) else None
    cause = error.cause if isinstance(error, PynamoDBException) else error
    if code == "ResourceNotFoundException":
        return (
            f"La tabla {settings.table_name()} no existe en esta región y cuenta de AWS. "
            "Revise TABLE_NAME, AWS_DEFAULT_REGION y AWS_PROFILE."
        )
    if code == "AccessDeniedException":
        return f"Sus credenciales de AWS no tienen permiso sobre la tabla {settings.table_name()}."
    if code in _NOT_ACCEPTED:
        return f"AWS no acepta sus credenciales o ya vencieron ({code}). Renuévelas y repita el comando."
    if isinstance(cause, NoRegionError):
        return "Falta la región de AWS. Defina AWS_DEFAULT_REGION (como us-east-1) o use un perfil que la tenga."
    if isinstance(cause, _NO_CREDENTIALS):
        return (
            "No hay credenciales de AWS que sirvan. Defina AWS_PROFILE, o AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY. "
            f"Detalle: {cause}"
        )
    return f"DynamoDB rechazó la operación. Detalle: {cause or error}"
