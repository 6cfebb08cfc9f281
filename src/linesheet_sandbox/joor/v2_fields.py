"""Reads the fields of API v2: nodes in any of the shapes clients send, and values with their limits (sheet 5, 6).

Each raises ItemError, naming the field, for what JOOR does not take.
"""

import re
from datetime import date
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid

_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{2})-(\d{2})-(\d{4})", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_TRUE, _FALSE = ("1", "true", "yes"), ("", "0", "false", "no")


def nodes(value: Any, *names: str) -> list[Record]:
    """The objects below a node: a list of them, one alone, or either within an object (or list) of one of `names`."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [node for item in value for node in nodes(item, *names)]
    if not isinstance(value, dict):
        raise invalid(f"{names[0]} must be an object or a list of objects")
    for name in names:
        if name in value:
            return nodes(value[name], *names)
    return [value] if value else []


def text(row: Record, field: str, longest: int | None = None) -> str:
    """A field as text; null and absent are "". Numbers are taken as written."""
    value = row.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(f"{field} must be text")
    written = str(value).strip()
    if longest is not None and len(written) > longest:
        raise invalid(f"{field} is longer than {longest} characters")
    return written


def units(row: Record, field: str) -> int:
    """A whole number of nine digits at most, also as text."""
    value = row.get(field)
    written = str(value).strip().removesuffix(".0") if isinstance(value, str | int | float) else ""
    if not isinstance(value, bool) and _WHOLE.fullmatch(written):
        return int(written)
    raise invalid(f"{field} must be a whole number")


def flag(row: Record, field: str) -> bool:
    """A yes or no in any spelling; absent is no."""
    written = str(row.get(field) if row.get(field) is not None else "").strip().lower()
    if written not in (*_TRUE, *_FALSE):
        raise invalid(f"{field} must be true or false")
    return written in _TRUE


def position_day(row: Record, field: str) -> str:
    """The day of a stock position as `YYYY-MM-DD`; "" for goods that can be sold now.

    `YYYY-MM-DD`, `MM-DD-YYYY`, nothing, or the word `IMMEDIATE` (sheet 5).
    """
    written = text(row, field)
    if not written or written.upper() == "IMMEDIATE":
        return ""
    day = day_of(written)
    if day is None:
        raise invalid(f"{field} must be YYYY-MM-DD or MM-DD-YYYY")
    return day.isoformat()


def day_of(written: str) -> date | None:
    """The day written as `YYYY-MM-DD` or `MM-DD-YYYY`."""
    try:
        if match := _YEAR_FIRST.fullmatch(written):
            year, month, day = (int(part) for part in match.groups())
        elif match := _MONTH_FIRST.fullmatch(written):
            month, day, year = (int(part) for part in match.groups())
        else:
            return None
        return date(year, month, day)
    except ValueError:
        return None
