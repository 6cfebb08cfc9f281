"""The credits that the calls of a connection cost, counted by windows of time for all workers in the connection's row.

A platform opens a window when the first call reaches it, which is a little after we counted that call here. So ours
ends before the platform's, and nothing is given out around the end of either: a call that is counted in one window
here is in the same one there. All times are by the database's clock.
"""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from linesheet.sync.models import Connection
from linesheet.sync.platform import CREDITS, Platform, Quota

# Seconds that a call may take to reach the platform.
MARGIN = 1.0


def quota_of(settings: Mapping[str, Any], platform: Platform) -> Quota | None:
    """The quota of a connection with these settings; None when its platform has none."""
    known, own = platform.budget.quota, settings.get(CREDITS.key)
    return replace(known, credits=own) if known and own else known


def seconds_for(quota: Quota, credits: int) -> float:
    """Seconds that pass until the last of so many credits can be spent, from the start of a window."""
    return max(0, credits - 1) // quota.credits * (quota.seconds + MARGIN)


def spend(connection_id: int, quota: Quota, cost: int, *, anyway: bool = False) -> float:
    """Spend credits of the window; 0 when that was done, else the seconds until there may be some.

    A window that is over gives way to a new one, whatever the call costs. Nothing is spent while the platform has
    everybody wait. `anyway`: the call waits for nothing, and is only counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_connection
               SET quota_spent = %(cost)s + CASE WHEN is_over THEN 0 ELSE quota_spent END,
                   quota_from = CASE WHEN is_over THEN clock_timestamp() ELSE quota_from END
              FROM (SELECT coalesce(quota_from + %(whole)s * interval '1 second' <= clock_timestamp(), true) AS is_over,
                           coalesce(paused_until <= clock_timestamp(), true) AS may_call,
                           quota_from + %(open)s * interval '1 second' > clock_timestamp() AS is_open
                      FROM sync_connection WHERE id = %(id)s FOR UPDATE) AS stands
             WHERE id = %(id)s
               AND (%(anyway)s OR may_call AND (is_over OR is_open AND quota_spent + %(cost)s <= %(credits)s))
            """,
            {
                "id": connection_id,
                "cost": cost,
                "credits": quota.credits,
                "open": quota.seconds - min(MARGIN, quota.seconds / 10),
                "whole": quota.seconds + MARGIN,
                "anyway": anyway,
            },
        )
        return 0.0 if cursor.rowcount else max(0.01, refill(connection_id, quota))


def refill(connection_id: int, quota: Quota) -> float:
    """Seconds until the next window can be opened: after this one, or a whole one when none is known.

    Where the platform has everybody wait because its window was used up, that is the wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM greatest(paused_until, CASE
                       WHEN quota_from + %(whole)s * interval '1 second' > clock_timestamp()
                           THEN quota_from + %(whole)s * interval '1 second'
                       WHEN quota_from IS NULL AND paused_until > clock_timestamp() THEN paused_until
                       ELSE clock_timestamp() + %(whole)s * interval '1 second'
                   END) - clock_timestamp())
              FROM sync_connection WHERE id = %(id)s
            """,
            {"id": connection_id, "whole": quota.seconds + MARGIN},
        )
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0


def left(row: Connection, quota: Quota, now: datetime.datetime) -> int:
    """Credits that the connection has left in the window of a moment, by the database's clock."""
    is_over = row.quota_from is None or (now - row.quota_from).total_seconds() >= quota.seconds + MARGIN
    return quota.credits if is_over else max(0, quota.credits - row.quota_spent)
