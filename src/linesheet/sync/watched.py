"""What a connection's webhook is told of, and how all of that is at the moment (see `watching`)."""

from linesheet.books import versions
from linesheet.sync import registry
from linesheet.sync.endpoints import Watched
from linesheet.sync.models import Connection, WatchedRecord, Webhook

AT_ONCE = 1000


def watched_of(connection: Connection) -> tuple[Watched, ...]:
    """What the platform of a connection may be told of."""
    declared = registry.platforms().get(connection.platform)
    return declared.watched if declared else ()


def begin(webhook: Webhook) -> None:
    """Take everything as it is now for known, inside the caller's transaction: what is told is what changes later."""
    if webhook.connection is None:
        return
    WatchedRecord.objects.filter(webhook=webhook).delete()
    webhook.looked_at = versions.now_or_before()
    webhook.save(update_fields=["looked_at"])
    for watched in watched_of(webhook.connection):
        states = watched.states(webhook.connection, None)
        WatchedRecord.objects.bulk_create(
            (
                WatchedRecord(webhook=webhook, kind=watched.kind, record_id=record, state=state)
                for record, state in states.items()
            ),
            batch_size=AT_ONCE,
        )
