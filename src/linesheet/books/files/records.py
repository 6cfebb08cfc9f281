"""A record of a file before its columns are known."""

from dataclasses import dataclass

from linesheet.books.files.rows import RowRefused

MOST_IN_A_CELL = 100_000
"""Characters a cell may hold; Excel allows 32,767."""


@dataclass(slots=True)
class Record:
    """Cells as text, and the number a person sees beside them (the header of a tidy file is 1)."""

    number: int
    cells: list[str]
    refused: RowRefused | None = None
