"""What each command does with what was typed. What was asked for goes to stdout; what explains it, to stderr."""

# ruff: noqa: T201 - to print is what a command line is for

import datetime
import os
import sys
from argparse import Namespace

from console import catalogue, comparison, completion, registry
from shared import colombia, settings
from shared.rejection import Rejection

COMPLETED = {
    completion.ACTS: "Actos documento",
    completion.LIQUIDATIONS: "Liquidaciones",
    completion.PAYMENTS: "Pagos",
    completion.MEMBERS: "Entidades descentralizadas",
    completion.CREATIONS: "Creaciones de actos documento, para la consulta pública",
    completion.TAXPAYERS: "Liquidaciones sin su sujeto pasivo, en el registro de cambios",
}


LEFT = {
    comparison.REVOKE: "el token que se le revocó sirve otra vez. Revóquelo: `token revocar {nit}`.",
    comparison.REPLACE: "su último token no sirve. Entréguele otro: `token generar {nit} --reemplazar`.",
    comparison.CREATE: "la entidad no está. Créela, con sus estampillas, y entréguele un token: `token generar {nit}`.",
}


class OutputError(Exception):
    """What was asked for cannot be shown: text in Spanish for the operator."""


def create_entity(typed: Namespace) -> None:
    """`entidad crear`."""
    registry.create_entity(typed.nit, typed.nombre, typed.territorial)
    _explain(f"Se creó en {settings.environment()} la entidad {typed.nit}, {typed.nombre}.")
    if typed.territorial is None:
        _explain(f"Ahora agregue sus estampillas con `estampilla agregar {typed.nit} CÓDIGO NOMBRE`.")
    else:
        _explain(f"La entidad ya puede usar las estampillas de su territorial, {typed.territorial}.")
        _explain(f"Ahora genere su token con `token generar {typed.nit}`.")


def show_entity(typed: Namespace) -> None:
    """`entidad ver`."""
    entity = registry.entity(typed.nit)
    issued_at = registry.token_issued_at(entity)
    _show(f"Entidad:     {entity.nit}, {entity.name}")
    _show(f"Clase:       {entity.kind}")
    if entity.kind == registry.DECENTRALISED:
        _show(f"Territorial: {entity.territorial}, {registry.entity(entity.territorial).name}")
    _show(f"Token:       {'no tiene' if issued_at is None else f'vigente desde {_in_colombia(issued_at)}'}")
    _show_stamps("Estampillas propias", entity.nit)
    if entity.kind == registry.DECENTRALISED:
        _show_stamps("Estampillas de su territorial", entity.territorial)


def add_stamp(typed: Namespace) -> None:
    """`estampilla agregar`."""
    registry.add_stamp(typed.nit, typed.codigo, typed.nombre)
    _explain(f"Se agregó en {settings.environment()} la estampilla {typed.codigo} a la entidad {typed.nit}.")
    _explain("Ya se puede liquidar. Una estampilla no se retira.")


def issue_token(typed: Namespace) -> None:
    """`token generar`."""
    token = registry.issue_token(typed.nit, replace=typed.reemplazar)
    if typed.reemplazar:
        _explain("Si había un token anterior, deja de funcionar a más tardar en 5 segundos.")
    _explain(
        f"Este es el token de {settings.environment()} de la entidad {typed.nit}. Guárdelo ahora y entréguelo por un "
        "medio seguro: no se vuelve a mostrar."
    )
    try:
        _show(token)
    except OutputError as error:
        raise OutputError(
            f"{error} El token se generó y no hay cómo recuperarlo: genere otro con --reemplazar."
        ) from None


def revoke_token(typed: Namespace) -> None:
    """`token revocar`."""
    registry.revoke_token(typed.nit)
    _explain(f"Se revocó el token de {settings.environment()} de la entidad {typed.nit}.")
    _explain("Deja de funcionar a más tardar en 5 segundos. La entidad no puede reportar hasta que le genere otro.")


def compare_tokens(typed: Namespace) -> None:
    """`token comparar`."""
    in_use = settings.table_name()
    if typed.anterior == in_use:
        raise OutputError(f"La tabla {in_use} es la de TABLE_NAME: dé la que estaba en uso antes.")
    compared = comparison.compare(typed.anterior)
    for nit, what in compared.left.items():
        _show(f"{nit}: {LEFT[what].format(nit=nit)}")
    if compared.renewed:
        _explain(
            f"Se dan por entregados los tokens, que {typed.anterior} no tiene, de {', '.join(compared.renewed)}. Si "
            "alguno no se generó después de restaurar, genere otro con --reemplazar."
        )
    if compared.revoked_since:
        _explain(
            f"Atención: están revocados en {in_use} y no en {typed.anterior} tokens de "
            f"{', '.join(compared.revoked_since)}. Si nadie los revocó después de restaurar, las tablas están al "
            "revés: la de TABLE_NAME debe ser la restaurada."
        )
    _explain(
        f"Se buscaron en {in_use} los {_thousands(compared.tokens)} tokens de la tabla anterior, {typed.anterior}. No "
        "se cambió nada."
    )
    _explain("Hágalo y repita el comando, hasta que no quede nada." if compared.left else "No hay nada que hacer.")


def complete_index(_typed: Namespace) -> None:
    """`indice completar`."""

    def report(counts: completion.Counts) -> None:
        completed = _thousands(sum(counts[kind] for kind in completion.KINDS))
        _explain(f"Filas leídas: {_thousands(counts[completion.READ])}; completadas: {completed}.")

    try:
        counts = completion.complete(report)
    except Rejection:
        raise OutputError(
            "DynamoDB no respondió a tiempo. Lo que se completó hasta ahora queda: repita el comando y seguirá con lo "
            "que falta."
        ) from None
    for kind in completion.KINDS:
        _show(f"{COMPLETED[kind]}: {_thousands(counts[kind])}")
    _explain(f"Se revisó toda la tabla {settings.table_name()}. Repetir el comando no hace daño.")


def prepare_catalogue(typed: Namespace) -> None:
    """`catalogo preparar`."""
    registry.entity(typed.nit)
    try:
        reached = catalogue.prepare(typed.nit, lambda moment: _explain(f"Preparado hasta {_in_colombia(moment)}."))
    except Rejection:
        raise OutputError(
            "DynamoDB no respondió a tiempo. Lo que se preparó queda: repita el comando y seguirá donde iba."
        ) from None
    _show(f"El catálogo de la entidad {typed.nit} llega hasta {_in_colombia(reached)}.")
    _explain("Lo posterior lo lee cada búsqueda. Si es de hace más de diez minutos, repita el comando.")


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _show_stamps(title: str, nit: str) -> None:
    stamps = registry.stamps(nit)
    if not stamps:
        _show(f"{title}: ninguna")
        return
    _show(f"{title}:")
    width = max(len(stamp.stamp_number) for stamp in stamps)
    for stamp in stamps:
        _show(f"  {stamp.stamp_number:<{width}}  {stamp.name}")


def _in_colombia(moment: str) -> str:
    local = datetime.datetime.fromisoformat(moment).astimezone(colombia.TIME)
    return f"{local:%Y-%m-%d %H:%M:%S} (hora de Colombia)"


def _show(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        # What is left in the buffer must not fail again as Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError("No se pudo escribir en la salida estándar.") from None


def _explain(text: str) -> None:
    print(text, file=sys.stderr)
