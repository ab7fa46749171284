"""A built artefact under Lambda's runtime interface emulator: it answers with nothing but what it carries.

The emulator comes with SAM, and Lambda's runtime client from an environment that holds nothing else. The client notes
which files are opened, so that what is never opened is known too.
"""

import json
import platform
import re
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs.integrators import use_cases
from local import template
from rehearsal import REGION, ROOT, CannotRunError, RehearsalError, check, free_port, traffic, wait_until
from shared import contract
from shared.contract import loads

PYTHON = ROOT / ".venv-runtime/bin/python"
RAPID = ".venv-deploy/lib/python*/site-packages/samcli/local/rapid"
TASK = "/2015-03-31/functions/function/invocations"
STARTS_WITHIN = 20.0  # seconds
STOPS_WITHIN = 5.0  # seconds
ANSWERS_WITHIN = 60.0  # seconds, the import included
FUNCTION = "AWS::Serverless::Function"
# What is asked of a function that registers nothing: an operation, a body, and the status of its answer.
ASKED: dict[str, tuple[str, dict[str, Any], int]] = {
    "QueryFunction": ("findStamps", {}, 200),
    "CertificateFunction": ("verifyCertificate", {"codigo": "7K3M-Z9QW-2C5X-RT8V-ABCD"}, 400),
    "PublicFunction": ("findPublicly", {"searchType": "Tramite", "taxpayerDocumentNumber": "1"}, 200),
}
# The functions of bulk loads, each with its messages (S3 sends an empty one to try a queue out); none: it is called.
BULK: dict[str, list[dict[str, Any]] | None] = {
    "BulkLoadFunction": None,
    "BulkSplitFunction": [{"messageId": "1", "body": "{}", "attributes": {"ApproximateReceiveCount": "1"}}],
    "BulkWorkFunction": [],
}
LIMIT = 250 * 1024 * 1024  # bytes: Lambda's own, unzipped

# A note of every file that is opened.
NOTE = """
import os, sys
path = sys.argv.pop(1)
opened = open(path, "a", buffering=1)
def note(event, arguments):
    # A compiled module is not opened by Python, but told of as it is imported.
    path = arguments[0] if event == "open" else arguments[1] if event == "import" else None
    if isinstance(path, str):
        opened.write(os.path.abspath(path) + "\\n")
sys.addaudithook(note)
"""
# Lambda's command, `python -m awslambdaric <handler>`.
SERVE = """
import runpy
sys.argv[0] = "awslambdaric"
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""

# What functions do with packages of their own. The certificates' draws the contract's example.
DRAW = """
import json
import fontpkg_noto_sans
from shared.certificate import document
example = json.load(sys.stdin, parse_float=lambda number: format(float(number), ".2f"))
sys.stdout.buffer.write(document.draw(example, "https://example.gov.co/?codigo=A"))
for font in (fontpkg_noto_sans.ROOT / "files").iterdir():
    note("open", [str(font)])  # by Typst itself, unseen by Python
"""
# The loads' makes the template that clerks fill, and reads it.
READ = """
import tempfile
from pathlib import Path
from shared.contract import loads
from shared.rejection import Finding, Rejection
from shared.spreadsheet import templates, workbook
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "plantilla.xlsx")
    path.write_bytes(templates.xlsx_template(loads.files()["loadActDocuments"]))
    [(_, header)] = next(workbook.sheets(path, Rejection([Finding("file-damaged")]))).rows()
    sys.stdout.write(",".join(header))
"""


@dataclass
class Artefact:
    """The folder that `sam build` made for a function, and the files in it that were opened."""

    function: str
    folder: Path
    opened: set[Path] = field(default_factory=set)

    def note_opened(self, note: Path) -> None:
        """Add what a process of it wrote down."""
        paths = (Path(line) for line in note.read_text().splitlines())
        self.opened |= {path.relative_to(self.folder) for path in paths if path.is_relative_to(self.folder)}

    def sizes(self) -> dict[Path, int]:
        """Each file's size in bytes, by its path in the artefact."""
        files = (each for each in self.folder.rglob("*") if each.is_file())
        return {each.relative_to(self.folder): each.stat().st_size for each in files}

    def unopened(self) -> dict[Path, int]:
        """The sizes of what was never opened. A module counts as opened by either of its source and its bytecode."""
        used = {_module(path) for path in self.opened}
        return {path: size for path, size in self.sizes().items() if _module(path) not in used}

    def unread_sources(self) -> int:
        """The bytes of the modules' sources that were not read because their bytecode was."""
        sizes = self.sizes()
        unread = {path for path in sizes if path.suffix == ".py"} - self.opened - set(self.unopened())
        return sum(sizes[path] for path in unread)


