"""Reads what a platform sends into declared shapes, whatever is missing, null, extra or oddly typed."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache, partial
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
Reader = Callable[[str, Any], Any]

_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


_NUMBERS = (int, float, Decimal, str)
"""What a number may come as."""


class Unfit(ValueError):
    """A field holds what it cannot hold, such as a quantity of "many"; the text names it."""


def read(shape: type[S], raw: Any, where: str = "") -> S:
    """`raw` as the shape: unknown keys ignored, missing ones at their default.

    Text is tolerant: a number is taken as written, anything else is "". A number, date, list or object that is
    there and cannot be read raises Unfit, so that nothing is lost in silence; "" and null mean missing, of a list an
    empty one. An object in the place of a list is a list of one.
    """
    if not isinstance(raw, dict):
        raise Unfit(f"{where or 'the record'} is not an object")
    found = {}
    for name, key, reader in _readers(shape):
        value = raw.get(key)
        if value is not None and value != "":
            try:
                found[name] = reader(key, value)
            except Unfit as unfit:
                raise Unfit(f"{where}.{unfit}" if where else str(unfit)) from None
    return shape(**found)


def text(where: str, value: Any) -> str:
    """Text without NUL, which PostgreSQL cannot keep; numbers as written, whole ones without a fraction."""
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def number(where: str, value: Any) -> Decimal:
    """A number, exactly as its JSON text had it; also from text."""
    amount = _amount(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else None
    if amount is None:
        raise Unfit(f"{where} is not a number")
    return amount


def day(where: str, value: Any) -> datetime.date:
    """A day in any form platforms use: ISO time (its day in UTC), three written forms, epoch milliseconds."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return (_EPOCH + datetime.timedelta(milliseconds=value)).date()
        if isinstance(value, str):
            return _written_day(value.strip())
    except (ValueError, OverflowError):
        pass
    raise Unfit(f"{where} is not a date")


def flag(where: str, value: Any) -> bool:
    """A yes or no, which a text may say too."""
    return value is True or value in (1, "1") or (isinstance(value, str) and value.lower() in ("true", "yes", "y"))


@lru_cache(1000, typed=True)
def _amount(value: float | Decimal | str) -> Decimal | None:
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) < 40 else None


@lru_cache(1000)
def _written_day(written: str) -> datetime.date:
    if match := _YEAR_FIRST.fullmatch(written):
        year, month, day_of_month = map(int, match.groups())
    elif match := _MONTH_FIRST.fullmatch(written):
        month, day_of_month, year = map(int, match.groups())
    else:
        moment = datetime.datetime.fromisoformat(written)
        return (moment.astimezone(datetime.UTC) if moment.tzinfo else moment).date()
    return datetime.date(year, month, day_of_month)


def _rows(shape: type[msgspec.Struct], where: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, dict) and value:
        value = [value]
    if not isinstance(value, list):
        raise Unfit(f"{where} is not a list")
    return tuple(read(shape, item, f"{where}[{index}]") for index, item in enumerate(value))


_SIMPLE: dict[Any, Reader] = {str: text, Decimal: number, datetime.date: day, bool: flag}


@cache
def _readers(shape: type[msgspec.Struct]) -> tuple[tuple[str, str, Reader], ...]:
    hints = get_type_hints(shape)
    return tuple((field.name, field.encode_name, _reader(hints[field.name])) for field in msgspec.structs.fields(shape))


def _reader(hint: Any) -> Reader:
    if get_origin(hint) is UnionType:
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is tuple:
        return partial(_rows, get_args(hint)[0])
    return lambda where, value: read(hint, value, where)
