"""What an operator does to the registry of entities, stamps and tokens (manual, 5.4)."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from pynamodb.exceptions import DoesNotExist

from shared import groups, retry, settings, tokens
from shared.models import (
    ENVIRONMENT,
    PROFILE,
    STAMP_PREFIX,
    TABLE,
    TOKEN,
    Entity,
    Row,
    Stamp,
    TableEnvironment,
    Token,
    entity_key,
    stamp_key,
    token_key,
)
from shared.rejection import Rejection
from shared.transaction import Failures, Transaction

TERRITORIAL: Final = "territorial"
DECENTRALISED: Final = "descentralizada"
PATIENCE = 10.0  # seconds that an operator waits for a table that does not answer

T = TypeVar("T")


class RegistryError(Exception):
    """What cannot be done, and why: text in Spanish for the operator."""


def check_environment() -> None:
    """Raise RegistryError unless the table is of the environment that is named; an empty one is of none yet."""
    try:
        found = _read(lambda: TableEnvironment.get(TABLE, ENVIRONMENT, consistent_read=True)).environment
    except DoesNotExist:
        if _read(lambda: next(Row.scan(limit=1, consistent_read=True), None)) is not None:
            raise RegistryError(
                f"La tabla {settings.table_name()} tiene datos y no dice de qué ambiente es. No se hizo nada. Revise "
                f"TABLE_NAME: debe ser la salida TableName del despliegue de {settings.environment()}."
            ) from None
        return
    if found != settings.environment():
        raise _of_other(found)


def create_entity(nit: str, name: str, territorial: str | None = None) -> None:
    """Register a territorial entity, or a decentralised one of the territorial entity with NIT `territorial`.

    With the first entity the table becomes this environment's. Raises RegistryError when the NIT is taken, the
    territorial entity is unknown, or the table is another environment's.
    """
    if territorial is not None and entity(territorial).kind != TERRITORIAL:
        raise RegistryError(f"La entidad {territorial} no es territorial: es descentralizada.")
    row = Entity(
        entity_key(nit),
        PROFILE,
        nit=nit,
        name=name,
        kind=TERRITORIAL if territorial is None else DECENTRALISED,
        territorial=territorial or nit,
        **({} if territorial is None else groups.of_member(territorial, nit)),
    )
    mine = TableEnvironment(TABLE, ENVIRONMENT, environment=settings.environment())
    is_mine = TableEnvironment.pk.does_not_exist() | (TableEnvironment.environment == mine.environment)
    transaction = Transaction()
    transaction.put("new", row, Entity.pk.does_not_exist())
    transaction.put("environment", mine, is_mine)
    failures = _commit(nit, transaction)
    other = failures.get("environment")
    if isinstance(other, TableEnvironment):
        raise _of_other(other.environment)
    if failures:
        raise RegistryError(f"La entidad {nit} ya existe y no se cambió.")


def add_stamp(nit: str, stamp_number: str, name: str) -> None:
    """Let an entity, and its decentralised ones, liquidate a stamp. For ever: a stamp is never withdrawn.

    Raises RegistryError when the entity is unknown or already has the stamp.
    """
    entity(nit)
    row = Stamp(entity_key(nit), stamp_key(stamp_number), stamp_number=stamp_number, name=name)
    transaction = Transaction()
    transaction.put("new", row, Stamp.pk.does_not_exist())
    if _commit(nit, transaction):
        raise RegistryError(f"La entidad {nit} ya tiene la estampilla {stamp_number}, que no se cambió.")


def issue_token(nit: str, *, replace: bool = True) -> str:
    """A new token of the entity, to be shown once; the one before stops working (5.4.5).

    Raises RegistryError when the entity is unknown, has a token that is not to be replaced, or its token was changed
    at the same moment.
    """
    owner = entity(nit)
    if owner.token_sha256 is not None and not replace:
        raise RegistryError(
            f"La entidad {nit} ya tiene un token vigente y no se cambió. Para reemplazarlo, repita con --reemplazar: "
            "el vigente dejará de funcionar a más tardar 5 segundos después."
        )
    token = tokens.draw(settings.environment())
    sha256 = tokens.sha256(token)
    now = _now()
    _change_token(owner, sha256, Token(token_key(sha256), TOKEN, nit=nit, territorial=owner.territorial, issued_at=now))
    return token


def revoke_token(nit: str) -> None:
    """Leave the entity without a token. Raises RegistryError when it has none or it was changed at the same moment."""
    owner = entity(nit)
    if owner.token_sha256 is None:
        raise RegistryError(f"La entidad {nit} no tiene token vigente.")
    _change_token(owner, None, None)


def entity(nit: str) -> Entity:
    """The entity's profile. Raises RegistryError when it is unknown."""
    try:
        return _read(lambda: Entity.get(entity_key(nit), PROFILE, consistent_read=True))
    except DoesNotExist:
        where = settings.environment()
        raise RegistryError(f"La entidad {nit} no existe en {where}. Revise el NIT o créela.") from None


def stamps(nit: str) -> list[Stamp]:
    """The entity's own stamps, by code."""
    of_entity = Stamp.sk.startswith(STAMP_PREFIX)
    return _read(lambda: list(Stamp.query(entity_key(nit), of_entity, consistent_read=True)))


def token_issued_at(owner: Entity) -> str | None:
    """When the entity's live token was issued (UTC), or None if it has none."""
    if owner.token_sha256 is None:
        return None
    key = token_key(owner.token_sha256)
    return _read(lambda: Token.get(key, TOKEN, consistent_read=True)).issued_at


def _change_token(owner: Entity, sha256: str | None, new: Token | None) -> None:
    """Revoke the live token, point the profile to the new one and store that: all or nothing."""
    old = owner.token_sha256
    pointer = Entity.token_sha256
    change = pointer.remove() if sha256 is None else pointer.set(sha256)
    unchanged = pointer.does_not_exist() if old is None else pointer == old
    transaction = Transaction()
    if new is not None:
        transaction.put("new", new, Token.pk.does_not_exist())
    transaction.update("profile", owner, [change], Entity.pk.exists() & unchanged)
    if old is not None:
        revocation = Token.revoked_at.set(_now())
        transaction.update("old", Token(token_key(old), TOKEN), [revocation], Token.pk.exists())
    if _commit(owner.nit, transaction):
        raise RegistryError(
            f"Otro operador acaba de cambiar el token de la entidad {owner.nit}; este comando no lo cambió."
        )


def _of_other(environment: str) -> RegistryError:
    return RegistryError(
        f"La tabla {settings.table_name()} es de {environment}, y SIGEC_ENVIRONMENT dice {settings.environment()}. No "
        "se hizo nada. Defina TABLE_NAME y SIGEC_ENVIRONMENT juntas, las dos del mismo ambiente, y repita el comando."
    )


def _commit(nit: str, transaction: Transaction) -> Failures:
    """Commit; the writes whose conditions do not hold. Raises RegistryError when the outcome is unknown."""
    try:
        return transaction.commit(time.monotonic() + PATIENCE)
    except Rejection as error:
        raise RegistryError(
            "DynamoDB no confirmó el cambio, que pudo quedar hecho o no. Revise su red y el entorno. Antes de repetir "
            f"el comando, vea cómo quedó con `entidad ver {nit}`."
        ) from error


def _read(attempt: Callable[[], T]) -> T:
    return retry.until(time.monotonic() + PATIENCE, attempt)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
