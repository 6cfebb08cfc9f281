"""Reading one cell: text, yes or no, whole numbers, dates, times."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from linesheet.books.files.reasons import (
    DATE_AMBIGUOUS,
    DATE_UNREADABLE,
    NOT_A_FLAG,
    NOT_A_WHOLE_NUMBER,
    TIME_TO_COME,
    TIME_UNREADABLE,
)
from linesheet.books.files.rows import Row

YES = frozenset({"yes", "y", "true", "t", "1", "x", "on", "active", "ja", "oui", "si", "sì", "sí", "wahr", "vrai"})
NO = frozenset({"no", "n", "false", "f", "0", "off", "inactive", "nein", "non", "falsch", "faux"})
CLOCKS_DIFFER = timedelta(minutes=1)
NOW = frozenset({"now", "immediate", "immediately", "today", "in stock"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MONTH_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_TIME = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?")
_DAY_AND_TIME = re.compile(r"(.+\d)[T ]+(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d{1,12}(\.0+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([ ,.'])\d{3}(\1\d{3})*")


def flag(row: Row, field: str) -> bool | None:
    """The yes or no in a cell; None when it is absent or empty. Raises RowRefused."""
    text = row.get(field)
    if not text:
        return None
    said = text.lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise row.refuse(NOT_A_FLAG, field)


def whole_number(row: Row, field: str, *, least: int, most: int) -> int | None:
    """The whole number in a cell; None when it is absent or empty. Raises RowRefused outside `least` to `most`."""
    text = row.get(field)
    if not text:
        return None
    digits = text.replace("\N{MINUS SIGN}", "-")
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[ ,.']", "", digits)
    if _WHOLE.fullmatch(digits):
        number = int(digits.split(".")[0])
        if least <= number <= most:
            return number
    raise row.refuse(NOT_A_WHOLE_NUMBER, field, least=least, most=most)


def date_in(row: Row, field: str) -> date | None:
    """The date in a cell; None when it is absent, empty or says "now" or "immediate".

    Day and month written as figures are taken where they cannot be mistaken: year first, a day above 12, points
    (31.3.2026 is day first everywhere), or both alike. Raises RowRefused.
    """
    text = row.get(field)
    if not text or text.lower() in NOW:
        return None
    time = _TIME.search(text)
    return _day(row, field, text[: time.start()] if time and time.end() == len(text) else text)


def _day(row: Row, field: str, shown: str) -> date:
    found = _YEAR_FIRST.fullmatch(shown)
    if found:
        return _date(row, field, int(found[1]), int(found[3]), int(found[4]))
    found = _MONTH_NAMED.fullmatch(shown)
    if found and found[2][:3].lower() in _MONTHS:
        return _date(row, field, int(found[3]), _MONTHS.index(found[2][:3].lower()) + 1, int(found[1]))
    found = _YEAR_LAST.fullmatch(shown)
    if not found:
        raise row.refuse(DATE_UNREADABLE, field)
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or one > 12 or one == two:
        return _date(row, field, year, two, one)
    if two > 12:
        return _date(row, field, year, one, two)
    raise row.refuse(DATE_AMBIGUOUS, field)


def past_moment_in(row: Row, field: str, zone: tzinfo, now: datetime) -> datetime | None:
    """The time in a cell, in UTC and whole milliseconds; None when it is absent or empty, `now` when it says "now".

    It is a time in `zone` unless it has one of its own, and a day alone is its beginning. What is a little ahead of
    `now` is taken for now, as clocks differ. Raises RowRefused, also for times to come.
    """
    text = row.get(field)
    if not text:
        return None
    if text.lower() in NOW:
        return now
    moment = _moment(row, field, text, zone)
    if moment > now + CLOCKS_DIFFER:
        raise row.refuse(TIME_TO_COME, field, now=spoken_moment(now))
    moment = min(moment, now)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def spoken_moment(moment: datetime) -> str:
    """A time as a sentence has it, such as `2026-03-31 14:30:00 UTC`."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(' ', 'milliseconds' if utc.microsecond >= 1000 else 'seconds')} UTC"


def written(value: object) -> str:
    """A value as a file shows it, such that reading it gives the value back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _moment(row: Row, field: str, text: str, zone: tzinfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        parts = _DAY_AND_TIME.fullmatch(text)
        day = _day(row, field, parts[1] if parts else text)
        shown = (
            f"{parts[2].zfill(len(parts[2]) + (parts[2][1] == ':'))}{(parts[3] or '').upper()}" if parts else "00:00"
        )
        try:
            found = datetime.fromisoformat(f"{day.isoformat()}T{shown}")
        except ValueError:
            raise row.refuse(TIME_UNREADABLE, field) from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise row.refuse(TIME_UNREADABLE, field) from None


def _date(row: Row, field: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise row.refuse(DATE_UNREADABLE, field) from None
