"""Records of a workbook's sheet, with numbers and dates as plain text."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO

from python_calamine import CalamineWorkbook

from linesheet.books.files.reasons import FILE_NOT_A_SPREADSHEET, FILE_TOO_LARGE, SHEET_MISSING
from linesheet.books.files.records import Record
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.sheet_errors import column_number, errors_in

Cell = str | float | bool | date | datetime | time | timedelta

MOST_UNPACKED = 500 * 2**20
MOST_RATIO = 400
MOST_CELLS = 20_000_000

_ERRORS = (b't="e"', b"t='e'")
_SMALL = 20 * 2**20
_BLOCK = 2**20
_ROW = re.compile(rb'<row[^>]*? r="(\d+)"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d')


def workbook_records(path: Path, sheet: str | None) -> Iterator[Record]:
    """The rows of the named sheet, or of the first, numbered as in the sheet.

    A whole number loses its `.0`; dates become YYYY-MM-DD; a formula is its value as last computed, which may be an
    error such as `#N/A`. Of XLS, XLSB and ODS the reader does not tell errors: there such a cell is empty.
    Raises FileUnreadable for what is no workbook, is protected by a password, has no such sheet, or would unpack to
    an absurd size.
    """
    may_hold_errors = zipfile.is_zipfile(path) and _looked_through(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise FileUnreadable(SHEET_MISSING, file=path.name, sheet=sheet, known=", ".join(names))
        chosen = sheet if sheet is not None else names[0]
        rows = workbook.get_sheet_by_name(chosen)
        errors = errors_in(path, chosen) if may_hold_errors else {}
    except FileUnreadable:
        raise
    except BaseException as error:
        # A panic of the reader, which is Rust, is a BaseException.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail=str(error)) from error
        raise
    # The reader begins with the first row of the sheet, but with the first column that holds anything.
    left = rows.start[1] if rows.start else 0
    return (
        Record(number, _cells(cells, errors.get(number, {}), left))
        for number, cells in enumerate(rows.iter_rows(), start=1)
    )


def sheets_of(path: Path) -> list[str]:
    """Names of a workbook's sheets. Raises FileUnreadable for what is no workbook."""
    try:
        return list(CalamineWorkbook.from_path(str(path)).sheet_names)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail=str(error)) from error
        raise


def cell_text(cell: Cell) -> str:
    """A cell as text: numbers in plain decimals, never shortened, dates as YYYY-MM-DD, truth as yes and no."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _number_text(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _cells(cells: list[Cell], errors: Mapping[int, str], left: int) -> list[str]:
    if not errors:
        return [cell_text(cell) for cell in cells]
    return [errors.get(column) or cell_text(cell) for column, cell in enumerate(cells, start=left + 1)]


def _number_text(number: float) -> str:
    text = format(Decimal(format(number, ".15g")), "f")
    whole, _, decimals = text.partition(".")
    # Three decimals would read like a thousands sign; a number cell knows better.
    return text + "0" if len(decimals) == 3 else text if decimals.strip("0") else whole


def _looked_through(path: Path) -> bool:
    """Look at a workbook's parts before they are unpacked; whether a cell may hold an error. Raises FileUnreadable."""
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            packed = max(path.stat().st_size, 1)
            if unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked / packed > MOST_RATIO):
                raise FileUnreadable(FILE_TOO_LARGE, file=path.name, size=f"{unpacked // 2**20} MB")
            errors = False
            for part in parts.infolist():
                with parts.open(part) as content:
                    errors |= _may_hold_errors(path, content, is_sheet=part.filename.startswith("xl/worksheets/"))
            return errors
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail=str(error)) from error


def _may_hold_errors(path: Path, content: IO[bytes], *, is_sheet: bool) -> bool:
    """Read a part to its end, so that one whose size is a lie is found out, and see how far a sheet reaches.

    Returns whether a cell may hold an error. Raises FileUnreadable for a sheet that reaches too far.
    """
    rows, written, columns, errors, rest = 0, 0, 26, False, b""
    while block := content.read(_BLOCK):
        text = rest + block
        errors = errors or any(error in text for error in _ERRORS)
        if not is_sheet:
            rest = text[-8:]
            continue
        at = text.rfind(b"<row ")
        # The last one may be cut by the end of the block; it comes again with the next.
        found = _ROW.match(text, max(at, 0)) or _ROW.match(text, max(text.rfind(b"<row ", 0, max(at, 0)), 0))
        written += block.count(b"<row")
        rows = max(rows, written, int(found[1][:9]) if found else 0)
        columns = max([columns, *(column_number(letters.decode()) for letters in set(_WIDE.findall(text)))])
        rest = text[-128:]
        if rows * columns > MOST_CELLS:
            raise FileUnreadable(FILE_TOO_LARGE, file=path.name, size=f"{rows} rows of {columns} columns")
    return errors
