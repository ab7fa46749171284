"""Texts as searches compare them: in any case, with or without accents, with any spaces between words.

They are kept so: in blocks of the catalogue, whose VERSION a change here raises, and in the index, as the places of act
documents, which would have to be written anew.
"""

import unicodedata


def folded(text: str) -> str:
    """`  PEÑA  Óscar` is `pena oscar`."""
    if text.isascii():  # most are, and it takes a tenth of the time
        return " ".join(text.casefold().split())
    apart = unicodedata.normalize("NFD", text)
    plain = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(unicodedata.normalize("NFC", plain.casefold()).split())
