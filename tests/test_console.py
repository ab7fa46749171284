"""The operator's commands, typed as an operator types them, against a table on the engine."""

import argparse
import hashlib
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from console import registry
from shared import auth, retry, stamps
from shared.call import Caller
from shared.models import Row
from tests.engine import TABLE
from tests.typist import Result, opens, token_of, typist

pytestmark = pytest.mark.around

TERRITORIAL = "8888888888"
DECENTRALISED = "900111222"
LEVELS = {
    "": ["cree la entidad territorial", "TABLE_NAME", "SIGEC_ENVIRONMENT", "AWS_PROFILE", "0 hecho; 1 no se hizo"],
    "entidad": ["territorial", "descentralizada", "Después de crearla"],
    "entidad crear": ["--territorial 8888888888", "Si el NIT ya existe", "agregue aquellas y genere", "para siempre"],
    "entidad ver": ["desde cuándo", "El token mismo no"],
    "estampilla": ["sus descentralizadas", "no se retira"],
    "estampilla agregar": ["stampNumber", "no se retira"],
    "token": ["huella (SHA-256)", "a más tardar en 5 segundos"],
    "token generar": ["una única vez", "--reemplazar > token.txt", "deja de funcionar a más tardar en 5"],
    "token revocar": ["a más tardar en 5 segundos", "se conserva"],
    "token comparar": ["No cambia nada", "hasta que no salga nada", "dynamodb:Scan"],
    "indice": ["después de actualizar"],
    "indice completar": ["Se\npuede interrumpir y repetir", "dynamodb:Scan"],
    "catalogo": ["la primera búsqueda de cada entidad", "503"],
    "catalogo preparar": ["Se puede interrumpir y repetir", "última hora", "PutItem"],
}
ENGLISH = re.compile(
    r"\b(usage|options|arguments?|required|invalid|choice|choose|expected|ignored|unrecognized|show this|the)\b"
)

Rows = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a known width and without colours, which argparse adds from Python 3.14 on."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHON_COLORS", "0")


@pytest.fixture
def run(table: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Types a command."""
    del table
    return typist(capsys)


Run = Callable[..., Result]


@pytest.fixture
def registered(run: Run) -> None:
    """A territorial entity with two stamps and a decentralised one of it, without tokens."""
    assert run("entidad", "crear", TERRITORIAL, "Departamento de Ejemplo").code == 0
    assert run("estampilla", "agregar", TERRITORIAL, "194-000-001", "Pro Cultura").code == 0
    assert run("estampilla", "agregar", TERRITORIAL, "90", "Pro Adulto Mayor").code == 0
    assert run("entidad", "crear", DECENTRALISED, "Hospital de Ejemplo", "--territorial", TERRITORIAL).code == 0


@pytest.fixture
def events(table: str) -> Iterator[Callable[[str, Callable[..., Any]], None]]:
    """Watches or disturbs the calls of the client that the commands use."""
    del table
    emitter = Row.connection().client.meta.events
    watched: list[tuple[str, Callable[..., Any]]] = []

    def watch(event: str, handler: Callable[..., Any]) -> None:
        emitter.register(event, handler)
        watched.append((event, handler))

    yield watch
    for event, handler in watched:
        emitter.unregister(event, handler)


Events = Callable[[str, Callable[..., Any]], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the functions read, to be moved by hand."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now[0]))
    return now


# Entities


def test_a_territorial_entity_is_created(run: Run, stored_rows: Rows) -> None:
    """Creating a territorial entity stores its profile, is its own territorial, and says what comes next."""
    result = run("entidad", "crear", TERRITORIAL, "  Gobernacio\u0301n  ")
    assert (result.code, result.out) == (0, "")
    assert f"Se creó en preprod la entidad {TERRITORIAL}, Gobernación." in result.err
    assert f"estampilla agregar {TERRITORIAL}" in result.err
    row, _ = stored_rows()
    assert {name: value["S"] for name, value in row.items()} == {
        "pk": f"ENTITY#{TERRITORIAL}",
        "sk": "PROFILE",
        "nit": TERRITORIAL,
        "name": "Gobernación",
        "kind": "territorial",
        "territorial": TERRITORIAL,
    }


def test_a_decentralised_entity_is_created(run: Run, registered: None) -> None:
    """A decentralised entity is shown with its territorial entity and that one's stamps, and has none of its own."""
    del registered
    result = run("entidad", "ver", DECENTRALISED)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "Entidad:     900111222, Hospital de Ejemplo",
        "Clase:       descentralizada",
        "Territorial: 8888888888, Departamento de Ejemplo",
        "Token:       no tiene",
        "Estampillas propias: ninguna",
        "Estampillas de su territorial:",
        "  194-000-001  Pro Cultura",
        "  90           Pro Adulto Mayor",
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("entidad", "crear", TERRITORIAL, "Otro nombre"), "La entidad 8888888888 ya existe y no se cambió."),
        (("entidad", "crear", "333", "X", "--territorial", "777"), "La entidad 777 no existe en preprod."),
        (("entidad", "crear", "333", "X", "--territorial", "333"), "La entidad 333 no existe en preprod."),
        (("entidad", "crear", "333", "X", "--territorial", DECENTRALISED), "La entidad 900111222 no es territorial"),
        (("entidad", "ver", "777"), "La entidad 777 no existe en preprod. Revise el NIT o créela."),
        (("estampilla", "agregar", "777", "1", "X"), "La entidad 777 no existe"),
        (("estampilla", "agregar", TERRITORIAL, "90", "X"), "ya tiene la estampilla 90, que no se cambió"),
        (("token", "generar", "777"), "La entidad 777 no existe"),
        (("token", "revocar", "777"), "La entidad 777 no existe"),
        (("token", "revocar", TERRITORIAL), "La entidad 8888888888 no tiene token vigente."),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    run: Run, registered: None, stored_rows: Rows, arguments: tuple[str, ...], why: str
) -> None:
    """What cannot be done leaves with 1, one line that says why, and every row as it was."""
    del registered
    before = stored_rows()
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("python -m console: ")
    assert why in result.err
    assert result.err.count("\n") == 1
    assert stored_rows() == before


