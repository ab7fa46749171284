"""The stamps that an entity may use (consultaEstampilla/buscar), as they are now."""

from shared import answers, names, reading
from shared.call import Answer, Request
from shared.models import STAMP_PREFIX, Stamp, entity_key
from shared.reading import Item


def find(request: Request) -> Answer:
    """Its own stamps and its territorial entity's, by number; of one that both have, its own."""
    owners, deadline = request.caller.stamp_owners, request.call.deadline

    def read(owner: str) -> list[Item]:
        return list(reading.query(entity_key(owner), deadline, Stamp.sk.startswith(STAMP_PREFIX)))

    called = names.of_entities(owners, deadline)
    found: dict[str, dict[str, str]] = {}
    for owner, stamps in zip(owners, reading.at_once(read, owners), strict=True):
        for item in stamps:
            number = item["stampNumber"]["S"]
            shown = {"stampNumber": number, "stampName": item["name"]["S"]}
            found.setdefault(number, {**shown, "entity": owner, "entityName": called[owner]})
    return Answer(answers.dumps({"data": [found[number] for number in sorted(found)]}))
