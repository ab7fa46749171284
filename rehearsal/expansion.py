"""What AWS makes of the template: SAM's own transform, with the parameters that the emulator does not give it."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from rehearsal import REGION, ROOT, RehearsalError, check

PYTHON = ROOT / ".venv-deploy/bin/python"
LINT = ROOT / ".venv/bin/cfn-lint"
APPLICATION = "AWS::CodeDeploy::Application"
GROUP = "AWS::CodeDeploy::DeploymentGroup"

# The artefacts and the contract are elsewhere when the transform runs.
PROGRAM = """
import json, logging, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
logging.disable()
template = yaml_parse(open("template.yaml").read())
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
template["Resources"]["Api"]["Properties"]["DefinitionBody"] = {"openapi": "3.0.3", "paths": {}}
print(json.dumps(transform(template, json.loads(sys.argv[1]), type("Policies", (), {"load": dict})())))
"""


class Rollout(NamedTuple):
    """CodeDeploy's configuration, none where it is not used, and the alarms by which a new version goes back."""

    configuration: str | None
    alarms: frozenset[str]


def rollout(environment: str, kind: str) -> Rollout:
    """What the parameter Rollout means in an environment. Raises RehearsalError."""
    resources = _expanded(Environment=environment, Rollout=kind)
    groups = [each["Properties"] for each in resources.values() if each["Type"] == GROUP]
    check("CodeDeploy", APPLICATION in {each["Type"] for each in resources.values()}, expected=bool(groups))
    if not groups:
        return Rollout(None, frozenset())
    configurations = {each["DeploymentConfigName"]["Fn::Sub"][1]["ConfigName"] for each in groups}
    check("Configuraciones de CodeDeploy", len(configurations), 1)
    for each in groups:
        check("Vuelta atrás", "DEPLOYMENT_STOP_ON_ALARM" in each["AutoRollbackConfiguration"]["Events"], expected=True)
    alarms = {alarm["Name"]["Ref"] for each in groups for alarm in each["AlarmConfiguration"]["Alarms"]}
    return Rollout(configurations.pop(), frozenset(alarms))


def _expanded(**parameters: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - pinned
        [PYTHON, "-c", PROGRAM, json.dumps(parameters)],
        cwd=ROOT,
        env={"AWS_DEFAULT_REGION": REGION},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RehearsalError(f"SAM no entiende la plantilla:\n{done.stderr}")
    template: dict[str, Any] = json.loads(done.stdout)
    _lint(template)
    resources: dict[str, Any] = template["Resources"]
    return resources


def _lint(template: dict[str, Any]) -> None:
    """What SAM made has no fault either: above all, nothing that waits for what waits for it.

    Without warnings: that a parameter is not used any more is what the transform is for.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        done = subprocess.run(  # noqa: S603 - pinned
            [LINT, "--ignore-checks", "W", "--regions", REGION, "--", Path(file.name)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RehearsalError(f"Lo que SAM hace de la plantilla tiene faltas:\n{done.stdout}")
