"""Texts as searches compare them: in any case, with or without accents, with any spaces between words."""

import unicodedata


def folded(text: str) -> str:
    """`  PEÑA  Óscar` is `pena oscar`."""
    apart = unicodedata.normalize("NFD", text)
    plain = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(unicodedata.normalize("NFC", plain.casefold()).split())
