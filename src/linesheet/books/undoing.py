"""Taking back the changes of a set: in stretches of one table, and half by half where the database refuses one."""

# Statements are put together from names of our own tables and columns only, so S608 is waived below.

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from linesheet.books.barcodes import retire
from linesheet.books.models import SKU, Change, ChangeSet, Image
from linesheet.books.staying import Staying, staying
from linesheet.books.tables import columns_of, kinds_of, model_of
from linesheet.books.vetoes import vetoes

ROWS_AT_A_TIME = 5000
MOST_TOLD = 50
"""How many of the rows that were kept are named; the others are counted."""

INSERT, UPDATE, DELETE = Change.Operation.INSERT, Change.Operation.UPDATE, Change.Operation.DELETE


@dataclass(frozen=True, slots=True)
class Undone:
    """How many changes were taken back, and of each row that was kept a sentence that tells why.

    `kept` names at most MOST_TOLD rows; `kept_rows` is how many there are.
    """

    taken_back: int
    kept: list[str]
    kept_rows: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Changes that follow each other, newest first: of one table and operation, each of another row."""

    table: str
    operation: str
    changes: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def halves(self) -> "Iterator[Stretch]":
        """The newer half, and the older."""
        middle = len(self.rows) // 2
        for part in (slice(None, middle), slice(middle, None)):
            yield Stretch(self.table, self.operation, self.changes[part], self.rows[part])

    def without(self, rows: set[int]) -> "Stretch":
        """The changes of all other rows."""
        left = [(change, row) for change, row in zip(self.changes, self.rows, strict=True) if row not in rows]
        return Stretch(self.table, self.operation, [change for change, _ in left], [row for _, row in left])


class Undoing:
    """The taking back of one change set, in a transaction of the caller's with links checked at once."""

    def __init__(self, change_set: ChangeSet) -> None:
        self._set = change_set
        self._taken_back = 0
        self._kept: dict[tuple[str, int], str] = {}
        self._staying = Staying()
        self.pictures: list[dict[str, Any]] = []
        """Rows of pictures that were deleted, whose files may be shown no more."""

    def run(self) -> None:
        """Take back everything that can be."""
        self._staying = staying(self._set)
        self._kept |= self._staying.why
        for stretch in self._stretches():
            self._take_back(self._allowed(stretch))

    def undone(self) -> Undone:
        """What it came to."""
        told = [_sentence(self._set, *where, why) for where, why in list(self._kept.items())[:MOST_TOLD]]
        return Undone(self._taken_back, told, len(self._kept))

    def _stretches(self) -> Iterator[Stretch]:
        stretch: Stretch | None = None
        seen: set[int] = set()
        for change, table, row, operation in self._newest_first():
            fits = stretch and (stretch.table, stretch.operation) == (table, operation)
            if stretch is None or not fits or row in seen or len(seen) >= ROWS_AT_A_TIME:
                if stretch:
                    yield stretch
                stretch, seen = Stretch(table, operation), set()
            stretch.changes.append(change)
            stretch.rows.append(row)
            seen.add(row)
        if stretch:
            yield stretch

    def _newest_first(self) -> Iterator[tuple[int, str, int, str]]:
        changes = Change.objects.filter(change_set=self._set).order_by("-pk")
        page = list(changes.values_list("pk", "table", "row", "operation")[:ROWS_AT_A_TIME])
        while page:
            yield from page
            page = list(
                changes.filter(pk__lt=page[-1][0]).values_list("pk", "table", "row", "operation")[:ROWS_AT_A_TIME]
            )

    def _allowed(self, stretch: Stretch) -> Stretch:
        """The changes that no rule forbids to take back, of rows that do not stay."""
        left = stretch.without(self._staying.rows.get(stretch.table, set()))
        forbidden = vetoes(self._set, left.table, left.operation, left.changes, left.rows)
        for row, veto in forbidden.items():
            self._keep(*(veto.of or (left.table, row)), veto.why)
        return left.without(set(forbidden))

    def _take_back(self, stretch: Stretch, *, looked: bool = False) -> None:
        """Take a stretch back, without the rows that must stay. `looked`: none of it is pointed to, as far as known."""
        if not stretch.rows:
            return
        try:
            with transaction.atomic():
                done = self._execute(stretch)
        except (IntegrityError, DataError):
            if stretch.operation == INSERT and not looked:
                self._take_back(self._without_pointed_to(stretch), looked=True)
            elif len(stretch.rows) > 1:
                for half in stretch.halves():
                    self._take_back(half, looked=True)
            else:
                why = "is in use by others" if stretch.operation == INSERT else "has had its place taken by another"
                self._keep(stretch.table, stretch.rows[0], why)
            return
        self._taken_back += len(done)
        if (stretch.table, stretch.operation) == (SKU._meta.db_table, UPDATE):
            _retire_barcodes(stretch, done)
        if (stretch.table, stretch.operation) == (Image._meta.db_table, INSERT):
            gone = Change.objects.filter(pk__in=stretch.changes, row__in=done)
            self.pictures += [after or {} for after in gone.values_list("after", flat=True)]
        self._explain(stretch.without(done))

    def _without_pointed_to(self, stretch: Stretch) -> Stretch:
        """The rows that no others point to; those that some do are kept."""
        pointing = _pointed_to(stretch)
        for row, others in pointing.items():
            self._keep(stretch.table, row, f"is in use by {others} that came since")
        return stretch.without(set(pointing))

    def _execute(self, stretch: Stretch) -> set[int]:
        """Ids of the rows whose change was taken back; the others differ from what the set made of them."""
        model = model_of(stretch.table)
        table = connection.ops.quote_name(stretch.table)
        of = columns_of(model)
        ours = f"c.id = ANY(%s) AND {table}.id = c.row AND {table}.company_id = %s"
        as_left = f"to_jsonb(jsonb_populate_record({table}, c.after - %s::text[])) = to_jsonb({table})"
        values: list[Any] = [stretch.changes, self._set.company_id, of.no_change]
        if stretch.operation == INSERT:
            sql = f"DELETE FROM {table} USING books_change c WHERE {ours} AND {as_left} RETURNING {table}.id"  # noqa: S608
        elif stretch.operation == UPDATE:
            touch = "".join(f", {name} = now()" for name in of.quoted(of.touched))
            names = ", ".join(of.quoted(of.settled))
            sql = (
                f"UPDATE {table} SET ({names}) = (SELECT {names} FROM jsonb_populate_record({table}, c.before)){touch}"  # noqa: S608
                f" FROM books_change c WHERE {ours} AND {as_left} RETURNING {table}.id"
            )
        else:
            names = ", ".join(of.quoted(["id", *of.settled, *of.touched, *of.following]))
            sql = (
                f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608
                f" FROM (SELECT (jsonb_populate_record(NULL::{table}, before)).*"
                f" FROM books_change WHERE id = ANY(%s) AND (before->>'company_id')::bigint = %s) AS row"
                f" ON CONFLICT (id) DO NOTHING RETURNING id"
            )
            values.pop()
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return {row for (row,) in cursor.fetchall()}

    def _explain(self, left: Stretch) -> None:
        """Note the rows that were not as the set had left them. One that was to go and has gone is no matter."""
        if not left.rows:
            return
        there = set(
            model_of(left.table)
            ._base_manager.filter(company_id=self._set.company_id, pk__in=left.rows)
            .values_list("pk", flat=True)
        )
        for row in left.rows:
            if row in there:
                self._keep(left.table, row, "was changed since")
            elif left.operation == UPDATE:
                self._keep(left.table, row, "was deleted since")

    def _keep(self, table: str, row: int, why: str) -> None:
        # The newest change of a row was tried first, and what stands in its way stands in the way of the older ones.
        self._kept.setdefault((table, row), why)


