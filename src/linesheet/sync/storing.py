"""Storing kept orders in the books, or holding them with the reason."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from linesheet.books import orders
from linesheet.books.bulk import save_changed
from linesheet.books.models import Order
from linesheet.books.order_addresses import keep_order_addresses
from linesheet.books.reasons import Refused as BooksRefused
from linesheet.books.reasons import Said
from linesheet.sync import order_links, reasons, telling
from linesheet.sync.differences import differences, in_words, wire_form
from linesheet.sync.errors import LOST_DATABASE, Stopped
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.journal import Outcome, said_as_json
from linesheet.sync.keeping import PAGE, State, inbox_of, read
from linesheet.sync.lease import fence
from linesheet.sync.legs import Inbound
from linesheet.sync.models import Connection, InboxRecord, Item
from linesheet.sync.new_customers import customer_made
from linesheet.sync.resolve import Resolved, Resolver, revised
from linesheet.sync.work import Work

log = logging.getLogger(__name__)

NAMED_CHANGES = 6
MOST_LINES = 2000
"""In one transaction, unless a single order has more."""
INBOX_STATE = ("state", "reason_code", "says", "fix", "notes", "stored_at", "order", "acknowledged_at")


Versions = Mapping[str, Sequence[InboxRecord]]
"""The versions of records in the inbox, by remote id, oldest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """What storing some planned items takes: what their payloads mean, and the books' side of it."""

    work: Work
    leg: Inbound
    meanings: Mapping[int, IncomingOrder | Said]
    resolver: Resolver

    def resolve(self, order: IncomingOrder, label: str, source_key: str, *, adds: bool = False) -> Resolved | Said:
        """The draft, with what the platform's own rules have to say of it too, or the reason why the order is held.

        With `adds`, a customer whom the connection adds to the books is there from now on.
        """
        added: list[Said] = []
        if adds and self.resolver.may_create(order, label):
            try:
                of_new = order if self.leg.gives_codes else replace(order, customer_code="")
                customer = customer_made(of_new, source_key, self.leg.context.settings)
            except BooksRefused as refused:
                return refused.said
            self.resolver.learn(order, customer)
            if customer.source_key == source_key[:200]:
                added.append(reasons.CUSTOMER_CREATED.about(record=label, customer=customer))
        resolved = self.resolver.resolve(order, label, source_key)
        if isinstance(resolved, Resolved):
            resolved.notes = added + resolved.notes
            resolved.notes += self.leg.remarks(order, resolved.draft.customer)
            resolved.notes += self.leg.advise(order, resolved.draft, self.resolver.sku_of)
        return resolved


@dataclass(frozen=True, slots=True)
class _New:
    """An order that is only to be placed yet."""

    item: Item
    row: InboxRecord
    resolved: Resolved


def store_page(work: Work, number: int, leg: Inbound, after: int) -> list[Item]:
    """Store or hold the planned items after an id; those that were dealt with, [] when there are no more.

    Their inbox records are as they were written, with order and payload.
    """
    items = planned(work, number, after)
    if not items:
        return []
    page = read_page(work, leg, items)
    for group in _groups(page, items):
        if work.pulse.cancelled or work.pulse.lost:
            raise Stopped("The run was cancelled or taken over.")
        _store(page, group)
    return items


def read_page(work: Work, leg: Inbound, items: Sequence[Item]) -> Page:
    """The items' payloads read, and what they name looked up in the books."""
    meanings = {item.pk: read(leg, item.inbox.payload, item.label) for item in items if item.inbox}
    orders_in = [meaning for meaning in meanings.values() if isinstance(meaning, IncomingOrder)]
    return Page(work, leg, meanings, Resolver(leg.context.settings, orders_in, leg.context.connection_id))


def planned(work: Work, number: int, after: int) -> list[Item]:
    """The next planned items of a leg, with their inbox records."""
    return list(
        Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED, pk__gt=after)
        .select_related("inbox")
        .order_by("pk")[:PAGE]
    )


def source_key(work: Work, leg: Inbound, remote_id: str) -> str:
    """What names the remote record on the order that it becomes; no two orders have the same."""
    return order_links.source_key(work.platform.key, work.holder.connection_id, leg.kind, remote_id)


def _groups(page: Page, items: Sequence[Item]) -> Iterator[list[Item]]:
    """What is stored in one transaction: the whole page, or less of it where orders are long.

    The run stays locked meanwhile, and its lease cannot be renewed.
    """
    group: list[Item] = []
    lines = 0
    for item in items:
        meaning = page.meanings.get(item.pk)
        of_item = len(meaning.lines) if isinstance(meaning, IncomingOrder) else 0
        if group and lines + of_item > MOST_LINES:
            yield group
            group, lines = [], 0
        group.append(item)
        lines += of_item
    if group:
        yield group


