"""docs/operaciones.md says what is: every alarm of the template and no other, and commands that exist."""

import itertools
import json
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from cfnlint.decode import cfn_yaml

from console import syntax
from shared import contract
from shared.bulk import tickets
from shared.contract import reports
from tests.bulk import Deliveries, csv_file, send
from tests.client import new_entity
from tests.test_bulk_load import act

pytestmark = pytest.mark.around

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs/operaciones.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
LINES = [line.strip() for block in BLOCKS for line in block.splitlines() if line.strip()]
# A command may stand in a substitution: export NAME=$(aws ...).
AWS = [match for line in LINES for match in re.findall(r"(?:^|\$\()(aws .+?)(?:\)$|$)", line)]
CONSOLE = [line.split("-m console ")[1] for line in LINES if "-m console " in line]
SERVICES = {"s3api": "s3"}  # the command line's name of a service -> botocore's
OF_THE_COMMAND_LINE = {"query", "output", "max-items"}

template = cfn_yaml.load(str(ROOT / "template.yaml"))


def test_every_alarm_is_explained_and_no_other() -> None:
    """Each alarm of the template has a heading under Alarmas, and each heading an alarm of the template."""
    section = GUIDE.split("\n## Alarmas\n")[1].split("\n## ")[0]
    headings = re.findall(r"^### (.+)$", section, re.MULTILINE)
    alarms = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert sorted(name for heading in headings for name in heading.split(", ")) == sorted(alarms)
    for part in section.split("\n### ")[1:]:
        assert "**Qué significa.**" in part
        assert "**Qué hacer.**" in part


def test_every_alarm_sends_its_reader_to_the_guide() -> None:
    """What an alarm's e-mail says names this guide."""
    for each in template["Resources"].values():
        if each["Type"] == "AWS::CloudWatch::Alarm":
            assert "docs/operaciones.md" in each["Properties"]["AlarmDescription"]


def test_every_place_it_sends_to_is_there() -> None:
    """A link within the guide is to one of its headings, as GitHub names them, and each heading is there once."""
    titles = re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    headings = [re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in titles]
    assert len(set(headings)) == len(headings)
    links = re.findall(r"\]\(#([^)]+)\)", GUIDE)
    assert links
    assert set(links) <= set(headings)


