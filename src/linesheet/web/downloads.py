"""Files that a page answers with: whole before their first byte goes out, so that none is short, or in a stream.

A stream is for what may take longer to make than a person or a proxy waits.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone

from linesheet.books.files.export import csv_lines, write_file
from linesheet.books.tenancy import acting_for


def download(name: str, write: Callable[[Path], object]) -> FileResponse:
    """The file that `write` makes at the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        content = path.open("rb")
    return FileResponse(content, as_attachment=True, filename=name)


def streamed(name: str, rows: Iterable[Sequence[object]], company: int) -> StreamingHttpResponse:
    """Rows, the header first, as a CSV file that is made while it is sent; `company` is in hand meanwhile."""
    response = StreamingHttpResponse(_held(csv_lines(rows), company), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _held(lines: Iterator[str], company: int) -> Iterator[str]:
    """The lines with the company in hand, which the request has let go by the time most of them are sent."""
    while True:
        with acting_for(company):
            line = next(lines, None)
        if line is None:
            return
        yield line


def rows_as_file(name: str, rows: Iterable[Sequence[object]], format: str = "csv") -> FileResponse:
    """Rows, the header first, as `name` of today. Raises FileUnreadable when a workbook cannot hold them."""
    return download(f"{name}-{timezone.localdate():%Y-%m-%d}.{format}", lambda path: write_file(path, rows))
