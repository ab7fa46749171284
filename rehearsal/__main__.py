"""`make deploy-test`: what stands between a clean clone and a deployment, done on this machine, without AWS or Docker.

First SAM expands the template as AWS would. Each built artefact answers a call under Lambda's runtime interface
emulator, with nothing but what it carries. Then our own template, built for this machine's processor, is deployed to an
emulator of AWS, once per environment, as an operator would, and gets the manual's use cases over its API, and a file
by way of its bucket and queues. The stacks are changed and must keep what was registered; a change that cannot be made
must leave everything as it was; a table is restored; and what is removed must leave its table behind.

What the emulator cannot do is asked of it and told at the end (rehearsal/limits.py).
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from local import engine, table
from rehearsal import (
    ROOT,
    CannotRunError,
    RehearsalError,
    artefact,
    check,
    emulator,
    expansion,
    files,
    limits,
    say,
    step,
    traffic,
)
from rehearsal.stack import DeploymentFailedError, Stack, for_emulator, with_impossible_change
from rehearsal.traffic import Api, Stored

BUILT = ROOT / ".local/rehearsal/build"
STACKS = (Stack("preprod"), Stack("prod"))
MEGABYTE = 1024 * 1024
LISTED = 12  # packages
# What artefacts carry goes by how their function's name begins (Makefile, KIND).
KINDS = {"Bulk": "cargas y reportes", "Certificate": "constancias", "": "los demás servicios"}
# Above the act document of use case 2.
ABOVE_CEILING = "999999999999"


def main(architecture: str) -> int:
    """Rehearse, and give the exit status."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="sigec-") as folder, _environment_kept():
            _rollouts()
            _artefacts(Path(folder))
            with emulator.running(Path(folder)) as emulated:
                os.environ |= emulated.environment
                _deployments(for_emulator(BUILT / "template.yaml", architecture), emulated.port)
    except (RehearsalError, CannotRunError) as error:
        say(str(error), error=True)
        return 1
    say(f"\nEl ensayo terminó bien en {time.monotonic() - began:.0f} s.")
    return 0


def _rollouts() -> None:
    with step("Cómo entran las versiones nuevas, según la transformación de SAM"):
        for environment, kind, expected in (
            ("prod", "planned", "Canary10Percent10Minutes"),
            ("prod", "urgent", "AllAtOnce"),
            ("prod", "bare", None),
            ("preprod", "planned", "AllAtOnce"),
        ):
            found = expansion.rollout(environment, kind)
            check(f"{environment}, Rollout={kind}", found.configuration, expected)
            back = f"y vuelta atrás por {len(found.alarms)} alarmas" if found.alarms else "y sin CodeDeploy"
            say(f"  {environment}, Rollout={kind}: {found.configuration or 'de una vez'} {back}")


