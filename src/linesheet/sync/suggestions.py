"""What a platform's records name and nobody has linked, with what it may be in the books: looked for, and accepted.

The kept records and the books tell all of it; no platform is asked. A look is at the latest records only, so it takes
no longer for a large account than for a small one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from linesheet.books.models import SKU, Customer, Product, User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import reasons
from linesheet.sync.contexts import context_of
from linesheet.sync.inbox import as_incoming
from linesheet.sync.incoming import LONGEST_KEY, IncomingLine, IncomingOrder
from linesheet.sync.known import CUSTOMER, SIZE
from linesheet.sync.legs import LONGEST_ID
from linesheet.sync.like_customers import like_customers, sought_by
from linesheet.sync.like_skus import PRODUCT, like_skus
from linesheet.sync.likeness import SURE, Like
from linesheet.sync.links import kinds_of, link_record
from linesheet.sync.matches import remember
from linesheet.sync.models import Connection, InboxRecord, Link, Suggestion
from linesheet.sync.resolve import Resolver, named

MOST_HELD = 60
"""Held orders that are looked at, the latest first: there are more only where a whole account is unknown."""
MOST_STORED = 60
"""Orders in the books that are looked at for customers and products without a link."""
MOST_LINES = 200
"""Sizes that are not in the books and are looked for at once."""
MODELS: Mapping[str, Any] = {CUSTOMER: Customer, SIZE: SKU, PRODUCT: Product}
"""What a suggestion of each kind is a record of."""

NOTHING_SUGGESTED = Reason(
    "nothing_suggested", "Nothing in the books is like {label}.", "Open it, and look for the record that is meant."
)
RECORD_GONE = Reason("suggested_gone", "What {label} was to be is not in the books any more.", "Look at it again.")
SETTLED = Reason("suggestion_settled", "{label} is settled by now.", "Look at the list again.")

REASONS = (NOTHING_SUGGESTED, RECORD_GONE, SETTLED)

_FIELDS = ("label", "detail", "named_by", "inbox_id", "record_id", "record_label", "score", "because", "others")


class SuggestionRefused(Refused):
    """This cannot be accepted; `fix` says what helps."""


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


Found = dict[tuple[str, str, str], Open]


def look(connection: Connection) -> None:
    """Look at the latest records, and bring the suggestions of the connection up to date with what they name."""
    cases = _unknown(connection) | _unlinked(connection)
    labels = _labels(cases.values())
    there = {(row.makes, row.kind, row.remote_key): row for row in Suggestion.objects.filter(connection=connection)}
    wanted = {key: _row(connection, case, labels) for key, case in cases.items()}
    gone = [row.pk for key, row in there.items() if key not in wanted]
    changed = [
        row
        for key, row in wanted.items()
        if key not in there or any(_differs(row, there[key], name) for name in _FIELDS)
    ]
    if gone:
        Suggestion.objects.filter(pk__in=gone).delete()
    if changed:
        Suggestion.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["connection", "makes", "kind", "remote_key"],
            update_fields=_FIELDS,
        )


@transaction.atomic
def accept(suggestion: Suggestion, record_id: str = "", by: User | None = None) -> str:
    """Link or match what is suggested with a record of the books, the likeliest unless another is given; what that is.

    Raises SuggestionRefused, LinkRefused.
    """
    held = Suggestion.objects.select_for_update(of=("self",)).select_related("connection").filter(pk=suggestion.pk)
    found: Suggestion | None = held.first()
    if found is None:
        raise SuggestionRefused(SETTLED, label=suggestion.label)
    wanted = record_id or found.record_id
    if not wanted:
        raise SuggestionRefused(NOTHING_SUGGESTED, label=found.label)
    record = MODELS[found.kind].objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    if record is None:
        raise SuggestionRefused(RECORD_GONE, label=found.label)
    if found.makes == Suggestion.Makes.LINK:
        link_record(found.connection, found.kind, record, found.remote_key)
    else:
        remember(found.connection, found.remote_key, found.label, record, kind=found.kind, by=by)
    Suggestion.objects.filter(pk=found.pk).delete()
    return str(record)


def set_aside(suggestions: Any, *, aside: bool) -> int:
    """Say that these are none of the books' records, or take that back; how many."""
    return int(suggestions.update(set_aside=aside))


def follows(suggestion: Suggestion) -> str:
    """What accepting it means from then on."""
    if suggestion.makes == Suggestion.Makes.LINK:
        return "The next run updates that record there."
    return "What is held for that goes in with the next run, from what was kept."


def is_sure(score: int) -> bool:
    """Whether so many percent leave little doubt."""
    return score >= SURE


