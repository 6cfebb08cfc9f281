"""Times as orders carry them: UTC to the microsecond, with the zone, so that text order is order in time."""

from datetime import UTC, datetime, timedelta

from linesheet_sandbox.joor.v2_fields import day_of


def zoned(moment: datetime) -> str:
    """As in `2026-03-02T10:15:00.000000+00:00` (sheet 8.5)."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(written: str, *, whole_day: bool = False) -> str | None:
    """The time or day written, as `zoned`; None for neither. With `whole_day` a plain day is meant to its end.

    A `+` of the zone that a careless client left unescaped in a query arrives as a blank, and is understood.
    """
    if day := day_of(written):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return zoned(moment + timedelta(days=1, microseconds=-1) if whole_day else moment)
    try:
        moment = datetime.fromisoformat(written.strip().replace(" ", "+") if "T" in written else written)
    except ValueError:
        return None
    try:
        return zoned(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except OverflowError:
        return None
