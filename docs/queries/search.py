"""The guide's section on finding act documents by parts of their texts."""

from docs.queries.act import ACT
from docs.queries.teller import DECENTRALISED, Registrar, Teller

REGISTERED = (
    ("EPC-PS-296-2023", "58798667", "IANCY ANETH CORTÉS CASTIBLANCO", "CC", "52154921"),
    ("EPC-PS-297-2023", "37050000", "JUAN CAMILO APONTE PEÑA", "CC", "1121903859"),
    ("EPC-OC-12-2024", "40000000", "Corporación Parque Explora", "NIT", "900145472"),
)


def tell(teller: Teller) -> dict[str, str]:
    """By a part of a name, by the beginning of a code in all entities, and for what is not there."""
    register(teller)
    own = teller.ask("findActDocuments", {"taxpayerName": "aponte pena"}, by=DECENTRALISED)[0]
    by_code = {"actDocumentCode": "epc-", "match": "startsWith", "entity": "TODAS", "pageSize": 10}
    return {
        "buscar-nombre": own,
        "buscar-codigo": teller.ask("findActDocuments", by_code)[0],
        "buscar-nada": teller.ask("findActDocuments", {"actDocumentCode": "EPC", "taxpayerName": "nadie"})[0],
    }


def register(teller: Registrar) -> None:
    """What is there before anything is asked."""
    for code, value, name, kind, document in REGISTERED:
        act = {
            "actDocumentCode": code,
            "generatorFactValue": value,
            "taxpayerName": name,
            "payerDocumentParametricTypeCode": kind,
            "taxpayerDocumentNumber": document,
        }
        teller.register("registerActDocument", ACT | act, by=DECENTRALISED)
