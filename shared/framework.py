"""What we use of connexion, imported without what connexion imports and no function of ours uses.

While connexion is imported, a stand-in takes the place of each; afterwards whoever asks for one gets the real module.
Together they would take as long as a third of what a function does until its first answer: an HTTP client, a template
engine, a test client, a YAML parser, werkzeug for Flask's requests, and JSON Schema, with which connexion would check
the contract at each start (tests/test_contract.py and test_speed.py check it instead).
None is used by anything but connexion itself, in what we leave aside of it: nobody else is left with a stand-in.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

UNUSED = (
    "httpx",
    "jinja2",
    "jsonschema",
    "jsonschema.exceptions",
    "jsonschema.validators",
    "requests",
    "starlette.testclient",
    "werkzeug",
    "werkzeug.local",
    "yaml",
)
NOT_CARRIED = ("flask",)
"""What connexion does without where there is none. A function has none; here it would be made of stand-ins."""


class _Nothing(type):
    """A class of which every attribute, item, result of a call is there, and nothing works."""

    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})

    def __getitem__(cls, _: object) -> type:
        return cls

    def __call__(cls, *_: object, **__: object) -> type:
        return cls


class _StandIn(ModuleType):
    """A module in which every public name is there, and nothing works."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})


@contextmanager
def _left_out(names: tuple[str, ...]) -> Iterator[None]:
    taken: dict[str, Any] = {name: _StandIn(name) for name in names} | dict.fromkeys(NOT_CARRIED)
    taken = {name: module for name, module in taken.items() if name not in sys.modules}
    sys.modules.update(taken)
    try:
        yield
    finally:
        for name in taken:
            del sys.modules[name]


with _left_out(UNUSED):
    from connexion import ConnexionMiddleware
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.middleware.security import SecurityMiddleware
    from connexion.security import BearerSecurityHandler


class Bearer(BearerSecurityHandler):  # type: ignore[misc]
    """Connexion's handler of bearer tokens, without its question at each call which arguments our function takes."""

    def check_bearer_token(self, token_info_func: Callable[..., Any]) -> Callable[..., Any]:
        """What is called with a request and its token."""
        return lambda request, token: token_info_func(token, request)


__all__ = ["Bearer", "ConnexionMiddleware", "RoutingMiddleware", "SecurityMiddleware"]
