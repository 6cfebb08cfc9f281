"""The calls that programs make of us, as they are kept: one row a call, but one for all pages of a collect."""

import datetime
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from linesheet.books.tenancy import company_in_hand
from linesheet.sync.models import ApiCall, ApiKey

FOLDED_WITHIN = datetime.timedelta(minutes=10)
_SECONDS = f"{FOLDED_WITHIN.total_seconds()} seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A call as it was answered. `records` is how many a page of a collect had, None of every other call."""

    method: str
    route: str
    path: str
    status: int
    request_id: str
    address: str
    milliseconds: int
    records: int | None = None
    refused: str = ""
    says: str = ""
    request_body: str = ""
    response_body: str = ""


def note(key: ApiKey, made: Made, *, row: int | None = None) -> int | None:
    """Keep a call of the company in hand; the id of its row.

    `row` is one that was written for it before, unless it was undone with its transaction. A page of a collect is
    counted with the page before it, and has no row of its own then.
    """
    told = {name: getattr(made, name) for name in Made.__slots__}
    if row is not None and ApiCall.objects.filter(pk=row).update(**told, last_at=timezone.now()):
        return row
    if made.records is not None and _fold(key, made):
        return None
    now = timezone.now()
    kept: ApiCall = ApiCall.objects.create(
        connection_id=key.connection_id,
        member_id=key.member_id,
        key=key,
        key_prefix=key.prefix,
        at=now - datetime.timedelta(milliseconds=made.milliseconds),
        last_at=now,
        **told,
    )
    return kept.pk


def _fold(key: ApiKey, made: Made) -> bool:
    """Whether there is a row that the page belongs to."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_apicall
               SET calls = calls + 1, records = records + %s, milliseconds = milliseconds + %s,
                   last_at = clock_timestamp(), path = %s
             WHERE id = (SELECT id FROM sync_apicall
                          WHERE company_id = %s AND key_id = %s AND route = %s AND records IS NOT NULL
                            AND last_at > clock_timestamp() - %s::interval
                          ORDER BY id DESC LIMIT 1)
            """,
            [
                made.records,
                made.milliseconds,
                made.path,
                company_in_hand(),
                key.pk,
                made.route,
                f"{FOLDED_WITHIN.total_seconds()} seconds",
            ],
        )
        return bool(cursor.rowcount == 1)
