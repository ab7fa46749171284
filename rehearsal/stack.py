"""A stack: what `sam deploy` makes of the built template in one environment."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from rehearsal import ROOT, RehearsalError

SAM = ROOT / ".venv-deploy/bin/sam"
CONFIGURATION = ROOT / "samconfig.toml"

# Two aliases of one name: no template check sees it, and the service refuses it when all else is done.
IMPOSSIBLE = """\
  Impossible:
    Type: AWS::Lambda::Alias
    DependsOn: [Api, ActDocumentFunctionAliaslive, LiquidationFunctionAliaslive, PaymentFunctionAliaslive]
    Properties:
      FunctionName: !Ref PaymentFunction
      FunctionVersion: $LATEST
      Name: live
"""


class DeploymentFailedError(RehearsalError):
    """`sam deploy` did not succeed; the text is what it said."""


@dataclass(frozen=True)
class Stack:
    """The stack that samconfig.toml describes for an environment."""

    environment: str

    @property
    def name(self) -> str:
        """Its name, as samconfig.toml has it."""
        return f"sigec-interop-{self.environment}"

    @property
    def status(self) -> str:
        """How its last change ended."""
        status: str = self._described()["StackStatus"]
        return status

    @property
    def outputs(self) -> dict[str, str]:
        """The template's outputs."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described().get("Outputs", [])}

    def deploy(self, template: Path, **parameters: str) -> None:
        """`sam deploy`; parameters that are not named keep their value. Raises DeploymentFailedError."""
        overrides = [f"{name}={value}" for name, value in {"Environment": self.environment, **parameters}.items()]
        _sam(
            "deploy",
            *("--config-file", str(CONFIGURATION), "--config-env", self.environment),
            *("--template-file", str(template), "--no-confirm-changeset", "--no-progressbar"),
            # Without parameters, those of samconfig.toml count: as an operator deploys.
            *(("--parameter-overrides", *overrides) if parameters else ()),
        )

    def remove(self) -> None:
        """`sam delete`."""
        region = os.environ["AWS_DEFAULT_REGION"]
        _sam("delete", "--stack-name", self.name, "--region", region, "--no-prompts")

    def functions(self) -> Iterator[dict[str, Any]]:
        """Each function's configuration as its alias `live` serves it."""
        cloudformation, functions = boto3.client("cloudformation"), boto3.client("lambda")
        for each in cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]:
            if each["ResourceType"] == "AWS::Lambda::Function":
                found: dict[str, Any] = functions.get_function_configuration(
                    FunctionName=each["PhysicalResourceId"], Qualifier="live"
                )
                yield {**found, "LogicalId": each["LogicalResourceId"]}

    def table(self) -> str:
        """The stack's own table, be it in use or not."""
        resource = boto3.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId="Table"
        )
        name: str = resource["StackResourceDetail"]["PhysicalResourceId"]
        return name

    def versions(self) -> dict[str, str]:
        """The version that serves calls, by function."""
        functions = boto3.client("lambda")
        found = {}
        for each in self.functions():
            alias = functions.get_alias(FunctionName=each["FunctionName"], Name="live")
            found[each["LogicalId"]] = alias["FunctionVersion"]
        return found

    def failures(self) -> list[str]:
        """What the last change failed at, as CloudFormation tells it."""
        events = boto3.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
            for each in events
            if each["ResourceStatus"].endswith("_FAILED") and each.get("ResourceStatusReason")
        ]

    def _described(self) -> dict[str, Any]:
        stack: dict[str, Any] = boto3.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return stack


def for_emulator(built: Path, architecture: str) -> Path:
    """The built template with three other defaults: this machine's processor, no CodeDeploy, and no firewall.

    By default, for the emulator gives SAM's transform no values of parameters; it knows no CodeDeploy, nor what ties a
    firewall to a stage. It takes a parameter's number for a text and fails over it, so one is written out. It speaks no
    TLS: the bucket, closed to whatever comes without, would be closed to all. And it asks for a permission of its own
    to send messages together, which AWS does not know.
    """
    text = built.read_text()
    for old, new, times in (
        ("Default: planned", "Default: bare", 1),
        ("Default: arm64", f"Default: {architecture}", 1),
        ("Default: 30\n", "Default: 0\n", 1),
        (f"MaximumConcurrency:\n{'':16}Ref: BulkWorkers", "MaximumConcurrency: 2", 1),
        ("aws:SecureTransport: 'false'", "aws:SecureTransport: 'true'", 1),
        ("Action: sqs:SendMessage\n", "Action: [sqs:SendMessage, sqs:SendMessageBatch]\n", 4),  # three roles, and S3
    ):
        if text.count(old) != times:
            raise RehearsalError(f"La plantilla construida no tiene {times} veces `{old.strip()}`.")
        text = text.replace(old, new)
    template = built.with_name("emulated.yaml")
    template.write_text(text)
    return template


def with_impossible_change(template: Path) -> Path:
    """The template with a resource that cannot be made."""
    before, marker, after = template.read_text().partition("\nOutputs:\n")
    broken = template.with_name("impossible.yaml")
    broken.write_text(f"{before}\n{IMPOSSIBLE}{marker}{after}")
    return broken


def _sam(*arguments: str) -> None:
    environment = {**os.environ, "PATH": f"{SAM.parent}:{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S603 - pinned
        [SAM, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DeploymentFailedError(f"`sam {arguments[0]}` falló:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
