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
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

import pack
from shared import contract, journal, retry
from shared.bulk import files, progress, tickets, work
from shared.bulk.messages import batch_handler
from shared.catalogue import upkeep
from shared.models import Row, certificate_key, entity_key, facts_key
from tests.bodies import PAYMENT
from tests.client import Client

pytestmark = pytest.mark.around

ROOT = Path(__file__).parent.parent
API_GATEWAY_TIMEOUT = 29  # seconds
QUEUE_KEEPS = 4 * 86_400  # seconds: SQS's default
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
queues = of_type("AWS::SQS::Queue")
BEHIND_QUEUES = {name: each for name, each in functions.items() if "Events" in each}
BEHIND_THE_API = {name: each for name, each in functions.items() if "Events" not in each}
BULK = {name: each for name, each in functions.items() if name.startswith("Bulk")}


def functions_behind(path: str) -> list[str]:
    """The functions whose live alias the contract sends a path to: once per operation, and once for other methods."""
    methods = contract.document()["paths"][path]
    called = [each for each in (*methods.values(), methods["x-amazon-apigateway-any-method"]) if INTEGRATION in each]
    uris = [each[INTEGRATION]["uri"]["Fn::Sub"] for each in called]
    return [re.search(r"functions/\$\{(\w+)\.Arn\}:live/invocations$", uri)[1] for uri in uris]


def test_every_registration_has_a_function_of_its_own() -> None:
    """Each service is sent, whatever the method, to one function; no two registrations share one, nor with anything."""
    served = {each.id: set(functions_behind(each.path)) for each in contract.operations().values()}
    registering = [served.pop(each.id) for each in contract.registrations()]
    together = [{name} for name in BEHIND_THE_API if {name} not in registering]
    assert sorted([*registering, *together], key=str) == sorted(({name} for name in BEHIND_THE_API), key=str)
    assert all(each in together for each in served.values())
    assert all(each in served.values() for each in together)


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


@pytest.mark.parametrize("name", BEHIND_THE_API)
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
    """A policy names its actions: no wildcard, no scan, nothing that deletes or lists.

    They are on the one table, queries on its index too, and in bulk loads on folders of the one bucket and on queues;
    certificates have a folder and a key.
    """
    for statement in statements(name):
        assert not [each for each in statement["Action"] if re.search(r"\*|Scan|Delete|BatchWrite|List|Receive", each)]
        [service] = {each.partition(":")[0] for each in statement["Action"]}
        if service == "dynamodb":
            condition, restored, own = statement["Resource"]["Fn::If"]
            assert condition == "IsRestored"
            if own == {"Fn::GetAtt": ["Table", "Arn"]}:
                assert restored["Fn::Sub"].endswith(":table/${RestoredTable}")
            else:
                assert own == {"Fn::Sub": "${Table.Arn}/index/groups"}
                assert restored["Fn::Sub"].endswith(":table/${RestoredTable}/index/groups")
                assert statement["Action"] == ["dynamodb:Query"]
        else:
            assert name in {*BULK, "CertificateFunction"}
            assert all(re.fullmatch(ALLOWED[service], json.dumps(each)) for each in _list(statement["Resource"]))


ALLOWED = {
    "s3": r'\{"Fn::Sub": "\$\{Files\.Arn\}/(uploads|lanes|results|templates|certificates)/\*"\}',
    "sqs": r'\{"Fn::GetAtt": \["(FilesQueue|LanesQueue|ReportsQueue)", "Arn"\]\}',
    "kms": r'\{"Fn::GetAtt": \["CertificateKey\d{4}", "Arn"\]\}',
}


