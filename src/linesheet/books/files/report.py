"""What became of every row of a file."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from linesheet.books.files.rows import RowRefused
from linesheet.books.reasons import Refused, Said


class FileUnreadable(Refused):
    """Nothing of this file was read; `says` names the file and `fix` tells what to do."""


class State(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row that did not go in, where, why, and what helps.

    `row` is what a person sees beside it, the header being row 1; `column` the header of the cell at fault, if one
    is; `value` what stood there, shortened.
    """

    file: str
    row: int
    state: State
    column: str | None
    value: str
    reason: str
    says: str
    fix: str

    def to_dict(self) -> dict[str, Any]:
        """The outcome as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know about the file, and how many rows it is about (0 when it is about the whole)."""

    said: Said
    count: int

    def to_dict(self) -> dict[str, Any]:
        """The warning as plain data."""
        return {
            "reason": self.said.reason.code,
            "severity": str(self.said.reason.severity),
            "says": self.said.says,
            "fix": self.said.fix,
            "count": self.count,
        }


@dataclass(slots=True)
class ImportReport:
    """The account of an import: created + updated + unchanged + refused = `total`.

    `rows` holds the refused ones; of the others only the numbers are kept. `columns` says which header was read as
    which field, `ignored` which were not read.
    """

    file: str
    kind: str
    dry_run: bool
    columns: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    rows: list[RowOutcome] = field(default_factory=list)
    _warned: Counter[Said] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Number of rows read."""
        return sum(self.counts.values())

    @property
    def created(self) -> int:
        return self.counts[State.CREATED]

    @property
    def updated(self) -> int:
        return self.counts[State.UPDATED]

    @property
    def unchanged(self) -> int:
        return self.counts[State.UNCHANGED]

    @property
    def refused(self) -> int:
        return self.counts[State.REFUSED]

    @property
    def warnings(self) -> list[Warned]:
        """What to know beyond the rows."""
        return [Warned(said, count) for said, count in self._warned.items()]

    def account(self, outcomes: "Iterable[tuple[int, State | RowRefused]]", *, keep: bool = True) -> None:
        """Count rows, by their number, and keep the refused ones unless told not to."""
        for number, outcome in outcomes:
            if isinstance(outcome, State):
                self.counts[outcome] += 1
                continue
            self.counts[State.REFUSED] += 1
            if not keep:
                continue
            said = outcome.said
            self.rows.append(
                RowOutcome(
                    file=self.file,
                    row=number,
                    state=State.REFUSED,
                    column=outcome.column,
                    value=outcome.value,
                    reason=said.reason.code,
                    says=said.says,
                    fix=said.fix,
                )
            )

    def warn(self, said: Said, count: int = 0) -> None:
        """Note something about the file, or about `count` of its rows."""
        self._warned[said] += count

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, fit for JSON."""
        return {
            "file": self.file,
            "kind": self.kind,
            "dry_run": self.dry_run,
            "total": self.total,
            "counts": {str(state): count for state, count in self.counts.items()},
            "columns": self.columns,
            "ignored": self.ignored,
            "warnings": [each.to_dict() for each in self.warnings],
            "rows": [each.to_dict() for each in self.rows],
        }


def report_on(path: Path, kind: str, *, dry_run: bool) -> ImportReport:
    """An empty report on a file."""
    return ImportReport(file=path.name, kind=kind, dry_run=dry_run)
