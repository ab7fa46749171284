"""Of the contract, what certificates are held to, and what is said when one is verified."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import contract


@dataclass(frozen=True)
class Certificates:
    """What certificates are held to (`x-certificate`), and what is said when one is verified.

    `same_for`: seconds in which the same facts are certified by the same certificate. `maximum_bytes`: of its JSON.
    `unknown`, `to_check`: what is said to a person of a code that no certificate has.
    `changes`: what is said of each kind of change since one was issued.
    """

    same_for: int
    maximum_bytes: int
    unchanged: str
    changed: str
    unknown: str
    to_check: str
    changes: Mapping[str, str]


def declared() -> Certificates:
    """Limits and words of certificates."""
    said = contract.document()["x-certificate"]
    return Certificates(
        same_for=said["sameForSeconds"],
        maximum_bytes=said["maximumBytes"],
        unchanged=said["unchanged"],
        changed=said["changed"],
        unknown=said["unknown"],
        to_check=said["toCheck"],
        changes=said["changes"],
    )
