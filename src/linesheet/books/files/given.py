"""Rows that no file holds, brought into the books as those of a file are: by the same importers and rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from linesheet.books.bulk import are_many, look_anew
from linesheet.books.files.columns import Columns
from linesheet.books.files.importer import Importer
from linesheet.books.files.importing import MANY_ROWS
from linesheet.books.files.job import Job, Known
from linesheet.books.files.reasons import CELL_TOO_LONG
from linesheet.books.files.records import MOST_IN_A_CELL
from linesheet.books.files.report import ImportReport, State, Warned
from linesheet.books.files.rows import Row, RowRefused, cleaned

GIVEN = "the request"
"""What such rows are called where a file would be called by its name."""


@dataclass(slots=True)
class Taken:
    """What became of each row, in their order, and what to know beyond them."""

    outcomes: list[State | RowRefused] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


def take_rows(importer_of: type[Importer], rows: Sequence[Mapping[str, str]]) -> Taken:
    """Bring rows into the books, cells by field of the importer's vocabulary, in one transaction.

    A field that a row does not have is left alone, one that is "" is cleared, as in a file whose column is absent or
    whose cell is empty. Rows are called by their place, from 1 on, and columns by their field.

    Raises FileUnreadable when the fields of all rows together are of no use.
    """
    taken = Taken()
    if not rows:
        return taken
    names = dict.fromkeys(name for row in rows for name in row)
    columns = Columns(list(names), headers={name: name for name in names})
    report = ImportReport(file=GIVEN, kind=importer_of.vocabulary.kind, dry_run=False)

    def told(_: list[Row], outcomes: list[tuple[int, State | RowRefused]]) -> None:
        taken.outcomes += [outcome for _, outcome in outcomes]

    with transaction.atomic():
        importer = importer_of(Job(file=GIVEN, columns=columns, known=Known.load(), told=told))
        importer.ready(report)
        importer.run((_row(number, cells) for number, cells in enumerate(rows, start=1)), report)
        # One request comes after another: counted each time, they would take a quarter as long again.
        if report.created >= MANY_ROWS and are_many("books", report.created):
            look_anew("books")
    taken.warnings = report.warnings
    return taken


def _row(number: int, cells: Mapping[str, str]) -> Row:
    row = Row(number, dict(cells), {name: name for name in cells})
    for name, text in cells.items():
        if len(text) > MOST_IN_A_CELL:
            row.refused = row.refuse(CELL_TOO_LONG, name, length=len(text), limit=MOST_IN_A_CELL)
            return row
        row.cells[name] = cleaned(name, text)
    return row