def _store(page: Page, items: Sequence[Item]) -> None:
    """Deal with the items in one transaction: every order with its lines, its item and its inbox row.

    When that fails, each item is dealt with by itself, and one that fails by itself is held.
    """
    try:
        _settle(page, items, _outcomes)
    except (*LOST_DATABASE, Stopped):
        raise
    except Exception as error:
        log.exception("%s could not be stored", items[0].label if len(items) == 1 else f"{len(items)} records at once")
        if len(items) == 1:
            said = reasons.stumbled(items[0].label, error)
            _settle(page, items, partial(_held_all, said))
        else:
            for item in items:
                _store(page, [item])


def _settle(
    page: Page, items: Sequence[Item], outcomes: Callable[[Page, Sequence[Item], Versions], Sequence[Outcome]]
) -> None:
    work = page.work
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        versions = _versions(work, page.leg, items)
        for item in items:
            item.notes = []
        before = {row.pk: (row.state, row.reason_code) for rows in versions.values() for row in rows}
        work.settle_now(outcomes(page, items, versions))
        for row in (row for rows in versions.values() for row in rows):
            if row.state == State.STORED and not page.leg.tells:
                row.acknowledged_at = row.acknowledged_at or timezone.now()
        save_changed((row for rows in versions.values() for row in rows), INBOX_STATE)
        decided = ((item, _row(item, versions[item.record_id])) for item in items if item.inbox)
        # What is held as it was before is no news.
        news = [(item, row) for item, row in decided if before[row.pk] != (row.state, row.reason_code)]
        if news:
            telling.orders_decided(Connection.objects.defer("credentials").get(pk=work.holder.connection_id), news)
    for item in items:
        if item.inbox:
            row = _row(item, versions[item.record_id])
            item.inbox, row.payload = row, item.inbox.payload


def _versions(work: Work, leg: Inbound, items: Sequence[Item]) -> dict[str, list[InboxRecord]]:
    """All versions of the items' records, locked, oldest first."""
    found: dict[str, list[InboxRecord]] = {}
    rows = (
        inbox_of(work, leg)
        .filter(remote_id__in=[item.record_id for item in items])
        .select_for_update(of=("self",))
        .select_related("order")
        .defer("payload")
        .order_by("revision")
    )
    for row in rows:
        found.setdefault(row.remote_id, []).append(row)
    return found


def _outcomes(page: Page, items: Sequence[Item], versions: Versions) -> list[Outcome]:
    """Place or hold the records; their inbox rows are changed in hand and written by the caller."""
    # Asked once the versions are locked, as whoever links an order by hand locks them too.
    linked = order_links.linked_orders(page.work.holder.connection_id, page.leg.kind, list(versions))
    decided = [_decided(page, item, versions.get(item.record_id, ()), linked.get(item.record_id)) for item in items]
    new = [each for each in decided if isinstance(each, _New)]
    placed = orders.place_orders([each.resolved.draft for each in new])
    in_books = [(each, order) for each, order in zip(new, placed, strict=True) if isinstance(order, Order)]
    kept = _keep_addresses(page, [order for _, order in in_books], [each.item.label for each, _ in in_books])
    for each, order in in_books:
        each.resolved.notes += kept[order.pk]
    page.leg.placed([(each.row, order) for each, order in in_books])
    outcomes = [each for each in decided if isinstance(each, Outcome)]
    return outcomes + [_placed(each, result) for each, result in zip(new, placed, strict=True)]


def _keep_addresses(page: Page, placed: Sequence[Order], labels: Sequence[str]) -> dict[int, list[Said]]:
    """Add what is new of the orders' addresses to their customers where the connection says so; what to note of it."""
    notes: dict[int, list[Said]] = {order.pk: [] for order in placed}
    if not page.leg.context.settings.get("add_addresses"):
        return notes
    label_of = {order.pk: label for order, label in zip(placed, labels, strict=True)}
    for brought in keep_order_addresses(placed):
        label, outcome = label_of[brought.order.pk], brought.outcome
        if isinstance(outcome, BooksRefused):
            notes[brought.order.pk].append(reasons.ADDRESS_NOT_ADDED.about(record=label, said=outcome.says))
        elif outcome.added:
            names = {"kind": brought.kind.label.lower(), "address": outcome.address, "customer": brought.order.customer}
            notes[brought.order.pk].append(reasons.ADDRESS_ADDED.about(record=label, **names))
    return notes


def _held_all(said: Said, page: Page, items: Sequence[Item], versions: Versions) -> list[Outcome]:
    return [_held(item, _row(item, versions[item.record_id]), said) for item in items]


def _row(item: Item, versions: Sequence[InboxRecord]) -> InboxRecord:
    return next(version for version in versions if version.pk == item.inbox_id)


