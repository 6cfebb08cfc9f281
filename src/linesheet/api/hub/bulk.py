"""Many records in one request: each is a row or several of an importer of the books, and has an outcome of its own."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Self

from ninja import Schema
from pydantic import BaseModel, Field, model_validator

from linesheet.books.files import State
from linesheet.books.files.given import take_rows
from linesheet.books.files.importer import Importer
from linesheet.books.files.rows import RowLeft, RowRefused
from linesheet.books.reasons import WARNING, Said
from linesheet.sync.idempotency import Answer
from linesheet.sync.imports import in_turn
from linesheet.sync.serving.bodies import Body
from linesheet.sync.serving.callers import ApiRequest
from linesheet.sync.serving.problems import Issue
from linesheet.sync.serving.repeats import as_json, done_once

Fate = Literal["created", "updated", "unchanged", "partial", "refused"]


NAMING = ("product_code", "code", "style", "fabric", "colour")


class OfProductIn(Body):
    """What names a product, in records of something else."""

    product_code: str | None = Field(None, description="The product's `code`, as `GET /stock` has it.")
    code: str | None = Field(None, description="The same as `product_code`.")
    style: str | None = None
    fabric: str | None = None
    colour: str | None = None

    @model_validator(mode="after")
    def _by_one_code(self) -> Self:
        if self.code and self.product_code and self.code != self.product_code:
            raise ValueError("`code` and `product_code` mean the same, so give one of them")
        return self


class Outcome(Schema):
    """What became of a record; of a `partial` one some is in the books, and `issues` tell what is not.

    A warning on an `unchanged` one says why it was left as it is, and that nothing was wrong with it.
    """

    index: int
    state: Fate
    issues: list[Issue]


class Outcomes(Schema):
    """What became of the records, each in its place, and how many came to what."""

    created: int
    updated: int
    unchanged: int
    partial: int
    refused: int
    data: list[Outcome]
    warnings: list[Issue]


@dataclass(slots=True)
class Line:
    """A row that a record of the request comes to: its cells, and where in the record a field stands."""

    index: int
    cells: dict[str, str]
    at: Mapping[str, str] = field(default_factory=dict)

    def pointer(self, name: str | None) -> str:
        """Where in the request a field stands, the record for None."""
        whole = f"/records/{self.index}"
        if not name:
            return whole
        # A field that the record does not have is named as people would read it.
        field = name if name in self.cells else name.lower().replace(" ", "_")
        return f"{whole}/{self.at.get(field, field)}"


@dataclass(slots=True)
class Sum:
    """Outcomes as they come in, by the record's place."""

    fates: dict[int, list[State]] = field(default_factory=lambda: defaultdict(list))
    issues: dict[int, list[Issue]] = field(default_factory=lambda: defaultdict(list))
    warnings: list[Issue] = field(default_factory=list)

    def take(self, importer_of: type[Importer], lines: Sequence[Line]) -> None:
        """Bring lines into the books."""
        taken = take_rows(importer_of, [line.cells for line in lines])
        for line, outcome in zip(lines, taken.outcomes, strict=True):
            if isinstance(outcome, RowLeft):
                self.fates[line.index].append(State.UNCHANGED)
                self.issues[line.index].append(issue_of(outcome.said, line.pointer(outcome.column), "warning"))
            elif isinstance(outcome, RowRefused):
                self.refuse(line.index, outcome.said, line.pointer(outcome.column))
            else:
                self.fates[line.index].append(outcome)
        for warned in taken.warnings:
            if warned.said.reason.severity is WARNING:
                self.warnings.append(issue_of(warned.said, severity="warning"))

    def refuse(self, index: int, said: Said, pointer: str) -> None:
        """A record, or a part of it, is not taken."""
        self.fates[index].append(State.REFUSED)
        self.issues[index].append(issue_of(said, pointer))

    def outcomes(self, records: int) -> Outcomes:
        """The outcomes of all records."""
        data = [
            Outcome(index=index, state=_fate(self.fates[index]), issues=self.issues[index]) for index in range(records)
        ]
        counts = Counter(outcome.state for outcome in data)
        return Outcomes(
            created=counts["created"],
            updated=counts["updated"],
            unchanged=counts["unchanged"],
            partial=counts["partial"],
            refused=counts["refused"],
            data=data,
            warnings=self.warnings,
        )


def brought_in(request: ApiRequest, records: Sequence[Any], bring: Callable[[Sum], None]) -> Any:
    """Answer with what becomes of records that `bring` takes in, done once by the idempotency key."""

    def work() -> Answer:
        # Two that write the same records would wait for each other's locks, or for ever.
        in_turn()
        summed = Sum()
        bring(summed)
        return Answer(200, as_json(summed.outcomes(len(records))))

    return done_once(request, work)


def line_of(index: int, record: OfProductIn, fields: Iterable[str]) -> Line:
    """The row that a record comes to which names its product, of these fields of it."""
    cells = cells_of(record, fields)
    code = cells.pop("product_code", "")
    return Line(index, {**cells, "code": code}, {"code": "product_code"}) if code else Line(index, cells)


def cells_of(record: BaseModel, fields: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """The cells that a record comes to, of what it says; `fields` are its names, with the importer's if they differ."""
    named = fields.items() if isinstance(fields, Mapping) else ((name, name) for name in fields)
    said = record.model_fields_set
    return {field: written(getattr(record, name)) for name, field in named if name in said}


def written(value: Any) -> str:
    """A value as importers read it; None as the empty cell that clears what it stands in."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            text = f"{value:f}"
            # With just three decimals it might be a thousand in a file.
            return f"{text}0" if len(text.partition(".")[2]) == 3 else text
        case datetime.date():
            return value.isoformat()
        case list():
            return "; ".join(value)
    return str(value)


def issue_of(said: Said, pointer: str = "", severity: Literal["error", "warning"] = "error") -> Issue:
    """What the books said no to, or warn of."""
    return Issue(severity=severity, code=said.reason.code, message=f"{said.says} {said.fix}".strip(), pointer=pointer)


def _fate(states: Sequence[State]) -> Fate:
    """What a record came to, of what its rows did."""
    found = set(states)
    if State.REFUSED in found:
        return "refused" if len(found) == 1 else "partial"
    if found == {State.CREATED}:
        return "created"
    return "unchanged" if found <= {State.UNCHANGED} else "updated"
