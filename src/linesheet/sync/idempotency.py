"""Requests that may come again, and are done once: what was answered is kept by the key they came with.

A row is written first, by which everybody knows that the request is being worked on; then the work and its answer are
one transaction. While that lasts the row is locked. One whose process has died is unlocked, and is taken over once its
lease is over. What was refused is not kept, so that it can be asked for again with the same key once it was mended.
"""

import contextlib
import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction
from django.utils import timezone

from linesheet.books.tenancy import company_in_hand
from linesheet.sync.models import KeptAnswer

KEPT = datetime.timedelta(days=30)
LEASE = datetime.timedelta(seconds=60)
RETRY_SECONDS = 5
LONGEST_KEY = 255


class Conflict(Exception):
    """The key came before, with another request."""


class InProgress(Exception):
    """The same request is being worked on; ask again in RETRY_SECONDS."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with: the status, and a body of JSON's own types.

    One that is not `kept` changes nothing for the next request with the same key, though what was done stays done.
    """

    status: int
    body: Any
    kept: bool = True
    replayed: bool = False


def once(owner: str, key: str, asked: str, work: Callable[[], Answer], *, kept: datetime.timedelta = KEPT) -> Answer:
    """Do the work in a transaction and keep its answer, or give the one that is kept.

    `asked` is a hash of what was asked for. What `work` raises undoes it, and is raised. Must not be called inside a
    transaction, in which nobody else would see that the work is being done. Raises Conflict or InProgress.
    """
    row, turn = _take(owner, key, asked, kept)
    if row.status is not None:
        return Answer(row.status, row.body, replayed=True)
    try:
        with transaction.atomic(durable=True):
            if not KeptAnswer.objects.select_for_update().filter(pk=row.pk, turn=turn, status=None).exists():
                raise InProgress
            answer = work()
            mine = KeptAnswer.objects.filter(pk=row.pk)
            if answer.kept:
                mine.update(status=answer.status, body=answer.body)
            else:
                mine.delete()
    except InProgress:
        raise
    except BaseException:
        # Where the database is gone as well, the lease runs out.
        with contextlib.suppress(Error):
            KeptAnswer.objects.filter(pk=row.pk, turn=turn, status=None).delete()
        raise
    return answer


def alone(work: Callable[[], Answer]) -> Answer:
    """Do work that nobody will ask for again, in a transaction too."""
    with transaction.atomic():
        return work()


def forget() -> int:
    """Delete answers that were kept long enough, of all companies; how many."""
    return int(KeptAnswer.everywhere.filter(expires_at__lt=timezone.now()).delete()[0])


def _take(owner: str, key: str, asked: str, kept: datetime.timedelta) -> tuple[KeptAnswer, uuid.UUID]:
    """The row of the key, answered or ours to answer."""
    turn = uuid.uuid4()
    company = company_in_hand()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM sync_keptanswer
             WHERE company_id = %s AND owner = %s AND key = %s AND expires_at < clock_timestamp()
            """,
            [company, owner, key],
        )
        cursor.execute(
            """
            INSERT INTO sync_keptanswer (company_id, owner, key, asked, turn, lease_until, created_at, expires_at)
            SELECT %s, %s, %s, %s, %s, now + %s::interval, now, now + %s::interval FROM clock_timestamp() now
                ON CONFLICT (company_id, owner, key) DO NOTHING
            """,
            [company, owner, key, asked, turn, _seconds(LEASE), _seconds(kept)],
        )
    row: KeptAnswer | None = KeptAnswer.objects.filter(owner=owner, key=key).first()
    if row is None:
        # Whoever worked on it was refused a moment ago.
        raise InProgress
    if row.asked != asked:
        raise Conflict
    if row.status is None and row.turn != turn and not _take_over(row, turn):
        raise InProgress
    return row, turn


def _take_over(row: KeptAnswer, turn: uuid.UUID) -> bool:
    """Whether the row's worker is gone, so that it is ours now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_keptanswer SET turn = %s, lease_until = clock_timestamp() + %s::interval
             WHERE id = (SELECT id FROM sync_keptanswer
                          WHERE id = %s AND status IS NULL AND lease_until < clock_timestamp()
                            FOR UPDATE SKIP LOCKED)
            """,
            [turn, _seconds(LEASE), row.pk],
        )
        return bool(cursor.rowcount == 1)


def _seconds(span: datetime.timedelta) -> str:
    return f"{span.total_seconds()} seconds"
