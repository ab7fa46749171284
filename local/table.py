"""Creates the table as template.yaml defines it. Tests use it too."""

from typing import Any

import boto3

from local import template

# The rest of a table's properties is AWS's business: encryption, backups, protection.
KEPT = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def create(name: str) -> None:
    """Create the table, unless it exists, at the endpoint that the environment names."""
    client = boto3.client("dynamodb")
    properties = _properties()
    try:
        client.create_table(TableName=name, **definition())
    except client.exceptions.ResourceInUseException:
        return
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])


def definition() -> dict[str, Any]:
    """What an engine needs to know of the table."""
    return {key: value for key, value in _properties().items() if key in KEPT}


def _properties() -> dict[str, Any]:
    """Those of the template's one table."""
    [table] = (each for each in template.resources().values() if each["Type"] == "AWS::DynamoDB::Table")
    properties: dict[str, Any] = table["Properties"]
    return properties
