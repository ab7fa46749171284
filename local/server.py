"""Puts a run together: engine, table, bucket and queues, demo entities, and the server in front of the functions."""

import logging
import os
import shlex
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from local import CannotRunError, bulk, demo, engine, folder, keys, reference, say, table
from local.gateway import Gateway

HOST = "127.0.0.1"
DEFAULT_PORT = "8000"
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
# What a deployment would decide; a value that is set already counts.
DEFAULTS = {
    "TABLE_NAME": "sigec-local",
    "SIGEC_ENVIRONMENT": "preprod",
    "PUBLIC_STEP_MILLISECONDS": "500",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
LAST_CALLS = 25  # seconds a stopping server gives the calls under way: more than the functions' own deadline


def serve() -> None:
    """Serve until interrupted (KeyboardInterrupt). Raises CannotRunError."""
    with (
        folder.held() as place,
        closing(_bind()) as listener,
        _endpoint(place),
        _logging_to(place / folder.LOG),
        bulk.running(),
        keys.running(place / folder.CERTIFICATE_KEY),
        closing(Gateway()) as gateway,
    ):
        base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        os.environ["BASE_URL"] = base_url
        app = Starlette(routes=[*reference.routes(), Mount("/", gateway)])
        table.create(os.environ["TABLE_NAME"])
        entities = demo.register(place / folder.DEMO)
        listener.listen(socket.SOMAXCONN)
        demo.write(place / folder.DEMO, base_url, entities)
        _write_environment(place / folder.ENVIRONMENT)
        demo.write_file(place / folder.FILE)
        _welcome(
            base_url,
            place,
            demo.curl_lines(base_url, entities),
            demo.consultation_lines(base_url, entities),
            demo.file_lines(base_url, entities, place / folder.FILE),
        )
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",
            log_level="error",
            server_header=False,
            timeout_graceful_shutdown=LAST_CALLS,
            ws="none",
        )
        uvicorn.Server(config).run(sockets=[listener])


def reset() -> None:
    """Delete what was stored here. Raises CannotRunError while the services run."""
    with folder.held() as place:
        folder.empty(place)
    say(f"Borrados los datos locales de {place}.")
    if ENDPOINT in os.environ:
        say(f"Lo que haya en {os.environ[ENDPOINT]} queda como está.")


def _bind() -> socket.socket:
    """A socket on PORT, bound before anything else starts. Raises CannotRunError."""
    port = os.environ.get("PORT") or DEFAULT_PORT
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # named, or asyncio would leave Nagle's algorithm on
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, int(port)))
    except (ValueError, OverflowError):
        raise CannotRunError(f"PORT={port} no es un puerto.") from None
    except OSError as error:
        raise CannotRunError(
            f"No se puede usar el puerto {port} ({error.strerror}). Elija otro, por ejemplo: make run PORT=8001"
        ) from None
    return listener


@contextmanager
def _endpoint(place: Path) -> Iterator[None]:
    """Set the environment of a function, with an engine of our own unless it names one."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    if os.environ.get(ENDPOINT):
        yield
        return
    with engine.running(place) as own:
        os.environ[ENDPOINT] = own.endpoint
        yield


def _write_environment(file: Path) -> None:
    """What a shell sources to reach this table with the operator's console; credentials only if they are dummies."""
    values = {name: os.environ[name] for name in (*DEFAULTS, ENDPOINT) if name in os.environ}
    shown = {name: value for name, value in values.items() if "KEY" not in name or value == DEFAULTS[name]}
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in shown.items()))


@contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """Send the functions' log lines to a file, so that what a person has to read stays in view."""
    log = logging.getLogger("sigec")
    with closing(logging.FileHandler(file, encoding="utf-8")) as handler:
        shown, log.handlers = log.handlers, [handler]
        try:
            yield
        finally:
            log.handlers = shown


def _welcome(base_url: str, place: Path, lines: list[str], consultations: list[str], file_lines: list[str]) -> None:
    text = f"""\
Servicios SIGEC en {base_url}, con su referencia en {base_url}/docs
Tokens de prueba en {place / folder.DEMO}; una línea por solicitud en {place / folder.LOG}
Consola del operador, en otra terminal: . {place / folder.ENVIRONMENT} && .venv/bin/python -m console --help
Ctrl-C los detiene y conserva los datos, salvo los archivos de cargas masivas; `make reset` los borra.

Acto documento, liquidación y pago, en este orden:

{{}}

Lo que quedó registrado; la guía es docs/consultas.md:

{{}}

Una carga masiva de actos documento: se envía, o se sigue hasta su final con
make carga FILE={place / folder.FILE} TIPO=actoDocumento

{{}}

Un reporte de lo registrado, en CSV y Excel:
make reporte TIPO=fechaActoDocumento DESDE=2024-01-01 HASTA=2024-12-31 NIT={demo.REPORTER}

Si repite un registro, responde que ya existe: nunca se guarda dos veces."""
    say(text.format("\n\n".join(lines), "\n\n".join(consultations), "\n\n".join(file_lines)))
