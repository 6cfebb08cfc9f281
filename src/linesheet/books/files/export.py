"""Writing the books of the company in hand to files that come back in unchanged."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Protocol

from xlsxwriter import Workbook

from linesheet.books.files.amounts import written_amount
from linesheet.books.files.delimited import protected
from linesheet.books.files.exported import customer_rows, order_rows, product_rows, stock_rows
from linesheet.books.files.job import Known, chosen
from linesheet.books.files.reasons import FOLDER_MISSING, FORMAT_UNKNOWN, KIND_UNKNOWN, WORKBOOK_FULL
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.values import written

EXPORTS = ("products", "customers", "orders", "stock")
"""What can go out, by the kind callers name."""

_ROWS_IN_A_SHEET = 1_048_576
_LINES_AT_A_TIME = 500


def export_file(kind: str, path: Path, *, season: str | None = None) -> int:
    """Write all records of a kind to a .csv or .xlsx file; how many rows there are below the header.

    CSV is UTF-8 with a byte-order mark, and no cell of it reads as a formula; in a workbook, barcodes and all
    other text are text cells. `season` adds the prices of that season to products. The file appears when it is
    complete. Raises FileUnreadable for another kind, ending or season, a folder that is not there, or when a workbook
    cannot hold the rows.
    """
    if kind not in EXPORTS:
        raise FileUnreadable(KIND_UNKNOWN, kind=kind, known=", ".join(EXPORTS))
    if path.suffix.lower() not in _WRITERS:
        raise FileUnreadable(FORMAT_UNKNOWN, file=path.name)
    known = Known.load()
    rows: Iterator[Sequence[object]]
    if kind == "products":
        rows = product_rows(known, chosen(known.seasons, season, what="season"))
    elif kind == "orders":
        rows = order_rows()
    else:
        rows = {"customers": customer_rows, "stock": stock_rows}[kind]()
    return write_file(path, rows)


def write_file(path: Path, rows: Iterable[Sequence[object]]) -> int:
    """Write rows, the header first, to a .csv or .xlsx file as `export_file` does; how many there are below it.

    Raises FileUnreadable for another ending, a folder that is not there, or when a workbook cannot hold the rows.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FileUnreadable(FORMAT_UNKNOWN, file=path.name)
    if not path.absolute().parent.is_dir():
        raise FileUnreadable(FOLDER_MISSING, folder=path.absolute().parent)
    part = path.with_name(path.name + ".part")
    count = -1
    try:
        with writer(part, path.name) as write:
            for row in rows:
                write(row)
                count += 1
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows, the header first, as pieces of a CSV file as `write_file` makes it, some rows at a time."""
    text = io.StringIO()
    writer = csv.writer(text)
    yield "\N{BYTE ORDER MARK}"
    left = iter(rows)
    while some := list(islice(left, _LINES_AT_A_TIME)):
        writer.writerows([_text(cell) for cell in row] for row in some)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


class _Write(Protocol):
    def __call__(self, row: Sequence[object], /) -> None: ...


@contextmanager
def _csv(path: Path, name: str) -> Iterator[_Write]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)

        def write(row: Sequence[object]) -> None:
            writer.writerow([_text(cell) for cell in row])

        yield write


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return protected(cell)
    return written_amount(cell) if isinstance(cell, Decimal) else written(cell)


@contextmanager
def _xlsx(path: Path, name: str) -> Iterator[_Write]:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(str(path), options)
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    line = 0

    def write(row: Sequence[object]) -> None:
        nonlocal line
        if line >= _ROWS_IN_A_SHEET:
            raise FileUnreadable(WORKBOOK_FULL, file=name, what=f"more than {_ROWS_IN_A_SHEET - 1} rows")
        for column, cell in enumerate(row):
            if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
                sheet.write_number(line, column, cell)
            elif (text := written(cell)) and sheet.write_string(line, column, text) != 0:
                raise FileUnreadable(WORKBOOK_FULL, file=name, what=f"a text of {len(text)} characters")
        line += 1

    try:
        yield write
    finally:
        book.close()


_WRITERS: dict[str, Callable[[Path, str], AbstractContextManager[_Write]]] = {".csv": _csv, ".xlsx": _xlsx}
