"""Dates as people and spreadsheets write them -> the contract's forms: `yyyy-MM-dd HH:mm:ss` and `yyyy-MM-dd`."""

import datetime
import re

SECOND = datetime.timedelta(seconds=1)

_TEXT = re.compile(
    r"(?:(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"|(?P<first>[0-9]{1,2})(?P<other_mark>[-/.])(?P<second>[0-9]{1,2})(?P=other_mark)(?P<last>[0-9]{4}))"
    r"(?:[ T\u00a0]+(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2})(?:\.0+)?)?"
    r"(?:[ \u00a0\u202f]*(?P<half>[aApP])\.?[ \u00a0\u202f]?[mM]\.?)?)?"
)


def readings(text: str) -> tuple[datetime.datetime, ...]:
    """Every moment that the text can mean: none, one, or two when day and month may be either; no time is midnight."""
    found = _TEXT.fullmatch(text.strip())
    if not found:
        return ()
    either = (("last", "second", "first"), ("last", "first", "second"))
    moments = (_moment(found, *names) for names in ([("year", "month", "day")] if found["year"] else either))
    return tuple(dict.fromkeys(moment for moment in moments if moment))


def written(moment: datetime.date, kind: str) -> str:
    """The moment in the form of a `day` or a `moment`, to the nearest second; a day's time is dropped."""
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    elif moment.microsecond and moment.year < datetime.MAXYEAR:
        moment += SECOND / 2  # spreadsheets keep fractions of a day, which miss the second by a little
    return moment.date().isoformat() if kind == "day" else moment.isoformat(" ", "seconds")


def _moment(found: re.Match[str], *names: str) -> datetime.datetime | None:
    """The moment whose year, month and day stand in the groups of these names, if the calendar has it."""
    year, month, day = (int(found[name]) for name in names)
    hours, minutes, seconds = (int(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    if found["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if found["half"] in "pP" else 0)
    try:
        return datetime.datetime(year, month, day, hours, minutes, seconds)  # noqa: DTZ001 - Colombia's, as in a body
    except ValueError:
        return None
