"""What comes from npm: the versions of package.json, with the hashes that package-lock.json has of them."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from local import CannotRunError
from local.folder import ROOT

MANIFEST = ROOT / "package.json"
# Not `npm ci`: it asks for the hashes of every machine's package. No scripts: none of the packages needs one.
INSTALL = ("install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")

NO_NPM = """\
Falta npm, con el que se instalan el motor de datos (dynoxide) y la página de referencia.
Instale Node.js 18 o posterior, que lo incluye (por ejemplo `apt install npm` o `brew install node`), y repita."""

NOT_GIVEN = """\
npm no dio {} para esta máquina, o no con la suma de package-lock.json.
Con AWS_ENDPOINT_URL_DYNAMODB se usa otro motor."""


def folder(name: str) -> Path:
    """The folder of a package, installed if need be. Raises CannotRunError."""
    # Of several processes, one installs and the others wait.
    with MANIFEST.open() as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        pins: dict[str, Any] = json.load(manifest)
        version = {**pins["dependencies"], **pins["optionalDependencies"]}.get(name)
        if version is not None and _installed(name) != version:
            _install()
    if version is None or _installed(name) != version:
        raise CannotRunError(NOT_GIVEN.format(name))
    return _place(name)


def _place(name: str) -> Path:
    return ROOT / "node_modules" / name


def _installed(name: str) -> str | None:
    try:
        package: dict[str, str] = json.loads((_place(name) / "package.json").read_text())
    except FileNotFoundError:
        return None
    return package["version"]


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotRunError(NO_NPM)
    done = subprocess.run([npm, *INSTALL], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - pinned
    if done.returncode != 0:
        raise CannotRunError(f"npm no pudo instalar lo que pide package.json:\n{done.stdout}{done.stderr}")
