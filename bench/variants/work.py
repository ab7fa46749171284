"""What the other frameworks do around their own validation, as ours do: token -> entity, payment, rules, log line."""

import hashlib
import json
import re
import time
import zlib
from pathlib import Path
from typing import Any

import rows
from botocore.exceptions import ClientError

MESSAGES = json.loads((Path(__file__).parent / "messages.json").read_text(encoding="utf-8"))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE = re.compile(r"sgc_pre_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}")
KEPT_FOR = 4.0  # seconds

_entities: dict[str, tuple[float, str]] = {}


class RefusedError(Exception):
    """A call that changes nothing: status and findings (rule, message)."""

    def __init__(self, status: int, findings: list[tuple[str, str]]) -> None:
        super().__init__(findings)
        self.status = status
        self.findings = findings

    def answer(self, request_id: str) -> dict[str, Any]:
        """The body."""
        return {
            "httpstatus": self.status,
            "message": self.findings[0][1],
            "errors": [{"code": rule, "message": message} for rule, message in self.findings],
            "requestId": request_id,
        }


def refusal(rule: str, status: int = 400, **values: str) -> RefusedError:
    """One finding."""
    return RefusedError(status, [(rule, MESSAGES[rule].format_map(values))])


def authenticate(token: str) -> dict[str, Any]:
    """Connexion's x-bearerInfoFunc."""
    return {"sub": entity(f"Bearer {token}")}


def entity(authorization: str) -> str:
    """The NIT of a live token, read at most once in KEPT_FOR seconds. Raises RefusedError."""
    token = authorization.removeprefix("Bearer ")
    if SHAPE.fullmatch(token) is None or not _is_whole(token):
        raise refusal("token-invalid", 401)
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    now = time.time()
    read_at, nit = _entities.get(sha256, (0.0, ""))
    if not 0 <= now - read_at < KEPT_FOR:
        key = {"pk": {"S": f"TOKEN#{sha256}"}, "sk": {"S": "TOKEN"}}
        row = rows.client.get_item(TableName=rows.os.environ["TABLE_NAME"], Key=key, ConsistentRead=True).get("Item")
        if row is None or "revokedAt" in row:
            raise refusal("token-invalid", 401)
        nit = row["nit"]["S"]
        _entities[sha256] = (now, nit)
    return nit


def check_headers(headers: Any) -> None:
    """X-Road: only one client. Raises RefusedError."""
    if "," in (headers.get("X-Road-Client") or headers.get("x-road-client") or ""):
        raise refusal("x-road-client-repeated")


def pay(nit: str, body: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Register a payment. `body` by canonical names. Raises RefusedError."""
    kept = rows.receipt(request_id)
    try:
        rows.client.transact_write_items(TransactItems=rows.payment(nit, body, kept))
    except ClientError as error:
        reasons = error.response.get("CancellationReasons")
        if not reasons:
            raise
        raise _why(reasons) from error
    answer = {
        "data": body,
        "message": "Carga del pago almacenada",
        "radicado": kept["radicado"]["S"],
        "registeredAt": kept["registeredAt"]["S"],
    }
    log = {"requestId": request_id, "operation": "registerPayment", "entity": nit, "status": 200}
    print(json.dumps(log), flush=True)  # noqa: T201 - the log line
    return answer


def _why(reasons: list[dict[str, Any]]) -> RefusedError:
    taken, _, liquidation = (each["Code"] == "ConditionalCheckFailed" for each in reasons)
    if taken:
        return refusal("payment-id-taken", paidValueId="paidValueId")
    old = reasons[2].get("Item")
    if liquidation and (old is None or "annulledBy" in old):
        return refusal("liquidation-unknown")
    balance = old["remaining"]["N"] if old else "0"
    return refusal("payment-above-balance", valuePaid="valuePaid", remaining=balance)


def _is_whole(token: str) -> bool:
    body, _, check = token.rpartition("_")
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits == check
