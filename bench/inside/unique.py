"""What stands in an event for what makes each call a new one."""

import uuid

UNIQUE = "@UNIQUE@"


def fresh(text: str) -> str:
    """The text with something new in its place."""
    return text.replace(UNIQUE, uuid.uuid4().hex)
