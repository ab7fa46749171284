"""A server that is killed and comes back at the same address, as its clients see it."""

import http.client
import json
import threading
from collections.abc import Mapping

from shared import contract
from tests.client import Answer
from tests.proof.calls import Call

ANSWERS_WITHIN = 30.0  # seconds


class Site:
    """Makes calls over HTTP; a call that was not answered returns when the server has come back."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tokens: Mapping[str, str] = {}
        self._lives = 0
        self._is_closed = False
        self._changed = threading.Condition()
        self._local = threading.local()

    def open(self, tokens: Mapping[str, str]) -> None:
        """The server is there (again)."""
        with self._changed:
            self._tokens = tokens
            self._lives += 1
            self._changed.notify_all()

    def close(self) -> None:
        """It will not come back: nobody need wait for it."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def post(self, call: Call) -> Answer | None:
        """The answer to a call; None when none came, the server having been killed."""
        life = self._lives
        try:
            return self._post(call, life)
        except (OSError, http.client.HTTPException):
            self._local.life = None
            with self._changed:
                self._changed.wait_for(lambda: self._lives > life or self._is_closed)
            return None

    def _post(self, call: Call, life: int) -> Answer:
        if getattr(self._local, "life", None) != life:
            self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWERS_WITHIN)
            self._local.life = life
        headers = {
            "Authorization": f"Bearer {self._tokens[call.entity]}",
            "Content-Type": "application/json",
            **call.headers(),
        }
        connection: http.client.HTTPConnection = self._local.connection
        connection.request("POST", contract.operation(call.operation).path, call.body(), headers)
        response = connection.getresponse()
        text = response.read().decode()
        return Answer(
            response.status, json.loads(text), {name.lower(): value for name, value in response.getheaders()}, text
        )