# Stamps


def test_a_stamp_is_kept_in_the_form_that_liquidations_are_compared_with(run: Run, registered: None) -> None:
    """A code typed with spaces around it and decomposed accents is known by its trimmed NFC form."""
    del registered
    assert run("estampilla", "agregar", TERRITORIAL, "  QA-N\u0303  ", " Pro Nin\u0303ez ").code == 0
    assert stamps.is_known(Caller(TERRITORIAL, TERRITORIAL), "QA-Ñ", retry.deadline())
    assert "  QA-Ñ         Pro Niñez" in run("entidad", "ver", TERRITORIAL).out


def test_who_may_use_a_stamp(run: Run, registered: None) -> None:
    """A decentralised entity may use its territorial's stamps and its own; nobody else may use the latter, nor both."""
    del registered
    assert run("estampilla", "agregar", DECENTRALISED, "H-1", "Pro Hospital").code == 0
    assert run("entidad", "crear", "2222222222", "Otro Departamento").code == 0
    assert run("entidad", "crear", "900111333", "Instituto", "--territorial", TERRITORIAL).code == 0
    users = {}
    for nit in (TERRITORIAL, DECENTRALISED, "900111333", "2222222222"):
        caller = auth.caller_of(token_of(run("token", "generar", nit)), retry.deadline())
        users[nit] = {code for code in ("90", "194-000-001", "H-1") if stamps.is_known(caller, code, retry.deadline())}
    assert users == {
        TERRITORIAL: {"90", "194-000-001"},
        DECENTRALISED: {"90", "194-000-001", "H-1"},
        "900111333": {"90", "194-000-001"},
        "2222222222": set(),
    }


# Tokens


