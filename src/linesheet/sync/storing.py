"""Storing kept orders in the books, or holding them with the reason."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from linesheet.books import orders
from linesheet.books.bulk import save_changed
from linesheet.books.models import Order
from linesheet.books.reasons import Refused as BooksRefused
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.differences import differences, wire_form
from linesheet.sync.errors import Stopped
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.journal import Outcome, said_as_json
from linesheet.sync.keeping import PAGE, UNDECIDED, State, inbox_of, read
from linesheet.sync.lease import fence
from linesheet.sync.legs import Inbound
from linesheet.sync.models import InboxRecord, Item
from linesheet.sync.resolve import Resolver, revised
from linesheet.sync.work import Work

log = logging.getLogger(__name__)

NAMED_CHANGES = 6
STORED_AT_ONCE = 25
INBOX_STATE = ("state", "reason_code", "says", "fix", "notes", "stored_at", "order")


def store_page(work: Work, number: int, leg: Inbound, after: int) -> int | None:
    """Store or hold the planned items after an id, group by group; the last id, or None when there are no more."""
    items = planned(work, number, after)
    if not items:
        return None
    meanings = {item.pk: read(leg, item.inbox.payload, item.label) for item in items if item.inbox}
    resolver = Resolver(leg.context.settings, [m for m in meanings.values() if isinstance(m, IncomingOrder)])
    for start in range(0, len(items), STORED_AT_ONCE):
        if work.pulse.cancelled or work.pulse.lost:
            raise Stopped("The run was cancelled or taken over.")
        group = items[start : start + STORED_AT_ONCE]
        with transaction.atomic():
            fence(work.holder.run_id, work.holder.epoch)
            versions = _versions(work, leg, group)
            work.settle_now(
                [
                    _stored_alone(work, leg, item, meanings[item.pk], resolver, versions.get(item.record_id, []))
                    for item in group
                ]
            )
            save_changed((row for rows in versions.values() for row in rows), INBOX_STATE)
    return items[-1].pk


def planned(work: Work, number: int, after: int) -> list[Item]:
    """The next planned items of a leg, with their inbox records."""
    return list(
        Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED, pk__gt=after)
        .select_related("inbox")
        .order_by("pk")[:PAGE]
    )


def source_key(work: Work, leg: Inbound, remote_id: str) -> str:
    """What names the remote record on the order that it becomes; no two orders have the same."""
    return f"{work.platform.key}:{work.holder.connection_id}:{leg.kind}:{remote_id}"


def _versions(work: Work, leg: Inbound, items: Sequence[Item]) -> dict[str, list[InboxRecord]]:
    """All versions of the items' records, locked, oldest first."""
    found: dict[str, list[InboxRecord]] = {}
    rows = (
        inbox_of(work, leg)
        .filter(remote_id__in=[item.record_id for item in items])
        .select_for_update(of=("self",))
        .select_related("order")
        .order_by("revision")
    )
    for row in rows:
        found.setdefault(row.remote_id, []).append(row)
    return found


def _stored_alone(
    work: Work,
    leg: Inbound,
    item: Item,
    meaning: IncomingOrder | Said,
    resolver: Resolver,
    versions: Sequence[InboxRecord],
) -> Outcome:
    """`_stored` with a savepoint around it: a record that we stumble over is held, and the others go on."""
    item.notes = []
    try:
        with transaction.atomic():
            return _stored(work, leg, item, meaning, resolver, versions)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("%s could not be stored", item.label)
        row = next(version for version in versions if version.pk == item.inbox_id)
        return _held(item, row, reasons.STUMBLED.about(record=item.label, said=f"{type(error).__name__}: {error}"))


def _stored(
    work: Work,
    leg: Inbound,
    item: Item,
    meaning: IncomingOrder | Said,
    resolver: Resolver,
    versions: Sequence[InboxRecord],
) -> Outcome:
    """Store one record, or hold it; its inbox rows are changed in hand and written by the caller."""
    row = next(version for version in versions if version.pk == item.inbox_id)
    before = next((version for version in versions if version.state == State.STORED and version is not row), None)
    if row is not versions[-1] or row.state not in UNDECIDED:
        # Another run dealt with the record, or a newer version came, after this plan was made.
        moved = reasons.MOVED_ON_PLATFORM.about(record=item.label, platform=work.platform.name)
        return Outcome(item, Item.State.BLOCKED, moved)
    if isinstance(meaning, Said):
        return _held(item, row, meaning)
    for version in versions[:-1]:
        if version.state in UNDECIDED:
            version.state = State.SUPERSEDED
    if before and before.order:
        return _revision(work, leg, item, row, meaning, before, resolver)
    if meaning.cancelled:
        said = reasons.CANCELLED_BEFORE_IMPORT.about(record=item.label, platform=work.platform.name)
        _mark(row, State.IGNORED, said)
        return Outcome(item, Item.State.UNCHANGED, said)
    resolved = resolver.resolve(meaning, item.label, source_key(work, leg, row.remote_id))
    if isinstance(resolved, Said):
        return _held(item, row, resolved)
    try:
        row.order = orders.place_order(resolved.draft)
        state = Item.State.CREATED
    except orders.OrderExists as exists:
        row.order, state = exists.order, Item.State.UNCHANGED
    except BooksRefused as refused:
        return _held(item, row, refused.said)
    _mark(row, State.STORED, notes=resolved.notes)
    return Outcome(item, state, notes=[said_as_json(said) for said in resolved.notes])


def _revision(
    work: Work,
    leg: Inbound,
    item: Item,
    row: InboxRecord,
    meaning: IncomingOrder,
    before: InboxRecord,
    resolver: Resolver,
) -> Outcome:
    order: Order = before.order  # type: ignore[assignment]  # the caller has looked
    names = {"record": item.label, "platform": work.platform.name, "order": order}
    old = read(leg, before.payload, item.label)
    changes = differences(wire_form(old) if isinstance(old, IncomingOrder) else {}, wire_form(meaning))
    item.changes = changes
    item.save(update_fields=["changes"])
    if leg.context.settings.get("revisions") != "apply":
        if meaning.cancelled:
            return _held(item, row, reasons.CANCELLED_AFTER_IMPORT.about(**names))
        return _held(item, row, reasons.CHANGED_AFTER_IMPORT.about(**names, changes=_spoken(changes)))
    notes: list[Said] = []
    try:
        with transaction.atomic():
            if meaning.cancelled:
                orders.inactivate(order)
            else:
                resolved = resolver.resolve(meaning, item.label, order.source_key)
                if isinstance(resolved, Said):
                    return _held(item, row, resolved)
                notes = resolved.notes
                if isinstance(old, IncomingOrder) and old.cancelled:
                    orders.activate(order)
                orders.revise_order(order, revised(order, resolved.draft))
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
    said = [f"{change['field']} {change['old']} -> {change['new']}" for change in changes[:NAMED_CHANGES]]
    more = len(changes) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")
