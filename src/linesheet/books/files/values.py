"""Reading one cell: text, yes or no, whole numbers, dates."""

import re
from datetime import date, datetime

from linesheet.books.files.reasons import (
    DATE_AMBIGUOUS,
    DATE_UNREADABLE,
    NOT_A_FLAG,
    NOT_A_WHOLE_NUMBER,
)
from linesheet.books.files.rows import Row

YES = frozenset({"yes", "y", "true", "t", "1", "x", "on", "active", "ja", "oui", "si", "sì", "sí", "wahr", "vrai"})
NO = frozenset({"no", "n", "false", "f", "0", "off", "inactive", "nein", "non", "falsch", "faux"})
NOW = frozenset({"now", "immediate", "immediately", "today", "in stock"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MONTH_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_TIME = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?")
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
    shown = text[: time.start()] if time and time.end() == len(text) else text
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


def _date(row: Row, field: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise row.refuse(DATE_UNREADABLE, field) from None
