"""What is done for speed works, and is still needed: what no longer is, goes (docs/performance.md)."""

import asyncio
import subprocess
import sys
from typing import Any

import connexion.security
import pytest
from botocore.useragent import UserAgentString

from tests.bodies import ACT
from tests.client import Client


def test_a_call_composes_no_user_agent(entity: Client, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given (shared/models.py); a client of botocore's own composes it."""
    composed = []
    build = UserAgentString._build_sdk_metadata
    monkeypatch.setattr(UserAgentString, "_build_sdk_metadata", lambda own: composed.append(own) or build(own))
    assert entity.post("registerActDocument", ACT).status == 200
    assert not composed
    dynamodb.list_tables()
    assert composed


def test_no_call_asks_which_arguments_authenticate_takes(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our handler of bearer tokens knows (shared/framework.py); connexion's asks at each call."""
    asked = []
    monkeypatch.setattr(connexion.security, "inspect_function_arguments", lambda own: asked.append(own) or ([], True))
    assert entity.post("registerActDocument", ACT).status == 200
    assert not asked
    check = connexion.security.BearerSecurityHandler().check_bearer_token(lambda _token, **_: {})
    asyncio.get_event_loop().run_until_complete(check(None, "token"))  # asyncio.run would take the handlers' loop away
    assert asked


@pytest.mark.slow
def test_connexion_accepts_what_it_is_told_of_the_contract() -> None:
    """Connexion as it comes checks what our functions hand it without its JSON Schema."""
    program = (
        "from connexion.spec import Specification; from shared import contract; "
        "assert Specification.load(contract.routes(contract.operations()))['paths']"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
