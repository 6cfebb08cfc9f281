"""Looks at what records name and nobody has linked, by a worker: asked for when something changed.

A look takes a second or more where customers are many, so no page waits for it.
"""

import datetime
import logging

from django.db import transaction
from django.utils import timezone

from linesheet.books import touching
from linesheet.sync.database import DatabaseThread
from linesheet.sync.models import Connection, MatchLook
from linesheet.sync.open_names import looked_at
from linesheet.sync.reasons import stumbled
from linesheet.sync.suggestions import look

log = logging.getLogger(__name__)

QUEUE = "looks"
LOST_AFTER = datetime.timedelta(minutes=2)
"""Who asked so long ago may ask again: no look takes that long, and its worker may be gone."""


def ask(connection: Connection) -> MatchLook:
    """Have a worker look, unless one is asked already."""
    from linesheet.sync.jobs import look_at_names

    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).only("pk").get(pk=connection.pk)
        last = of(connection)
        if last and is_at_work(last):
            return last
        asked: MatchLook
        asked, _ = MatchLook.objects.update_or_create(
            connection=connection,
            defaults={"company_id": connection.company_id, "asked_at": timezone.now(), "says": ""},
        )
        look_at_names.defer(connection_id=connection.pk, company_id=connection.company_id)
    return asked


def of(connection: Connection) -> MatchLook | None:
    """The last look, done or under way."""
    found: MatchLook | None = MatchLook.objects.filter(connection=connection).first()
    return found


def is_at_work(last: MatchLook) -> bool:
    """Whether a worker is to do it, or at it."""
    waits = last.done_at is None or last.done_at < last.asked_at
    return waits and not last.says and timezone.now() - last.asked_at < LOST_AFTER


def has_changed(last: MatchLook) -> bool:
    """Whether something it may hang on was changed since the last that was done; also when that is not known."""
    if not last.snapshot or last.done_at is None or timezone.now() - last.done_at > touching.KEPT:
        return True
    return touching.changed_since(last.snapshot) or last.records != looked_at(last.connection)


def look_now(connection: Connection) -> None:
    """Look, and keep what was seen by it. Whoever else looks at the same connection waits for it."""
    with transaction.atomic():
        last = MatchLook.objects.select_for_update().filter(connection=connection).first()
        last = last or MatchLook(company_id=connection.company_id, connection=connection, asked_at=timezone.now())
        last.snapshot, last.records = touching.snapshot(), looked_at(connection)
        last.changed = look(connection)
        last.done_at, last.says = timezone.now(), ""
        last.save()


async def look_through(connection_id: int, company_id: int) -> None:
    """Look for whoever asked; what goes wrong is said where they wait."""
    async with DatabaseThread(company_id) as db:
        await db(_look_through, connection_id)


def _look_through(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        look_now(connection)
    except Exception as error:
        log.exception("the look at what %s names stopped on an error of our own", connection)
        says = str(stumbled(f"The look at {connection}", error))
        MatchLook.objects.filter(connection=connection).update(says=says)
