"""`make ejemplos`: registers what the examples of docs/consultas.md are about, where `make run` serves."""

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

import requests

from docs import queries
from docs.queries.teller import TERRITORIAL
from local import CannotRunError, load, say
from shared import contract


class Reporter:
    """Registers over HTTP; what it registered before stays as it is."""

    def register(self, service: str, body: Mapping[str, Any], by: str = TERRITORIAL) -> None:
        """With the token of one of the demo's entities. Raises CannotRunError."""
        base_url, token = load.demo_entity(by)
        text = json.dumps(body)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(f"{service} {text}".encode()).hexdigest(),
        }
        url = base_url + contract.operation(service).path
        try:
            answer = requests.post(url, text, headers=headers, timeout=load.TIME_OUT)
        except requests.RequestException as error:
            raise CannotRunError(f"{base_url} no responde: {error}") from None
        if not answer.ok and not answer.json().get("existing", {}).get("identical"):
            raise CannotRunError(answer.text)


def main() -> int:
    """Register all of them and give the exit status."""
    try:
        for register in queries.REGISTER:
            register(Reporter())
    except CannotRunError as error:
        say(str(error), error=True)
        return 1
    say("Registrado lo que muestran los ejemplos de docs/consultas.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
