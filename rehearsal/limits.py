"""What of the template the emulator makes real, seen by asking it: the rest is told, not taken for shown."""

from collections.abc import Callable
from typing import Any, NamedTuple

import boto3

from rehearsal.stack import Stack
from rehearsal.traffic import Api
from shared import contract


class Feature(NamedTuple):
    """Something that a deployment has, and whether it is there."""

    name: str
    is_there: bool


def features(stack: Stack, api: Api, token: str) -> list[Feature]:
    """What is there in this deployment."""
    outputs = stack.outputs
    pay = contract.operation("registerPayment").path
    apis = boto3.client("apigateway")
    api_id = api.host.split(".")[0]
    logs = boto3.client("logs")
    table = outputs["TableName"]
    database = boto3.client("dynamodb")
    responses = apis.get_gateway_responses(restApiId=api_id)["items"]
    seen: dict[str, Callable[[], bool]] = {
        "405 nuestro a otro método (rutas de cualquier método)": lambda: (
            api.send("PUT", pay, token).codes == ["method-not-allowed"]
        ),
        "404 nuestro a otra dirección (ruta {proxy+})": lambda: (
            api.send("GET", "/nada", token).codes == ["path-unknown"]
        ),
        "respuestas propias de API Gateway": lambda: any(not each.get("defaultResponse") for each in responses),
        "cuerpos binarios (*/*)": lambda: bool(apis.get_rest_api(restApiId=api_id).get("binaryMediaTypes")),
        "una línea por llamada de las funciones": lambda: _has_lines(logs, outputs["FunctionLogGroup"]),
        "una línea por llamada de la API": lambda: _has_lines(logs, outputs["AccessLogGroup"]),
        "métricas hechas de los registros": lambda: _has_metric(stack),
        "tablero": lambda: bool(boto3.client("cloudwatch").get_dashboard(DashboardName=stack.name)["DashboardBody"]),
        "alarmas": lambda: len(boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]) > 0,
        "vencimiento de filas (TTL)": lambda: (
            database.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
        ),
        "recuperación a un momento (PITR)": lambda: _has_recovery(database, table),
        "permisos de los roles": lambda: _is_refused(table),
    }
    return [Feature(name, look()) for name, look in seen.items()]


# By the template's own conditions, or in what is deployed here: they need what is not of this machine.
SWITCHED_OFF = (
    "CodeDeploy: el despliegue gradual y su vuelta atrás por alarmas (Rollout=bare)",
    "WAF (RequestsPerAddress=0 y PublicRequestsPerAddress=0)",
    "dominio propio (DomainName vacío)",
    "correo de alarmas (AlarmEmail vacío)",
    "TLS, que el emulador no tiene: el depósito de archivos se cerró a lo que viene con él, y no sin él",
)


def _has_lines(logs: Any, group: str) -> bool:
    events = logs.filter_log_events(logGroupName=group)["events"]
    return any(each["message"].startswith('{"requestId"') for each in events)


def _has_metric(stack: Stack) -> bool:
    found = boto3.client("cloudwatch").list_metrics(Namespace=f"SIGEC/{stack.environment}")["Metrics"]
    return bool(found)


def _has_recovery(database: Any, table: str) -> bool:
    backups = database.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    description: dict[str, str] = backups.get("PointInTimeRecoveryDescription", {})
    return description.get("PointInTimeRecoveryStatus") == "ENABLED"


def _is_refused(table: str) -> bool:
    """Whether one who has no permission gets no row: that the functions do shows something only then."""
    iam = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = boto3.client(
        "dynamodb", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    try:
        nobody.get_item(TableName=table, Key={"pk": {"S": "x"}, "sk": {"S": "x"}})
    except nobody.exceptions.ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False
