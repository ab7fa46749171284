"""The shape of a token: `sgc_pre_` or `sgc_prod_`, 32 random base62 characters, `_` and 6 of CRC-32.

A mistyped token, or one of the other environment, is told by its text alone. Only its SHA-256 is stored (5.4.5).
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIXES = {"preprod": "sgc_pre_", "prod": "sgc_prod_"}
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_CHARACTERS = 32
CHECK_CHARACTERS = 6

_SHAPE = re.compile(rf"sgc_(pre|prod)_[0-9A-Za-z]{{{RANDOM_CHARACTERS}}}_[0-9A-Za-z]{{{CHECK_CHARACTERS}}}")


def draw(environment: str) -> str:
    """A new token of an environment (preprod or prod)."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    body = PREFIXES[environment] + random
    return f"{body}_{_check(body)}"


def is_well_formed(token: str, environment: str) -> bool:
    """Whether the text alone could be a token of this environment."""
    if not token.startswith(PREFIXES[environment]) or _SHAPE.fullmatch(token) is None:
        return False
    body, _, check = token.rpartition("_")
    return secrets.compare_digest(check, _check(body))


def sha256(token: str) -> str:
    """What is stored of a token, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(body: str) -> str:
    rest = zlib.crc32(body.encode())
    digits = ""
    for _ in range(CHECK_CHARACTERS):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
