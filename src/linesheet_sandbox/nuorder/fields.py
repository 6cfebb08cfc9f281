"""Reads input fields: a reader takes a field's name and value, and returns it clean or refuses with 400."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from linesheet_sandbox.nuorder.dates import midnight, parse_day, parse_moment
from linesheet_sandbox.nuorder.errors import invalid

_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_LARGEST = 10**12

Number = int | float
Reader = Callable[[str, Any], Any]


def read_text(field: str, value: Any) -> str:
    """Text; null is empty, and a number is taken as written."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        invalid(f"{field} must be text")
    return str(value)


def read_filled(field: str, value: Any) -> str:
    """Text that must not be empty."""
    text = read_text(field, value)
    if not text.strip():
        invalid(f"{field} is required")
    return text


def read_number(field: str, value: Any) -> Number:
    """A number of a size amounts and quantities can have, also when sent as decimal text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        invalid(f"{field} must be a number")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
        invalid(f"{field} must be a number")
    number: Number = _parsed(value) if isinstance(value, str) else value
    if abs(number) > _LARGEST:
        invalid(f"{field} is too large")
    return number


def read_number_or_blank(field: str, value: Any) -> Number | str:
    """A number, or "" when there is none."""
    return "" if value in (None, "") else read_number(field, value)


def read_percentage(field: str, value: Any) -> Number:
    """A percentage; none is 0."""
    return 0 if value in (None, "") else read_number(field, value)


def read_quantity(field: str, value: Any) -> int:
    """Whole units."""
    number = read_number(field, value)
    if number != int(number):
        invalid(f"{field} must be a whole number")
    return int(number)


def read_flag(field: str, value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        invalid(f"{field} must be true or false")
    return value


def read_day(field: str, value: Any) -> str:
    """A day in any accepted form, as midnight UTC; "" if none."""
    if value in (None, ""):
        return ""
    day = parse_day(value)
    if day is None:
        invalid(f"{field} must be a date")
    return midnight(day)


def read_moment(field: str, value: Any) -> str:
    """A time or a day, as ISO text."""
    moment = parse_moment(value)
    if moment is None:
        invalid(f"{field} must be a date")
    return moment


def read_texts(field: str, value: Any) -> list[str]:
    """A list of texts; blank ones, sent to mean none, are dropped (sheet 4.2 on images)."""
    if value is None:
        return []
    if not isinstance(value, list):
        invalid(f"{field} must be a list")
    return [text for text in (read_text(field, item) for item in value) if text]


def read_list(field: str, value: Any) -> list[Any]:
    """A list of anything."""
    if not isinstance(value, list):
        invalid(f"{field} must be a list")
    return value


def read_object(field: str, value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        invalid(f"{field} must be an object")
    return value


def read_objects(field: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    """A list of JSON objects, each with its own name, as in `sizes[0]`."""
    return [
        (f"{field}[{index}]", read_object(f"{field}[{index}]", item))
        for index, item in enumerate(read_list(field, value))
    ]


def read_known(readers: Mapping[str, Reader], body: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Every key sent, clean where a reader knows it; keys beginning with `__` are internal and dropped."""
    return {
        key: readers[key](f"{where}{key}", value) if key in readers else value
        for key, value in body.items()
        if not key.startswith("__")
    }


def _parsed(decimal: str) -> Number:
    return float(decimal) if "." in decimal else int(decimal)