def test_a_token_is_shown_once_and_stored_only_as_its_sha256(
    run: Run, registered: None, stored_rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    """The token is all of stdout; no row, log line, explanation or later command holds it, only its SHA-256 is kept."""
    del registered
    caplog.set_level(logging.DEBUG)
    result = run("token", "generar", DECENTRALISED)
    token = token_of(result)
    assert re.fullmatch(r"sgc_pre_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}", token)
    assert "Guárdelo ahora" in result.err
    stored = json.dumps(stored_rows())
    shown = run("entidad", "ver", DECENTRALISED)
    refused = run("token", "generar", DECENTRALISED)
    elsewhere = stored + caplog.text + result.err + f"{shown}{refused}"
    for secret in (token, *token.split("_")[2:]):
        assert secret not in elsewhere
    assert f'"TOKEN#{hashlib.sha256(token.encode()).hexdigest()}"' in stored


def test_a_token_opens_the_services_at_once(run: Run, registered: None) -> None:
    """The token stands for the entity it was issued to and its territorial entity."""
    del registered
    token = token_of(run("token", "generar", DECENTRALISED))
    assert auth.caller_of(token, retry.deadline()) == Caller(DECENTRALISED, TERRITORIAL)


def test_an_entity_is_shown_with_the_date_of_itstoken_of(
    run: Run, registered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since when the live token lives is told in Colombia's time; a replacement and a revocation change it."""
    del registered
    monkeypatch.setattr(registry, "_now", lambda: "2026-11-21T03:04:05Z")
    run("token", "generar", TERRITORIAL)
    assert "Token:       vigente desde 2026-11-20 22:04:05 (hora de Colombia)" in run("entidad", "ver", TERRITORIAL).out
    monkeypatch.setattr(registry, "_now", lambda: "2026-12-01T15:00:00Z")
    run("token", "generar", TERRITORIAL, "--reemplazar")
    assert "vigente desde 2026-12-01 10:00:00" in run("entidad", "ver", TERRITORIAL).out
    run("token", "revocar", TERRITORIAL)
    assert "Token:       no tiene" in run("entidad", "ver", TERRITORIAL).out


def test_a_live_token_is_replaced_only_on_purpose(run: Run, registered: None, stored_rows: Rows) -> None:
    """Issuing over a live token is refused, says how to replace it and what that does, and leaves it alive."""
    del registered
    token = token_of(run("token", "generar", TERRITORIAL))
    before = stored_rows()
    result = run("token", "generar", TERRITORIAL)
    assert (result.code, result.out) == (1, "")
    assert "--reemplazar" in result.err
    assert "dejará de funcionar a más tardar 5 segundos después" in result.err
    assert stored_rows() == before
    assert opens(token)


def test_a_replaced_token_stops_within_five_seconds_on_a_warm_function(
    run: Run, registered: None, clock: list[float]
) -> None:
    """A function that has just read the old token refuses it 5 s after it was replaced; the new one works at once."""
    del registered
    old = token_of(run("token", "generar", TERRITORIAL))
    assert opens(old)
    replaced = run("token", "generar", TERRITORIAL, "--reemplazar")
    assert "deja de funcionar a más tardar en 5 segundos" in replaced.err
    assert opens(token_of(replaced))
    clock[0] += 4.99
    assert not opens(old)
    assert opens(token_of(replaced))
    assert not opens(old)


def test_a_revoked_token_stops_within_five_seconds_on_a_warm_function(
    run: Run, registered: None, clock: list[float]
) -> None:
    """A function that has just read the token refuses it 5 s after it was revoked."""
    del registered
    token = token_of(run("token", "generar", TERRITORIAL))
    assert opens(token)
    revoked = run("token", "revocar", TERRITORIAL)
    assert (revoked.code, revoked.out) == (0, "")
    assert "Deja de funcionar a más tardar en 5 segundos" in revoked.err
    clock[0] += 4.99
    assert not opens(token)


@pytest.mark.parametrize("change", [("generar", "--reemplazar"), ("revocar",)])
def test_a_cold_function_refuses_a_dead_token_at_once(run: Run, registered: None, change: tuple[str, ...]) -> None:
    """A function that has not read the token refuses it from the moment it was replaced or revoked."""
    del registered
    token = token_of(run("token", "generar", TERRITORIAL))
    assert run("token", change[0], TERRITORIAL, *change[1:]).code == 0
    assert not opens(token)


def test_after_a_revocation_a_token_is_issued_as_if_for_the_first_time(run: Run, registered: None) -> None:
    """An entity whose token was revoked gets another without --reemplazar; the revoked one stays dead."""
    del registered
    old = token_of(run("token", "generar", TERRITORIAL))
    run("token", "revocar", TERRITORIAL)
    new = token_of(run("token", "generar", TERRITORIAL))
    assert opens(new)
    assert not opens(old)


def test_replacing_where_there_is_no_token_issues_one(run: Run, registered: None) -> None:
    """With --reemplazar and no live token, one is issued all the same."""
    del registered
    assert opens(token_of(run("token", "generar", TERRITORIAL, "--reemplazar")))


def test_tokens_of_two_entities_are_apart(run: Run, registered: None) -> None:
    """Replacing or revoking one entity's token leaves another's alive."""
    del registered
    other = token_of(run("token", "generar", DECENTRALISED))
    run("token", "generar", TERRITORIAL)
    run("token", "generar", TERRITORIAL, "--reemplazar")
    run("token", "revocar", TERRITORIAL)
    assert opens(other)


def test_a_token_that_cannot_be_written_is_told(run: Run, registered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If stdout takes no token (a full disk), the operator is told to replace it, with 1 and no traceback."""
    del registered
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", full)
        result = run("token", "generar", TERRITORIAL)
    assert result.code == 1
    assert "No se pudo escribir en la salida estándar. El token se generó" in result.err
    assert "genere otro con --reemplazar" in result.err


# Other operators


@pytest.mark.parametrize(
    ("earlier", "mine"),
    [
        ([], ("generar",)),
        ([], ("generar", "--reemplazar")),
        (["generar"], ("generar", "--reemplazar")),
        (["generar"], ("revocar",)),
    ],
)
def test_of_two_operators_at_the_same_moment_one_wins(
    run: Run, registered: None, events: Events, earlier: list[str], mine: tuple[str, ...]
) -> None:
    """If another operator's token gets in between, this command is told so and changes nothing; the other's lives."""
    del registered
    for action in earlier:
        run("token", action, TERRITORIAL)
    theirs: list[str] = []

    def other_operator(**_: object) -> None:
        if not theirs:
            theirs.append("")
            theirs[0] = registry.issue_token(TERRITORIAL, replace=True)

    events("before-call.dynamodb.TransactWriteItems", other_operator)
    result = run("token", mine[0], TERRITORIAL, *mine[1:])
    assert (result.code, result.out) == (1, "")
    assert "Otro operador acaba de cambiar el token" in result.err
    assert opens(theirs[0])


# What is typed


@pytest.mark.parametrize("nit", ["12", "1" * 16, "900.111.222", "900111222-3", "9001112a2", " 900111222", "", "٩٠٠١١١"])
def test_a_nit_is_three_to_fifteen_digits(run: Run, stored_rows: Rows, nit: str) -> None:
    """Anything else is refused as usage, with an example, wherever a NIT is typed."""
    for arguments in (
        ("entidad", "crear", nit, "X"),
        ("entidad", "crear", "333", "X", "--territorial", nit),
        ("entidad", "ver", nit),
        ("estampilla", "agregar", nit, "1", "X"),
        ("token", "generar", nit),
        ("token", "revocar", nit),
    ):
        result = run(*arguments)
        assert result.code == 2
        assert "de 3 a 15 dígitos" in result.err
        assert "como 900111222" in result.err
    assert stored_rows() == []


@pytest.mark.parametrize("nit", ["123", "1" * 15, "000000000"])
def test_a_nit_of_any_allowed_length_is_taken(run: Run, nit: str) -> None:
    """The shortest and the longest NIT are taken as written."""
    assert run("entidad", "crear", nit, "X").code == 0
    assert f"Entidad:     {nit}, X\n" in run("entidad", "ver", nit).out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no puede estar vacío"),
        (" \t", "no puede estar vacío"),
        ("a\nb", "caracteres de control"),
        ("a\x1b[31m", "caracteres de control"),
        ("a\x9b", "caracteres de control"),
        ("a\udce9", "caracteres de control"),
        ("x" * 301, "admite hasta"),
    ],
)
def test_names_and_codes_are_texts_of_the_contract(
    run: Run, registered: None, stored_rows: Rows, text: str, why: str
) -> None:
    """An empty text, one with control characters and one too long are refused as usage, as names and as codes."""
    del registered
    before = stored_rows()
    for arguments in (
        ("entidad", "crear", "333", text),
        ("estampilla", "agregar", TERRITORIAL, "1", text),
        ("estampilla", "agregar", TERRITORIAL, text, "X"),
    ):
        result = run(*arguments)
        assert result.code == 2
        assert why in result.err
    assert stored_rows() == before


def test_names_and_codes_are_as_long_as_in_the_contract(run: Run, registered: None) -> None:
    """A name has up to 300 characters and a code up to 120; one more is refused, naming the limit."""
    del registered
    assert run("estampilla", "agregar", TERRITORIAL, "c" * 120, "n" * 300).code == 0
    assert (
        "CÓDIGO: es muy largo: admite hasta 120 caracteres"
        in run("estampilla", "agregar", TERRITORIAL, "d" * 121, "n").err
    )
    assert "NOMBRE: es muy largo: admite hasta 300 caracteres" in run("entidad", "crear", "333", "n" * 301).err


# Help and usage


@pytest.mark.parametrize("level", LEVELS)
def test_help_teaches_at_every_level(run: Run, level: str) -> None:
    """Every level says what it does, gives an example that is a command of its own, and says what follows."""
    result = run(*level.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"uso: python -m console {level}".rstrip())
    assert "ejemplo:" in result.out
    assert f"  python -m console {level}".rstrip() in result.out
    for text in LEVELS[level]:
        assert text in result.out
    assert not ENGLISH.search(result.out)
    assert max(map(len, result.out.splitlines())) <= 100


def test_help_needs_nothing_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Help is given also where no variable is set yet."""
    monkeypatch.delenv("TABLE_NAME")
    monkeypatch.delenv("SIGEC_ENVIRONMENT")
    assert run("--help").code == 0


def test_the_examples_of_the_help_work_as_printed(run: Run) -> None:
    """The commands of the first page, typed in their order, do what they say."""
    lines = re.findall(r"^  python -m console (.*)$", run("--help").out, re.MULTILINE)
    commands = [re.findall(r'"[^"]*"|\S+', line) for line in lines]
    assert len(commands) == 6
    for command in commands:
        assert run(*(word.strip('"') for word in command)).code == 0, command


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "falta: {entidad,estampilla,token,indice,catalogo}"),
        (("entidad",), "falta: {crear,ver}"),
        (("nada",), "nada no existe; use una de estas: entidad, estampilla, token, indice, catalogo"),
        (("token", "listar"), "listar no existe; use una de estas: generar, revocar, comparar"),
        (("entidad", "crear"), "falta: NIT, NOMBRE"),
        (("entidad", "crear", "333", "X", "--territorial"), "--territorial: falta su valor"),
        (("token", "generar", "333", "--reemplazar=si"), "--reemplazar: no lleva valor, y tiene si"),
        (("token", "generar", "333", "--reemp"), "sobra o no se reconoce: --reemp"),
        (("entidad", "ver", "333", "444"), "sobra o no se reconoce: 444"),
    ],
)
def test_bad_usage_is_told_in_spanish(run: Run, arguments: tuple[str, ...], why: str) -> None:
    """A command that is badly written leaves with 2, its usage and what is wrong with it, without a word of English."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("uso: python -m console")
    # Python puts choices between quotes or not, by its version.
    assert result.err.replace("'", "").rstrip("\n").endswith(why)
    assert not ENGLISH.search(result.err)


def test_argparse_speaks_english_to_others_afterwards(run: Run) -> None:
    """The Spanish of the console's parser is not left behind for other users of argparse."""
    run("--help")
    run("nada")
    assert argparse.ArgumentParser("other").format_usage().startswith("usage: ")


