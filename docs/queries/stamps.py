"""The guide's section on the stamps that an entity may use."""

from docs.queries.teller import DECENTRALISED, Teller


def tell(teller: Teller) -> dict[str, str]:
    """A decentralised entity sees its territorial one's."""
    return {"estampillas": teller.ask("findStamps", {}, by=DECENTRALISED)[0]}
