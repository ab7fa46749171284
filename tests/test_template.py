"""The deployment: template.yaml, what the contract tells API Gateway, and what a function's artefact holds."""

import importlib
import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

import pack
from shared import contract, retry
from tests.bodies import PAYMENT
from tests.client import Client

pytestmark = pytest.mark.around

ROOT = Path(__file__).parent.parent
API_GATEWAY_TIMEOUT = 29  # seconds
INTEGRATION = "x-amazon-apigateway-integration"
PLACEHOLDERS = {"maximum": contract.maximum_body_bytes()}

template = cfn_yaml.load(str(ROOT / "template.yaml"))
resources: dict[str, Any] = template["Resources"]
gateway_responses: dict[str, Any] = contract.document()["x-amazon-apigateway-gateway-responses"]


def of_type(kind: str) -> dict[str, Any]:
    """The properties of the resources of this type, by logical id."""
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


functions = of_type("AWS::Serverless::Function")
alarms = of_type("AWS::CloudWatch::Alarm")


def functions_behind(path: str) -> list[str]:
    """The functions whose live alias the contract sends a path to: once per operation, and once for other methods."""
    methods = contract.document()["paths"][path]
    called = [each for each in (*methods.values(), methods["x-amazon-apigateway-any-method"]) if INTEGRATION in each]
    uris = [each[INTEGRATION]["uri"]["Fn::Sub"] for each in called]
    return [re.search(r"functions/\$\{(\w+)\.Arn\}:live/invocations$", uri)[1] for uri in uris]


def test_every_operation_has_a_function_of_its_own() -> None:
    """Each service is sent, whatever the method, to one function, and no two services share one."""
    served = [set(functions_behind(each.path)) for each in contract.operations().values()]
    assert sorted(served, key=str) == sorted(({name} for name in functions), key=str)


@pytest.mark.parametrize("path", ["/", "/{proxy+}"])
def test_an_unknown_path_is_sent_to_a_function_too(path: str) -> None:
    """What is no path of the contract reaches a function, which answers our 404: API Gateway's own would be a 403."""
    assert set(functions_behind(path)) <= set(functions)


@pytest.mark.parametrize("name", functions)
def test_a_handler_exists(name: str) -> None:
    """The handler that the template names is that of a module under functions/."""
    module, attribute = functions[name]["Handler"].rsplit(".", 1)
    assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()
    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", functions)
def test_api_gateway_may_call_the_alias_it_is_sent_to(name: str) -> None:
    """Each function has a permission for its alias, and the API waits for that alias."""
    permitted = [each["FunctionName"] for each in of_type("AWS::Lambda::Permission").values()]
    assert {"Ref": f"{name}.Alias"} in permitted
    assert f"{name}Aliaslive" in resources["Api"]["DependsOn"]


@pytest.mark.parametrize("name", functions)
def test_a_parameter_that_reaches_a_function_makes_a_new_version_of_it(name: str) -> None:
    """A version's description tells every parameter in the environment, else the alias would keep the old value."""
    properties = template["Globals"]["Function"]
    settings = {key: properties[key] for key in ("Environment", "Architectures", "MemorySize", "SnapStart")}
    parameters = _references(settings) & set(template["Parameters"]) - {"Environment"}
    described = functions[name]["VersionDescription"]["Fn::Sub"]
    assert {"LiquidationCeiling", "RestoredTable", "Architecture", "FunctionMemory"} <= parameters
    assert all(f"${{{each}}}" in described for each in parameters)


