"""The triggers that note when anything of a company changes, so that what was worked out before is known to be stale.

Each transaction that writes leaves one row in `books_touch`, with its number, however much it writes. Who works
something out keeps the snapshot of its beginning; whatever is not visible in that came since, also when it was begun
before and ended after. Nobody waits for anybody: rows are only added. Migrations make the triggers from here, those of
`sync` for its own tables too. A table must have the columns `id` and `company_id`.
"""

import datetime

from django.db import connection
from django.utils import timezone

from linesheet.books.models import Touch
from linesheet.books.tenancy import company_in_hand

SETTING = "linesheet.touched"
"""The transaction's setting that holds the id of the company for which it has left its row."""

KEPT = datetime.timedelta(days=2)
"""Snapshots older than this are taken for stale: what came since may be forgotten."""

FUNCTION = f"""
CREATE FUNCTION linesheet_touch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    company bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN company := OLD.company_id; ELSE company := NEW.company_id; END IF;
    -- The rows of one statement are all asked for before the first of them is told here.
    IF current_setting('{SETTING}', true) IS DISTINCT FROM company::text THEN
        INSERT INTO books_touch (company_id, transaction, at)
        VALUES (company, pg_current_xact_id()::text::bigint, clock_timestamp());
        PERFORM set_config('{SETTING}', company::text, true);
    END IF;
    RETURN NULL;
END;
$$;
"""  # noqa: S608 - nothing in it is given by anyone
FUNCTION_UNDONE = "DROP FUNCTION linesheet_touch();"


def trigger(table: str, on: str = "INSERT OR UPDATE") -> str:
    """SQL that has changes of a table noted; `on` says which, beside deletions.

    The condition is looked at before the function is called, so that rows after the first cost next to nothing.
    """
    return "".join(
        f"""
        CREATE TRIGGER linesheet_touch_{name} AFTER {events} ON {table} FOR EACH ROW
        WHEN (current_setting('{SETTING}', true) IS DISTINCT FROM {row}.company_id::text)
        EXECUTE FUNCTION linesheet_touch();
        """
        for name, events, row in (("kept", on, "NEW"), ("gone", "DELETE", "OLD"))
    )


def trigger_undone(table: str) -> str:
    """SQL that takes the triggers off a table."""
    return f"DROP TRIGGER linesheet_touch_kept ON {table}; DROP TRIGGER linesheet_touch_gone ON {table};"


def snapshot() -> str:
    """What this moment sees of other transactions, to be asked `changed_since` with later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        text: str = cursor.fetchone()[0]
    return text


def unseen(snapshot: str) -> str:
    """SQL: whether a row `touch` of books_touch came after a snapshot, which is given as SQL as well."""
    return (
        f"(touch.transaction >= pg_snapshot_xmin({snapshot}::pg_snapshot)::text::bigint AND NOT "
        f"pg_visible_in_snapshot(touch.transaction::text::xid8, {snapshot}::pg_snapshot))"
    )


def changed_since(snapshot: str) -> bool:
    """Whether something of the company in hand was changed that this snapshot did not see. One small query."""
    unseen_by_it = unseen("%(snapshot)s")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM books_touch touch WHERE company_id = %(company)s AND {unseen_by_it})",  # noqa: S608
            {"company": company_in_hand(), "snapshot": snapshot},
        )
        return bool(cursor.fetchone()[0])


def forget() -> int:
    """Delete notes that are older than `KEPT`, of all companies; how many."""
    return int(Touch.everywhere.filter(at__lt=timezone.now() - KEPT).delete()[0])
