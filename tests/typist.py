"""Types the operator's commands as an operator does."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from console.__main__ import main
from tests.client import Client


@dataclass(frozen=True)
class Result:
    """What the operator gets back."""

    code: int
    out: str
    err: str


def typist(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Types a command, word by word."""

    def typed(*arguments: str) -> Result:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(str(left.code))
        return Result(code, *capsys.readouterr())

    return typed


def token_of(result: Result) -> str:
    """The token that a command printed."""
    assert result.code == 0, result.err
    return result.out.rstrip("\n")


def opens(token: str) -> bool:
    """Whether the services take the token."""
    return Client("", token).post("registerPayment", {}).status != 401
