"""Why an order is in the books, or is not yet: where it comes from, its revisions, and what still holds it."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from linesheet.books import orders
from linesheet.books.models import Order
from linesheet.books.reasons import Said
from linesheet.sync.contexts import readers_of, tells
from linesheet.sync.explain import (
    NO_SUCH_RECORD,
    ExplainRefused,
    Finding,
    Way,
    connections,
    finding,
    noted,
    ways,
)
from linesheet.sync.held import label_of
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.models import Connection, Exchange, InboxRecord, Item
from linesheet.sync.order_links import linked_orders, links_of
from linesheet.sync.resolve import Resolver
from linesheet.sync.submissions import Submissions, submissions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an order as a platform gave it.

    With `tells`, the platform is told once it is stored, at `acknowledged_at`. `kept` is the reason it is in its state,
    as recorded; `today` what is missing now, empty when the next run takes it in.
    """

    inbox_id: int
    revision: int
    state: str
    received_at: datetime.datetime
    stored_at: datetime.datetime | None
    acknowledged_at: datetime.datetime | None
    tells: bool
    kept: Finding | None
    today: tuple[Finding, ...]
    notes: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksOrder:
    """The order in the books."""

    number: int
    reference: str
    customer: str
    season: str
    units: int
    total: Decimal
    currency: str
    approved: bool
    active: bool
    locked: bool
    short: bool


