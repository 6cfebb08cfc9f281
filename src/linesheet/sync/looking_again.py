"""Looking at the readiness again without being asked: after something changed, and once a day.

Whether anything changed is one question to the database (`books/touching.py`). A change is let settle, and a
connection rests after a look for ten times as long as it took, so that looking never takes more than a tenth of a
worker. Connections at which nobody has ever looked are left alone, unless they have open problems: a look clears those
that are mended.
"""

import datetime
import logging
from typing import Any

from django.db import connection as database
from django.utils import timezone

from linesheet.books import touching
from linesheet.books.tenancy import acting_for
from linesheet.sync import readiness, registry
from linesheet.sync.models import Connection, Look

log = logging.getLogger(__name__)

SETTLES = datetime.timedelta(minutes=1)
"""So long nothing more must have changed, unless changes never end."""
NEVER_ENDS = datetime.timedelta(hours=1)
AT_LEAST_EVERY = datetime.timedelta(days=1)
RESTS_AT_LEAST = datetime.timedelta(minutes=1)
RESTS_AT_MOST = datetime.timedelta(hours=1)
TRIES_AGAIN = datetime.timedelta(hours=1)
"""After a look that failed, or whose worker died: its worker might die of the next one as well."""

# The stubs know of no intervals among parameters.
_TIMES: dict[str, Any] = {
    "daily": AT_LEAST_EVERY,
    "most": RESTS_AT_MOST,
    "least": RESTS_AT_LEAST,
    "settles": SETTLES,
    "never_ends": NEVER_ENDS,
    "again": TRIES_AGAIN,
}

_RESTED = """coalesce(look.done_at, look.asked_at) < statement_timestamp() -
    greatest(least((coalesce(look.done_at, look.asked_at) - look.asked_at) * 10, %(most)s), %(least)s)"""
"""SQL: whether a row `look` has rested. One that is not done has taken no time yet."""


def has_changed(look: Look) -> bool:
    """Whether something it may hang on was changed since a look began; also when that is not known any more."""
    if not look.snapshot or timezone.now() - look.asked_at > touching.KEPT:
        return True
    return touching.changed_since(look.snapshot)


def has_rested(look: Look) -> bool:
    """Whether it is long enough ago that a look was done to look again of one's own accord."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {_RESTED} FROM sync_look look WHERE look.id = %(look)s", {**_TIMES, "look": look.pk})  # noqa: S608
        (rested,) = cursor.fetchone()
    return bool(rested)


def look_where_due() -> int:
    """Ask for a look wherever one is due, in all companies; how many were asked for. One query where none is."""
    asked = 0
    for connection_id, company_id in _due():
        with acting_for(company_id):
            connection = Connection.objects.defer("credentials").get(pk=connection_id)
            if registry.platforms().get(connection.platform) is None:
                continue
            readiness.ask(connection)
            log.info("the readiness of %s is looked at again", connection)
            asked += 1
    return asked


def _due() -> list[tuple[int, int]]:
    """Ids of connections, with their company's, at which is to be looked."""
    with database.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT connection.id, connection.company_id
              FROM sync_connection connection
             WHERE connection.active
               AND NOT EXISTS (SELECT FROM sync_look WHERE connection_id = connection.id)
               AND EXISTS (SELECT FROM sync_problem WHERE connection_id = connection.id AND cleared_at IS NULL)
            UNION ALL
            SELECT look.connection_id, look.company_id
              FROM sync_connection connection
             CROSS JOIN LATERAL (
                   SELECT * FROM sync_look WHERE connection_id = connection.id ORDER BY id DESC LIMIT 1
                   ) look
             CROSS JOIN LATERAL (
                   SELECT max(touch.at) AS last FROM books_touch touch
                    WHERE touch.company_id = look.company_id AND look.snapshot <> ''
                      AND {touching.unseen("nullif(look.snapshot, '')")}
                   ) changed
             WHERE connection.active AND CASE
                   WHEN look.state = 'done' THEN
                        look.asked_at < now() - %(daily)s
                     OR {_RESTED}
                    AND (changed.last IS NOT NULL OR look.snapshot = '')
                    AND (coalesce(changed.last, look.done_at) < now() - %(settles)s
                         OR look.done_at < now() - %(never_ends)s)
                   ELSE look.asked_at < now() - %(again)s
                    AND (look.state = 'failed' OR coalesce(look.beat_at, look.asked_at) < now() - %(again)s) END
            """,  # noqa: S608 - nothing in it is given by anyone
            _TIMES,
        )
        return list(cursor.fetchall())
