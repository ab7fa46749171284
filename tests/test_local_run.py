"""`make run`: what a person sees, what it keeps, and what it leaves behind."""

import csv
import io
import json
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import demo, engine
from shared import contract, journal, tokens
from shared.contract import loads

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
MODULE = (sys.executable, "-W", "ignore", "-m", "local")
MAKE = ("make", "--silent", "run")
LAST_LINE = "Si repite un registro"
ENDS_WITHIN = 30  # seconds
DEMO = [
    ("2222222222", "territorial", ["90", "100", "QA202471"]),
    ("8888888888", "territorial", ["194-000-001", "194-000-002"]),
    ("900111222", "descentralizada", []),
]


@dataclass
class Run:
    """A run that has told where it serves."""

    process: subprocess.Popen[str]
    output: str
    folder: Path

    @property
    def demo(self) -> dict[str, Any]:
        """What it wrote to demo.json."""
        return json.loads((self.folder / "demo.json").read_text())

    @property
    def curl_lines(self) -> list[str]:
        """The lines it invites to paste: one per service, one per consultation, and two for a file."""
        return [line for line in self.output.splitlines() if line.startswith("curl ")]

    def tokens(self) -> list[str]:
        """The demo entities' tokens."""
        return [each["token"] for each in self.demo["entities"]]

    def get(self, path: str) -> str:
        """The text of a page; HTTPError if there is none."""
        with urllib.request.urlopen(self.demo["baseUrl"] + path) as answer:
            return answer.read().decode()

    def post(self, operation: str, body: dict[str, Any], entity: int = 1) -> tuple[int, dict[str, Any]]:
        """Report something, with the token of one of the demo's entities."""
        request = urllib.request.Request(
            self.demo["baseUrl"] + contract.operation(operation).path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.tokens()[entity]}"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)


@contextmanager
def running(folder: Path, command: tuple[str, ...] = MODULE, **environment: str) -> Iterator[Run]:
    """The services on a free port, with their data in `folder`; killed at the end if they still run."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(folder, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    output = ""
    try:
        for line in process.stdout:
            output += line
            if line.startswith(LAST_LINE):
                break
        assert LAST_LINE in output, output
        yield Run(process, output, folder)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDS_WITHIN)
        process.stdout.close()


def attempt(folder: Path, *arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run that is expected to end by itself."""
    return subprocess.run(
        [*MODULE, *arguments],
        cwd=cwd,
        env=clean_environment(folder, **environment),
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN,
        check=False,
    )


def clean_environment(folder: Path, **environment: str) -> dict[str, str]:
    """The environment without what tests or make put there."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_ENDPOINT", "TABLE_NAME", "MAKE"))
    }
    return {**kept, "LOCAL_DIR": str(folder), "PORT": "0", **environment}


def family(pid: int) -> dict[int, str]:
    """A process and all that descend from it, by id: their names."""
    names, parents = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            before, _, after = file.read_text().rpartition(") ")
            number, _, name = before.partition(" (")
            names[int(number)], parents[int(number)] = name, int(after.split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return {each: names[each] for each in found}


@contextmanager
def all_ending(pid: int) -> Iterator[None]:
    """Assert that a process, and all that descend from it, end in what follows."""
    handles = {name: os.pidfd_open(each) for each, name in family(pid).items()}
    assert "dynoxide" in handles
    yield
    ended = {name for name, handle in handles.items() if select.select([handle], [], [], ENDS_WITHIN)[0]}
    for handle in handles.values():
        os.close(handle)
    assert ended == set(handles)


def paste(line: str) -> dict[str, Any]:
    """What a line prints when pasted in a shell."""
    return json.loads(subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout)


def pasted(script: str, folder: Path) -> str:
    """What a shell prints, which stops at whatever fails, for a script about the services of that folder."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=clean_environment(folder),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for the tests that only talk to it."""
    with running(tmp_path_factory.mktemp("local")) as run:
        yield run


def test_demo_file_describes_the_entities(services: Run) -> None:
    """demo.json tells where the services are and who the demo entities are, to its owner only."""
    demo = services.demo
    assert set(demo) == {"baseUrl", "entities"}
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", demo["baseUrl"])
    assert [(each["nit"], each["kind"], each["stamps"]) for each in demo["entities"]] == DEMO
    for each in demo["entities"]:
        assert set(each) == {"nit", "name", "kind", "token", "stamps"}
        assert tokens.is_well_formed(each["token"], "preprod")
    assert stat.S_IMODE((services.folder / "demo.json").stat().st_mode) == 0o600


