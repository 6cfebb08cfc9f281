"""The sandbox's clock, which can be moved for tests of dates and tokens."""

from datetime import UTC, date, datetime, timedelta


class Clock:
    """Wall time plus an offset."""

    def __init__(self, offset_seconds: float = 0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def today(self) -> date:
        """The present day in UTC."""
        return self.now().date()

    def stamp(self) -> str:
        """The present moment as ISO 8601 text with milliseconds, as in `2026-01-20T10:00:00.000Z`."""
        return iso_moment(self.now())


def iso_moment(moment: datetime) -> str:
    """A UTC moment as ISO 8601 text with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