def test_every_parameter_and_output_it_names_is_there() -> None:
    """A parameter or output under its old name would send the operator nowhere."""
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:=\w*)?`", GUIDE))
    known = {*template["Parameters"], *template["Outputs"], *template["Resources"]}
    assert len(named) > 15
    assert named <= known | set(re.findall(r"\w+Alarm", GUIDE))
    given = re.findall(r'["\s](\w+)=', "\n".join(line for line in LINES if line.startswith("sam deploy")))
    assert set(given) <= set(template["Parameters"])
    keys = re.findall(r"OutputKey=='(\w+)'", GUIDE)
    assert keys
    assert set(keys) <= set(template["Outputs"])


@pytest.mark.parametrize("command", AWS)
def test_every_aws_command_exists(command: str) -> None:
    """Its service has that operation, and the operation those parameters."""
    _, service, name, *rest = shlex.split(command, comments=False)
    model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
    if name == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service)
        found = next(each for each in waiters.waiter_names if xform_name(each, "-") == rest[0])
        operation = model.operation_model(waiters.get_waiter(found).operation)
    else:
        operation = next(model.operation_model(each) for each in model.operation_names if xform_name(each, "-") == name)
    members = {xform_name(each, "-") for each in operation.input_shape.members}
    options = {re.sub(r"^--(no-(?=.*enabled$))?", "", each) for each in rest if each.startswith("--")}
    assert options <= members | OF_THE_COMMAND_LINE
    required = {xform_name(each, "-") for each in operation.input_shape.required_members}
    assert required <= options


def test_no_command_shows_a_part_of_the_stack_for_the_whole() -> None:
    """The stack has some hundred resources, and describe-stack-resources stops at a hundred without a word."""
    assert not [each for each in AWS if "describe-stack-resources" in each]


@pytest.mark.parametrize("command", CONSOLE)
def test_every_console_command_is_well_written(command: str) -> None:
    """The console's own parser takes it."""
    assert syntax.parser().parse_args(shlex.split(re.sub(r"\$\w+", "a-table", command)))


@pytest.mark.parametrize("target", sorted({word for line in LINES for word in re.findall(r"^make ([\w-]+)", line)}))
def test_make_knows_each_target(target: str) -> None:
    """Each make command is one that make can carry out."""
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_the_path_it_calls_is_one_of_the_contract() -> None:
    """The call after a deployment is to an operation that is there."""
    paths = re.findall(r'"\$ADDRESS(/[^"]+)"', GUIDE)
    assert paths
    assert set(paths) <= {each.path for each in contract.operations().values()}


def test_nothing_is_looked_for_that_is_not_logged() -> None:
    """The fields that its queries filter by are those of the log line, which the guide lists; operations exist."""
    listed = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    patterns = re.findall(r"--filter-pattern '(\{.+?\})'", "\n".join(LINES))
    filtered = re.findall(r"\$\.(\w+)", " ".join(patterns))
    assert filtered
    assert set(filtered) <= set(listed)
    operations = re.findall(r'operation = "(\w+)"', GUIDE)
    assert operations
    assert set(operations) <= set(contract.operations())


def test_what_came_by_a_stolen_token_is_found(bucket: str, lines: Callable[[], list[str]], dynamodb: Any) -> None:
    """Its loads under way, and what calls and workers log of them; nothing of another entity, nor what has ended."""
    del bucket
    part = GUIDE.split("\n## Reemplazar o revocar un token de urgencia\n")[1].split("\n## ")[0]
    [pattern] = re.findall(r"--filter-pattern '\{ (.+) \}'", part)
    terms = re.findall(r'\$\.([\w.]+) = "(\d+)"', pattern)
    assert pattern == " || ".join(f'$.{path} = "{nit}"' for path, nit in terms)
    [nit] = {nit for _, nit in terms}
    [command] = re.findall(r"^aws dynamodb (query .+)$", part, re.MULTILINE)
    entity, other = new_entity(nit), new_entity("900000001")
    tickets_of = {}
    for each in (entity, other):
        content = csv_file([act(each.nit, "A1")], "actoDocumento")
        tickets_of[each.nit] = send(each, "actoDocumento", "actos.csv", content).body["ticket"]
    assert [item["sk"]["S"] for item in _asked(dynamodb, command)] == [tickets_of[nit]]
    Deliveries().all()
    assert _asked(dynamodb, command) == []
    logged = [json.loads(line) for line in lines() if line.startswith("{")]
    found = [line for line in logged if any(_at(line, path) == nit for path, _ in terms)]
    assert "loadActDocuments" in {line.get("operation") for line in found}
    assert {"nit": nit, "ticket_id": tickets_of[nit], "lane": 0} in [line.get("message") for line in found]
    assert other.nit not in json.dumps(found)
    for minutes in {
        tickets.UPLOAD_SECONDS // 60,
        template["Resources"]["BulkSplitFunction"]["Properties"]["Timeout"] // 60,
    }:
        assert f"{minutes} minutos" in part
    assert f"más de {tickets.STALLED_AFTER // 86_400} días" in part


def _asked(client: Any, command: str) -> list[dict[str, Any]]:
    """What a query of the guide answers, as the command line of AWS asks it."""
    words = shlex.split(command.replace("$TABLE_NAME", os.environ["TABLE_NAME"]))
    options = {each.removeprefix("--"): value for each, value in itertools.pairwise(words) if each.startswith("--")}
    given = {
        xform_name(name, "-"): name for name in client.meta.service_model.operation_model("Query").input_shape.members
    }
    values = {given[name]: json.loads(value) if value.startswith("{") else value for name, value in options.items()}
    items: list[dict[str, Any]] = client.query(**values | {"ConsistentRead": "ConsistentRead" in values})["Items"]
    return items


def _at(line: dict[str, Any], path: str) -> Any:
    """The value of a log line at a path, as a filter pattern names it."""
    value: Any = line
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def test_the_catalogue_is_prepared_before_its_new_version_is_deployed() -> None:
    """Its blocks are of the version that the guide tells to look for, so that those of two versions do not meet.

    What slow searches set off is what takes a version back.
    """
    [file] = re.findall(r"`VERSION` en `(\S+)`", GUIDE)
    assert re.search(r"^VERSION = \d+$", (ROOT / file).read_text(), re.MULTILINE)
    steps = GUIDE.split("\n## Promover de preprod a prod\n")[1].split("\n## ")[0]
    assert 0 < steps.index("#si-la-versión-nueva-cambia-el-catálogo") < steps.index("sam deploy")
    assert "\n### Si la versión nueva cambia el catálogo\n" in GUIDE
    part = GUIDE.split("\n### Si la versión nueva cambia el catálogo\n")[1].split("\n## ")[0]
    alarms = set(re.findall(r"`(\w+Alarm)`", part))
    query = template["Resources"]["QueryFunction"]["Properties"]["DeploymentPreference"]["Alarms"]
    assert alarms
    assert alarms <= {each["Ref"] for each in query}


def test_what_stops_bulk_loads_is_in_the_stack() -> None:
    """The guide names event sources as SAM does: function and event."""
    named = set(re.findall(r"--logical-resource-id (Bulk\w+)", GUIDE))
    functions = {name: each["Properties"] for name, each in template["Resources"].items() if name.startswith("Bulk")}
    assert named == {f"{name}{event}" for name, each in functions.items() for event in each.get("Events", ())}


def test_how_long_a_report_may_take_is_how_long_its_function_may() -> None:
    """The runbook and the contract tell its minutes; a report is chosen and asked for in words of the contract."""
    function, queue = (template["Resources"][name]["Properties"] for name in ("BulkSplitFunction", "ReportsQueue"))
    minutes, attempts = function["Timeout"] // 60, int(function["Environment"]["Variables"]["MOST_RECEIVES"]) - 1
    asks = contract.operation("requestReport")
    said = contract.document()["paths"][asks.path]["post"]["description"]
    part = GUIDE.split("\n### DeadLettersAlarm\n")[1].split("\n### ")[0]
    assert f"murió por tiempo ({minutes} minutos)" in part
    assert f"Se intenta {attempts} veces, cada una de {minutes} minutos a lo sumo; el que no alcanza termina" in said
    assert f"unos {attempts * queue['VisibilityTimeout'] // 60} minutos después" in said
    assert {"fechaRegistroPago"} == set(re.findall(r"`(fecha\w+)`", part)) <= set(reports.declared().types)
    assert f"`{contract.operation('findChanges').path.split('/stamp/v1/stamp/')[1]}`" in part


# Stands for the command line of AWS: notes what it is told, and answers a parameter's name for its value.
NOTING_AWS = r"""
aws() {
  printf '%s\n' "$@" >&2
  if [[ "$*" =~ ParameterKey==.([A-Za-z]+) ]]; then echo "${BASH_REMATCH[1]}"; fi
}
"""


def set_in_the_stage(*blocks: str) -> dict[str, str]:
    """What these blocks of the guide leave in the stage, carried out by a shell one after the other: path -> value."""
    given = {"PATH": os.environ["PATH"], "STACK": "stack", "SIGEC_ENVIRONMENT": "prod"}
    script = "".join((NOTING_AWS, *blocks))
    done = subprocess.run(["bash", "-euc", script], check=True, capture_output=True, text=True, env=given)
    return dict(re.findall(r"^op=replace,path=(\S+),value=(\S+)$", done.stderr, re.MULTILINE))


def test_stopping_stops_every_method_and_resuming_gives_back_what_the_template_says() -> None:
    """A method with limits of its own goes on when the stage is stopped, so that each is named."""
    [define] = (each for each in BLOCKS if "limit() {" in each)
    stop, resume = (each for each in BLOCKS if 'limit "/*/*"' in each)
    limits = {
        f"{each['ResourcePath']}/{each['HttpMethod']}/throttling/{name}": each[setting]["Ref"]
        for each in template["Resources"]["Api"]["Properties"]["MethodSettings"]
        for name, setting in (("rateLimit", "ThrottlingRateLimit"), ("burstLimit", "ThrottlingBurstLimit"))
    }
    assert set_in_the_stage(define, stop) == dict.fromkeys(limits, "0")
    assert set_in_the_stage(define, resume) == limits
    text = GUIDE.split("\n## Detener el servicio\n")[1].split(stop)[0]
    own = {path.split("/")[1].replace("~1", "/") for path in limits} - {"*"}
    assert {each.removeprefix("/gateway/stamp/v1/stamp/") for each in own} == set(re.findall(r"`(\w+/\w+)`", text))


def test_tokens_are_compared_before_a_restored_table_serves() -> None:
    """In the restored table, with the damaged one; again before the service is resumed, and on the way back."""
    part = GUIDE.split("\n## Restaurar la tabla\n")[1].split("\n## ")[0]
    order = ["DAMAGED=$TABLE_NAME", "TABLE_NAME=$RESTORED", "token comparar $DAMAGED", "sam deploy", "6. Compare"]
    order += ["reanude el servicio", '"RestoredTable="', "`token comparar`"]
    assert sorted(order, key=part.index) == order
    assert not re.search(r"issuedAt|revokedAt", part)


def test_whoever_removes_an_environment_knows_what_stays() -> None:
    """Every resource that outlives the stack is told; what costs money or holds data has its command."""
    part = GUIDE.split("\n## Retirar un ambiente\n")[1].split("\n## ")[0]
    kept = {name for name, each in template["Resources"].items() if each.get("DeletionPolicy", "Delete") != "Delete"}
    assert set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) == kept
    settings = {name for name in kept if template["Resources"][name]["Type"] == "AWS::ApiGateway::Account"}
    removed = re.findall(r"^aws \S+ (?:delete|schedule)\S+ --\S+ <(\w+)>", part, re.MULTILINE)
    assert set(removed) == kept - settings
    assert "aws apigateway update-account" in part
    saved = re.search(r"constanciaLlave/obtener.+ > (\S+)", part)
    assert saved
    order = [saved[0], "sam delete", f"LLAVE={saved[1]}", "schedule-key-deletion"]
    assert sorted(order, key=part.index) == order


def test_a_key_is_published_before_it_signs() -> None:
    """The version before goes on answering: in a planned change it has the new key; in a hurry it is not waited for."""
    part = GUIDE.split("\n## Llave de las constancias\n")[1].split("\n## ")[0]
    order = ["de última", "`constanciaLlave/obtener` entrega las dos", "de primera", "disable-key", "Rollout=bare"]
    assert sorted(order, key=part.index) == order
    planned = part.split("\n### ")[1]
    assert planned.count("Despliegue") == 2


# Answers a stack's name and an output's for its value.
AWS_OF_A_STACK = r"""
aws() { if [[ "$*" =~ --stack-name.(.+).--query.*OutputKey==.([A-Za-z]+) ]]; then echo "${BASH_REMATCH[@]:1}"; fi; }
"""


def test_a_terminal_has_the_variables_of_one_environment() -> None:
    """Who goes over to the environment that is removed, and to its stack, has nothing left of the one before."""
    [define] = (each for each in BLOCKS if "ambiente() {" in each)
    [other] = (each for each in BLOCKS if each.startswith("ambiente "))
    for blocks, environment in (((define,), "prod"), ((define, other), "preprod")):
        script = "".join((AWS_OF_A_STACK, *blocks, "env"))
        done = subprocess.run(
            ["bash", "-euc", script], check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
        )
        found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        stack = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]["deploy"]["parameters"]["stack_name"]
        outputs = {"TABLE_NAME": "TableName", "ADDRESS": "Address", "LOGS": "FunctionLogGroup"}
        outputs |= {"ACCESS_LOGS": "AccessLogGroup"}
        expected = {name: f"{stack} {output}" for name, output in outputs.items()}
        expected |= {"STACK": stack, "SIGEC_ENVIRONMENT": environment}
        assert {name: found.get(name) for name in expected} == expected
    assert not re.findall(r"^ *export .*(?:SIGEC_ENVIRONMENT|TABLE_NAME)=(?!\$)", GUIDE, re.MULTILINE)


def test_every_log_group_is_told() -> None:
    """What an operator may look into, by the name of the template; all of them go with the stack."""
    part = GUIDE.split("\n## Registros\n")[1].split("\n## ")[0]
    groups = {name: each for name, each in template["Resources"].items() if each["Type"] == "AWS::Logs::LogGroup"}
    told = dict(re.findall(r"^\| `(\w+)` \| `\$(\w+)` \|", part, re.MULTILINE))
    assert set(told) == set(groups)
    for name, variable in told.items():
        [output] = re.findall(rf"^ *export {variable}=.+OutputKey=='(\w+)'", GUIDE, re.MULTILINE)
        assert template["Outputs"][output]["Value"] == {"Ref": name}
        assert groups[name].get("DeletionPolicy", "Delete") == "Delete"
