"""How any kind of file goes in: in chunks, each all right or taken apart until the one bad row is found."""

import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar, TypeVar

from django.db import DataError, IntegrityError, transaction

from linesheet.books.files.columns import Vocabulary
from linesheet.books.files.job import Job
from linesheet.books.files.reasons import DATABASE_REFUSED, DISAGREES
from linesheet.books.files.report import ImportReport, State
from linesheet.books.files.rows import Row, RowRefused, shortened
from linesheet.books.reasons import Reason, Said

log = logging.getLogger(__name__)

H = TypeVar("H", bound=Hashable)

ROWS_AT_A_TIME = 2000


@dataclass(slots=True)
class Stated:
    """What rows of this file have said of a record: the first of them, the fields they have, its prices."""

    row: int
    fields: frozenset[str] = frozenset()
    prices: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)


class Memory:
    """What earlier rows of this file said, by record: they must not be contradicted by later ones."""

    def __init__(self) -> None:
        self.stated: dict[Hashable, Stated] = {}
        self.rows: dict[Hashable, int] = {}
        self.codes: set[str] | None = None
        self._alike: dict[Hashable, Any] = {}

    def take(self, chunk: "Chunk") -> None:
        """Remember what was said in a chunk that was written."""
        self.stated.update(chunk.stated)
        self.rows.update(chunk.rows)
        if self.codes is not None:
            self.codes |= chunk.codes

    def one(self, value: H) -> H:
        """The same value, kept once for all records."""
        known: H = self._alike.setdefault(value, value)
        return known


class Chunk:
    """What writing a chunk of rows came to; thrown away with the writing when the database refuses it."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.outcomes: list[tuple[int, State | RowRefused]] = []
        self.warned: Counter[Said] = Counter()
        self.stated: dict[Hashable, Stated] = {}
        self.rows: dict[Hashable, int] = {}
        self.codes: set[str] = set()

    def done(self, row: Row, outcome: State | RowRefused) -> None:
        """Say what became of a row."""
        self.outcomes.append((row.number, outcome))

    def warn(self, reason: Reason, **names: object) -> None:
        """Count a row under a warning."""
        self.warned[reason.about(**names)] += 1

    def said_of(self, record: Hashable) -> Stated | None:
        """What this file said of a record before."""
        return self.stated.get(record) or self.memory.stated.get(record)

    def row_of(self, record: Hashable) -> int | None:
        """The row of this file that spoke of a record before."""
        return self.rows.get(record) or self.memory.rows.get(record)


class Importer(ABC):
    """Brings in rows of one kind. Subclasses write a chunk with a number of queries that does not grow with it."""

    vocabulary: ClassVar[Vocabulary]

    def __init__(self, job: Job) -> None:
        self.job = job
        self.memory = Memory()

    def ready(self, report: ImportReport) -> None:
        """Look at the columns as a whole before the first row. Raises FileUnreadable."""
        return

    def arranged(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The rows as `write` wants them; each of the file's rows exactly once."""
        return rows

    @abstractmethod
    def write(self, rows: list[Row], chunk: Chunk) -> None:
        """Write rows, and tell the chunk what became of each, and what was said of which record."""

    def run(self, rows: Iterable[Row], report: ImportReport) -> None:
        """Bring in all rows, a chunk at a time, and account for each."""
        for chunk_rows in _chunks(self.arranged(rows)):
            outcomes: list[tuple[int, State | RowRefused]] = [
                (row.number, row.refused) for row in chunk_rows if row.refused
            ]
            readable = [row for row in chunk_rows if not row.refused]
            for chunk in self._written(readable):
                outcomes += chunk.outcomes
                for said, count in chunk.warned.items():
                    report.warn(said, count)
            outcomes.sort(key=lambda outcome: outcome[0])
            report.account(outcomes, keep=self.job.told is None)
            if self.job.told:
                self.job.told(chunk_rows, outcomes)

    def _written(self, rows: list[Row]) -> Iterator[Chunk]:
        """Write rows; when the database refuses them, write them half by half, down to the row at fault."""
        if not rows:
            return
        chunk = Chunk(self.memory)
        try:
            with transaction.atomic():
                self.write(rows, chunk)
        except (IntegrityError, DataError) as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                yield from self._written(rows[:middle])
                yield from self._written(rows[middle:])
                return
            chunk = Chunk(self.memory)
            chunk.done(rows[0], rows[0].refuse(DATABASE_REFUSED, detail=_logged(rows[0], error)))
        self.memory.take(chunk)
        yield chunk


def disagrees(row: Row, name: str, *, first: int, other: object, what: str) -> RowRefused:
    """The refusal of a row that contradicts an earlier one of the same file."""
    return row.refuse(DISAGREES, name, first=first, other=shortened(str(other)) or "nothing", what=what)


def is_taken(row: Row, name: str, stated: Stated | None, *, blank: bool, other: object, what: str) -> bool:
    """Whether a value that differs from the record's is taken over.

    It is, unless an earlier row of the file has spoken of that field: then an empty cell says nothing, and another
    value raises RowRefused.
    """
    if stated is None or name not in stated.fields:
        return True
    if blank:
        return False
    raise disagrees(row, name, first=stated.row, other=other, what=what)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    stream = iter(rows)
    while chunk := list(islice(stream, ROWS_AT_A_TIME)):
        yield chunk


def _logged(row: Row, error: Exception) -> str:
    """The code of what the database refuses; the rest is for the log, as it says nothing to people."""
    code = str(getattr(error.__cause__, "sqlstate", None) or type(error).__name__)
    log.warning("row %s could not be stored (code %s): %s", row.number, code, error)
    return code
