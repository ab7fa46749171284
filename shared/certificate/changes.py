"""What has changed between two statements about an act document (shared/certificate/facts.py)."""

from collections.abc import Callable, Iterator
from typing import Any

from shared.certificate import wording
from shared.certificate.facts import Facts
from shared.contract import certificates

Change = dict[str, Any]
Shown = Callable[[str], str]

_OF_ACT: dict[str, Shown] = {
    "generatorFactValue": wording.money,
    "generatorFactEndDate": wording.day,
    "entityName": str,
    "taxpayerName": str,
    "state": str,
}
_SHOWN: dict[str, Shown] = {"liquidatedValue": wording.money, "valuePaid": wording.money, "paymentDate": wording.day}
# What is left of an annulled liquidation: as long as it has a payment it cannot be annulled.
_WITHOUT_PAYMENTS: Facts = {"payments": []}


def between(before: Facts, now: Facts) -> list[Change]:
    """What a reader of the first must know to read it as the second: in the order of the act, its stamps, payments."""
    return [*_of_act(before, now), *_of_stamps(before, now)]


def _of_act(before: Facts, now: Facts) -> Iterator[Change]:
    for name, shown in _OF_ACT.items():
        values = {"before": before[name], "now": now[name]}
        if values["before"] != values["now"]:
            within_a_day = shown is wording.day and len(set(map(shown, values.values()))) == 1
            yield _change(name, values, wording.day_and_time if within_a_day else shown)


def _of_stamps(before: Facts, now: Facts) -> Iterator[Change]:
    old, new = (_by(each["stamps"], "liquidatedValueId") for each in (before, now))
    for key, stamp in old.items():
        if key not in new:
            yield _change("liquidationAnnulled", _told(stamp))
        elif stamp["stampName"] != new[key]["stampName"]:
            yield _change("stampName", {"before": stamp["stampName"], "now": new[key]["stampName"]})
        yield from _of_payments(stamp, new.get(key, _WITHOUT_PAYMENTS))
    yield from (_change("liquidationRegistered", _told(new[key])) for key in new if key not in old)


def _of_payments(before: Facts, now: Facts) -> Iterator[Change]:
    old, new = (_by(each["payments"], "paidValueId") for each in (before, now))
    for event, some, others in (("paymentAnnulled", old, new), ("paymentRegistered", new, old)):
        for key, payment in some.items():
            if key not in others:
                yield _change(event, {**_told(before), **payment})


def _change(event: str, values: Facts, shown: Shown | None = None) -> Change:
    texts = {name: (shown or _SHOWN.get(name, str))(value) for name, value in values.items()}
    return {"change": event, "message": certificates.declared().changes[event].format_map(texts), **values}


def _told(stamp: Facts) -> Facts:
    return {name: stamp[name] for name in ("stampNumber", "stampName", "liquidatedValueId", "liquidatedValue")}


def _by(items: list[Facts], name: str) -> dict[str, Facts]:
    return {each[name]: each for each in items}
