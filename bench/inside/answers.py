"""What a handler answers to some events, one after the other.

    python -S -m answers <module>:<attribute> <file with a list of events>

Prints one line of JSON to standard error: [status, message] for each.
"""

import base64
import importlib
import json
import sys
from pathlib import Path

from unique import fresh


def main() -> None:
    """Call and print."""
    _, handler_name, file = sys.argv
    module, _, attribute = handler_name.partition(":")
    handler = getattr(importlib.import_module(module), attribute)
    answers = []
    for event in json.loads(Path(file).read_text(encoding="utf-8")):
        answer = handler(json.loads(fresh(json.dumps(event))), None)
        body = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"]
        answers.append([answer["statusCode"], json.loads(body).get("message")])
    print(json.dumps(answers), file=sys.stderr)  # noqa: T201 - its output


main()
