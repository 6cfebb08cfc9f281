"""The calls that programs make of us, as they are kept: one row a call.

The pages of a collect share one, and so do calls that were not let in, of which a program that knows no better makes
thousands.
"""

import datetime
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from linesheet.sync.models import ApiCall, ApiKey

FOLDED_WITHIN = datetime.timedelta(minutes=10)
"""How long a row takes further calls, so that whoever asks every minute does not have one that never ends."""
NOT_LET_IN = ("unauthorised", "https_required", "ip_not_allowed", "rate_limited", "forbidden_scope", "maintenance")
"""Codes of problems with which a key is refused before there is any work."""
LONGEST_PATH = 2_000


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
    counted with the page before it, a refusal at the door with one like it, and has no row of its own then.
    """
    told = {name: getattr(made, name) for name in Made.__slots__} | {"path": made.path[:LONGEST_PATH]}
    if row is not None and ApiCall.objects.filter(pk=row).update(**told, last_at=timezone.now()):
        return row
    if row is None and _may_be_folded(made) and _fold(key, made):
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


def _may_be_folded(made: Made) -> bool:
    # Of a call that was not let in no body is read.
    return made.records is not None or (made.refused in NOT_LET_IN and not made.request_body)


def _fold(key: ApiKey, made: Made) -> bool:
    """Whether there is a row that the call belongs to: of the same key and route, and refused alike or not at all.

    The row names the last of its calls. Of two that come first at once each leaves a row; nothing is lost by that, and
    nobody waits.
    """
    now = timezone.now()
    since = now - FOLDED_WITHIN
    alike = ApiCall.objects.filter(key=key, route=made.route, refused=made.refused, at__gt=since, last_at__gt=since)
    latest = alike.filter(records__isnull=made.records is None).order_by("-pk").values("pk")[:1]
    folded = ApiCall.objects.filter(pk__in=latest).update(
        calls=F("calls") + 1,
        records=F("records") + (made.records or 0),
        milliseconds=F("milliseconds") + made.milliseconds,
        last_at=now,
        path=made.path[:LONGEST_PATH],
        status=made.status,
        request_id=made.request_id,
        address=made.address,
        says=made.says,
    )
    return bool(folded == 1)