def test_reference_pages_are_served_whole(services: Run) -> None:
    """/docs loads everything from this server, and the served contract names this server alone."""
    page = services.get("/docs")
    for asset in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert asset.startswith("/docs/")
        assert urllib.request.urlopen(services.demo["baseUrl"] + asset).status == 200
    served = json.loads(services.get("/openapi.json"))
    assert [each["url"] for each in served["servers"]] == [services.demo["baseUrl"]]
    assert set(served["paths"]) == {each.path for each in contract.operations().values()}
    assert "x-amazon" not in json.dumps(served)
    assert yaml.safe_load(services.get("/openapi.yaml")) == served


def test_unknown_paths_and_large_bodies_are_answered_in_the_standard_shape(services: Run) -> None:
    """An unknown path is answered by a function, a body beyond API Gateway's limit by the contract's own answer."""
    for path, body, status, code in (
        ("/nada?x=1&x=2", b"", 404, "path-unknown"),
        ("/nada", b"\xff", 404, "path-unknown"),
        ("/nada", bytes(11_000_000), 413, "body-too-large"),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(services.demo["baseUrl"] + path, body)
        with refused.value as refusal:
            assert refusal.code == status
            assert json.load(refusal)["errors"][0]["code"] == code


def test_hammered_liquidation_takes_exactly_the_payments_that_fit(services: Run) -> None:
    """Of 24 clients paying one liquidation at once, exactly the payments that fit succeed; the rest are told why."""
    act = {
        "actDocumentCode": "ACT-HAMMERED",
        "platform": 2,
        "generatorFactValue": 1000000,
        "generatorFactStartDate": "2024-01-01 00:00:00",
        "generatorFactEndDate": "2024-12-12 00:00:00",
        "parametricActDocumentCodeType": "AD4",
        "payerDocumentParametricTypeCode": "CC",
        "taxpayerDocumentNumber": "19396910",
        "taxpayerName": "Diego Ariza",
    }
    liquidation = {
        "actDocumentCode": "ACT-HAMMERED",
        "liquidatedValueId": "LIQ-HAMMERED",
        "stampNumber": "194-000-001",
        "liquidatedValue": 100000,
        "type": 1,
    }
    payment = {"liquidatedValueId": "LIQ-HAMMERED", "valuePaid": 7000, "paymentDate": "2024-03-19", "type": 1}
    assert services.post("registerActDocument", act)[0] == 200
    assert services.post("registerLiquidation", liquidation)[0] == 200
    with ThreadPoolExecutor(24) as clients:
        answers = list(
            clients.map(
                lambda number: services.post("registerPayment", {**payment, "paidValueId": f"PAG-{number}"}), range(240)
            )
        )
    refused = [answer for status, answer in answers if status == 400]
    assert [status for status, _ in answers].count(200) == 100000 // 7000
    assert len(refused) == len(answers) - 100000 // 7000
    assert {error["code"] for answer in refused for error in answer["errors"]} == {"payment-above-balance"}


def test_pasted_lines_report_and_a_restart_keeps_all_until_reset(tmp_path: Path) -> None:
    """The printed lines work as pasted, a new run has the same tokens and data, and `reset` forgets them."""
    with running(tmp_path) as run:
        first_tokens = run.tokens()
        operations = contract.registrations()
        assert run.output.startswith("Servicios SIGEC"), run.output
        *lines, file_line, ticket_line = run.curl_lines
        ticket = paste(file_line)["ticket"]
        assert paste(ticket_line.replace("TICKET", ticket))["data"]["ticket"] == ticket
        for operation, line in zip(operations, lines, strict=False):
            assert operation.path in line
            assert paste(line)["message"] == operation.stored_message
        asked: list[dict[str, Any]] = []
        for line in lines[len(operations) :]:
            last = asked[-1] if asked else {}
            code = last["data"]["certificate"]["code"] if '"CODIGO"' in line else ""
            asked.append(paste(line.replace("TICKET", last.get("ticket", "")).replace("CODIGO", code)))
        assert f"# Lo registrado aparece aquí {journal.WITHHELD} segundos después:\ncurl" in run.output
        assert contract.operation("getCertificateKey").path in lines[-1]
        assert all({"ticket", "completeUntil"} & each.keys() or each["data"] for each in asked), asked
        second = attempt(tmp_path)
        assert second.returncode == 1
        assert "ya están en marcha" in second.stderr
        assert attempt(tmp_path, "reset").returncode == 1
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(ENDS_WITHIN) == 0
    with running(tmp_path) as run:
        assert run.tokens() == first_tokens
        assert all(paste(line)["existing"]["identical"] for line in run.curl_lines[: len(operations)])
        [line] = [each for each in run.curl_lines if contract.operation("getCertificate").path in each]
        with urllib.request.urlopen(paste(line)["data"]["pdf"]["url"]) as pdf:
            assert pdf.read().startswith(b"%PDF-")
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(ENDS_WITHIN) == 0
    assert attempt(tmp_path, "reset").returncode == 0
    assert {file.name for file in tmp_path.iterdir()} == {"lock"}
    with running(tmp_path) as run:
        assert not set(run.tokens()) & set(first_tokens)
        assert "radicado" in paste(run.curl_lines[0])


def carga(run: Run, file: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `make carga` says of a file of act documents."""
    return make(run, "carga", **{"FILE": str(file), "TIPO": "actoDocumento", **variables})


def make(run: Run, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a target says while the services run."""
    given = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.run(
        ["make", "--silent", target, *given],
        cwd=ROOT,
        env=clean_environment(run.folder),
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN,
        check=False,
    )


def results(url: str) -> list[dict[str, str]]:
    """The rows of the CSV behind a link."""
    with urllib.request.urlopen(url) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig")), delimiter=","))


def test_a_file_sent_by_hand_is_loaded(services: Run) -> None:
    """The printed `curl -F` line gives a ticket, and the ticket ends well, with results to download."""
    number = paste(services.curl_lines[-2])["ticket"]
    limit = time.monotonic() + ENDS_WITHIN
    while True:
        shown = services.post("getTicket", {"ticket": number}, entity=0)[1]["data"]
        if shown["state"].startswith("Finalizado") or time.monotonic() > limit:
            break
        time.sleep(0.2)
    assert shown["state"] == "Finalizado Sin Errores", shown
    rows = results(shown["results"]["csv"])
    assert len(rows) == shown["rows"]["total"] == 3
    assert all(row["radicado"] for row in rows)


def test_make_carga_follows_a_file_to_its_end(services: Run, tmp_path: Path) -> None:
    """It says how the load ended and where its results are, and takes a file of any size, name and entity."""
    done = carga(services, services.folder / "actos.csv")
    assert done.returncode == 0, done.stderr
    assert "Finalizado Sin Errores" in done.stdout
    [url] = re.findall(r"^csv: (.+)$", done.stdout, re.MULTILINE)
    assert [row["actDocumentCode"] for row in results(url)] == ["CARGA-1-2024", "CARGA-2-2024", "CARGA-3-2024"]
    large = tmp_path / "Año 2024 (grande).csv"
    large.write_text((services.folder / "actos.csv").read_text() + ",,,,,,,,,,,\n" * 400_000)
    assert large.stat().st_size > loads.bulk().maximum_body_bytes
    done = carga(services, large, VALIDAR="1", NIT=DEMO[0][0])
    assert "Filas: 3;" in done.stdout, done.stderr
    assert "válidas: 3" in done.stdout
    done = carga(services, services.folder / "actos.csv", NIT=DEMO[1][0])
    assert done.returncode != 0
    assert "Finalizado Con Errores" in done.stdout
    assert "Fila 2: Error. La columna territorialEntity" in done.stdout


def test_what_make_carga_cannot_do_is_told(services: Run, tmp_path: Path) -> None:
    """A file, service or entity that is not there, or services that do not run, are told without a traceback."""
    for given, told in (
        ({"FILE": str(tmp_path / "nada.csv")}, "No existe el archivo"),
        ({"TIPO": "acto"}, "TIPO debe ser uno de actoDocumento, liquidacion, pago."),
        ({"NIT": "1"}, f"NIT debe ser uno de {DEMO[0][0]}"),
        ({"LOCAL_DIR": str(tmp_path)}, "Inicie antes los servicios"),
    ):
        refused = carga(services, services.folder / "actos.csv", **given)
        assert refused.returncode != 0
        assert told in refused.stderr
        assert "Traceback" not in refused.stderr


def test_make_reporte_brings_both_files(services: Run) -> None:
    """What is registered by the printed line stands in the CSV that it says it wrote, and in the workbook beside it."""
    paste(services.curl_lines[0])
    ever = {"TIPO": "fechaActoDocumento", "DESDE": "2000-01-01", "HASTA": "2100-12-31"}
    done = make(services, "reporte", ENTIDAD="TODAS", NIT=demo.REPORTER, **ever)
    assert done.returncode == 0, done.stderr
    assert "Finalizado Sin Errores" in done.stdout
    flat, book = (Path(line) for line in done.stdout.splitlines() if line.startswith(str(services.folder)))
    with flat.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert f"filas: {len(rows)}" in done.stdout
    assert len(rows) >= 1
    assert book.read_bytes().startswith(b"PK")
    name = f"reporte-{demo.REPORTER}-y-descentralizadas-por-fecha-del-acto-2000-01-01-a-2100-12-31"
    assert (flat.stem, book.stem) == (name, name)
    for given, told in (
        ({"TIPO": "pagos"}, "reportType"),
        ({"HASTA": "1999-12-31"}, "anterior a from"),
        ({"ENTIDAD": "1"}, "entity"),
        ({"NIT": "1"}, "NIT debe ser uno de"),
    ):
        refused = make(services, "reporte", **{**ever, **given})
        assert refused.returncode != 0
        assert told in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_load_under_way_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """Ctrl-C ends the services within seconds while thousands of rows wait, and tells of nothing else."""
    with running(tmp_path) as run:
        header, *rows = (tmp_path / "actos.csv").read_text().splitlines()
        lines = [rows[0].replace("CARGA-1-", f"CARGA-{number}-") for number in range(5_000)]
        (tmp_path / "actos.csv").write_text("\n".join([header, *lines]))
        number = paste(run.curl_lines[-2])["ticket"]
        limit = time.monotonic() + ENDS_WITHIN
        while run.post("getTicket", {"ticket": number}, entity=0)[1]["data"]["rows"]["done"] == 0:
            assert time.monotonic() < limit
            time.sleep(0.2)
        started = time.monotonic()
        with all_ending(run.process.pid):
            run.process.send_signal(signal.SIGINT)
        assert time.monotonic() - started < 15
        assert run.process.stdout is not None
        assert run.process.stdout.read().strip().endswith("Detenido.")


@pytest.mark.parametrize(
    ("command", "to", "number"),
    [
        pytest.param(MODULE, "group", signal.SIGINT, id="Ctrl-C"),
        pytest.param(MODULE, "leader", signal.SIGTERM, id="kill"),
        pytest.param(MAKE, "group", signal.SIGINT, id="Ctrl-C to make"),
        pytest.param(MAKE, "leader", signal.SIGTERM, id="kill make"),
        pytest.param(MAKE, "group", signal.SIGTERM, id="kill make and all of it"),
    ],
)
def test_signals_leave_no_process(tmp_path: Path, command: tuple[str, ...], to: str, number: signal.Signals) -> None:
    """Ctrl-C, which reaches the whole group, or SIGTERM ends the services and their engine, and is told."""
    with running(tmp_path, command) as run:
        paste(run.curl_lines[0])
        with all_ending(run.process.pid):
            if to == "group":
                os.killpg(run.process.pid, number)
            else:
                run.process.send_signal(number)
        assert run.process.stdout is not None
        rest = run.process.stdout.read()
        assert "Detenido." in rest
        assert "Traceback" not in rest


def test_killed_services_leave_no_engine(tmp_path: Path) -> None:
    """SIGKILL to the services alone ends the engine too."""
    with running(tmp_path) as run, all_ending(run.process.pid):
        run.process.kill()


def test_named_endpoint_is_used(tmp_path: Path) -> None:
    """With AWS_ENDPOINT_URL_DYNAMODB no engine is started, and the data go where it says."""
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    theirs.mkdir()
    with engine.running(theirs) as other, running(mine, AWS_ENDPOINT_URL_DYNAMODB=other.endpoint) as run:
        assert "dynoxide" not in family(run.process.pid).values()
        assert "radicado" in paste(run.curl_lines[0])
        assert not (mine / "sigec.db").exists()


def test_without_npm_it_says_what_to_install(tmp_path: Path) -> None:
    """On a machine without npm, and with nothing installed by it, the run ends telling what to install."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("local", "shared", "functions", "console"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("openapi.yaml", "template.yaml", "package.json"):
        shutil.copy(ROOT / name, tree)
    ended = attempt(tmp_path / "data", cwd=tree, PATH="/nowhere")
    assert ended.returncode == 1
    assert "Falta npm" in ended.stderr
    assert "Instale Node.js" in ended.stderr


def test_taken_or_impossible_ports_are_told(tmp_path: Path) -> None:
    """A port that another program has, or that is none, is told without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = attempt(tmp_path, PORT=str(other.getsockname()[1]))
    assert taken.returncode == 1
    assert taken.stderr.startswith("No se puede usar el puerto")
    for port in ("no", "70000"):
        impossible = attempt(tmp_path, PORT=port)
        assert impossible.returncode == 1
        assert impossible.stderr == f"PORT={port} no es un puerto.\n"