def _references(value: Any) -> set[str]:
    """What a part of the template refers to."""
    if isinstance(value, dict):
        named = {value["Ref"]} if "Ref" in value else set()
        return named.union(*(_references(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(each) for each in value))
    return set()


@pytest.mark.parametrize("name", functions)
def test_a_function_may_do_only_what_it_needs(name: str) -> None:
    """A function's policy names its actions on the one table: no wildcard, no scan, and nothing that deletes."""
    for policy in functions[name]["Policies"]:
        for statement in policy["Statement"]:
            condition, restored, own = statement["Resource"]["Fn::If"]
            assert (condition, own) == ("IsRestored", {"Fn::GetAtt": ["Table", "Arn"]})
            assert restored["Fn::Sub"].endswith(":table/${RestoredTable}")
            assert not [action for action in statement["Action"] if re.search(r"\*|Scan|Delete|Batch", action)]


def test_only_the_liquidation_looks_beyond_its_own_keys() -> None:
    """Queries and condition checks are for the liquidation alone: stamps, and the acts with a code."""
    allowed = {name: json.dumps(each["Policies"]) for name, each in functions.items()}
    assert [name for name, text in allowed.items() if "dynamodb:Query" in text] == ["LiquidationFunction"]
    assert [name for name, text in allowed.items() if "ConditionCheckItem" in text] == ["LiquidationFunction"]


def test_nothing_is_cut_off_that_could_still_answer() -> None:
    """The functions' own deadline comes first, then Lambda's, then API Gateway's."""
    assert retry.DEADLINE < template["Globals"]["Function"]["Timeout"] < API_GATEWAY_TIMEOUT


def test_the_table_outlives_mistakes() -> None:
    """The table is kept when the stack goes, can be restored to any second, and in prod cannot be deleted."""
    table = resources["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Fn::If": ["IsProd", True, False]}
    assert template["Conditions"]["IsProd"] == {"Fn::Equals": [{"Ref": "Environment"}, "prod"]}


@pytest.mark.parametrize(
    ("environment", "rollout", "expected"),
    [
        ("prod", "planned", "Canary10Percent10Minutes"),
        ("preprod", "planned", "AllAtOnce"),
        ("prod", "urgent", "AllAtOnce"),
        ("preprod", "urgent", "AllAtOnce"),
    ],
)
def test_how_a_new_version_takes_over(environment: str, rollout: str, expected: str) -> None:
    """Prod gives a new version a tenth of the calls first, unless asked not to; CodeDeploy does it in either case."""
    rollouts = template["Mappings"]["Rollouts"]
    preference = template["Globals"]["Function"]["DeploymentPreference"]
    assert preference["Type"] == {"Fn::FindInMap": ["Rollouts", {"Ref": "Rollout"}, {"Ref": "Environment"}]}
    assert preference["Enabled"] == {"Fn::FindInMap": ["Rollouts", {"Ref": "Rollout"}, "supervised"]}
    assert template["Parameters"]["Rollout"]["Default"] == "planned"
    assert (rollouts[rollout][environment], rollouts[rollout]["supervised"]) == (expected, "true")


@pytest.mark.parametrize("name", functions)
def test_alarms_bring_the_old_version_back(name: str) -> None:
    """A new version of a function is watched by the function's own alarms and by those of the whole API."""
    watching = {each["Ref"] for each in functions[name]["DeploymentPreference"]["Alarms"]}
    own = {alarm for alarm in alarms if alarm.startswith(name.removesuffix("Function"))}
    assert len(own) == 2
    assert watching == own | {"ServerErrorsAlarm", "SlowAlarm"}


def test_no_alarm_waits_for_what_waits_for_it() -> None:
    """The aliases wait for the alarms that watch them, and the API for the aliases: no alarm may refer to the API."""
    assert not [name for name, each in alarms.items() if "Api" in json.dumps(each["Dimensions"]).replace("ApiName", "")]


@pytest.mark.parametrize("environment", ["preprod", "prod"])
def test_a_plain_deployment_is_a_planned_one(environment: str) -> None:
    """A parameter keeps its last value, so samconfig.toml names the rollout: an urgent one does not last."""
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = configuration[environment]["deploy"]["parameters"]["parameter_overrides"]
    assert {f"Environment={environment}", "Rollout=planned"} <= set(overrides)


@pytest.mark.parametrize("architecture", template["Parameters"]["Architecture"]["AllowedValues"])
def test_make_builds_for_each_architecture(architecture: str) -> None:
    """What the functions may run on, make can build for; both have the same default."""
    command = ["make", "--dry-run", "build-PaymentFunction", "ARTIFACTS_DIR=none"]
    environment = {name: value for name, value in os.environ.items() if name != "ARCHITECTURE"}
    printed = [
        subprocess.run(each, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
        for each in ([*command, f"ARCHITECTURE={architecture}"], command)
    ]
    platform = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
    assert re.findall(r"--platform manylinux\w+?_(aarch64|x86_64) ", printed[0]) == [platform, platform]
    assert (printed[0] == printed[1]) == (architecture == template["Parameters"]["Architecture"]["Default"])


def test_the_access_log_holds_no_token_and_no_person() -> None:
    """The access log names no header, body, address, identity or path as the client wrote it."""
    line = resources["Api"]["Properties"]["AccessLogSetting"]["Format"]
    assert set(json.loads(line))
    assert not re.findall(r"\$(?:input|method)|context\.(?:identity|authorizer|path|requestOverride)", line)


def test_the_api_is_named_as_the_contract_is() -> None:
    """The alarm on 5XX watches the API under the name it gets, be it the template's or the contract's."""
    title = contract.document()["info"]["title"]
    dimensions = resources["ServerErrorsAlarm"]["Properties"]["Dimensions"]
    assert resources["Api"]["Properties"]["Name"] == title
    assert {"Name": "ApiName", "Value": title} in dimensions


def test_the_dashboard_shows_what_an_operator_asks_for() -> None:
    """Alarms, requests, rejections by rule, latency, throttles, conflicts, cost per day, and for every function."""
    text, values = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(text)["widgets"]
    metrics = [each for widget in widgets for each in widget["properties"].get("metrics", [])]
    named = {part for metric in metrics for part in metric if isinstance(part, str)}
    asked = {"Count", "Latency", "Throttles", "TransactionConflict", "ConsumedWriteCapacityUnits", "ThrottledRequests"}
    assert asked <= named
    expressions = [part.get("expression") for metric in metrics for part in metric if isinstance(part, dict)]
    assert "SEARCH('{\"SIGEC/${Environment}\",Rule} MetricName=\"Rejections\"', 'Sum', 300)" in expressions
    assert {f"${{{name}}}" for name in functions} <= named
    assert {f"${{{name}.Arn}}" for name in alarms} == set(widgets[0]["properties"]["alarms"])
    assert values["ApiName"] == contract.document()["info"]["title"]


def test_the_estimated_cost_uses_every_price() -> None:
    """Each price that is a parameter is a factor of the estimate, and the estimate has no other."""
    prices = {name for name in template["Parameters"] if name.endswith("Price")}
    used = re.findall(r"\* \$\{(\w+Price)\}", resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0])
    assert sorted(used) == sorted(prices)


def test_the_dashboard_covers_no_part_of_itself() -> None:
    """No two widgets overlap."""
    widgets = json.loads(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0])["widgets"]
    for one, other in itertools.combinations(widgets, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or above


def test_a_rejection_is_counted_under_its_first_rule(entity: Client, lines: Callable[[], list[str]]) -> None:
    """The field by which rejections are counted is in the line of a refused call, and not in that of a stored one."""
    [counted] = resources["Rejections"]["Properties"]["MetricTransformations"]
    assert resources["Rejections"]["Properties"]["FilterPattern"] == "{ $.rules[0] = * }"
    assert counted["Dimensions"] == [{"Key": "Rule", "Value": "$.rules[0]"}]
    lines()
    refused = entity.post("registerPayment", PAYMENT | {"type": 9})
    [line] = [json.loads(each) for each in lines() if each.startswith("{")]
    assert line["rules"][0] == refused.codes[0]


def test_what_the_api_throttles_is_counted() -> None:
    """The counted status is the one of the access log's field, which is text."""
    line = json.loads(resources["Api"]["Properties"]["AccessLogSetting"]["Format"])
    assert line["status"] == "$context.status"
    assert resources["ThrottledRequests"]["Properties"]["FilterPattern"] == '{ $.status = "429" }'


@pytest.mark.parametrize("kind", gateway_responses)
def test_what_api_gateway_answers_itself_is_a_rejection_of_the_catalogue(kind: str) -> None:
    """API Gateway's own answers have our shape, and a rule's status, text and Retry-After."""
    response = gateway_responses[kind]
    body = json.loads(response["responseTemplates"]["application/json"])
    (error,) = body["errors"]
    rule = contract.rules()[error["code"]]
    message = rule.message.format(**PLACEHOLDERS)
    assert body == {"httpstatus": rule.status, "message": message, "errors": [error], "requestId": "$context.requestId"}
    assert error["message"] == message
    assert response["statusCode"] == rule.status
    retry_after = response.get("responseParameters", {}).get("gatewayresponse.header.Retry-After")
    assert retry_after == (f"'{rule.retry_after}'" if rule.retry_after else None)


def test_api_gateway_has_an_answer_of_ours_for_everything() -> None:
    """Whatever kind of answer has no entry of its own falls under one of the two defaults."""
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(gateway_responses)


@pytest.mark.slow
def test_an_artefact_holds_all_that_a_function_needs(tmp_path: Path) -> None:
    """What `sam build` packs imports with nothing else around and makes a DynamoDB client, the one service it keeps."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run(
        ["make", "build-PaymentFunction", f"ARTIFACTS_DIR={tmp_path}", "LAMBDA_PLATFORM=", f"LAMBDA_PYTHON={version}"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        + "".join(f"import {own['Handler'].rsplit('.', 1)[0]}\n" for own in functions.values())
        + "import botocore.session\n"
        "client = botocore.session.get_session().create_client('dynamodb', region_name='sa-east-1')\n"
        "assert client.meta.endpoint_url == 'https://dynamodb.sa-east-1.amazonaws.com', client.meta.endpoint_url\n"
        "assert client._ruleset_resolver is None\n"  # else it would find the endpoint anew at each call
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, check=True, timeout=60)
    assert {each.name for each in (tmp_path / "botocore/data").iterdir() if each.is_dir()} == pack.SERVICES
    assert json.loads((tmp_path / "openapi.json").read_bytes()) == contract.document()
    assert not (tmp_path / "openapi.yaml").exists()
    assert not (tmp_path / "tests").exists()
