"""Which rows that a change set inserted must stay when it is undone, found before any of them is deleted.

A row stays when it is not as it was left, when others came to point to it, or when a rule has it stay; and with it
stay the rows it needs and those that are part of it. Else what is kept would be kept empty.
"""

# Statements are put together from names of our own tables and columns only, so S608 is waived below.

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from linesheet.books.models import Change, ChangeSet
from linesheet.books.tables import columns_of, kinds_of, model_of
from linesheet.books.vetoes import vetoes

INSERT, UPDATE = Change.Operation.INSERT, Change.Operation.UPDATE
AT_ONCE = 5000

Rows = dict[str, set[int]]


@dataclass(slots=True)
class Staying:
    """Ids by table of the inserted rows that stay, and why of each that is told of.

    Parts of a row that stays are not told of.
    """

    rows: Rows = field(default_factory=lambda: defaultdict(set))
    why: dict[tuple[str, int], str] = field(default_factory=dict)


def staying(change_set: ChangeSet) -> Staying:
    """The inserted rows of a set that must stay. The number of queries depends on that of the tables, not the rows."""
    search = _Search(change_set)
    search.run()
    return search.found


class _Search:
    def __init__(self, change_set: ChangeSet) -> None:
        self._set = change_set
        self.found = Staying()
        self._changes: dict[str, dict[int, int]] = defaultdict(dict)
        self._touched: Rows = defaultdict(set)

    def run(self) -> None:
        rows = self._set.changes.filter(operation__in=(INSERT, UPDATE)).order_by()
        for table, row, change, operation in rows.values_list("table", "row", "pk", "operation").iterator():
            self._touched[table].add(row)
            if operation == INSERT:
                self._changes[table][row] = change
        for table in self._changes:
            self._hold(table)
        changed: Rows = defaultdict(set)
        for table in self._changes:
            for row in self._not_as_left(table):
                self._stays(table, row, "was changed since", changed)
        others: Rows = defaultdict(set)
        for table in self._changes:
            self._look_for_vetoes(table, others)
            self._look_for_pointers(table, others)
        # What was changed keeps all that would be deleted with it; what is merely in use keeps its own parts.
        self._add_parts(changed, others, owned_only=False)
        self._close(changed, others)

    def _stays(self, table: str, row: int, why: str, new: Rows) -> None:
        if row not in self.found.rows[table]:
            self.found.rows[table].add(row)
            new[table].add(row)
            if why:
                self.found.why.setdefault((table, row), why)

    def _hold(self, table: str) -> None:
        """Have nobody change, or begin to point to, rows that others of the set belong to, until all is done."""
        if any(child in self._changes for child, _ in _children(table)):
            name = connection.ops.quote_name(table)
            _ids(f"SELECT id FROM {name} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", list(self._changes[table]))  # noqa: S608

    def _not_as_left(self, table: str) -> set[int]:
        name = connection.ops.quote_name(table)
        # Later updates of the set are laid over the row as it was inserted; the last value of a column counts.
        return _ids(
            f"""
            SELECT {name}.id
              FROM books_change c
              JOIN {name} ON {name}.id = c.row AND {name}.company_id = %s
              LEFT JOIN (SELECT u.row, jsonb_object_agg(later.key, later.value ORDER BY u.id) AS after
                           FROM books_change u, jsonb_each(u.after) AS later
                          WHERE u.change_set_id = %s AND u."table" = %s AND u.operation = 'U'
                          GROUP BY u.row) AS updates ON updates.row = c.row
             WHERE c.change_set_id = %s AND c."table" = %s AND c.operation = 'I'
               AND to_jsonb(jsonb_populate_record({name},
                       (c.after || coalesce(updates.after, '{{}}'::jsonb)) - %s::text[])) <> to_jsonb({name})
            """,  # noqa: S608 - names of our own tables
            self._set.company_id,
            *[self._set.pk, table] * 2,
            columns_of(model_of(table)).no_change,
        )

    def _look_for_vetoes(self, table: str, new: Rows) -> None:
        pairs = list(self._changes[table].items())
        for start in range(0, len(pairs), AT_ONCE):
            rows, changes = zip(*pairs[start : start + AT_ONCE], strict=True)
            for row, veto in vetoes(self._set, table, INSERT, changes, rows).items():
                of_table, of_row = veto.of or (table, row)
                self._stays(table, row, "", new)
                self.found.why.setdefault((of_table, of_row), veto.why)

    def _look_for_pointers(self, table: str, new: Rows) -> None:
        """Rows that others point to which the set neither made nor changed."""
        for child, link in _children(table):
            pk, column = _names(link)
            pointed = _ids(
                f"SELECT DISTINCT {column} FROM {connection.ops.quote_name(child)}"  # noqa: S608
                f" WHERE {column} = ANY(%s) AND {pk} <> ALL(%s::bigint[])",
                list(self._changes[table]),
                list(self._touched[child]),
            )
            for row in pointed:
                self._stays(table, row, f"is in use by {kinds_of(link.model)} that came since", new)

    def _close(self, *begun: Rows) -> None:
        """Add what the rows that stay need, and what is part of them, until there is no more."""
        new: Rows = defaultdict(set)
        for rows in begun:
            for table in rows:
                new[table] |= rows[table]
        while any(new.values()):
            last, new = new, defaultdict(set)
            self._add_parts(last, new, owned_only=True)
            for each, ids in last.items():
                self._add_needed(each, ids, new)

    def _add_parts(self, of: Rows, new: Rows, *, owned_only: bool) -> None:
        for table, rows in list(of.items()):
            for child, link in _children(table):
                if rows and child in self._changes and (link == _owner(link.model) if owned_only else _cascades(link)):
                    pk, column = _names(link)
                    name = connection.ops.quote_name(child)
                    for row in _ids(f"SELECT {pk} FROM {name} WHERE {column} = ANY(%s)", list(rows)):  # noqa: S608
                        if row in self._changes[child]:
                            self._stays(child, row, "", new)

    def _add_needed(self, table: str, rows: set[int], new: Rows) -> None:
        model = model_of(table)
        for link in _links(model):
            parent = link.related_model._meta.db_table
            if rows and parent in self._changes:
                pk, column = _names(link)
                name = connection.ops.quote_name(table)
                for row in _ids(f"SELECT DISTINCT {column} FROM {name} WHERE {pk} = ANY(%s)", list(rows)):  # noqa: S608
                    if row in self._changes[parent]:
                        self._stays(parent, row, f"is in use by {kinds_of(model)} that stay", new)


def _links(model: type[models.Model]) -> Iterator[Any]:
    return (each for each in model._meta.concrete_fields if each.many_to_one or each.one_to_one)


def _children(table: str) -> Iterator[tuple[str, Any]]:
    """Tables whose rows point to those of this one, each with the foreign key that does."""
    for relation in model_of(table)._meta.related_objects:
        link: Any = relation.field
        if link.concrete and not link.many_to_many and link.db_constraint:
            yield link.model._meta.db_table, link


def _cascades(link: Any) -> bool:
    return link.remote_field.on_delete is models.CASCADE


def _owner(model: type[models.Model]) -> Any:
    """The link to what a row is part of: the first that it is deleted with, after its company."""
    return next((link for link in _links(model) if _cascades(link) and link.name != "company"), None)


def _names(link: Any) -> tuple[str, str]:
    """The columns of a table's key and of one of its foreign keys."""
    return connection.ops.quote_name(link.model._meta.pk.column), connection.ops.quote_name(link.column)


def _ids(sql: str, *values: Any) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {row for (row,) in cursor.fetchall() if row is not None}
