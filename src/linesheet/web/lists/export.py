"""A list as a file: the columns on show, the rows that were asked for."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F
from django.http import FileResponse
from django.utils import timezone

from linesheet.web.downloads import rows_as_file
from linesheet.web.lists.asked import Asked, after_edge
from linesheet.web.lists.declared import Rows

FORMATS = ("csv", "xlsx")
_AT_ONCE = 500


def file_of(wanted: Asked, rows: Rows, format: str) -> FileResponse:
    """The rows as a file of this format, in the order of the list and with the columns it shows.

    Raises FileUnreadable when a workbook cannot hold the rows.
    """
    return rows_as_file(wanted.declared.key, _lines(wanted, rows), format)


def _lines(wanted: Asked, rows: Rows) -> Iterator[Sequence[object]]:
    yield [column.label for column in wanted.columns]
    ordered, field, falling = wanted.ordered(rows)
    ordered = ordered.annotate(list_edge=F(field))
    page = list(ordered[:_AT_ONCE])
    while page:
        for row in wanted.declared.load(page):
            yield [_plain(column.value(row)) for column in wanted.columns]
        last = page[-1]
        full = len(page) == _AT_ONCE
        page = list(after_edge(ordered, field, falling, last.list_edge, last.pk)[:_AT_ONCE]) if full else []


def _plain(value: Any) -> object:
    """Times are told in the member's zone, as every page does."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    return value