def test_it_runs_as_a_module() -> None:
    """`python -m console` is the command that the help names."""
    result = subprocess.run(
        [sys.executable, "-m", "console", "entidad", "ver", "x"], check=False, capture_output=True, encoding="utf-8"
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("uso: python -m console entidad ver [-h] NIT\n")


# The environment


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TABLE_NAME", None, "falta la variable TABLE_NAME"),
        ("TABLE_NAME", "", "falta la variable TABLE_NAME"),
        ("SIGEC_ENVIRONMENT", None, "SIGEC_ENVIRONMENT debe ser preprod o prod"),
        ("SIGEC_ENVIRONMENT", "producción", "SIGEC_ENVIRONMENT debe ser preprod o prod"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "localhost:8001", "debe ser una dirección como http://127.0.0.1:8001"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://[", "debe ser una dirección como http://127.0.0.1:8001"),
    ],
)
def test_a_wrong_environment_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, why: str
) -> None:
    """A variable that is missing or wrong leaves with 2, and the message names it and points to the help."""
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    result = run("entidad", "ver", TERRITORIAL)
    assert (result.code, result.out) == (2, "")
    assert why in result.err
    assert "--help" in result.err


@pytest.mark.parametrize(("environment", "prefix"), [("preprod", "sgc_pre_"), ("prod", "sgc_prod_")])
def test_a_table_is_of_the_environment_of_its_first_entity(
    run: Run, monkeypatch: pytest.MonkeyPatch, environment: str, prefix: str
) -> None:
    """Its services take the tokens that are issued, whose explanation names it; the second entity finds it so."""
    monkeypatch.setenv("SIGEC_ENVIRONMENT", environment)
    assert run("entidad", "crear", TERRITORIAL, "Departamento de Ejemplo").code == 0
    assert run("entidad", "crear", DECENTRALISED, "Hospital", "--territorial", TERRITORIAL).code == 0
    result = run("token", "generar", DECENTRALISED)
    assert token_of(result).startswith(prefix)
    assert f"token de {environment} de la entidad" in result.err
    assert opens(token_of(result))


