"""Webhooks of a connection: its platform is told when records that concern it come to be so.

What is watched, and what of it is an event, the platform declares (`Platform.watched`). Workers look every few seconds
at what changed since the last time (`books.versions`), and compare it with how it was then.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from linesheet.books import versions
from linesheet.books.models import Version
from linesheet.books.tenancy import acting_for
from linesheet.sync import webhooks
from linesheet.sync.endpoints import Watched
from linesheet.sync.errors import LOST_DATABASE
from linesheet.sync.models import Connection, WatchedRecord, Webhook
from linesheet.sync.watched import AT_ONCE, watched_of

log = logging.getLogger(__name__)


def look() -> int:
    """See what changed for every connection's webhook, of all companies; how many events that made."""
    found = Webhook.everywhere.filter(active=True, connection__isnull=False).defer("secrets")
    told = 0
    for webhook in found:
        try:
            with acting_for(webhook.company_id):
                told += _look_for(webhook)
        except LOST_DATABASE:
            raise
        except Exception:
            # Others are told all the same.
            log.exception("what webhook %s is to be told could not be found out", webhook.pk)
    return told


@transaction.atomic
def _look_for(webhook: Webhook) -> int:
    locked = Webhook.objects.select_for_update(of=("self",), skip_locked=True).select_related("connection")
    held = locked.defer("secrets", "connection__credentials").filter(pk=webhook.pk, active=True).first()
    if held is None or held.connection is None or held.looked_at is None:
        return 0
    as_of, told = versions.now_or_before(), 0
    for watched in watched_of(held.connection):
        changed = Version.objects.filter(kind__in=watched.changes(held.connection), at__gte=held.looked_at)
        ids = sorted(set(changed.values_list("record_id", flat=True)))
        for start in range(0, len(ids), AT_ONCE):
            told += _compare(held, held.connection, watched, ids[start : start + AT_ONCE])
    Webhook.objects.filter(pk=held.pk).update(looked_at=as_of)
    return told


def _compare(webhook: Webhook, connection: Connection, watched: Watched, ids: Sequence[int]) -> int:
    """Tell what became of these records, and note how they are."""
    known = WatchedRecord.objects.filter(webhook=webhook, kind=watched.kind, record_id__in=ids)
    before = dict(known.values_list("record_id", "state"))
    now = watched.states(connection, ids)
    moved = [one for one in ids if before.get(one, "") != now.get(one, "")]
    told = 0
    for event in watched.events:
        happened = [one for one in moved if event.happened(before.get(one, ""), now.get(one, ""))]
        if happened and event.key in webhook.events:
            told += webhooks.tell_one(webhook, event.key, _things(connection, watched, happened))
    WatchedRecord.objects.bulk_create(
        (
            WatchedRecord(webhook=webhook, kind=watched.kind, record_id=one, state=now[one])
            for one in moved
            if one in now
        ),
        update_conflicts=True,
        unique_fields=["webhook", "kind", "record_id"],
        update_fields=["state"],
    )
    known.filter(record_id__in=[one for one in moved if one not in now]).delete()
    return told


def _things(connection: Connection, watched: Watched, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    about = watched.about(connection, ids)
    named = {"id": connection.pk, "name": connection.name, "platform": connection.platform}
    for one in ids:
        yield {"connection": named, watched.kind: {"id": one, **about.get(one, {})}}
