"""Files that a page answers with, whole before their first byte goes out: none is ever short."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from django.http import FileResponse
from django.utils import timezone

from linesheet.books.files.export import write_file


def download(name: str, write: Callable[[Path], object]) -> FileResponse:
    """The file that `write` makes at the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        content = path.open("rb")
    return FileResponse(content, as_attachment=True, filename=name)


def rows_as_file(name: str, rows: Iterable[Sequence[object]], format: str = "csv") -> FileResponse:
    """Rows, the header first, as `name` of today. Raises FileUnreadable when a workbook cannot hold them."""
    return download(f"{name}-{timezone.localdate():%Y-%m-%d}.{format}", lambda path: write_file(path, rows))