COMMANDS = [
    ("entidad", "crear", "333", "X"),
    ("entidad", "crear", "333", "X", "--territorial", TERRITORIAL),
    ("entidad", "ver", TERRITORIAL),
    ("estampilla", "agregar", TERRITORIAL, "1", "X"),
    ("token", "generar", TERRITORIAL, "--reemplazar"),
    ("token", "revocar", TERRITORIAL),
    ("token", "comparar", "anterior"),
    ("indice", "completar"),
    ("catalogo", "preparar", TERRITORIAL),
]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_table_of_the_other_environment_is_refused(
    run: Run, registered: None, stored_rows: Rows, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """With one environment's table and the other's name, nothing is done: an entity keeps the token that it has."""
    del registered
    token = token_of(run("token", "generar", TERRITORIAL))
    before = stored_rows()
    with monkeypatch.context() as mistaken:
        mistaken.setenv("SIGEC_ENVIRONMENT", "prod")
        result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert f"La tabla {TABLE} es de preprod, y SIGEC_ENVIRONMENT dice prod. No se hizo nada." in result.err
    assert stored_rows() == before
    assert opens(token)


def test_every_command_is_tried_with_a_table_of_the_other_environment(run: Run) -> None:
    """The commands above are all that there are."""
    subjects = re.findall(r"\w+", re.findall(r"falta: \{(.+)\}", run().err)[0])
    actions = {
        (subject, action)
        for subject in subjects
        for action in re.findall(r"\w+", re.findall(r"falta: \{(.+)\}", run(subject).err)[0])
    }
    assert {each[:2] for each in COMMANDS} == actions


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_table_that_is_no_registry_is_refused(
    run: Run, dynamodb: Any, table: str, stored_rows: Rows, arguments: tuple[str, ...]
) -> None:
    """A table with rows, of which none says the environment, is another one than was meant."""
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "factura"}, "sk": {"S": "1"}})
    before = stored_rows()
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert f"La tabla {table} tiene datos y no dice de qué ambiente es. No se hizo nada." in result.err
    assert "del despliegue de preprod" in result.err
    assert stored_rows() == before


