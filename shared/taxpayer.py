"""Who a taxpayer is by document: one spelling for each, and whether it is a company."""

import re

from shared import contract, nit

_WRITTEN = re.compile(r"([0-9]{1,15})-([0-9])")
_SEPARATORS = re.compile("[. \u00a0\u202f]")
# NITs of companies run from 800,000,000 to 999,999,999; natural persons have that of their own document.
_COMPANY = re.compile(r"[89][0-9]{8}")


def canonical(document: str) -> str:
    """The document in one spelling: `901.805.364-1`, `901805364-1` and `9018053641` are `901805364`.

    A check digit goes if it is right: after a hyphen, or behind a company's NIT. Letters are written large.
    """
    text = _SEPARATORS.sub("", document).upper()
    written = _WRITTEN.fullmatch(text)
    number, digit = written.groups() if written else (text[:-1], text[-1:])
    is_number = written is not None or _COMPANY.fullmatch(number) is not None
    return number if is_number and digit == nit.check_digit(number) else text


def is_company(document_kind: str, document: str) -> bool:
    """Whether the taxpayer is no natural person, by document."""
    return document_kind in contract.company_document_kinds() and _COMPANY.fullmatch(canonical(document)) is not None