def _artefacts(folder: Path) -> None:
    with step("Artefactos bajo el emulador de Lambda, sin más que lo que llevan"), engine.running(folder) as running:
        os.environ |= {
            "AWS_ENDPOINT_URL_DYNAMODB": running.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        traffic.use_table("preprod", "rehearsal")
        table.create("rehearsal")
        artefacts = artefact.run_all(BUILT, folder, "rehearsal", running.endpoint)
        for each in artefacts:
            _show(each)
        for kind, title in KINDS.items():
            _show_unopened(title, [each for each in artefacts if _kind(each) == kind])
    del os.environ["AWS_ENDPOINT_URL_DYNAMODB"]


def _show(each: artefact.Artefact) -> None:
    size, unopened = sum(each.sizes().values()), sum(each.unopened().values())
    check(f"{each.function}, tamaño", size < artefact.LIMIT, expected=True)
    say(
        f"  {each.function}: respondió; {size / MEGABYTE:.1f} MB sin comprimir (Lambda admite 250), de los que no abre "
        f"{unopened / MEGABYTE:.1f}; otros {each.unread_sources() / MEGABYTE:.1f} son fuentes cuyo bytecode se leyó"
    )


def _kind(of: artefact.Artefact) -> str:
    return next(each for each in KINDS if of.function.startswith(each))


def _show_unopened(title: str, artefacts: list[artefact.Artefact]) -> None:
    """By top-level folder, what none of these artefacts, which carry the same, opened."""
    never = set.intersection(*(set(each.unopened()) for each in artefacts))
    sizes = artefacts[0].sizes()
    wholes: dict[str, int] = {}
    parts: dict[str, int] = {}
    for path, size in sizes.items():
        wholes[path.parts[0]] = wholes.get(path.parts[0], 0) + size
        if path in never:
            parts[path.parts[0]] = parts.get(path.parts[0], 0) + size
    say(f"  De {title}, lo que ninguna función abre ({sum(parts.values()) / MEGABYTE:.1f} MB), lo mayor primero:")
    for name, size in sorted(parts.items(), key=lambda item: -item[1])[:LISTED]:
        whole = " (entero)" if size == wholes[name] else f" de {wholes[name] / MEGABYTE:.2f}"
        say(f"    {size / MEGABYTE:6.2f} MB{whole}  {name}")


def _deployments(template: Path, port: int) -> None:
    stored = {}
    for stack in STACKS:
        with step(f"Despliegue de {stack.name}, como lo dice samconfig.toml"):
            stack.deploy(template)
        with step(f"Los ocho casos de uso en los dos dialectos, por la API de {stack.environment}"):
            api = _use(stack, port)
            stored[stack] = traffic.run_use_cases(api)
            traffic.check_public(api, stored[stack])
            say(f"  {len(stored[stack])} registros quedan por volver a ver")
        with step(f"Un archivo, dos veces, por el depósito y las colas de {stack.environment}"):
            _load_twice(api)
    _tokens_stay_at_home(stored, port)
    for stack in STACKS:
        _change(stack, template, stored[stack], port)
        _fail(stack, template, stored[stack], port)
    _restore(STACKS[-1], template, stored[STACKS[-1]], port)
    known = limits.features(STACKS[0], _api(STACKS[0], port), stored[STACKS[0]][0].token)
    for stack in STACKS:
        _remove(stack)
    say("\nLo que el emulador hizo de verdad:")
    say("\n".join(f"  {each.name}" for each in known if each.is_there))
    say("Lo que no hace, y por tanto no se mostró aquí:")
    say("\n".join(f"  {each.name}" for each in known if not each.is_there))
    say("Lo que se apagó:")
    say("\n".join(f"  {each}" for each in limits.SWITCHED_OFF))


def _load_twice(api: Api) -> None:
    """What is right in a file is registered once, and what is wrong is told each time."""
    nit, token = traffic.new_entity()
    for right in ("registrado", "ya registrado"):
        files.load(api, token, nit, {"CARGA-1": right, "CARGA-2": right, "": "rechazado"})
    say("  del archivo a sus resultados; lo que estaba bien se registró una vez")


def _tokens_stay_at_home(stored: dict[Stack, list[Stored]], port: int) -> None:
    for stack in STACKS:
        others = next(kept for other, kept in stored.items() if other != stack)
        answer = _api(stack, port).post(others[0].operation, others[0].token, others[0].body)
        check("Un token del otro ambiente", answer.status, 401)
    say("\nEl token de un ambiente no sirve en el otro.")


def _change(stack: Stack, template: Path, stored: list[Stored], port: int) -> None:
    """New code and another parameter: new versions serve, and what was registered is there."""
    with step(f"Cambio de {stack.name}: otro código y sin tope de liquidaciones"):
        before = stack.versions()
        above = _above_ceiling(stored, "1")
        check("Liquidar por encima del acto", _post(stack, port, above).codes, ["liquidation-above-act"])
        for function in artefact.functions():
            (BUILT / function / "release").write_text(f"{stack.environment} {time.time()}\n")
        stack.deploy(template, LiquidationCeiling="off")
        after = stack.versions()
        check("Funciones con otra versión", sorted(n for n in after if after[n] != before[n]), sorted(before))
        traffic.check_kept(_api(stack, port), stored)
        check("Liquidar por encima del acto, sin tope", _post(stack, port, above).status, 200)
        say(f"  versiones {_text(before)} -> {_text(after)}; {len(stored)} registros siguen ahí")


def _fail(stack: Stack, template: Path, stored: list[Stored], port: int) -> None:
    """A change that cannot be made, with one that could: neither remains."""
    with step(f"Cambio imposible de {stack.name}: se deshace"):
        before = stack.versions()
        try:
            stack.deploy(with_impossible_change(template), LiquidationCeiling="on")
        except DeploymentFailedError:
            for line in reversed(stack.failures()[:1]):
                say(f"  {line}")
        else:
            raise RehearsalError("El cambio imposible se hizo.")
        check("Estado de la pila", stack.status, "UPDATE_ROLLBACK_COMPLETE")
        check("Versiones", stack.versions(), before)
        traffic.check_kept(_api(stack, port), stored)
        check("Liquidar por encima del acto, sin tope", _post(stack, port, _above_ceiling(stored, "2")).status, 200)
        say(f"  {stack.status}; versiones {_text(before)}, como antes; {len(stored)} registros siguen ahí")


def _restore(stack: Stack, template: Path, stored: list[Stored], port: int) -> None:
    """The stack's table, restored under another name, serves in its place; and then its own again."""
    with step(f"Restauración de la tabla de {stack.name}"):
        own, restored = stack.table(), f"{stack.name}-restored"
        database = boto3.client("dynamodb")
        database.update_continuous_backups(  # the emulator ignores what the template says of it
            TableName=own, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        database.restore_table_to_point_in_time(
            SourceTableName=own, TargetTableName=restored, UseLatestRestorableTime=True
        )
        database.get_waiter("table_exists").wait(TableName=restored)
        stack.deploy(template, RestoredTable=restored)
        check("La tabla en uso", stack.outputs["TableName"], restored)
        traffic.check_kept(_api(stack, port), stored)
        count = database.scan(TableName=own, Select="COUNT")["Count"]
        _use(stack, port)
        new = traffic.run_use_cases(_api(stack, port))
        check("Filas de la tabla que ya no se usa", database.scan(TableName=own, Select="COUNT")["Count"], count)
        traffic.check_kept(_api(stack, port), new)
        say(f"  {restored} sirve en lugar de {own}, con los {len(stored)} registros y {len(new)} nuevos")


def _remove(stack: Stack) -> None:
    with step(f"Retiro de {stack.name}"):
        table_name = stack.table()
        stack.remove()
        try:
            status = stack.status
        except boto3.client("cloudformation").exceptions.ClientError:
            status = "gone"
        check("Estado de la pila", status, "gone")
        count = boto3.client("dynamodb").scan(TableName=table_name, Select="COUNT")["Count"]
        check("Filas que quedan", count > 0, expected=True)
        say(f"  su tabla {table_name} queda, con {count} filas")


def _use(stack: Stack, port: int) -> Api:
    """Let the console work on the stack's table; its API."""
    traffic.use_table(stack.environment, stack.outputs["TableName"])
    return _api(stack, port)


def _api(stack: Stack, port: int) -> Api:
    return Api.at(stack.outputs["Address"], port)


def _post(stack: Stack, port: int, call: Stored) -> traffic.Answer:
    return _api(stack, port).post(call.operation, call.token, call.body)


def _above_ceiling(stored: list[Stored], number: str) -> Stored:
    """A first liquidation again, with another id and a value that its act document does not have."""
    first = next(each for each in stored if each.operation == "registerLiquidation")
    body = {**first.body, "liquidatedValueId": f"TOPE-{number}", "liquidatedValue": ABOVE_CEILING}
    return Stored(first.token, first.operation, body, "")


def _text(versions: dict[str, str]) -> str:
    return "/".join(versions[each] for each in sorted(versions))


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Nothing of the person's own AWS account is in reach, and their environment comes back."""
    own = dict(os.environ)
    for name in own:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
