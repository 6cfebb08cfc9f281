"""Opening a file: CSV in any dialect and encoding, or the sheet of a workbook."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from linesheet.books.files.columns import Columns
from linesheet.books.files.delimited import delimited_records
from linesheet.books.files.reasons import (
    CELL_ERROR,
    CELL_NUL,
    CELL_TOO_LONG,
    FILE_EMPTY,
    FILE_MISSING,
    FILE_NOT_A_SPREADSHEET,
    MORE_CELLS,
)
from linesheet.books.files.records import MOST_IN_A_CELL, Record
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.rows import Row, RowRefused, clean, cleaned
from linesheet.books.files.workbook import workbook_records
from linesheet.books.reasons import Said

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHERS = {
    b"%PDF": "it is a PDF",
    b"\x89PNG": "it is a picture",
    b"\xff\xd8\xff": "it is a picture",
    b"GIF8": "it is a picture",
    b"\x1f\x8b": "it is a gzip archive",
    b"7z\xbc\xaf": "it is a 7z archive",
    b"Rar!": "it is a RAR archive",
    b"SQLi": "it is a database",
    b"{\\rt": "it is a text document",
}
_FORMULA_ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


@dataclass(slots=True)
class Table:
    """A file that could be opened: its header row, and its records below it as they stream in."""

    file: str
    headers: list[str]
    records: Iterator[Record]
    warnings: list[Said] = field(default_factory=list)

    def rows(self, columns: Columns) -> Iterator[Row]:
        """The records by field, cleaned; one that cannot be read is a row with its refusal."""
        above = [("", "")] * len(self.headers)
        for record in self.records:
            yield _row(record, columns, above)


def is_workbook(path: Path) -> bool:
    """Whether a file is, by its first bytes, a workbook and no CSV file."""
    with path.open("rb") as file:
        return file.read(4) in _WORKBOOKS


def open_table(path: Path, sheet: str | None = None) -> Table:
    """Open a CSV file (any of , ; tab | as delimiter; UTF-8, UTF-16 or Windows-1252) or a workbook's sheet.

    The first row that is not empty is the header; empty rows are passed over.
    Raises FileUnreadable when the file is missing, empty, or no spreadsheet.
    """
    if not path.is_file():
        raise FileUnreadable(FILE_MISSING, file=path.name)
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise FileUnreadable(FILE_EMPTY, file=path.name)
    warnings: list[Said] = []
    if start in _WORKBOOKS:
        records = workbook_records(path, sheet)
    else:
        for magic, detail in _OTHERS.items():
            if start.startswith(magic):
                raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail=detail)
        records = delimited_records(path, warnings)
    filled = (record for record in records if record.refused or any(map(str.strip, record.cells)))
    first = next(filled, None)
    if first is None:
        raise FileUnreadable(FILE_EMPTY, file=path.name)
    if first.refused:
        raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail=str(first.refused.said.says))
    headers = [clean(cell) for cell in first.cells]
    while headers and not headers[-1]:
        headers.pop()
    if "\0" in "".join(headers):
        raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail="its header row is not text")
    return Table(path.name, headers, filled, warnings)


def _row(record: Record, columns: Columns, above: list[tuple[str, str]]) -> Row:
    """A record as a row. `above` has the cells of the row above, raw and cleaned: many files repeat them."""
    expected = len(above)
    row = Row(record.number, {}, columns.headers, record.refused)
    if record.refused:
        return row
    cells = record.cells
    if len(cells) > expected and any(cell.strip() for cell in cells[expected:]):
        row.refused = row.refuse(MORE_CELLS, count=len(cells), expected=expected)
        return row
    for position, (name, cell) in enumerate(zip(columns.fields, cells, strict=False)):
        if name is None:
            continue
        raw, text = above[position]
        if raw == cell:
            row.cells[name] = text
            continue
        if len(cell) > MOST_IN_A_CELL:
            row.refused = _at_fault(row, name, cell, CELL_TOO_LONG.about(length=len(cell), limit=MOST_IN_A_CELL))
            return row
        if "\0" in cell:
            row.refused = _at_fault(row, name, cell, CELL_NUL.about(column=row.header(name)))
            return row
        text = cleaned(name, cell)
        if text[:1] == "#" and text in _FORMULA_ERRORS:
            row.refused = _at_fault(row, name, cell, CELL_ERROR.about(column=row.header(name), value=text))
            return row
        above[position] = (cell, text)
        row.cells[name] = text
    return row


def _at_fault(row: Row, name: str, cell: str, said: Said) -> RowRefused:
    return RowRefused(said, column=row.header(name), value=cell[:200].replace("\0", "␀"))
