"""Submissions: an order that a platform gave us several times, each time as a record and an order of its own.

They have the number that the platform shows in common, and differ by their ids. A later version of one record is no
submission but a revision (`sync/revisions.py`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper

from linesheet.books.models import Order
from linesheet.sync.models import InboxRecord


@dataclass(frozen=True, slots=True)
class Submission:
    """One of them, by the latest version of its record; `order` is None while it is not in the books."""

    record: InboxRecord
    order: Order | None


@dataclass(frozen=True, slots=True)
class Submissions:
    """All submissions of one order, the first first; empty where there is no more than one."""

    number: str = ""
    all: list[Submission] = field(default_factory=list)

    def earlier_than(self, order: Order) -> list[Submission]:
        """Those before the one that became this order, of which it takes the place, that are orders too."""
        return [each for each in self.all[: self._place(order)] if each.order]

    def later_than(self, order: Order) -> list[Submission]:
        """Those after the one that became this order, by which it was superseded, that are orders too."""
        return [each for each in self.all[self._place(order) + 1 :] if each.order]

    def _place(self, order: Order) -> int:
        return next((at for at, each in enumerate(self.all) if each.order == order), len(self.all))


def submissions_of(order: Order) -> Submissions:
    """The submissions that an order of the books is one of. Two queries."""
    record = InboxRecord.objects.filter(order=order).exclude(label="").defer("payload").order_by("-revision").first()
    if record is None:
        return Submissions()
    # The index is by the company and the label in capitals.
    rows = InboxRecord.objects.filter(label__iexact=record.label, label=record.label)
    rows = rows.filter(connection=record.connection_id, kind=record.kind).select_related("order").defer("payload")
    latest = {row.remote_id: row for row in rows.order_by("pk")}
    if len(latest) < 2:
        return Submissions()
    found = [Submission(row, row.order) for row in latest.values() if row.order or row.state in InboxRecord.UNDECIDED]
    return Submissions(record.label, found) if len(found) > 1 else Submissions()


@dataclass(frozen=True, slots=True)
class Beside:
    """The orders that a record's order was submitted again after, and as; None where there is none."""

    before: Order | None = None
    after: Order | None = None


ALONE = Beside()


def beside(records: Collection[InboxRecord]) -> Mapping[int, Beside]:
    """Of records that are submissions of one order, the one just before and the latest after, by id. Two queries."""
    wanted = {record.label.upper() for record in records if record.label and record.order_id}
    if not wanted:
        return {}
    rows = InboxRecord.objects.alias(capitals=Upper("label")).filter(
        connection__in={record.connection_id for record in records}, order__isnull=False, capitals__in=wanted
    )
    submitted: dict[tuple[int, str, str], list[tuple[int, str]]] = {}
    for connection, kind, label, order, remote_id in rows.order_by("order").values_list(
        "connection", "kind", "label", "order", "remote_id"
    ):
        submitted.setdefault((connection, kind, label), []).append((order, remote_id))
    found: dict[int, tuple[int, int]] = {}
    for record in records:
        all_of_it = submitted.get((record.connection_id, record.kind, record.label), [])
        others = [order for order, remote_id in all_of_it if remote_id != record.remote_id]
        own = record.order_id
        if own and others:
            before = max((order for order in others if order < own), default=0)
            found[record.pk] = (before, max((order for order in others if order > own), default=0))
    wanted_orders = {order for pair in found.values() for order in pair if order}
    orders = Order.objects.only("number", "company").in_bulk(wanted_orders) if wanted_orders else {}
    return {pk: Beside(orders.get(before), orders.get(after)) for pk, (before, after) in found.items()}


def submitted_again(records: "QuerySet[InboxRecord]") -> "QuerySet[InboxRecord]":
    """Those of the records that were stored, and a later submission of the same order too."""
    later = InboxRecord.objects.alias(capitals=Upper("label")).filter(
        connection=OuterRef("connection"),
        kind=OuterRef("kind"),
        capitals=Upper(OuterRef("label")),
        label=OuterRef("label"),
        order__gt=OuterRef("order"),
    )
    return records.exclude(label="").filter(Exists(later.exclude(remote_id=OuterRef("remote_id"))))