def _retire_barcodes(stretch: Stretch, rows: set[int]) -> None:
    """Numbers that come off their SKUs by undoing are never given again either (sheet erp.md 2.4)."""
    changes = Change.objects.filter(pk__in=stretch.changes, row__in=rows, after__has_key="barcode")
    retire(changes.values_list("after__barcode", flat=True))


def _pointed_to(stretch: Stretch) -> dict[int, str]:
    """Rows of a stretch that others point to, with what these are; rows of the same stretch do not count."""
    model = model_of(stretch.table)
    found: dict[int, str] = {}
    for relation in model._meta.related_objects:
        link = relation.field
        others = relation.related_model._base_manager.filter(**{f"{link.name}__in": stretch.rows}).order_by()
        if relation.related_model is model:
            others = others.exclude(pk__in=stretch.rows)
        for row in others.values_list(link.attname, flat=True).distinct():
            found.setdefault(row, kinds_of(relation.related_model))
    return found


def _sentence(change_set: ChangeSet, table: str, row: int, why: str) -> str:
    """Which row was kept, and why."""
    model = model_of(table)
    kind = "SKU" if model is SKU else str(model._meta.verbose_name).capitalize()
    there = model._base_manager.filter(company_id=change_set.company_id, pk=row).first()
    if there is None:
        was = change_set.changes.filter(table=table, row=row, before__isnull=False)
        before = was.values_list("before", flat=True).last() or {}
        name = next((before[key] for key in ("code", "name", "size", "number") if before.get(key)), row)
        return f"{kind} {name} {why}."
    return f"{kind} {there} {why} and stays as it is."
