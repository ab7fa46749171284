"""How much is tried: a part of it in `make test`, all of it in `make prove`."""

import os
from typing import TypeVar

T = TypeVar("T")


def sized(part: T, full: T) -> T:
    """`full` in `make prove`, which says so in the environment, else `part`."""
    return full if os.environ.get("FULL_SIZES") else part
