"""Reading many records page by page while they change, so that none is missed and none comes twice.

The first page writes down which records there are, in the order in which they changed; a cursor is the place in that.
Later pages show the records as they are then. What has gone meanwhile is told as gone.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db import connection
from django.db.models import F, QuerySet, Subquery
from django.utils import timezone

from linesheet.books import versions
from linesheet.books.tenancy import company_in_hand
from linesheet.sync.models import Collect

VALID = datetime.timedelta(hours=24)
MOST_OPEN = 100
"""Collects of several pages that an owner may have at a time: one of 100,000 records is most of a megabyte."""
FEW = 5_000
"""Records that changed, up to which only they are looked for among those offered, not all that are."""
_SALT = "linesheet.sync.collects"

S = TypeVar("S")
Filters = Mapping[str, Any]


class CursorUnknown(Exception):
    """The cursor is none of ours, or of another resource or key's owner."""


class CursorExpired(Exception):
    """The cursor is older than VALID, or of none of the owner's latest MOST_OPEN collects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[S]):
    """A kind of record that programs collect.

    `kinds` are those under which `books.versions` knows changes of it, all by the same ids. `offered` are the records
    that filters leave; `show` makes what is sent of them, by id. `why_gone` says in a word why records that changed
    are not offered. Filters are of JSON's own types. With `once`, only records that were noted under that kind once are
    ever told as gone: the others were never offered.
    """

    name: str
    kinds: Callable[[Filters], Sequence[str]]
    offered: Callable[[Filters], "QuerySet[Any]"]
    show: Callable[["QuerySet[Any]", Mapping[int, datetime.datetime]], Mapping[int, S]]
    why_gone: Callable[[Sequence[int], Filters], Mapping[int, str]]
    once: Callable[[Filters], str] | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that is not offered any more."""

    id: int
    removed_at: datetime.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[S]):
    """Some of the records; `next_cursor` is None at the end. What changed before `as_of` is in the collect."""

    data: list[S]
    removed: list[Gone]
    next_cursor: str | None
    as_of: datetime.datetime


def begin(
    resource: Resource[S],
    owner: str,
    filters: Filters,
    limit: int,
    *,
    since: datetime.datetime | None = None,
    with_removed: bool = False,
) -> Page[S]:
    """The first page: of all records, or of those that changed `since` then, `with_removed` also those gone."""
    as_of = versions.now_or_before()
    ids = _ids(resource, filters, since, with_removed)
    if len(ids) <= limit:
        return _page(resource, filters, ids, None, as_of)
    kept = Collect.objects.create(owner=owner, resource=resource.name, filters=filters, as_of=as_of, ids=ids)
    _drop_oldest(owner)
    return _page(resource, filters, ids[:limit], _cursor(kept, limit), as_of)


def go_on(resource: Resource[S], owner: str, cursor: str, limit: int) -> Page[S]:
    """The page at a cursor. Raises CursorUnknown or CursorExpired."""
    try:
        pk, place, began = _signer().unsign_object(cursor)
    except signing.BadSignature:
        raise CursorUnknown from None
    if timezone.now() - datetime.datetime.fromtimestamp(began, datetime.UTC) > VALID:
        raise CursorExpired
    after = place + limit
    found = (
        Collect.objects.filter(pk=pk, owner=owner, resource=resource.name)
        .defer("ids")
        .annotate(part=F("ids")[place:after], count=F("ids__len"))
        .first()
    )
    if found is None:
        raise CursorUnknown if Collect.everywhere.filter(pk=pk).exists() else CursorExpired
    next_cursor = _cursor(found, after) if after < found.count else None
    return _page(resource, found.filters, found.part or [], next_cursor, found.as_of)


def forget() -> int:
    """Delete collects whose cursors are not valid any more, of all companies; how many."""
    return int(Collect.everywhere.filter(created_at__lt=timezone.now() - VALID).delete()[0])


def _drop_oldest(owner: str) -> None:
    of_owner = Collect.objects.filter(owner=owner).order_by("-pk")
    of_owner.filter(pk__lte=Subquery(of_owner.values("pk")[MOST_OPEN : MOST_OPEN + 1])).order_by().delete()


def _cursor(collect: Collect, place: int) -> str:
    return _signer().sign_object([collect.pk, place, int(collect.created_at.timestamp())])


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


def _ids(resource: Resource[S], filters: Filters, since: datetime.datetime | None, with_removed: bool) -> list[int]:
    """The ids of the records in the order in which they changed last.

    What changed and what is offered are asked for apart: joined by PostgreSQL before it has counted the rows of either,
    each row of one has all of the other looked through.
    """
    changed = _changed(resource.kinds(filters), since)
    if with_removed and resource.once is None:
        return changed
    offered = resource.offered(filters).order_by()
    if len(changed) <= FEW:
        offered = offered.filter(pk__in=changed)
    told = set(offered.values_list("pk", flat=True))
    if with_removed and resource.once:
        told.update(_noted(resource.once(filters), changed))
    return [one for one in changed if one in told]


def _changed(kinds: Sequence[str], since: datetime.datetime | None) -> list[int]:
    newer = "AND at >= %s" if since else ""
    return _column(
        f"""
        SELECT record_id FROM books_version
         WHERE company_id = %s AND kind = ANY(%s) {newer} GROUP BY record_id ORDER BY max(at), record_id
        """,  # noqa: S608 - nothing in it is given by anyone
        [company_in_hand(), list(kinds), *([since] if since else [])],
    )


def _noted(kind: str, records: Sequence[int]) -> list[int]:
    """Those of the records that were ever noted under a kind."""
    return _column(
        "SELECT DISTINCT record_id FROM books_version WHERE company_id = %s AND kind = %s AND record_id = ANY(%s)",
        [company_in_hand(), kind, list(records)],
    )


def _column(query: str, values: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def _page(
    resource: Resource[S], filters: Filters, ids: Sequence[int], next_cursor: str | None, as_of: datetime.datetime
) -> Page[S]:
    changed = changed_at(resource, filters, ids)
    found = resource.show(resource.offered(filters).filter(pk__in=ids), changed)
    lost = [one for one in ids if one not in found]
    reasons = resource.why_gone(lost, filters) if lost else {}
    gone = [Gone(one, changed.get(one, as_of), reasons.get(one, "deleted")) for one in lost]
    return Page([found[one] for one in ids if one in found], gone, next_cursor, as_of)


def changed_at(resource: Resource[S], filters: Filters, ids: Sequence[int]) -> dict[int, datetime.datetime]:
    """When each of these records changed last, under any of the resource's kinds."""
    latest: dict[int, datetime.datetime] = {}
    for kind in resource.kinds(filters):
        for record, at in versions.changed_at(kind, ids).items():
            latest[record] = max(at, latest.get(record, at))
    return latest
