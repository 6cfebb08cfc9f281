"""What orders that came in leave to people although they are in the books."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection as database
from django.utils import timezone

from linesheet.books.reasons import BLOCKER
from linesheet.sync.models import InboxRecord

LATEST = 500
"""As many of the latest records of a connection are looked at, so that it costs the same however many there are."""
SHORT_FOR = datetime.timedelta(days=7)
"""How long an order counts as short; nothing tells when somebody has completed it."""


@dataclass(frozen=True, slots=True)
class Remains:
    """Counts among the latest orders of a connection that are active in the books.

    `short` came in without some of their lines lately, `again` are orders that were submitted several times and of
    which several are active, `unapproved` wait for approval.
    """

    short: int = 0
    again: int = 0
    unapproved: int = 0

    def __bool__(self) -> bool:
        return bool(self.short or self.again or self.unapproved)


def remains_of(ids: Sequence[int]) -> dict[int, Remains]:
    """By id of the connection, of those connections of the company in hand that have any such order. One query."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            WITH latest AS (
                SELECT asked.connection_id, inbox.kind, inbox.label, inbox.order_id, ordered.approved,
                       inbox.notes @> %(left_out)s::jsonb AND inbox.received_at > %(since)s AS short
                  FROM unnest(%(ids)s::bigint[]) AS asked (connection_id)
                 CROSS JOIN LATERAL (
                        SELECT kind, label, order_id, notes, received_at, state FROM sync_inboxrecord
                         WHERE connection_id = asked.connection_id ORDER BY id DESC LIMIT %(latest)s) AS inbox
                  JOIN books_order AS ordered ON ordered.id = inbox.order_id AND ordered.active
                 WHERE inbox.state = %(stored)s),
            numbers AS (
                SELECT connection_id, count(DISTINCT order_id) FILTER (WHERE short) AS short,
                       count(DISTINCT order_id) FILTER (WHERE NOT approved) AS unapproved,
                       count(DISTINCT order_id) AS orders
                  FROM latest GROUP BY connection_id, kind, label, CASE WHEN label = '' THEN order_id END)
            SELECT connection_id, sum(short)::int, count(*) FILTER (WHERE orders > 1), sum(unapproved)::int
              FROM numbers GROUP BY connection_id
            """,
            {
                "ids": list(ids),
                "left_out": json.dumps([{"severity": BLOCKER}]),
                "since": timezone.now() - SHORT_FOR,
                "latest": LATEST,
                "stored": InboxRecord.State.STORED.value,
            },
        )
        found = {pk: Remains(*counts) for pk, *counts in cursor.fetchall()}
    return {pk: remains for pk, remains in found.items() if remains}