def run_all(built: Path, folder: Path, table: str, endpoint: str) -> list[Artefact]:
    """Send the first use case through the artefacts, each step through its function's. Raises RehearsalError."""
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TABLE_NAME": table,
        "SIGEC_ENVIRONMENT": "preprod",
        "MOST_RECEIVES": "5",
        "PUBLIC_STEP_MILLISECONDS": "0",
        "LANG": "C.UTF-8",
    }
    case = use_cases()[0]
    token = traffic.register_entity(*traffic.stamps(case))
    artefacts = []
    for each in case["steps"]:
        operation = contract.operation(each["service"])
        artefact = Artefact(_function(operation), built / _function(operation))
        with _emulated(artefact, environment, folder / f"{artefact.function}.opened") as address:
            answer = _invoke(address, _event(operation, token, each["body"]))
        body = json.loads(answer["body"])
        expected = (each["expect"]["status"], each["expect"]["message"])
        check(artefact.function, (answer["statusCode"], body["message"]), expected)
        artefacts.append(artefact)
    asked = {name: _ask(built, folder, environment, token, name) for name in sorted(ASKED)}
    bulk = {name: _run_bulk(built, folder, environment, token, name) for name in sorted(BULK)}
    artefacts += [*asked.values(), *bulk.values()]
    example = contract.document()["components"]["examples"]["certificateIssued"]["value"]["data"]["certificate"]
    drawn = _perform(asked["CertificateFunction"], DRAW, environment, folder / "drawn", json.dumps(example))
    check("Constancia dibujada por su función", drawn[:5], b"%PDF-")
    header = ",".join(column.name for column in loads.files()["loadActDocuments"].columns)
    read = _perform(bulk["BulkSplitFunction"], READ, environment, folder / "read")
    check("Plantilla hecha y leída por su función", read.decode(), header)
    check("Funciones llamadas", sorted(each.function for each in artefacts), sorted(functions()))
    return artefacts


def _ask(built: Path, folder: Path, environment: Mapping[str, str], token: str, name: str) -> Artefact:
    """What a function answers that registers nothing."""
    artefact = Artefact(name, built / name)
    operation_id, body, expected = ASKED[name]
    with _emulated(artefact, environment, folder / f"{name}.opened") as address:
        answer = _invoke(address, _event(contract.operation(operation_id), token, body))
    check(name, answer["statusCode"], expected)
    return artefact


def _perform(artefact: Artefact, what: str, environment: Mapping[str, str], opened: Path, given: str = "") -> bytes:
    """What a program writes that has nothing but what the artefact carries. Raises RehearsalError."""
    done = subprocess.run(  # noqa: S603 - pinned, and its folder built here
        [PYTHON, "-c", NOTE + what, opened],
        input=given.encode(),
        cwd=artefact.folder,
        env=dict(environment),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RehearsalError(f"{artefact.function}: {done.stderr.decode(errors='replace')[-500:]}")
    artefact.note_opened(opened)
    return done.stdout


def _run_bulk(built: Path, folder: Path, environment: Mapping[str, str], token: str, name: str) -> Artefact:
    """What a function of bulk loads answers when there is nothing to do: it has all that it imports."""
    artefact = Artefact(name, built / name)
    with _emulated(artefact, environment, folder / f"{name}.opened") as address:
        if BULK[name] is None:
            answer = _invoke(address, _event(contract.operation("getTicket"), token, {"ticket": "0" * 26}))
            check(name, json.loads(answer["body"])["errors"][0]["code"], "ticket-unknown")
        else:
            check(name, _invoke(address, {"Records": BULK[name]}), {"batchItemFailures": []})
    return artefact


def functions() -> dict[str, str]:
    """The handler of each function of the template."""
    resources = template.resources().items()
    return {name: each["Properties"]["Handler"] for name, each in resources if each["Type"] == FUNCTION}


def _function(operation: contract.Operation) -> str:
    methods = contract.document()["paths"][operation.path]
    uri = methods[operation.method]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    [name] = re.findall(r"\$\{(\w+)\.Arn\}", uri)
    return str(name)


@contextmanager
def _emulated(artefact: Artefact, environment: Mapping[str, str], opened: Path) -> Iterator[str]:
    """The address that invokes the artefact; afterwards it knows what it opened."""
    machine = platform.machine().replace("aarch64", "arm64")
    binary = next(ROOT.glob(f"{RAPID}/aws-lambda-rie-{machine}"), None)
    if binary is None:
        raise CannotRunError(f"SAM no trae el emulador de Lambda para {machine}.")
    address, runtime = (f"127.0.0.1:{free_port()}" for _ in range(2))
    log = opened.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - pinned
            [
                binary,
                *("--runtime-interface-emulator-address", address),
                *("--runtime-api-address", runtime),
                *(PYTHON, "-c", NOTE + SERVE, opened, functions()[artefact.function]),
            ],
            cwd=artefact.folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until(lambda: _listens(address), STARTS_WITHIN, f"El emulador de Lambda no arrancó; vea {log}.")
        yield f"http://{address}{TASK}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPS_WITHIN)
        process.kill()
        process.wait()
    artefact.note_opened(opened)


def _listens(address: str) -> bool:
    try:
        urllib.request.urlopen(f"http://{address}/", timeout=1).close()
    except urllib.error.HTTPError:
        return True  # it has no such path, and said so
    except OSError:
        return False
    return True


def _invoke(address: str, event: dict[str, Any]) -> dict[str, Any]:
    with urllib.request.urlopen(address, json.dumps(event).encode(), ANSWERS_WITHIN) as response:  # noqa: S310 - likewise
        answer: dict[str, Any] = json.load(response)
    if not {"statusCode", "batchItemFailures"} & answer.keys():
        raise CannotRunError(f"El artefacto no respondió: {answer}")
    return answer


def _event(operation: contract.Operation, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What API Gateway would hand over (REST, payload version 1.0)."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return {
        "resource": operation.path,
        "path": operation.path,
        "httpMethod": operation.method.upper(),
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": str(uuid.uuid4()), "identity": {"sourceIp": "127.0.0.1"}},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def _module(path: Path) -> Path:
    """One name for a module's source and its bytecode; other files keep theirs."""
    if path.suffix == ".pyc" and path.parent.name == "__pycache__":
        return path.parent.parent / f"{path.name.split('.')[0]}.py"
    return path
