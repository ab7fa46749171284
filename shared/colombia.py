"""Days in Colombia, where the entities are; everything else here is in UTC."""

import datetime

TIME = datetime.timezone(datetime.timedelta(hours=-5))
DAY_MILLISECONDS = 86_400_000


def midnight(day: str) -> int:
    """The beginning of a day (yyyy-MM-dd), in epoch milliseconds; of one before 1970, 0."""
    moment = datetime.datetime.fromisoformat(day).replace(tzinfo=TIME)
    return max(int(moment.timestamp() * 1000), 0)
