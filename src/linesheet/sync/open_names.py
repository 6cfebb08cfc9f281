"""What a connection's latest records name and nobody has linked, with what each may be in the books.

The kept records and the books tell all of it; no platform is asked. Only the latest records are looked at, so it takes
no longer for a large account than for a small one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db.models import Q

from linesheet.books.kinds import CUSTOMER, PRODUCT, SIZE
from linesheet.sync import reasons
from linesheet.sync.contexts import context_of
from linesheet.sync.differences import fingerprint
from linesheet.sync.inbox import as_incoming
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import LONGEST_ID
from linesheet.sync.like_customers import like_customers, sought_by
from linesheet.sync.like_skus import like_skus
from linesheet.sync.likeness import LIKELY, MOST_LIKE, SURE, Like
from linesheet.sync.links import kinds_of
from linesheet.sync.models import Connection, InboxRecord, Link, Suggestion
from linesheet.sync.resolve import Resolver, named

MOST_HELD = 60
"""Held orders that are looked at, the latest first: there are more only where a whole account is unknown."""
MOST_STORED = 60
"""Orders in the books that are looked at for customers and products without a link."""
MOST_LINES = 200
"""Sizes that are not in the books and are looked for at once."""
CONTRADICTED = LIKELY - 15
"""Percent where one record there leads to several of ours, or several there to one of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that nobody has linked: how the platform calls it, the records that name it, what it is like."""

    makes: str
    kind: str
    key: str
    label: str
    detail: str
    records: Sequence[int]
    order: IncomingOrder | None = None
    line: IncomingLine | None = None
    likes: Sequence[Like] = field(default=())


Key = tuple[str, str, str]
"""What something makes when it is accepted, its kind, and how the platform names it."""
Found = dict[Key, Open]


def all_open(connection: Connection) -> Found:
    """Everything that the latest records name and nobody has linked."""
    return _unknown(connection) | _unlinked(connection)


def is_open(connection: Connection, record: InboxRecord, kind: str, key: str) -> bool:
    """Whether a run would still not know whom or what a kept record names by this key."""
    order = as_incoming([record]).get(record.pk)
    if not isinstance(order, IncomingOrder):
        return True
    resolver = Resolver(context_of(connection).settings, [order], connection.pk)
    if kind == CUSTOMER:
        return resolver.customer_of(order) is None
    lines = [line for line in order.lines if key in line.keys]
    return not lines or any(resolver.sku_of(line) is None for line in lines)


def _held(connection: Connection) -> Any:
    """The records that may name somebody unknown, the latest first."""
    held = InboxRecord.objects.filter(connection=connection, state__in=InboxRecord.UNDECIDED)
    codes = [each.code for each in (reasons.UNKNOWN_CUSTOMER, reasons.UNKNOWN_BARCODES, reasons.NO_KNOWN_LINE)]
    return held.filter(Q(reason_code__in=codes) | Q(reason_code="")).order_by("-pk")[:MOST_HELD]


def _stored(connection: Connection) -> Any:
    """The latest records that are orders of the books."""
    stored = InboxRecord.objects.filter(connection=connection, state=InboxRecord.State.STORED, order__isnull=False)
    return stored.order_by("-pk")[:MOST_STORED]


def looked_at(connection: Connection) -> str:
    """Which records a look is at, to be compared with those of an earlier one. Two small queries."""
    rows = [_held(connection).values_list("pk", "reason_code"), _stored(connection).values_list("pk", "order_id")]
    return fingerprint([list(map(list, each)) for each in rows])


def _unknown(connection: Connection) -> Found:
    """Customers and sizes that held orders name and the books do not know."""
    orders = _read(_held(connection))
    if not orders:
        return {}
    resolver = Resolver(context_of(connection).settings, [order for _, order in orders], connection.pk)
    customers: Found = {}
    lines: Found = {}
    for row, order in orders:
        if order.customer_keys and resolver.customer_of(order) is None:
            _add(customers, row, Suggestion.Makes.MATCH, CUSTOMER, order.customer_keys[0], partial(_customer, order))
        for line in order.lines:
            if line.keys and resolver.sku_of(line) is None and len(lines) < MOST_LINES:
                _add(lines, row, Suggestion.Makes.MATCH, SIZE, line.keys[0], partial(_line, line))
    sought = [sought_by(case.order) for case in customers.values() if case.order]
    sizes = [case.line for case in lines.values() if case.line]
    return _with_likes(customers, like_customers(sought)) | _with_likes(lines, like_skus(connection.pk, sizes))


def _unlinked(connection: Connection) -> Found:
    """Customers and products whose counterpart there is known from orders in the books, and that have no link."""
    kinds = {kind for kind in (CUSTOMER, PRODUCT) if kinds_of(connection).get(kind) == kind}
    orders = _read(_stored(connection).select_related("order")) if kinds else []
    if not orders:
        return {}
    settings = context_of(connection).settings
    resolver = Resolver(settings, [order for _, order in orders], connection.pk)
    stand_in = settings.get("default_customer")
    found: Found = {}
    means: dict[Key, dict[int, str]] = {}
    for row, order in orders:
        there = order.customer_id.strip()
        if CUSTOMER in kinds and 0 < len(there) <= LONGEST_ID:
            ours = resolver.customer_of(order)
            # An order that went to the customer of all unknown ones, or was given to another since, says nothing.
            if row.order and ours and ours.pk == row.order.customer_id and ours != stand_in:
                key = _add(found, row, Suggestion.Makes.LINK, CUSTOMER, there, partial(_customer, order))
                says = f"order {row.label or row.remote_id} of theirs went to this customer"
                means.setdefault(key, {}).setdefault(ours.pk, says)
        for line in order.lines if PRODUCT in kinds else ():
            there = line.product_id.strip()
            sku = resolver.sku_of(line) if 0 < len(there) <= LONGEST_ID else None
            if sku:
                key = _add(found, row, Suggestion.Makes.LINK, PRODUCT, there, partial(_product, line))
                says = (
                    f"barcode {sku.barcode} of this product is on a line of theirs" if sku.barcode else "matched size"
                )
                means.setdefault(key, {}).setdefault(sku.product_id, says)
    there_already, ours_already = _linked(connection, kinds, means)
    likes = _as_likes(means)
    return {
        key: replace(case, likes=likes[key])
        for key, case in found.items()
        if key[1:] not in there_already and not any((key[1], str(pk)) in ours_already for pk in means[key])
    }


def _as_likes(means: Mapping[Key, Mapping[int, str]]) -> dict[Key, list[Like]]:
    """What each may be; nothing is sure where one there leads to several of ours, or several there to one."""
    named: dict[tuple[str, int], list[str]] = {}
    for (_, kind, there), ours in means.items():
        for pk in ours:
            named.setdefault((kind, pk), []).append(there)
    found = {}
    for (makes, kind, there), ours in means.items():
        likes = []
        for pk, says in ours.items():
            others = [each for each in named[kind, pk] if each != there]
            doubts = [f"so does {kind} {others[0]} of theirs"] if others else []
            doubts += ["others of their orders lead to another"] if len(ours) > 1 else []
            likes.append(Like(pk, CONTRADICTED if doubts else SURE + 5, (says, *doubts)))
        found[makes, kind, there] = likes[:MOST_LIKE]
    return found


def _linked(
    connection: Connection, kinds: set[str], means: Mapping[Key, Mapping[int, str]]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What is linked already, of what was found: by their id, and by ours, each with its kind."""
    links = Link.objects.filter(connection=connection, kind__in=kinds)
    theirs = Q(remote_id__in=[key for _, _, key in means])
    ours = Q(record_id__in={str(pk) for ours in means.values() for pk in ours})
    pairs = links.filter(theirs | ours).values_list("kind", "remote_id", "record_id")
    rows = list(pairs)
    return {(kind, theirs_id) for kind, theirs_id, _ in rows}, {(kind, our_id) for kind, _, our_id in rows}


