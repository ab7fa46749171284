"""The transaction of each service as our functions send it, built by hand for boto3: the work of every choice."""

import json
import os
import secrets
import time
from typing import Any

import boto3
from botocore.config import Config

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

client = boto3.client(
    "dynamodb",
    config=Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=64,
        parameter_validation=False,  # as pynamodb has it
    ),
)


def receipt(request_id: str) -> dict[str, Any]:
    """A new radicado and its moment, and the request's id, as attributes."""
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | secrets.randbits(80)
    radicado = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(26)))
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    moment = f"{seconds}.{milliseconds % 1000:03d}Z"
    return {"radicado": {"S": radicado}, "registeredAt": {"S": moment}, "requestId": {"S": request_id}}


def centavos(value: Any) -> str:
    """An amount that is taken to be right."""
    pesos, _, decimals = str(value).partition(".")
    return str(int(pesos) * 100 + int(decimals.ljust(2, "0")[:2]))


def act_document(nit: str, body: dict[str, Any], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The writes of a creation."""
    value, end = {"N": centavos(body["generatorFactValue"])}, {"S": body["generatorFactEndDate"]}
    names = (
        "actDocumentCode",
        "generatorFactStartDate",
        "parametricActDocumentCodeType",
        "parametricprocedureCode",
        "payerDocumentParametricTypeCode",
        "taxpayerDocumentNumber",
        "taxpayerName",
    )
    item = {
        "pk": {"S": f"ENTITY#{nit}#ACT#{body['actDocumentCode']}"},
        "sk": {"S": f"TAXPAYER#{body['taxpayerDocumentNumber']}"},
        **{name: {"S": body[name]} for name in names},
        "platform": {"S": str(body["platform"])},
        "generatorFactValue": value,
        "generatorFactEndDate": end,
        "firstGeneratorFactValue": value,
        "firstGeneratorFactEndDate": end,
        "liquidated": {"N": "0"},
        "liquidations": {"N": "0"},
        "remaining": value,
        "group": {"S": f"ENTITY#{nit}#ACTS#{_shard(kept)}"},
        "place": {"S": f"{body['actDocumentCode'].casefold()}\x1f{kept['radicado']['S']}"},
        **kept,
    }
    code = {
        "Update": {
            "TableName": os.environ["TABLE_NAME"],
            "Key": {"pk": item["pk"], "sk": {"S": "CODE"}},
            "UpdateExpression": "SET #f = if_not_exists (#f, :t) ADD #n :one",
            "ExpressionAttributeNames": {"#f": "firstTaxpayerDocumentNumber", "#n": "acts"},
            "ExpressionAttributeValues": {":t": item["taxpayerDocumentNumber"], ":one": {"N": "1"}},
        }
    }
    found = {
        "group": {"S": f"TAXPAYER#{body['taxpayerDocumentNumber']}"},
        "place": {"S": f"CONTRATO#{body['generatorFactStartDate'][:4]}#{body['actDocumentCode']}"},
    }
    return [_put_new(item), _log("registerActDocument", nit, body, kept | found), code]


def liquidation(nit: str, body: dict[str, Any], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The writes of a registration."""
    value = {"N": centavos(body["liquidatedValue"])}
    names = ("actDocumentCode", "liquidatedValueId", "stampNumber", "taxpayerDocumentNumber")
    item = {
        "pk": {"S": f"ENTITY#{nit}#LIQUIDATION#{body['liquidatedValueId']}"},
        "sk": {"S": "LIQUIDATION"},
        **{name: {"S": body[name]} for name in names},
        "liquidatedValue": value,
        "livePayments": {"N": "0"},
        "payments": {"N": "0"},
        "remaining": value,
        "group": {"S": f"ENTITY#{nit}#ACT#{body['actDocumentCode']}"},
        "place": {"S": f"{body['taxpayerDocumentNumber']}\x1f{kept['radicado']['S']}"},
        **kept,
    }
    act = {
        "pk": {"S": f"ENTITY#{nit}#ACT#{body['actDocumentCode']}"},
        "sk": {"S": f"TAXPAYER#{body['taxpayerDocumentNumber']}"},
    }
    take = _update(
        act,
        "SET #r = #r - :v, #l = #l + :v ADD #n :one",
        "attribute_exists (#pk) AND #r >= :v",
        {"#r": "remaining", "#l": "liquidated", "#n": "liquidations", "#pk": "pk"},
        {":v": value, ":one": {"N": "1"}},
    )
    return [_put_new(item), _log("registerLiquidation", nit, body, kept), take]


def payment(nit: str, body: dict[str, Any], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The writes of a registration."""
    value = {"N": centavos(body["valuePaid"])}
    item = {
        "pk": {"S": f"ENTITY#{nit}#PAYMENT#{body['paidValueId']}"},
        "sk": {"S": "PAYMENT"},
        **{name: {"S": body[name]} for name in ("liquidatedValueId", "paidValueId", "paymentDate")},
        "valuePaid": value,
        "group": {"S": f"ENTITY#{nit}#LIQUIDATION#{body['liquidatedValueId']}"},
        "place": kept["radicado"],
        **kept,
    }
    parent = {"pk": {"S": f"ENTITY#{nit}#LIQUIDATION#{body['liquidatedValueId']}"}, "sk": {"S": "LIQUIDATION"}}
    take = _update(
        parent,
        "SET #r = #r - :v, #n = #n + :one ADD #p :one",
        "attribute_exists (#pk) AND attribute_not_exists (#a) AND #r >= :v",
        {"#r": "remaining", "#n": "livePayments", "#p": "payments", "#pk": "pk", "#a": "annulledBy"},
        {":v": value, ":one": {"N": "1"}},
    )
    return [_put_new(item), _log("registerPayment", nit, body, kept), take]


def _shard(kept: dict[str, Any]) -> int:
    return int(kept["radicado"]["S"][-1], 36) % 4


def _put_new(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": os.environ["TABLE_NAME"],
            "Item": item,
            "ConditionExpression": "attribute_not_exists (#pk)",
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _log(operation: str, nit: str, body: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    item = {
        "pk": {"S": f"ENTITY#{nit}#LOG#{kept['registeredAt']['S'][:7]}#{_shard(kept)}"},
        "sk": kept["radicado"],
        "operation": {"S": operation},
        "record": {"S": json.dumps(body)},
        **kept,
    }
    return {"Put": {"TableName": os.environ["TABLE_NAME"], "Item": item}}


def _update(
    key: dict[str, Any], expression: str, condition: str, names: dict[str, str], values: dict[str, Any]
) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": os.environ["TABLE_NAME"],
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