def _decided(page: Page, item: Item, versions: Sequence[InboxRecord], linked: Order | None) -> Outcome | _New:
    """What becomes of one record, all but the placing of a new order, which waits for the others.

    `linked` is the order of the books that a person said it is.
    """
    meaning, platform = page.meanings[item.pk], page.work.platform
    row = _row(item, versions)
    before = next((version for version in versions if version.state == State.STORED and version is not row), None)
    if row is not versions[-1] or row.state not in InboxRecord.UNDECIDED:
        # Another run dealt with the record, or a newer version came, after this plan was made.
        moved = reasons.MOVED_ON_PLATFORM.about(record=item.label, platform=platform.name)
        return Outcome(item, Item.State.BLOCKED, moved)
    for version in versions[:-1]:
        if version.state in InboxRecord.UNDECIDED:
            version.state = State.SUPERSEDED
    if isinstance(meaning, Said):
        return _held(item, row, meaning)
    if before and before.order:
        return _revision(page, item, row, meaning, before)
    if linked:
        return _taken_as(linked, page, item, row, meaning)
    if meaning.cancelled:
        said = reasons.CANCELLED_BEFORE_IMPORT.about(record=item.label, platform=platform.name)
        _mark(row, State.IGNORED, said)
        return Outcome(item, Item.State.UNCHANGED, said)
    key = source_key(page.work, page.leg, row.remote_id)
    resolved = page.resolve(meaning, item.label, key, adds=True)
    if isinstance(resolved, Said):
        return _held(item, row, resolved)
    return _New(item, row, resolved)


def _placed(new: _New, result: Order | BooksRefused) -> Outcome:
    match result:
        case Order():
            new.row.order, state = result, Item.State.CREATED
        case orders.OrderExists():
            new.row.order, state = result.order, Item.State.UNCHANGED
        case _:
            return _held(new.item, new.row, result.said)
    notes = new.resolved.notes
    _mark(new.row, State.STORED, notes=notes)
    return Outcome(new.item, state, notes=[said_as_json(said) for said in notes])


def _taken_as(order: Order, page: Page, item: Item, row: InboxRecord, meaning: IncomingOrder) -> Outcome:
    """The record becomes the order that a person said it is."""
    notes = order_links.take_up(
        order,
        source_key(page.work, page.leg, row.remote_id),
        {"record": item.label, "platform": page.work.platform.name},
        cancelled=meaning.cancelled,
        apply=page.leg.context.settings.get("revisions") == "apply",
    )
    row.order = order
    _mark(row, State.STORED, notes=notes)
    return Outcome(item, Item.State.UNCHANGED, notes=[said_as_json(said) for said in notes])


def _revision(page: Page, item: Item, row: InboxRecord, meaning: IncomingOrder, before: InboxRecord) -> Outcome:
    leg = page.leg
    order: Order = before.order  # type: ignore[assignment]  # the caller has looked
    names = {"record": item.label, "platform": page.work.platform.name, "order": order}
    old = read(leg, before.payload, item.label)
    changes = differences(wire_form(old) if isinstance(old, IncomingOrder) else {}, wire_form(meaning))
    item.changes = changes
    item.save(update_fields=["changes"])
    if leg.context.settings.get("revisions") != "apply" and row.reason_code != reasons.APPLY_CHANGE.code:
        if meaning.cancelled:
            return _held(item, row, reasons.CANCELLED_AFTER_IMPORT.about(**names))
        return _held(item, row, reasons.CHANGED_AFTER_IMPORT.about(**names, changes=_spoken(changes)))
    notes: list[Said] = []
    try:
        with transaction.atomic():
            if meaning.cancelled:
                orders.inactivate(order)
            else:
                resolved = page.resolve(meaning, item.label, order.source_key, adds=True)
                if isinstance(resolved, Said):
                    return _held(item, row, resolved)
                notes = resolved.notes
                if isinstance(old, IncomingOrder) and old.cancelled:
                    orders.activate(order)
                now = orders.revise_order(order, revised(order, resolved.draft))
                notes += _keep_addresses(page, [now], [item.label])[now.pk]
    except BooksRefused as refused:
        locked = refused.reason is orders.ORDER_LOCKED
        return _held(item, row, reasons.ORDER_LOCKED.about(**names) if locked else refused.said)
    before.state = State.SUPERSEDED
    row.order = order
    _mark(row, State.STORED, notes=notes)
    return Outcome(item, Item.State.UPDATED, notes=[said_as_json(said) for said in notes])


def _held(item: Item, row: InboxRecord, said: Said) -> Outcome:
    _mark(row, State.HELD, said)
    return Outcome(item, Item.State.BLOCKED, said)


def _mark(row: InboxRecord, state: str, said: Said | None = None, notes: Sequence[Said] = ()) -> None:
    row.state = state
    row.reason_code = said.reason.code if said else ""
    row.says = said.says if said else ""
    row.fix = said.fix if said else ""
    row.notes = [said_as_json(note) for note in notes]
    row.stored_at = timezone.now() if state == State.STORED else None


def _spoken(changes: Sequence[dict[str, Any]]) -> str:
    said = [
        f"{in_words(change['field'], {})} from {_side(change['old'])} to {_side(change['new'])}"
        for change in changes[:NAMED_CHANGES]
    ]
    more = len(changes) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")


def _side(value: Any) -> Any:
    return "nothing" if value in (None, "") else value
