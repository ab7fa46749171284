"""argparse's own words, in Spanish.

argparse takes them from gettext, which wants compiled catalogues and LANGUAGE set; this table does without both.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

_WORDS = {
    "usage: ": "uso: ",
    "positional arguments": "argumentos",
    "options": "opciones",
    "show this help message and exit": "muestra esta ayuda y termina",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "the following arguments are required: %s": "falta: %s",
    "unrecognized arguments: %s": "sobra o no se reconoce: %s",
    "expected one argument": "falta su valor",
    "ignored explicit argument %r": "no lleva valor, y tiene %r",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r no existe; use una de estas: %(choices)s",
}


@contextmanager
def argparse_in_spanish() -> Iterator[None]:
    """Build and run the parser within: argparse looks its words up at both times. Put back for other users after."""
    names = vars(argparse)
    english = names["_"]
    names["_"] = lambda words: _WORDS.get(words, words)
    try:
        yield
    finally:
        names["_"] = english
