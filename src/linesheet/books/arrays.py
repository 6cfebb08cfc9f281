"""Arrays on their way into PostgreSQL, in which whole columns travel when many rows are written at once."""

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from types import NoneType
from typing import Any

from psycopg.types.json import Jsonb


def array_text(values: Iterable[Any]) -> str:
    """Values of a column as PostgreSQL reads an array of them, to be cast to its type. Raises TypeError for odd ones.

    psycopg writes lists too, but takes ten times as long: it looks at each value's type twice, and for signs to quote
    by regular expression.
    """
    return "{" + ",".join([(_WRITERS.get(type(value)) or _writer(value))(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _json(value: Jsonb) -> str:
    written = value.dumps(value.obj) if value.dumps else None
    if not isinstance(written, str):
        raise TypeError("JSON is written by Django's own writer.")
    return _quoted(written)


_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "NULL",
    str: _quoted,
    bool: str,
    int: str,
    Decimal: str,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.date: datetime.date.isoformat,
    Jsonb: _json,
}


def _writer(value: Any) -> Callable[[Any], str]:
    """The writer of a value of a type of its own, such as a choice."""
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer
    raise TypeError(f"{type(value).__name__} is not written into arrays.")
