"""Arrays on their way into PostgreSQL, in which whole columns travel when many rows are written at once."""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from types import NoneType
from typing import Any

from psycopg.types.json import Jsonb


def array_text(values: Sequence[Any]) -> str:
    """Values of a column as PostgreSQL reads an array of them, to be cast to its type. Raises TypeError for odd ones.

    psycopg writes lists too, but takes ten times as long: it looks at each value's type twice, and for signs to quote
    by regular expression.
    """
    kinds = set(map(type, values)) - {NoneType}
    if len(kinds) == 1 and kinds <= _OFTEN_THE_SAME:
        # Most columns have few values that differ, such as states, days and empty texts.
        written = {value: _written(value) for value in set(values)}
        return "{" + ",".join([written[value] for value in values]) + "}"
    return "{" + ",".join(map(_written, values)) + "}"


def _written(value: Any) -> str:
    return (_WRITERS.get(type(value)) or _writer(value))(value)


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
# Not datetimes: of two that are an hour apart when clocks are set back, Python says they are the same.
_OFTEN_THE_SAME = {str, bool, int, Decimal, datetime.date}


def _writer(value: Any) -> Callable[[Any], str]:
    """The writer of a value of a type of its own, such as a choice."""
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer
    raise TypeError(f"{type(value).__name__} is not written into arrays.")
