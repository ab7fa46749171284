"""One folder per choice, as Lambda would have it: its code, only what that depends on, and bytecode."""

import compileall
import json
import py_compile
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

import pack

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
OURS = "ours"
SERVICES = ("act_document", "liquidation", "payment")


@dataclass(frozen=True)
class Choice:
    """A way to build the services: what it asks for, its modules, and its handlers by service."""

    name: str
    title: str
    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    handlers: dict[str, str]
    threads: bool = True  # whether several may call the handler at once


def _ours() -> tuple[str, ...]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


CHOICES = (
    Choice("bare", "bare boto3", ("boto3",), ("bare", "rows"), {each: f"bare:{each}" for each in SERVICES}),
    Choice(OURS, "ours", _ours(), (), {each: f"functions.{each}:handler" for each in SERVICES}),
    Choice(
        "powertools",
        "Powertools with validation",
        ("aws-lambda-powertools", "pydantic", "boto3"),
        ("with_powertools", "payment_model", "work", "rows"),
        {"payment": "with_powertools:handler"},
        threads=False,  # it keeps the current event on a class: calls at once answer one another's
    ),
    Choice(
        "fastapi",
        "FastAPI + Mangum",
        ("fastapi", "mangum", "boto3"),
        ("with_fastapi", "payment_model", "work", "rows"),
        {"payment": "with_fastapi:handler"},
    ),
    Choice(
        "connexion",
        "connexion as it comes",
        ("connexion", "mangum", "boto3"),
        ("with_connexion", "work", "rows"),
        {"payment": "with_connexion:handler"},
    ),
)


def build(choice: Choice, place: Path) -> Path:
    """The choice's folder, made anew in `place`."""
    folder = place / choice.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _closure(choice.requirements):
        _copy(metadata.distribution(name), folder)
    for module in choice.modules:
        shutil.copy(HERE / "variants" / f"{module}.py", folder)
    for module in (HERE / "inside").glob("[!_]*.py"):
        shutil.copy(module, folder)
    if choice.name == OURS:
        pack.complete(folder)
    else:
        pack.drop_services(folder)
        contract = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
        contract = contract.replace("shared.auth.authenticate", "work.authenticate")
        rules = yaml.load(contract, Loader=yaml.CSafeLoader)["x-rules"]
        messages = {each["id"]: each["message"] for each in rules}
        (folder / "messages.json").write_text(json.dumps(messages), encoding="utf-8")
        if choice.name == "connexion":
            (folder / "openapi.yaml").write_text(contract, encoding="utf-8")
    compileall.compile_dir(folder, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return folder


def _copy(distribution: metadata.Distribution, folder: Path) -> None:
    for file in distribution.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target)


def _closure(requirements: Iterable[str]) -> set[str]:
    """The names of all distributions that these need here."""
    found: set[str] = set()
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name not in found:
            found.add(name)
            needed = (Requirement(each) for each in metadata.requires(name) or ())
            waiting += [each for each in needed if each.marker is None or each.marker.evaluate(_environment())]
    return found


def _environment() -> dict[str, str]:
    return {**{key: str(value) for key, value in default_environment().items()}, "extra": ""}