def _unknown(connection: Connection) -> Found:
    """Customers and sizes that held orders name and the books do not know."""
    held = InboxRecord.objects.filter(connection=connection, state__in=(InboxRecord.State.HELD, InboxRecord.State.KEPT))
    codes = (reasons.UNKNOWN_CUSTOMER, reasons.UNKNOWN_BARCODES, reasons.NO_KNOWN_LINE)
    rows = list(
        held.filter(Q(reason_code__in=[reason.code for reason in codes]) | Q(reason_code="")).order_by("-pk")[
            :MOST_HELD
        ]
    )
    orders = _read(rows)
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
    stored = InboxRecord.objects.filter(connection=connection, state=InboxRecord.State.STORED, order__isnull=False)
    rows = list(stored.select_related("order__customer").order_by("-pk")[:MOST_STORED]) if kinds else []
    orders = _read(rows)
    if not orders:
        return {}
    skus = Resolver(context_of(connection).settings, [order for _, order in orders], connection.pk)
    found: Found = {}
    means: dict[tuple[str, str, str], Like] = {}
    for row, order in orders:
        if CUSTOMER in kinds and row.order and (there := order.customer_id.strip()):
            key = _add(found, row, Suggestion.Makes.LINK, CUSTOMER, there, partial(_customer, order))
            says = f"order {row.label or row.remote_id} of theirs went to this customer"
            means.setdefault(key, Like(row.order.customer_id, SURE + 5, (says,)))
        for line in order.lines if PRODUCT in kinds else ():
            sku = skus.sku_of(line) if line.product_id.strip() else None
            if sku:
                key = _add(found, row, Suggestion.Makes.LINK, PRODUCT, line.product_id.strip(), partial(_product, line))
                says = (
                    f"barcode {sku.barcode} of this product is on a line of theirs" if sku.barcode else "matched size"
                )
                means.setdefault(key, Like(sku.product_id, SURE + 5, (says,)))
    there_already, ours_already = _linked(connection, kinds, found, means)
    return {
        key: replace(case, likes=[means[key]])
        for key, case in found.items()
        if key[1:] not in there_already and (key[1], str(means[key].record_id)) not in ours_already
    }


def _linked(
    connection: Connection, kinds: set[str], found: Found, means: Mapping[tuple[str, str, str], Like]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What is linked already, of what was found: by their id, and by ours, each with its kind."""
    links = Link.objects.filter(connection=connection, kind__in=kinds)
    theirs = Q(remote_id__in=[key for _, _, key in found])
    ours = Q(record_id__in=[str(like.record_id) for like in means.values()])
    pairs = links.filter(theirs | ours).values_list("kind", "remote_id", "record_id")
    rows = list(pairs)
    return {(kind, theirs_id) for kind, theirs_id, _ in rows}, {(kind, our_id) for kind, _, our_id in rows}


def _read(rows: Sequence[InboxRecord]) -> list[tuple[InboxRecord, IncomingOrder]]:
    meanings = as_incoming(rows)
    read = [(row, meanings.get(row.pk)) for row in rows]
    return [(row, order) for row, order in read if isinstance(order, IncomingOrder)]


def _add(
    found: Found, row: InboxRecord, makes: str, kind: str, key: str, of: Callable[[], dict[str, Any]]
) -> tuple[str, str, str]:
    """Note that a record names something; what it is called is taken from the latest record that does."""
    key = key[: LONGEST_ID if makes == Suggestion.Makes.LINK else LONGEST_KEY]
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


def _labels(cases: Any) -> dict[str, dict[int, str]]:
    """The names of all records that are suggested, by kind. One query a kind."""
    wanted: dict[str, set[int]] = {}
    for case in cases:
        wanted.setdefault(case.kind, set()).update(like.record_id for like in case.likes)
    labels = {}
    for kind, ids in wanted.items():
        rows = MODELS[kind].objects.filter(pk__in=ids)
        labels[kind] = {row.pk: str(row) for row in (rows.select_related("product") if kind == SIZE else rows)}
    return labels


def _row(connection: Connection, case: Open, labels: Mapping[str, Mapping[int, str]]) -> Suggestion:
    told = [like.told(labels[case.kind][like.record_id]) for like in case.likes if like.record_id in labels[case.kind]]
    best: dict[str, Any] = told[0] if told else {"record_id": "", "label": "", "score": 0, "because": []}
    return Suggestion(
        company_id=connection.company_id,
        connection=connection,
        makes=case.makes,
        kind=case.kind,
        remote_key=case.key,
        label=case.label[:250],
        detail=case.detail[:250],
        named_by=len(case.records),
        inbox_id=max(case.records),
        record_id=best["record_id"],
        record_label=best["label"][:250],
        score=best["score"],
        because=best["because"],
        others=told[1:],
    )


def _differs(new: Suggestion, old: Suggestion, name: str) -> bool:
    return bool(getattr(new, name) != getattr(old, name))
