"""`python -m local` serves until Ctrl-C; `python -m local reset` deletes what the services stored here.

`python -m local carga <file> <service> [--validar] [--nit <nit>]` loads a file, with the token of that demo entity.
`python -m local token [<nit>]` tells the token of a demo entity, the first or that of this NIT.
`python -m local reporte <type> <from> <to> [--entidad <nit>] [--nit <nit>]` brings a report, likewise.
"""

import signal
import sys
from pathlib import Path
from typing import Any

from local import CannotRunError, load, report, say, server

USAGE = """Uso: python -m local [reset
    | token [<nit>]
    | carga <archivo> <actoDocumento|liquidacion|pago> [--validar] [--nit <nit>]
    | reporte <fechaActoDocumento|fechaRegistroPago> <desde> <hasta> [--entidad <nit|TODAS>] [--nit <nit>]]"""


def main(arguments: list[str]) -> int:
    """Run a command and give its exit status."""
    # Set explicitly: a process started in the background may have inherited both as ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        match arguments:
            case []:
                server.serve()
            case ["reset"]:
                server.reset()
            case ["token", *nit] if len(nit) <= 1:
                say(load.demo_entity(next(iter(nit), None))[1])
            case ["carga", file, service, *options] if (choice := _choice(options)) is not None:
                return load.load(Path(file), service, **choice)
            case ["reporte", kind, first_day, last_day, *options] if (about := _about(options)) is not None:
                return report.bring(kind, first_day, last_day, **about)
            case _:
                say(USAGE, error=True)
                return 2
    except CannotRunError as error:
        say(str(error), error=True)
        return 1
    except KeyboardInterrupt:
        say("Detenido.")
    return 0


def _choice(options: list[str]) -> dict[str, Any] | None:
    """How a file is loaded; None if the options are not known."""
    match options:
        case []:
            return {"only_check": False, "nit": None}
        case ["--validar", *rest] if (choice := _choice(rest)) is not None:
            return choice | {"only_check": True}
        case ["--nit", nit, *rest] if (choice := _choice(rest)) is not None:
            return choice | {"nit": nit}
    return None


def _about(options: list[str]) -> dict[str, str | None] | None:
    """Whose report it is, and who asks; None if the options are not known."""
    match options:
        case []:
            return {"entity": None, "nit": None}
        case ["--entidad", entity, *rest] if (about := _about(rest)) is not None:
            return about | {"entity": entity}
        case ["--nit", nit, *rest] if (about := _about(rest)) is not None:
            return about | {"nit": nit}
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
