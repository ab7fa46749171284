"""Bearer token -> entity. The entity is known from the token alone."""

import time
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import DoesNotExist

from shared import retry, settings, tokens
from shared.call import Call, Caller
from shared.models import TOKEN, Token, token_key
from shared.rejection import Finding, Rejection

if TYPE_CHECKING:
    from connexion.lifecycle import ConnexionRequest

KEPT_FOR = 4.0  # seconds; a replaced or revoked token stops working within 5
MOST_KEPT = 1000

_callers: dict[str, tuple[float, Caller]] = {}


def authenticate(token: str, request: "ConnexionRequest") -> dict[str, Any]:
    """Connexion's x-bearerInfoFunc. Raises Rejection (token-invalid)."""
    call: Call = request.context["call"]
    call.caller = caller_of(token, call.deadline)
    return {"sub": call.caller.nit}


def caller_of(token: str, deadline: float) -> Caller:
    """The entity of a live token of this environment; read at most once in KEPT_FOR seconds.

    A token that cannot be one is refused unread. Raises Rejection (token-invalid).
    """
    if not tokens.is_well_formed(token, settings.environment()):
        raise refusal()
    sha256 = tokens.sha256(token)
    # The wall clock: the monotonic one stands still while a function is frozen.
    now = time.time()
    read_at, caller = _callers.get(sha256, (0.0, None))
    if caller is None or not 0 <= now - read_at < KEPT_FOR:
        caller = retry.until(deadline, lambda: _read(sha256))
        if len(_callers) >= MOST_KEPT:
            _callers.clear()
        _callers[sha256] = (now, caller)
    return caller


def refusal() -> Rejection:
    """The answer to any token that does not open the door, whatever the reason."""
    return Rejection([Finding("token-invalid")], headers={"WWW-Authenticate": "Bearer"})


def _read(sha256: str) -> Caller:
    try:
        row = Token.get(token_key(sha256), TOKEN, consistent_read=True)
    except DoesNotExist:
        raise refusal() from None
    if row.revoked_at is not None:
        raise refusal()
    return Caller(row.nit, row.territorial)
