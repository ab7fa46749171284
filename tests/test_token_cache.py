"""A token read a moment ago is not read again, and never counts for longer than that."""

from types import SimpleNamespace

import pytest

from shared import auth
from shared.models import Row
from tests.client import Client

READ = "before-call.dynamodb.GetItem"


@pytest.fixture
def reads(entity: Client) -> list[str]:
    """The reads of tokens made from now on."""
    del entity
    made: list[str] = []
    Row.connection().client.meta.events.register(READ, lambda **_: made.append(READ), unique_id="reads")
    return made


def test_a_token_is_read_once_in_four_seconds(
    entity: Client, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, kept for four seconds, read again; also when the clock goes back, as after a snapshot is restored."""
    now = 1_800_000_000.0
    for moment, expected in ((now, 1), (now + 3.9, 1), (now + 4.1, 2), (now + 4.0, 3), (now + 3.0, 4)):
        monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda moment=moment: moment))
        entity.post("registerPayment", {})
        assert len(reads) == expected, moment
    Row.connection().client.meta.events.unregister(READ, unique_id="reads")


def test_what_is_kept_of_tokens_is_bounded(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many entities call one function, it keeps no more than so many tokens."""
    monkeypatch.setattr(auth, "MOST_KEPT", 2)
    auth._callers.update({f"{number}": (0.0, auth.Caller("1", "1")) for number in range(2)})
    entity.post("registerPayment", {})
    assert len(auth._callers) == 1