@dataclass(frozen=True, slots=True)
class Awaited:
    """A remote order that a person said this one is; it is recognised when it comes in."""

    connection: str
    remote_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExplanation:
    """An order: as the platform gave it, what became of it in the books, and how it goes out again.

    `connection` is "" for an order that no platform gave us; `hidden` says that one gave it which the reader may not
    see, and then nothing is told of that. `before` and `after` are the orders that the platform gave as other
    submissions of it, such as "SO 26".
    """

    label: str
    connection: str = ""
    hidden: bool = False
    remote_id: str = ""
    linked: tuple[Awaited, ...] = ()
    revisions: tuple[Revision, ...] = ()
    order: BooksOrder | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    runs: tuple[int, ...] = ()
    exchanges: int = 0
    ways: tuple[Way, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, fit for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def explain_orders(key: str, connection: Connection | None = None) -> list[OrderExplanation]:
    """Every order known by a number of the books, a reference, a number on a platform, or a remote id.

    Raises ExplainRefused when there is none.
    """
    found = list(_orders_known_by(key))
    among = [connection] if connection else list(Connection.objects.defer("credentials"))
    inbox = InboxRecord.objects.filter(connection__in=among).values_list("pk", "connection_id", "kind", "remote_id")
    wanted = (Q(remote_id=key.strip()), Q(label__iexact=key.strip()), Q(order__in=found))
    # Each way by its own index: an OR of the three would read the whole inbox.
    cases = _cases(row for way in wanted for row in inbox.filter(way))
    imported = {row.order_id for revisions in cases for row in revisions}
    explained = [_imported(revisions, connections(None)) for revisions in cases]
    explained += [_own(order, connections(connection), among) for order in found if order.pk not in imported]
    if not explained:
        known_by = "an order number, a reference, a number on a platform, or a remote id"
        raise ExplainRefused(NO_SUCH_RECORD, kind="order", key=key, known_by=known_by)
    return explained


def order_explained(order: Order, among: Sequence[Connection]) -> list[OrderExplanation]:
    """Where an order of the books came from, as far as these connections gave it, and how it goes out on them."""
    rows = list(
        InboxRecord.objects.filter(order=order).order_by().values_list("pk", "connection_id", "kind", "remote_id")
    )
    seen = {connection.pk for connection in among}
    cases = _cases(row for row in rows if row[1] in seen)
    active = [connection for connection in among if connection.active]
    own = _own(order, active, among, hidden=bool(rows))
    return [_imported(revisions, active) for revisions in cases] or [own]


def record_explained(record: InboxRecord, among: Sequence[Connection]) -> list[OrderExplanation]:
    """The same of a record that a platform gave, whether it is in the books or not."""
    active = [connection for connection in among if connection.active]
    cases = _cases([(record.pk, record.connection_id, record.kind, record.remote_id)])
    return [_imported(revisions, active) for revisions in cases]


def _cases(rows: Iterable[tuple[int, int, str, str]]) -> list[list[InboxRecord]]:
    """All revisions of each remote record that one of the rows is of: id, connection id, kind, remote id."""
    cases = dict.fromkeys(row[1:] for row in sorted(set(rows)))
    return [
        list(
            InboxRecord.objects.filter(connection_id=connection_id, kind=kind, remote_id=remote_id)
            .select_related("connection", "order")
            .order_by("revision")
        )
        for connection_id, kind, remote_id in cases
    ]


def _orders_known_by(key: str) -> "QuerySet[Order]":
    wanted = Q(reference__iexact=key.strip())
    if number := re.fullmatch(r"(?:SO\s*)?(\d{1,9})", key.strip(), re.IGNORECASE):
        wanted |= Q(number=int(number[1]))
    found: QuerySet[Order] = Order.objects.filter(wanted).select_related("customer", "season")
    return found


def _imported(revisions: Sequence[InboxRecord], among: Sequence[Connection]) -> OrderExplanation:
    latest = revisions[-1]
    connection = latest.connection
    order = next((row.order for row in reversed(revisions) if row.order), None)
    items = list(Item.objects.filter(inbox__in=revisions).values_list("pk", "run_id"))
    submissions = submissions_of(order) if order else Submissions()
    exchanges = Exchange.objects.filter(item_ids__overlap=[item_id for item_id, _ in items])
    return OrderExplanation(
        label=label_of(latest),
        connection=connection.name,
        remote_id=latest.remote_id,
        revisions=tuple(_revision(row, replaces=order) for row in revisions),
        order=_in_books(order) if order else None,
        before=tuple(str(each.order) for each in submissions.earlier_than(order)) if order else (),
        after=tuple(str(each.order) for each in submissions.later_than(order)) if order else (),
        runs=tuple(sorted({run_id for _, run_id in items})),
        exchanges=exchanges.count() if items else 0,
        ways=tuple(ways("order", str(order.pk), str(order), among)) if order else (),
    )


def _own(
    order: Order, among: Sequence[Connection], seen: Sequence[Connection], *, hidden: bool = False
) -> OrderExplanation:
    return OrderExplanation(
        label=str(order),
        hidden=hidden,
        linked=tuple(Awaited(link.connection.name, link.remote_id) for link in links_of(order, seen)),
        order=_in_books(order),
        ways=tuple(ways("order", str(order.pk), str(order), among)),
    )


def _in_books(order: Order) -> BooksOrder:
    return BooksOrder(
        number=order.number,
        reference=order.reference,
        customer=order.customer.name,
        season=order.season.name,
        units=order.units,
        total=order.total,
        currency=order.currency,
        approved=order.approved,
        active=order.active,
        locked=order.locked,
        short=order.short,
    )


def _revision(row: InboxRecord, replaces: Order | None) -> Revision:
    kept = Finding(row.reason_code, "blocker", row.says, row.fix) if row.reason_code else None
    return Revision(
        inbox_id=row.pk,
        revision=row.revision,
        state=row.state,
        received_at=row.received_at,
        stored_at=row.stored_at,
        acknowledged_at=row.acknowledged_at,
        tells=tells(row.connection, row.kind),
        kept=kept,
        today=_missing_today(row, kept, replaces) if row.state in InboxRecord.UNDECIDED else (),
        notes=tuple(noted(note) for note in row.notes),
    )


def _missing_today(row: InboxRecord, kept: Finding | None, replaces: Order | None) -> tuple[Finding, ...]:
    """What keeps a waiting record from being stored now; () when nothing does."""
    leg = readers_of(row.connection).get(row.kind)
    if not replaces and linked_orders(row.connection_id, row.kind, [row.remote_id]):
        return ()
    if leg is None or (kept and _decided_by_books(kept)):
        return (kept,) if kept else ()
    answers = leg.context.settings
    if replaces and answers.get("revisions") != "apply":
        return (kept,) if kept else ()
    meaning = leg.read(row.payload)
    if isinstance(meaning, IncomingOrder) and not meaning.cancelled:
        resolved = Resolver(answers, [meaning], row.connection_id).resolve(meaning, label_of(row), "")
        return (finding(resolved),) if isinstance(resolved, Said) else ()
    return (finding(meaning),) if isinstance(meaning, Said) else ()


def _decided_by_books(kept: Finding) -> bool:
    """Whether only storing the order would tell if the reason still holds."""
    return kept.code in {reason.code for reason in orders.REASONS}