@pytest.mark.parametrize("arguments", [each for each in COMMANDS if each[:2] != ("entidad", "crear")])
def test_only_an_entity_makes_an_empty_table_an_environments(
    run: Run, stored_rows: Rows, arguments: tuple[str, ...]
) -> None:
    """A command that finds nothing to do, perhaps because of a mistaken name, leaves the table to whoever is right."""
    run(*arguments)
    assert stored_rows() == []


def test_of_two_first_entities_one_says_the_environment(
    run: Run, events: Events, stored_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the other environment's operator comes first at the same moment, this command is told so, changing nothing."""
    theirs: list[list[dict[str, Any]]] = []

    def other_operator(**_: object) -> None:
        if not theirs:
            theirs.append([])
            with monkeypatch.context() as other:
                other.setenv("SIGEC_ENVIRONMENT", "prod")
                registry.create_entity("2222222222", "Otro Departamento")
            theirs[0] = stored_rows()

    events("before-call.dynamodb.TransactWriteItems", other_operator)
    result = run("entidad", "crear", TERRITORIAL, "Departamento de Ejemplo")
    assert (result.code, result.out) == (1, "")
    assert "es de prod, y SIGEC_ENVIRONMENT dice preprod" in result.err
    assert stored_rows() == theirs[0]


def _error(code: str, **more: Any) -> Any:
    return SimpleNamespace(status_code=400), {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {}, **more}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("AccessDeniedException", f"no tienen permiso sobre la tabla {TABLE}"),
        ("ExpiredTokenException", "AWS no acepta sus credenciales o ya vencieron"),
        ("UnrecognizedClientException", "AWS no acepta sus credenciales o ya vencieron"),
        ("ValidationException", "DynamoDB rechazó la operación. Detalle: "),
    ],
)
def test_what_aws_refuses_is_explained(run: Run, events: Events, code: str, why: str) -> None:
    """An error of AWS is told in Spanish, with 1 and no traceback."""
    events("before-call.dynamodb.GetItem", lambda **_: _error(code))
    result = run("entidad", "ver", TERRITORIAL)
    assert (result.code, result.out) == (1, "")
    assert why in result.err


