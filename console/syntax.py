"""How the commands are written."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from console import commands, inputs
from console.help import HELP

if TYPE_CHECKING:
    from argparse import _SubParsersAction

PROGRAM = "python -m console"
LOOK = "Use `entidad ver NIT` para saber qué quedó hecho."


def parser() -> ArgumentParser:
    """The whole command line."""
    top = ArgumentParser(PROGRAM, **_shape(""))
    subjects = top.add_subparsers(title="asuntos", required=True)

    entity = _subject(subjects, "entidad")
    create = _command(entity, "entidad crear", commands.create_entity)
    create.add_argument("nombre", metavar="NOMBRE", type=inputs.name, help="su nombre, entre comillas")
    create.add_argument(
        "--territorial",
        metavar="NIT",
        type=inputs.nit,
        help="NIT de su entidad territorial; hace descentralizada a la que se crea",
    )
    _command(entity, "entidad ver", commands.show_entity)

    stamp = _subject(subjects, "estampilla")
    add = _command(stamp, "estampilla agregar", commands.add_stamp)
    add.add_argument("codigo", metavar="CÓDIGO", type=inputs.stamp_code, help="su código, como irá en stampNumber")
    add.add_argument("nombre", metavar="NOMBRE", type=inputs.name, help="su nombre, entre comillas")

    token = _subject(subjects, "token")
    issue = _command(token, "token generar", commands.issue_token)
    issue.add_argument("--reemplazar", action="store_true", help="reemplaza el token vigente, si lo hay")
    _command(token, "token revocar", commands.revoke_token)

    compare = _action(token, "token comparar", commands.compare_tokens, interrupted="No se cambió nada.")
    compare.add_argument(
        "anterior", metavar="TABLA", type=inputs.table, help="la tabla que estaba en uso antes de la de TABLE_NAME"
    )

    index = _subject(subjects, "indice")
    again = "Lo que se completó queda: repita el comando y seguirá con lo que falta."
    _action(index, "indice completar", commands.complete_index, interrupted=again)

    catalogue = _subject(subjects, "catalogo")
    again = "Lo que se preparó queda: repita el comando y seguirá donde iba."
    _command(catalogue, "catalogo preparar", commands.prepare_catalogue, interrupted=again)
    return top


def _subject(subjects: "_SubParsersAction[ArgumentParser]", path: str) -> "_SubParsersAction[ArgumentParser]":
    subject = subjects.add_parser(path, help=HELP[path].summary, **_shape(path))
    return subject.add_subparsers(title="acciones", required=True)


def _command(
    actions: "_SubParsersAction[ArgumentParser]", path: str, run: Callable[[Namespace], None], interrupted: str = LOOK
) -> ArgumentParser:
    """A command on one entity."""
    command = _action(actions, path, run, interrupted=interrupted)
    command.add_argument(
        "nit", metavar="NIT", type=inputs.nit, help="NIT de la entidad: de 3 a 15 dígitos, sin dígito de verificación"
    )
    return command


def _action(
    actions: "_SubParsersAction[ArgumentParser]", path: str, run: Callable[[Namespace], None], *, interrupted: str
) -> ArgumentParser:
    """A command; `interrupted` says what to do when it was broken off."""
    command = actions.add_parser(path.rsplit(maxsplit=1)[-1], help=HELP[path].summary, **_shape(path))
    command.set_defaults(run=run, interrupted=interrupted)
    return command


def _shape(path: str) -> dict[str, Any]:
    return {
        "description": HELP[path].description,
        "epilog": HELP[path].examples,
        "formatter_class": RawDescriptionHelpFormatter,
        "allow_abbrev": False,
    }