def _read(records: Iterable[InboxRecord]) -> list[tuple[InboxRecord, IncomingOrder]]:
    rows = list(records)
    meanings = as_incoming(rows)
    read = [(row, meanings.get(row.pk)) for row in rows]
    return [(row, order) for row, order in read if isinstance(order, IncomingOrder)]


def _add(found: Found, row: InboxRecord, makes: str, kind: str, key: str, of: Callable[[], dict[str, Any]]) -> Key:
    """Note that a record names something; what it is called is taken from the latest record that does."""
    at = (str(makes), kind, key)
    if at not in found:
        found[at] = Open(makes=str(makes), kind=kind, key=key, records=[row.pk], **of())
    elif row.pk not in found[at].records:
        found[at] = replace(found[at], records=[*found[at].records, row.pk])
    return at


def _customer(order: IncomingOrder) -> dict[str, Any]:
    code = order.customer_code if order.customer_code != order.customer_name else ""
    return {"label": named(order), "detail": _joined(code, order.customer_email), "order": order}


def _line(line: IncomingLine) -> dict[str, Any]:
    words = line.described_as or _joined(line.style, line.colour, line.size)
    return {"label": words or line.barcode, "detail": line.barcode if words else "", "line": line}


def _product(line: IncomingLine) -> dict[str, Any]:
    words = " ".join(part for part in (line.style, line.colour) if part)
    return {"label": words or line.described_as or line.product_id, "detail": line.product_id}


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _with_likes(found: Found, likes: Sequence[Sequence[Like]]) -> Found:
    return {key: replace(case, likes=of) for (key, case), of in zip(found.items(), likes, strict=True)}
