"""A list as a file: the columns on show, the rows that were asked for."""

import datetime
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.http import FileResponse
from django.utils import timezone

from linesheet.books.files.export import write_file
from linesheet.web.lists.asked import Asked, beyond
from linesheet.web.lists.declared import Rows

FORMATS = ("csv", "xlsx")
_AT_ONCE = 500


def file_of(wanted: Asked, rows: Rows, format: str) -> FileResponse:
    """The rows as a file of this format, in the order of the list and with the columns it shows.

    It is complete before the first byte goes out, so that a file is never short. Raises FileUnreadable when a
    workbook cannot hold the rows.
    """
    name = f"{wanted.declared.key}-{timezone.localdate():%Y-%m-%d}.{format}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_file(path, _lines(wanted, rows))
        content = path.open("rb")
    return FileResponse(content, as_attachment=True, filename=name)


def _lines(wanted: Asked, rows: Rows) -> Iterator[Sequence[object]]:
    yield [column.label for column in wanted.columns]
    ordered, field, falling = wanted.ordered(rows)
    page = list(ordered[:_AT_ONCE])
    while page:
        for row in wanted.declared.load(page):
            yield [_plain(column.value(row)) for column in wanted.columns]
        page = list(beyond(ordered, field, falling, page[-1].pk)[:_AT_ONCE]) if len(page) == _AT_ONCE else []


def _plain(value: Any) -> object:
    """Times are told in the member's zone, as every page does."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    return value