def statements(name: str) -> list[dict[str, Any]]:
    """What a function is allowed, its actions always a list."""
    return [
        each | {"Action": _list(each["Action"])} for one in functions[name]["Policies"] for each in one["Statement"]
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(name: str, service: str) -> set[str]:
    """What a function may do with a service."""
    every = {action for statement in statements(name) for action in statement["Action"]}
    return {each.partition(":")[2] for each in every if each.startswith(f"{service}:")}


REGISTERING = {name for each in contract.registrations() for name in functions_behind(each.path)}


def test_only_the_liquidation_looks_beyond_its_own_keys() -> None:
    """Of the three services the liquidation alone queries and checks conditions: stamps, and the acts with a code."""
    services = [name for name in functions if name in REGISTERING]
    assert [name for name in services if "Query" in actions(name, "dynamodb")] == ["LiquidationFunction"]
    assert [name for name in services if "ConditionCheckItem" in actions(name, "dynamodb")] == ["LiquidationFunction"]
    assert not [name for name in services if actions(name, "s3") | actions(name, "sqs")]


def test_the_worker_may_write_what_the_three_services_may() -> None:
    """It registers rows as they do, in their transactions."""
    together = set().union(*(actions(name, "dynamodb") for name in REGISTERING))
    assert together <= actions("BulkWorkFunction", "dynamodb")


def test_consultations_write_the_catalogue_alone() -> None:
    """The function of the entities' consultations reads, and writes nothing but blocks of the catalogue."""
    assert actions("QueryFunction", "dynamodb") == {"GetItem", "BatchGetItem", "Query", "PutItem"}
    [writes] = [each for each in statements("QueryFunction") if "dynamodb:PutItem" in each["Action"]]
    assert writes["Action"] == ["dynamodb:PutItem"]
    [key] = writes["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert key == f"{entity_key('*')}#CATALOGUE#*"
    assert fnmatchcase(upkeep.catalogue_key("900000001"), key)
    assert not actions("QueryFunction", "s3") | actions("QueryFunction", "sqs")


def test_what_anybody_may_call_only_reads() -> None:
    """The public's function may write nothing, and of the table's rows reads those of entities, not tokens."""
    assert actions("PublicFunction", "dynamodb") == {"BatchGetItem", "Query"}
    [rows] = [each for each in statements("PublicFunction") if "dynamodb:BatchGetItem" in each["Action"]]
    assert rows["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [entity_key("*")]}}
    assert not actions("PublicFunction", "s3") | actions("PublicFunction", "sqs")


PUBLIC_PATHS = {each.path for each in contract.operations().values() if each.is_public}
OTHER_PATHS = {each.path for each in contract.operations().values() if not each.is_public}


def test_only_public_paths_have_the_publics_functions() -> None:
    """What asks for no token is apart from what does."""
    assert PUBLIC_PATHS
    public = {name for path in PUBLIC_PATHS for name in functions_behind(path)}
    assert public == {"PublicFunction", "CertificateFunction"}
    assert public.isdisjoint(name for path in OTHER_PATHS for name in functions_behind(path))


def test_public_paths_have_a_lower_limit_of_their_own() -> None:
    """Each public method has one, and nothing else; by default it is a fraction of the stage's."""
    every = resources["Api"]["Properties"]["MethodSettings"]
    settings = {(each["HttpMethod"], each["ResourcePath"]): each for each in every}
    assert settings.pop(("*", "/*"))["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    public = [each for each in contract.operations().values() if each.is_public]
    assert set(settings) == {(each.method.upper(), f"/{each.path.replace('/', '~1')}") for each in public}
    for each in settings.values():
        assert each["ThrottlingRateLimit"] == {"Ref": "PublicRequestsPerSecond"}
        assert each["ThrottlingBurstLimit"] == {"Ref": "PublicRequestBurst"}
    defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
    assert defaults["PublicRequestsPerSecond"] <= defaults["RequestsPerSecond"] / 10


def test_only_certificates_are_signed_and_only_they_are_written() -> None:
    """One function may sign; in the table it may write certificates and nothing else, and reads no tokens."""
    assert [name for name in functions if actions(name, "kms")] == ["CertificateFunction"]
    assert actions("CertificateFunction", "kms") == {"Sign", "GetPublicKey"}
    assert actions("CertificateFunction", "dynamodb") == {"BatchGetItem", "Query", "PutItem"}
    [write] = [each for each in statements("CertificateFunction") if "dynamodb:PutItem" in each["Action"]]
    assert write["Action"] == ["dynamodb:PutItem"]
    keys = [certificate_key("*"), facts_key("*")]
    assert write["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}}
    [read] = [each for each in statements("CertificateFunction") if "dynamodb:BatchGetItem" in each["Action"]]
    assert read["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [entity_key("*"), *keys]}}


def test_keys_that_signed_stay() -> None:
    """Every key is kept, whatever becomes of the stack; all are published; the first of them signs, under the alias."""
    keys = of_type("AWS::KMS::Key")
    for name, each in keys.items():
        assert (each["KeySpec"], each["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
        assert resources[name]["DeletionPolicy"] == resources[name]["UpdateReplacePolicy"] == "Retain"
    newest_first = [{"Fn::GetAtt": [name, "Arn"]} for name in sorted(keys, reverse=True)]
    published = published_keys()
    assert sorted(published, key=str, reverse=True) == newest_first
    signing = published[0]
    assert signing in newest_first[:2]  # the newest, once the release before has published it
    [alias] = of_type("AWS::KMS::Alias").values()
    assert {"Fn::GetAtt": [alias["TargetKeyId"]["Ref"], "Arn"]} == signing


def test_the_version_before_may_sign_while_a_key_is_changed() -> None:
    """A role has no versions: whatever key is published may sign, for the canary and after going back."""
    [statement] = [each for each in statements("CertificateFunction") if "kms:Sign" in each["Action"]]
    assert statement["Action"] == ["kms:Sign", "kms:GetPublicKey"]
    assert _list(statement["Resource"]) == published_keys()


def published_keys() -> list[dict[str, Any]]:
    """The keys that are published, as the template refers to them."""
    variables = functions["CertificateFunction"]["Environment"]["Variables"]
    keys: list[dict[str, Any]] = variables["CERTIFICATE_KEYS"]["Fn::Join"][1]
    return keys


def firewall_rules() -> dict[str, dict[str, Any]]:
    """The firewall's rules by the condition under which each is there."""
    every = (each["Fn::If"] for each in resources["Firewall"]["Properties"]["Rules"])
    return {condition: rule for condition, rule, _nothing in every}


def test_one_address_gets_few_public_answers_a_minute_by_default() -> None:
    """A plain deployment has the firewall, with a limit for public paths that WAF admits and for no others."""
    conditions = template["Conditions"]
    assert resources["Firewall"]["Condition"] == resources["FirewallAssociation"]["Condition"] == "HasFirewall"
    assert {"Condition": "LimitsPublicAddresses"} in conditions["HasFirewall"]["Fn::Or"]
    assert conditions["LimitsPublicAddresses"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "PublicRequestsPerAddress"}, 0]}]
    }
    assert 10 <= template["Parameters"]["PublicRequestsPerAddress"]["Default"] <= 60
    statement = firewall_rules()["LimitsPublicAddresses"]["Statement"]["RateBasedStatement"]
    assert (statement["AggregateKeyType"], statement["EvaluationWindowSec"]) == ("IP", 60)
    assert statement["Limit"] == {"Ref": "PublicRequestsPerAddress"}


@pytest.mark.parametrize("condition", ["LimitsPublicAddresses", "AsksForCaptcha"])
def test_the_firewall_knows_the_public_paths(condition: str) -> None:
    """What is for the public alone is for all of its paths, at either address, however they are encoded."""
    statement = firewall_rules()[condition]["Statement"]
    scope = statement.get("RateBasedStatement", {}).get("ScopeDownStatement", statement)["RegexMatchStatement"]
    assert scope["FieldToMatch"] == {"UriPath": {}}
    assert [each["Type"] for each in scope["TextTransformations"]] == ["URL_DECODE"]
    for stage in ("", "/prod"):
        assert all(re.search(scope["RegexString"], stage + path) for path in PUBLIC_PATHS)
        assert not any(re.search(scope["RegexString"], stage + path) for path in OTHER_PATHS)


def test_no_two_rules_of_the_firewall_have_one_priority() -> None:
    """WAF refuses them, whichever are there."""
    priorities = [each["Priority"] for each in firewall_rules().values()]
    assert len(set(priorities)) == len(priorities)


@pytest.mark.parametrize("name", BEHIND_QUEUES)
def test_a_message_is_hidden_while_its_function_may_work_on_it(name: str) -> None:
    """And it comes again if it failed, as often as the function is told, before it is put aside; few come at once."""
    for event in functions[name]["Events"].values():
        queue = queues[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
        assert (event["Type"], event["Properties"]["BatchSize"] <= 2) == ("SQS", True)
        assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert queue["VisibilityTimeout"] > functions[name]["Timeout"] > work.LEAST_TIME
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
        receives = int(functions[name]["Environment"]["Variables"]["MOST_RECEIVES"])
        assert receives == queue["RedrivePolicy"]["maxReceiveCount"]
        assert receives * queue["VisibilityTimeout"] < tickets.STALLED_AFTER


def test_reports_have_a_queue_of_their_own_and_fewer_workers_than_files() -> None:
    """Who takes requests of reports cannot send to the queue of files; what makes them works off two at once."""
    events = [each["Properties"] for each in functions["BulkSplitFunction"]["Events"].values()]
    at_once = {
        each["Queue"]["Fn::GetAtt"][0]: (each["BatchSize"], each["ScalingConfig"]["MaximumConcurrency"])
        for each in events
    }
    assert at_once == {"FilesQueue": (1, 5), "ReportsQueue": (1, 2)}
    [sends] = [each for each in statements("BulkLoadFunction") if "sqs:SendMessage" in each["Action"]]
    assert sends["Resource"] == {"Fn::GetAtt": ["ReportsQueue", "Arn"]}
    assert functions["BulkLoadFunction"]["Environment"]["Variables"]["REPORTS_QUEUE"] == {"Ref": "ReportsQueue"}


def test_dead_letters_outlive_what_they_came_from() -> None:
    """A message keeps its age when it is put aside: the dead letters are kept for longer than any queue keeps it."""
    assert queues["DeadLetters"]["MessageRetentionPeriod"] > QUEUE_KEEPS
    assert all("MessageRetentionPeriod" not in each for name, each in queues.items() if name != "DeadLetters")
    assert tickets.STALLED_AFTER - tickets.APART > QUEUE_KEEPS
    assert all(each["SqsManagedSseEnabled"] is True for each in queues.values())


def test_what_is_uploaded_is_told_to_the_queue_of_files() -> None:
    """S3 tells of the clients' files alone, may do so, and only for this account."""
    bucket = resources["Files"]
    [told] = bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Queue"] == {"Fn::GetAtt": ["FilesQueue", "Arn"]}
    assert told["Filter"]["S3Key"]["Rules"] == [
        {"Name": "prefix", "Value": files.upload_key("", "", "a.csv").split("/")[0] + "/"}
    ]
    assert bucket["DependsOn"] == "FilesQueuePolicy"
    [statement] = resources["FilesQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == told["Queue"]
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_files_are_nobodys_but_the_functions_and_for_a_time() -> None:
    """The bucket is private, encrypted and versioned, refuses plain HTTP, and forgets as the tickets' rows do."""
    bucket = resources["Files"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == tickets.KEPT_DAYS
    [denied] = resources["FilesPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Action"], denied["Principal"]) == ("Deny", "s3:*", "*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert resources["Files"]["DeletionPolicy"] == resources["Files"]["UpdateReplacePolicy"] == "Retain"


def test_a_file_that_another_replaced_outlives_every_message_of_its_load() -> None:
    """Its version is read to divide it and again for the results, which a dead letter may ask for on its last day.

    Brought back to its queue, that is kept there once more. Files that expire stay as long: no longer than they must.
    """
    [rule] = resources["Files"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = rule["NoncurrentVersionExpiration"]["NoncurrentDays"] * 86_400
    assert queues["DeadLetters"]["MessageRetentionPeriod"] + QUEUE_KEEPS < kept < tickets.KEPT_DAYS * 86_400


def test_the_table_forgets_what_loads_needed_on_their_way() -> None:
    """Lanes and steps have the attribute by which the table's rows expire; tickets have none and stay."""
    expires = resources["Table"]["Properties"]["TimeToLiveSpecification"]["AttributeName"]
    assert all(model._hash_keyname and expires in model.get_attributes() for model in (progress.Lane, progress.Step))
    assert expires not in tickets.Ticket.get_attributes()


def test_nothing_is_cut_off_that_could_still_answer() -> None:
    """The functions' own deadline comes first, then Lambda's, then API Gateway's."""
    assert retry.DEADLINE < template["Globals"]["Function"]["Timeout"] < API_GATEWAY_TIMEOUT


def test_what_is_withheld_from_who_follows_outlasts_every_write() -> None:
    """From the drawing of a radicado to the last that a function may do with it, none takes as long as is withheld.

    A function that answers calls is ended by its own time limit; one behind a queue begins its last attempt at the
    deadline, and that takes as long as connecting and reading may.
    """
    registering = {name for each in contract.registrations() for name in functions_behind(each.path)}
    limits = {functions[name].get("Timeout", template["Globals"]["Function"]["Timeout"]) for name in registering}
    assert limits == {journal.LONGEST_WRITE}
    last_attempt = Row.Meta.connect_timeout_seconds + Row.Meta.read_timeout_seconds
    assert retry.DEADLINE + last_attempt <= journal.LONGEST_WRITE
    assert journal.WITHHELD > journal.LONGEST_WRITE


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
    """A new version is watched by its function's own alarms, and by those of the whole API or of all messages."""
    watching = {each["Ref"] for each in functions[name]["DeploymentPreference"]["Alarms"]}
    own = {alarm for alarm in alarms if alarm.startswith(name.removesuffix("Function"))}
    behind_the_api = name in BEHIND_THE_API
    assert len(own) == (2 if behind_the_api else 1)
    assert watching == own | ({"ServerErrorsAlarm", "SlowAlarm"} if behind_the_api else {"FailedMessagesAlarm"})


def test_no_alarm_waits_for_what_waits_for_it() -> None:
    """The aliases wait for the alarms that watch them, and the API for the aliases: no alarm may refer to the API."""
    assert not [
        name for name, each in alarms.items() if "Api" in json.dumps(each.get("Dimensions", [])).replace("ApiName", "")
    ]


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
    assert re.findall(r"--python-platform (\w+)-manylinux_2_28 ", printed[0]) == [platform]
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
    assert {f"${{{name}.QueueName}}" for name in queues} <= named
    assert {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"} <= named
    assert values["ApiName"] == contract.document()["info"]["title"]
    assert values["SplitMemory"] == functions["BulkSplitFunction"]["MemorySize"]


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


def test_a_message_that_failed_is_counted(lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda sees no error in it: what is counted is the outcome in the line of a message, and not that of one done."""
    monkeypatch.setenv("MOST_RECEIVES", "2")
    lines()
    outcomes = []
    for handle, receives in ((lambda *_: None, "1"), (lambda *_: 1 / 0, "1"), (lambda *_: 1 / 0, "2")):
        record = {"messageId": "1", "body": "{}", "attributes": {"ApproximateReceiveCount": receives}}
        batch_handler(handle, lambda _: None)({"Records": [record]}, None)
        outcomes.append(json.loads(lines()[0])["outcome"])
    counted = re.findall(r'\$\.outcome = "([a-z ]+)"', resources["FailedMessages"]["Properties"]["FilterPattern"])
    assert outcomes == ["done", *counted]
    [metric] = resources["FailedMessages"]["Properties"]["MetricTransformations"]
    assert alarms["FailedMessagesAlarm"]["MetricName"] == metric["MetricName"]
    assert alarms["FailedMessagesAlarm"]["Namespace"] == metric["MetricNamespace"]


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
@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("PaymentFunction", pack.SERVICES),
        ("BulkSplitFunction", pack.BULK_SERVICES),
        ("CertificateFunction", pack.CERTIFICATE_SERVICES),
    ],
)
def test_an_artefact_holds_all_that_a_function_needs(tmp_path: Path, name: str, services: frozenset[str]) -> None:
    """What `sam build` packs imports with nothing else around and makes clients of the services that it keeps."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run(
        ["make", f"build-{name}", f"ARTIFACTS_DIR={tmp_path}", "LAMBDA_PLATFORM=", f"LAMBDA_PYTHON={version}"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{ROOT}/.venv-uv/bin:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    alike = [each for own, each in functions.items() if kind(own) == kind(name)]
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        + "".join(f"import {own['Handler'].rsplit('.', 1)[0]}\n" for own in alike)
        + "import botocore.session\n"
        "client = botocore.session.get_session().create_client('dynamodb', region_name='sa-east-1')\n"
        "assert client.meta.endpoint_url == 'https://dynamodb.sa-east-1.amazonaws.com', client.meta.endpoint_url\n"
        "assert client._ruleset_resolver is None\n"  # else it would find the endpoint anew at each call
         + CLIENTS.get(kind(name), "")
    )
    environment = {"AWS_DEFAULT_REGION": "sa-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    environment |= {"BUCKET_NAME": "sigec-files"}
    subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, env=environment, check=True, timeout=60)
    assert {each.name for each in (tmp_path / "botocore/data").iterdir() if each.is_dir()} == services
    assert json.loads((tmp_path / "openapi.json").read_bytes()) == contract.document()
    assert not (tmp_path / "openapi.yaml").exists()
    assert not (tmp_path / "tests").exists()
    assert (tmp_path / "python_calamine").exists() == (name in BULK)
    assert (tmp_path / "boto3").exists() == (kind(name) != "")
    assert (tmp_path / "typst").exists() == (name == "CertificateFunction")


def kind(name: str) -> str:
    """By which the Makefile knows what a function carries."""
    return next((each for each in ("Bulk", "Certificate") if name.startswith(each)), "")


CLIENTS = {
    "Bulk": """
from shared.bulk import bucket, queues
host = "https://sigec-files.s3.sa-east-1.amazonaws.com/"
assert bucket.link("results/a.csv", "a.csv").startswith(host), bucket.link("results/a.csv", "a.csv")
assert bucket.upload_address("uploads/a.csv", ".csv", 1, 1)["url"] == host
assert queues.client().meta.endpoint_url == "https://sqs.sa-east-1.amazonaws.com"
""",
    "Certificate": """
from shared.bulk import bucket
from shared.certificate import document, keys
assert bucket.link("a.pdf", "a.pdf").startswith("https://sigec-files.s3.sa-east-1.amazonaws.com/")
assert keys.client().meta.endpoint_url == "https://kms.sa-east-1.amazonaws.com"
assert "Noto Sans" in document._fonts().families()
""",
}
