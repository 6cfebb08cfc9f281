"""A time of day in a time zone, as moments."""

import datetime
from zoneinfo import ZoneInfo


def next_at(time: datetime.time, zone: ZoneInfo, after: datetime.datetime) -> datetime.datetime:
    """The first moment after another at which it is that time there.

    A time that the clocks skip is when they have moved on; one that they repeat is once.
    """
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.datetime.combine(day, time, zone).astimezone(datetime.UTC)
        if moment > after:
            return moment
        day += datetime.timedelta(days=1)
