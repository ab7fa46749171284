"""Days and hours in Colombia, where the entities are; everything else here is in UTC."""

import datetime

TIME = datetime.timezone(datetime.timedelta(hours=-5))
DAY_MILLISECONDS = 86_400_000


def midnight(day: str) -> int:
    """The beginning of a day (yyyy-MM-dd), in epoch milliseconds; of one before 1970, 0."""
    moment = datetime.datetime.fromisoformat(day).replace(tzinfo=TIME)
    return max(int(moment.timestamp() * 1000), 0)


def told(moment: str) -> str:
    """A moment in UTC (2026-11-26T01:37:54.123Z) as people there write it, to the second: 2026-11-25 20:37:54."""
    there = datetime.datetime.fromisoformat(moment).astimezone(TIME)
    return there.isoformat(sep=" ", timespec="seconds")[:19]
