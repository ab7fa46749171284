"""What is to be done about the tokens of a table in use, by those of the table before it: after a restoration.

The tables are compared, and no moments: those are of operators' clocks, in whole seconds.
"""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from console.completion import SEGMENTS
from console.registry import RegistryError
from shared import reading, retry, settings
from shared.models import ENVIRONMENT, PROFILE, TABLE, TOKEN, Row, Token, entity_key, token_key
from shared.reading import Item

REVOKE, REPLACE, CREATE = "revoke", "replace", "create"


class Comparison(NamedTuple):
    """How many tokens the table before has; what to do, by NIT; and the NITs of which there is something to tell.

    `renewed`: their last token is not there, but another that only the table in use has, as if handed out since.
    `revoked_since`: a token of theirs is revoked in the table in use alone.
    REVOKE: the token was revoked and works again. REPLACE: the entity's last token is not there, or one works that it
    replaced. CREATE: the entity is not there.
    """

    tokens: int
    left: dict[str, str]
    renewed: list[str]
    revoked_since: list[str]


def compare(previous: str) -> Comparison:
    """Compare the table in use with the one before it; nothing is changed.

    Raises RegistryError when that one cannot be read or is of another environment, Rejection (unavailable).
    """
    before = _tokens(previous)
    found = reading.get(((pk, TOKEN) for pk in before), retry.deadline())
    now = {pk: Token.from_raw_data(dict(item)) for (pk, _), item in found.items()}
    live = {pk: token.nit for pk, token in before.items() if token.revoked_at is None}
    revived = {token.nit for pk, token in now.items() if token.revoked_at is None and pk not in live}
    lost = {nit for pk, nit in live.items() if pk not in now}
    profiles = reading.get(((entity_key(nit), PROFILE) for nit in lost), retry.deadline())
    renewed = {row["nit"]["S"] for row in profiles.values() if _has_newer_token(row, before)}
    has_one = set(live.values())
    left = {nit: REPLACE if nit in has_one else REVOKE for nit in revived | (lost - renewed)}
    left |= dict.fromkeys((nit for nit in lost if (entity_key(nit), PROFILE) not in profiles), CREATE)
    revoked_since = {nit for pk, nit in live.items() if pk in now and now[pk].revoked_at is not None}
    return Comparison(len(before), dict(sorted(left.items())), sorted(renewed), sorted(revoked_since))


def _has_newer_token(profile: Item, before: dict[str, Token]) -> bool:
    """Whether the entity has a token that was issued since the restoration."""
    return "tokenSha256" in profile and token_key(profile["tokenSha256"]["S"]) not in before


def _tokens(table: str) -> dict[str, Token]:
    """Every token of a table of this environment, by its key."""
    try:
        segments = reading.at_once(lambda segment: _rows(table, segment), range(SEGMENTS))
    except ClientError as error:
        raise RegistryError(
            f"No se pudo leer la tabla anterior, {table} ({error.response['Error']['Code']}). Revise su nombre, y que "
            "sus credenciales tengan permiso para dynamodb:Scan sobre ella."
        ) from None
    rows = [item for segment in segments for item in segment]
    environments = [item["environment"]["S"] for item in rows if item["pk"]["S"] == TABLE]
    if environments != [settings.environment()]:
        raise RegistryError(f"La tabla anterior, {table}, no es de {settings.environment()}. Revise su nombre.")
    return {item["pk"]["S"]: Token.from_raw_data(dict(item)) for item in rows if item["sk"]["S"] == TOKEN}


def _rows(table: str, segment: int) -> list[Item]:
    """The tokens of a segment of a table, and its environment's row."""
    asked: dict[str, Any] = {
        "TableName": table,
        "FilterExpression": "sk IN (:token, :environment)",
        "ExpressionAttributeValues": {":token": {"S": TOKEN}, ":environment": {"S": ENVIRONMENT}},
        "ConsistentRead": True,
        "Segment": segment,
        "TotalSegments": SEGMENTS,
    }
    client: Any = Row.connection().client

    def ask(start: Item | None) -> Any:
        return client.scan(**asked, **({} if start is None else {"ExclusiveStartKey": start}))

    return [item for page in reading.pages(ask) for item in page["Items"]]
