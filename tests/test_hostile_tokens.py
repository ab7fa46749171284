"""Every operation, asked by everyone who may not: what a token does not open stays shut, and tells nothing of why."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from console import registry
from shared import auth, tokens
from shared.models import Row
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.client import Client, new_entity, send

pytestmark = pytest.mark.slow

SHARED = str(Path(auth.__file__).parent)
# Each thing that a call can do, in an order in which all succeed.
ACTIONS = {
    "create": ("registerActDocument", ACT),
    "amend": ("registerActDocument", ACT | {"type": 1}),
    "liquidate": ("registerLiquidation", LIQUIDATION),
    "pay": ("registerPayment", PAYMENT),
    "annul-payment": ("registerPayment", PAYMENT | {"type": 0}),
    "annul-liquidation": ("registerLiquidation", LIQUIDATION | {"type": 0}),
}


def _flipped(token: str) -> str:
    return token[:-1] + ("a" if token[-1] != "a" else "b")


MALFORMED: dict[str, Callable[[str], str]] = {
    "no scheme": lambda token: token,
    "no token": lambda _token: "Bearer",
    "blank token": lambda _token: "Bearer  ",
    "another scheme": lambda token: f"Basic {token}",
    "colon": lambda token: f"Bearer: {token}",
    "twice": lambda token: f"Bearer {token} {token}",
    "comma": lambda token: f"Bearer {token}, Bearer {token}",
    "cut short": lambda token: f"Bearer {token[:-1]}",
    "longer": lambda token: f"Bearer {token}0",
    "last character changed": lambda token: f"Bearer {_flipped(token)}",
    "case swapped": lambda token: f"Bearer {token.swapcase()}",
    "another environment's prefix": lambda token: "Bearer " + token.replace("sgc_pre_", "sgc_prod_"),
    "full width": lambda token: "Bearer " + token.replace("s", "\uff53", 1),
    "zero width": lambda token: f"Bearer {token}\u200b",
    "NUL": lambda token: f"Bearer {token}\0",
    "line end": lambda token: f"Bearer {token}\n",
    "SHA-256": lambda token: f"Bearer {tokens.sha256(token)}",
    "60 KB": lambda token: "Bearer " + token * 1300,
}


def _assert_refused(answer: Any) -> None:
    assert (answer.status, answer.codes) == (401, ["token-invalid"])
    assert answer.headers["www-authenticate"] == "Bearer"
    assert set(answer.body) == {"httpstatus", "message", "errors", "requestId"}


@pytest.fixture
def calls(table: str) -> Iterator[list[tuple[str, Any]]]:
    """The table calls made so far: their names and what they ask for."""
    made: list[tuple[str, Any]] = []
    events = Row.connection().client.meta.events
    events.register(
        "before-call.dynamodb",
        lambda model, params, **_: made.append((model.name, params["body"])),
        unique_id=table,
    )
    yield made
    events.unregister("before-call.dynamodb", unique_id=table)


@pytest.mark.parametrize("action", ACTIONS)
def test_no_action_without_a_live_token_of_this_environment(
    entity: Client, stored_rows: Callable[[], Any], action: str
) -> None:
    """Without a token, or with a malformed, unknown, revoked one or one of the other environment: 401, no change."""
    operation, body = ACTIONS[action]
    for other_operation, other_body in list(ACTIONS.values())[: list(ACTIONS).index(action)]:
        assert entity.post(other_operation, other_body).status == 200
    revoked = new_entity("900000009")
    registry.revoke_token(revoked.nit)
    before = stored_rows()
    headers = {"Content-Type": "application/json"}
    _assert_refused(send(operation, "{}", headers))
    for malformed in MALFORMED.values():
        _assert_refused(entity.post(operation, body, {"Authorization": malformed(entity.token)}))
    for token in (tokens.draw("preprod"), tokens.draw("prod"), revoked.token):
        _assert_refused(Client(entity.nit, token).post(operation, body))
    assert stored_rows() == before
    assert entity.post(operation, body).status == 200


def test_a_replaced_or_revoked_token_opens_nothing_and_the_new_one_all(entity: Client, stored_rows: Any) -> None:
    """Once a token is replaced or revoked, and what was kept of it is old, every action is refused with it."""
    old = Client(entity.nit, entity.token)
    entity.token = registry.issue_token(entity.nit)
    auth._callers.clear()  # as KEPT_FOR seconds do
    before = stored_rows()
    for operation, body in ACTIONS.values():
        _assert_refused(old.post(operation, body))
    assert stored_rows() == before
    for operation, body in ACTIONS.values():
        assert entity.post(operation, body).status == 200
    registry.revoke_token(entity.nit)
    auth._callers.clear()
    for operation, body in ACTIONS.values():
        _assert_refused(entity.post(operation, body))


@pytest.mark.parametrize(
    "pair", ["two territorial", "territorial then decentralised", "decentralised then territorial"]
)
def test_no_action_reaches_another_entitys_record(entity: Client, pair: str) -> None:
    """With another entity's live token, even its own territorial one's, records and Idempotency-Keys are not there."""
    territorial, stamps = (None, [LIQUIDATION["stampNumber"]]) if pair == "two territorial" else (entity.nit, [])
    other = new_entity("900111222", *stamps, territorial=territorial)
    owner, stranger = (other, entity) if pair == "decentralised then territorial" else (entity, other)
    unknown = {
        "amend": ["amended-act-unknown"],
        "liquidate": ["act-unknown"],
        "pay": ["liquidation-unknown"],
        "annul-payment": ["payment-to-annul-unknown"],
        "annul-liquidation": ["liquidation-to-annul-unknown"],
    }
    for action, (operation, body) in ACTIONS.items():
        assert owner.post(operation, body, {"Idempotency-Key": action}).status == 200
        for refused, codes in unknown.items():
            refused_operation, refused_body = ACTIONS[refused]
            assert stranger.post(refused_operation, refused_body, {"Idempotency-Key": refused}).codes == codes
    for action, (operation, body) in ACTIONS.items():
        answer = stranger.post(operation, body, {"Idempotency-Key": action})
        assert answer.status == 200
        assert "idempotency-replayed" not in answer.headers


@contextmanager
def _entered() -> Iterator[list[str]]:
    """The functions of ours that are entered."""
    names: list[str] = []

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(SHARED):
            names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}")

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("operation", ["registerActDocument", "registerLiquidation", "registerPayment"])
def test_a_revoked_token_is_refused_as_an_unknown_one(
    entity: Client, calls: list[tuple[str, Any]], operation: str
) -> None:
    """Unknown, revoked and replaced tokens cost the same one read each time, run the same code and get the same answer.

    So the time to answer tells them apart by no more than what it takes to read the row that is there.
    """
    replaced = Client(entity.nit, entity.token)
    revoked = new_entity("900000009")
    registry.issue_token(entity.nit)
    registry.revoke_token(revoked.nit)
    auth._callers.clear()
    seen = []
    for client in (Client("", tokens.draw("preprod")), revoked, replaced) * 2:
        calls.clear()
        with _entered() as entered:
            answer = client.post(operation, ACT)
        _assert_refused(answer)
        [(name, asked)] = calls
        del answer.body["requestId"]
        seen.append(
            (name, asked.replace(tokens.sha256(client.token).encode(), b"-"), entered, answer.body, answer.headers)
        )
    assert len(entered) > 20
    assert all(each == seen[0] for each in seen)
    assert seen[0][0] == "GetItem"
    assert not auth._callers
