"""What docs/consultas.md repeats of the contract, and the consultations that it shows, with what the services answer.

A section of the guide is a module with a function `tell`: from a Teller, who asks the services, to texts by part.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from docs import markdown
from docs.queries import act, certificates, public, reconciliation, reports, search, stamps
from docs.queries.teller import Registrar, Teller, ground
from shared import contract
from shared.contract import Operation

GUIDE = Path(__file__).parent.parent / "consultas.md"
SECTIONS: tuple[Callable[[Teller], dict[str, str]], ...] = (
    stamps.tell,
    search.tell,
    act.tell,
    reconciliation.tell,
    reports.tell,
    public.tell,
    certificates.tell,
)
"""In the guide's order. Each has a teller of its own and registers what it needs, under codes of its own."""


REGISTER: tuple[Callable[[Registrar], None], ...] = (
    search.register,
    act.register,
    reconciliation.register,
    reports.register,
    public.register,
    certificates.register,
)
"""What the sections' examples are about."""


def operations() -> list[Operation]:
    """The consultations: what neither registers nor is about files that are loaded."""
    others = ("Acto documento", "Liquidación", "Pago", "Carga masiva")
    return [each for each in contract.operations().values() if markdown.title(each) not in others]


def parts() -> dict[str, Callable[[], str]]:
    """The guide's parts; the consultations are carried out once, by the services in this process."""
    clients = ground()
    told: dict[str, str] = {"direcciones": _addresses()}
    for tell in SECTIONS:
        told |= tell(Teller(clients))
    return {name: partial(str, text) for name, text in told.items()}


def _addresses() -> str:
    rows = [
        (_summary(each), f"`{each.path}`" if each.method == "post" else f"`{each.method.upper()} {each.path}`")
        for each in operations()
    ]
    return markdown.table(("Qué hace", "Dirección"), rows)


def _summary(operation: Operation) -> str:
    whole = contract.document()["paths"][operation.path][operation.method]
    return f"{whole['summary']}{', sin token' if operation.is_public else ''}"
