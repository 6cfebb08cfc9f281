"""Dates as NuORDER reads and writes them (sheet 2.1)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from linesheet_sandbox.common.clock import iso_moment

_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def parse_day(value: Any) -> date | None:
    """The day in `YYYY-MM-DD`, `YYYY/MM/DD`, `MM/DD/YYYY`, an ISO time or epoch milliseconds, or None."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).date()
        if not isinstance(value, str):
            return None
        text = value.strip()
        if match := _YEAR_FIRST.fullmatch(text):
            year, month, day = (int(part) for part in match.groups())
            return date(year, month, day)
        if match := _MONTH_FIRST.fullmatch(text):
            month, day, year = (int(part) for part in match.groups())
            return date(year, month, day)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None


def midnight(day: date) -> str:
    """A day as ISO text of its midnight in UTC, as in `2026-01-15T00:00:00.000Z`."""
    return f"{day.isoformat()}T00:00:00.000Z"


def epoch_ms(day: date) -> int:
    """A day's midnight in UTC as epoch milliseconds, the form of replenishment periods (sheet 5.2)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def parse_moment(value: Any) -> str | None:
    """A time as ISO text with milliseconds, from an ISO time or any form of a day; None if neither."""
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value.strip())
            return iso_moment(moment.astimezone(UTC) if moment.tzinfo else moment)
        except (ValueError, OverflowError):
            return None
    day = parse_day(value)
    return midnight(day) if day else None
