"""What we use of connexion, imported without what connexion imports and no function of ours uses.

An HTTP client, a template engine, a test client and a development server would be a fifth of a function's cold start.
While connexion is imported, a stand-in takes the place of each; afterwards whoever asks for one gets the real module.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

UNUSED = ("httpx", "jinja2", "requests", "starlette.testclient", "werkzeug.serving", "werkzeug.test")


class _StandIn(ModuleType):
    """A module in which every public name is there, and nothing works."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def _left_out(names: tuple[str, ...]) -> Iterator[None]:
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update({name: _StandIn(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
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