@pytest.mark.parametrize("arguments", [("entidad", "ver", "333"), ("entidad", "crear", "333", "X")])
def test_a_missing_table_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """A table that does not exist is named, with the variables to check."""
    monkeypatch.setenv("TABLE_NAME", "otra")
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert "La tabla otra no existe en esta región" in result.err
    assert "TABLE_NAME" in result.err


@pytest.fixture
def new_client(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command that makes its own client, as a new process does, and waits little."""
    monkeypatch.setattr(Row, "_connection", None)
    monkeypatch.setattr(registry, "PATIENCE", 0.1)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    return run


def test_missing_credentials_are_told(new_client: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the operator is told which variables give them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = new_client("entidad", "ver", "333")
    assert (result.code, result.out) == (1, "")
    assert "No hay credenciales de AWS que sirvan. Defina AWS_PROFILE" in result.err


def test_an_unknown_profile_is_told(new_client: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist is told as credentials that are missing, with its name."""
    monkeypatch.setenv("AWS_PROFILE", "nadie")
    result = new_client("entidad", "ver", "333")
    assert result.code == 1
    assert "No hay credenciales de AWS que sirvan" in result.err
    assert "nadie" in result.err


def test_a_missing_region_is_told(new_client: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region the operator is told which variable gives it."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    result = new_client("entidad", "ver", "333")
    assert result.code == 1
    assert "Defina AWS_DEFAULT_REGION" in result.err


def test_a_table_that_cannot_be_reached_is_told(new_client: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody answers at the address, a command that only read says that nothing changed and what to check."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    result = new_client("token", "generar", "333")
    assert (result.code, result.out) == (1, "")
    assert "DynamoDB no respondió y no se hizo ningún cambio" in result.err
    assert "AWS_ENDPOINT_URL_DYNAMODB" in result.err


def test_an_interrupted_command_says_how_to_see_what_was_done(run: Run, events: Events) -> None:
    """Ctrl-C leaves with 1 and a line, not a traceback."""

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    events("before-call.dynamodb.GetItem", interrupt)
    result = run("entidad", "ver", "333")
    assert result.code == 1
    assert "Interrumpido" in result.err
