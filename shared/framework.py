"""What we use of connexion, imported without what connexion imports and no function of ours uses.

An HTTP client, a template engine, a test client and a development server would be a fifth of a function's cold start.
While connexion is imported, a stand-in takes the place of each; afterwards whoever asks for one gets the real module.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

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
    from connexion import AsyncApp
    from connexion.lifecycle import ConnexionResponse
    from connexion.middleware.context import ContextMiddleware
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.middleware.security import SecurityMiddleware

__all__ = [
    "AsyncApp",
    "ConnexionResponse",
    "ContextMiddleware",
    "RoutingMiddleware",
    "SecurityMiddleware",
]
