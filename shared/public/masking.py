"""The names that the public reads: companies' in full, natural persons' masked (Ley 1581 de 2012)."""

from shared import taxpayer

HIDDEN = "***"


def shown_name(document_kind: str, document: str, name: str) -> str:
    """`Andrés  Calderón` is `A*** C***`: the first letter of each word, whatever its length."""
    return name if taxpayer.is_company(document_kind, document) else " ".join(map(_masked, name.split()))


def _masked(word: str) -> str:
    return next(filter(str.isalnum, word), "") + HIDDEN
