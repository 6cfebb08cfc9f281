"""When each record last changed, with whatever belongs to it: for those who ask for what changed since.

Triggers write a row for every record that a statement changed, once a transaction. Rows are only added, never changed,
so nobody waits for anybody; the latest of a record counts, and `forget` deletes the others. A product has changed when
it, its sizes, barcodes, prices, pictures or seasons did; a customer with its addresses and contacts; an order with its
lines. Migrations make the triggers from here. A table must have the columns `id` and `company_id`.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from linesheet.books.models import Version
from linesheet.books.tenancy import company_in_hand

SETTLED = datetime.timedelta(days=2)
"""Older rows that are not the latest of their record go."""

FUNCTION = """
CREATE FUNCTION linesheet_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO books_version (company_id, kind, record_id, transaction, at)
         SELECT DISTINCT company_id, %L, %I, pg_current_xact_id()::text::bigint, $1 FROM changed
             ON CONFLICT DO NOTHING', TG_ARGV[0], TG_ARGV[1]
    ) USING clock_timestamp();
    RETURN NULL;
END;
$$;
"""
FUNCTION_UNDONE = "DROP FUNCTION linesheet_version();"

_ON = {
    "added": ("INSERT", "NEW TABLE AS changed"),
    "edited": ("UPDATE", "NEW TABLE AS changed"),
    "left": ("UPDATE", "OLD TABLE AS changed"),
    "gone": ("DELETE", "OLD TABLE AS changed"),
}


def trigger(table: str, kind: str, column: str = "id", *, moves: bool = False) -> str:
    """SQL that has changes of a table noted as changes of the records of a kind, whose ids are in that column.

    `moves`: its rows may go from one of these to another, which then have both changed.
    """
    return "".join(
        f"""
        CREATE TRIGGER linesheet_version_{name} AFTER {event} ON {table} REFERENCING {rows}
        FOR EACH STATEMENT EXECUTE FUNCTION linesheet_version('{kind}', '{column}');
        """
        for name, (event, rows) in _ON.items()
        if moves or name != "left"
    )


def trigger_undone(table: str) -> str:
    """SQL that takes the triggers off a table."""
    return "".join(f"DROP TRIGGER IF EXISTS linesheet_version_{name} ON {table};" for name in _ON)


def changed_at(kind: str, ids: Iterable[int]) -> dict[int, datetime.datetime]:
    """When these records last changed. One query."""
    of_kind = Version.objects.filter(kind=kind, record_id__in=list(ids))
    return dict(of_kind.values_list("record_id").annotate(Max("at")).order_by())


def note(kind: str, ids: "QuerySet[Any]") -> None:
    """Have the records whose ids these are, each once, count as changed now, under a kind. One statement."""
    try:
        chosen, values = ids.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO books_version (company_id, kind, record_id, transaction, at)
            SELECT %s, %s, id, pg_current_xact_id()::text::bigint, clock_timestamp() FROM ({chosen}) chosen (id)
                ON CONFLICT DO NOTHING
            """,  # noqa: S608 - nothing in it is given by anyone
            [company_in_hand(), kind, *values],
        )


def now_or_before() -> datetime.datetime:
    """A moment after which comes whatever is not to be seen yet: nothing older will ever turn up.

    It is now, or when the oldest transaction began that has written something and not ended. Ask for it before the
    rows: who later asks for what changed since then misses nothing, and may get a few rows twice. Now is when the
    statement began: a session that writes first after it was looked at writes later than that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT LEAST(statement_timestamp(), min(xact_start)) FROM pg_stat_activity
             WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
            """
        )
        moment: datetime.datetime = cursor.fetchone()[0]
    return moment


def forget() -> int:
    """Delete rows that a later one of the same record makes worthless, and those of companies gone; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM books_version old
             WHERE (old.at < %s AND EXISTS (
                       SELECT 1 FROM books_version later
                        WHERE later.kind = old.kind AND later.record_id = old.record_id AND later.at > old.at))
                OR NOT EXISTS (SELECT 1 FROM books_company WHERE id = old.company_id)
            """,
            [timezone.now() - SETTLED],
        )
        return int(cursor.rowcount)
