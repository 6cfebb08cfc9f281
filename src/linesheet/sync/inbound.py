"""The way in: fetch and keep into a plan; then resolve, store and acknowledge.

Everything after `keep` works from the inbox, so a run that another worker takes over, or an order that was
held for a month, needs nothing more from the platform than the acknowledgement.
"""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from linesheet.books import orders
from linesheet.books.models import Order
from linesheet.books.reasons import Refused as BooksRefused
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.differences import differences, fingerprint, wire_form
from linesheet.sync.errors import Misdirected, Stopped, TravelError, Unauthorised
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.journal import Outcome, said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Inbound, Received, Unreadable
from linesheet.sync.models import InboxRecord, Item, Run
from linesheet.sync.resolve import Resolver, revised
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, at_once

log = logging.getLogger(__name__)

PAGE = 100
NAMED_CHANGES = 6
STORED_AT_ONCE = 25
ACKNOWLEDGED_AT_ONCE = 25
INBOX_STATE = ("state", "reason_code", "says", "fix", "notes", "stored_at", "order")
LONGEST_ID = 200
State = InboxRecord.State
UNDECIDED = (State.KEPT, State.HELD)


async def plan(work: Work, number: int, leg: Inbound) -> None:
    """Fetch and keep what the platform has, then take up again what is still held from before."""
    concerning = await work.db(_concerning, work, leg)
    seen: set[str] = set()
    async for page in leg.fetch(concerning.__contains__):
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")
        fresh = list({record.remote_id: record for record in page if record.remote_id not in seen}.values())
        seen.update(record.remote_id for record in fresh)
        await work.db(keep, work, number, leg, fresh)
    await work.db(_take_up_held, work, number, leg)


def _concerning(work: Work, leg: Inbound) -> frozenset[str]:
    """Remote ids whose changes there matter here: orders that are undecided, or in the books and active."""
    rows = _inbox(work, leg).filter(
        Q(state__in=UNDECIDED) | Q(state=State.STORED, order__active=True),
    )
    return frozenset(rows.values_list("remote_id", flat=True))


def keep(work: Work, number: int, leg: Inbound, page: Sequence[Received | Unreadable]) -> None:
    """Write a page into the inbox and plan its records; what was stored before is only counted."""
    received = [record for record in page if isinstance(record, Received) and len(record.remote_id) <= LONGEST_ID]
    others = [record for record in page if isinstance(record, Unreadable)]
    others += [
        Unreadable(record.remote_id[:LONGEST_ID], "its id is too long")
        for record in page
        if isinstance(record, Received) and len(record.remote_id) > LONGEST_ID
    ]
    versions: dict[str, dict[str, InboxRecord]] = {}
    for row in _inbox(work, leg).filter(remote_id__in=[record.remote_id for record in received]).defer("payload"):
        versions.setdefault(row.remote_id, {})[row.content_hash] = row
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        items = [_unreadable(work, number, leg, record) for record in others]
        unchanged = 0
        for record in received:
            row = _kept(work, leg, record, versions.get(record.remote_id, {}))
            if row.state in (State.STORED, State.IGNORED):
                unchanged += 1
            else:
                items.append(_item(work, number, leg, row, versions.get(record.remote_id, {})))
        _add_items(work, items, unchanged)


def _kept(work: Work, leg: Inbound, record: Received, versions: dict[str, InboxRecord]) -> InboxRecord:
    """The inbox row of what was received, as the latest version of its record."""
    meaning = read(leg, record.payload, record.label or record.remote_id)
    content_hash = meaning.content_hash() if isinstance(meaning, IncomingOrder) else fingerprint(record.payload)
    row = versions.get(content_hash)
    latest = max(versions.values(), key=lambda version: version.revision, default=None)
    revision = latest.revision + 1 if latest else 1
    if row is None:
        new: InboxRecord = InboxRecord.objects.create(
            connection_id=work.holder.connection_id,
            kind=leg.kind,
            remote_id=record.remote_id,
            content_hash=content_hash,
            label=storable(record.label)[:250],
            revision=revision,
            payload=storable(record.payload),
        )
        return new
    if row is latest and row.state != State.SUPERSEDED:
        return row
    # An edit was undone on the platform: the older version is the latest again.
    for version in versions.values():
        if version.revision > row.revision and version.state in UNDECIDED:
            version.state = State.SUPERSEDED
            version.save(update_fields=["state"])
    if row.state != State.STORED:
        row.state, row.acknowledged_at = State.KEPT, None
    row.revision, row.received_at = revision, timezone.now()
    row.save(update_fields=["revision", "state", "received_at", "acknowledged_at"])
    return row


def read(leg: Inbound, payload: dict[str, Any], label: str) -> IncomingOrder | Said:
    """What the payload means, or why it is held; one that our own reader stumbles over is held too."""
    try:
        return leg.read(payload)
    except Exception as error:
        log.exception("%s could not be read", label)
        return reasons.STUMBLED.about(record=label, said=f"{type(error).__name__}: {error}")


def storable(payload: Any) -> Any:
    """The payload as PostgreSQL can keep it: NUL characters, which no JSON column takes, become U+FFFD."""
    match payload:
        case str():
            return payload.replace("\x00", "\ufffd")
        case dict():
            return {storable(key): storable(value) for key, value in payload.items()}
        case list():
            return [storable(value) for value in payload]
    return payload


def _item(work: Work, number: int, leg: Inbound, row: InboxRecord, versions: dict[str, InboxRecord]) -> Item:
    again = any(version.state == State.STORED for version in versions.values())
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=leg.kind,
        record_id=row.remote_id,
        label=_label(work, row),
        action=Item.Action.UPDATE if again else Item.Action.CREATE,
        remote_id=row.remote_id,
        inbox=row,
    )


def _unreadable(work: Work, number: int, leg: Inbound, record: Unreadable) -> Item:
    said = reasons.RECORD_UNREADABLE.about(
        record=f"{leg.kind} {record.remote_id}", platform=work.platform.name, said=record.says
    )
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=leg.kind,
        record_id=record.remote_id,
        label=f"{work.platform.name} {leg.kind} {record.remote_id}"[:250],
        remote_id=record.remote_id,
        state=Item.State.FAILED,
        reason_code=said.reason.code,
        says=said.says,
        fix=said.fix,
    )


def _add_items(work: Work, items: Sequence[Item], unchanged: int = 0) -> None:
    Item.objects.bulk_create(items)
    failed = sum(item.state == Item.State.FAILED for item in items)
    Run.objects.filter(pk=work.holder.run_id).update(
        selected=F("selected") + len(items) + unchanged,
        unchanged=F("unchanged") + unchanged,
        failed=F("failed") + failed,
    )


def _take_up_held(work: Work, number: int, leg: Inbound) -> None:
    """Plan what is kept or held and was not fetched this time, from the payload as it was kept."""
    open_rows = _inbox(work, leg).filter(state__in=UNDECIDED)
    planned = Item.objects.filter(run_id=work.holder.run_id, leg=number)
    after = 0
    while True:
        rows = list(
            open_rows.filter(pk__gt=after)
            .exclude(remote_id__in=planned.values("record_id"))
            .order_by("pk")
            .defer("payload")[:PAGE]
        )
        if not rows:
            return
        after = rows[-1].pk
        latest = dict(
            _inbox(work, leg)
            .filter(remote_id__in=[row.remote_id for row in rows])
            .values_list("remote_id")
            .annotate(Max("revision"))
        )
        stored = set(
            _inbox(work, leg).filter(remote_id__in=list(latest), state=State.STORED).values_list("remote_id", flat=True)
        )
        with transaction.atomic():
            fence(work.holder.run_id, work.holder.epoch)
            items = []
            for row in rows:
                if row.revision < latest[row.remote_id]:
                    continue
                item = _item(work, number, leg, row, {})
                item.action = Item.Action.UPDATE if row.remote_id in stored else Item.Action.CREATE
                items.append(item)
            _add_items(work, items)


async def foresee(work: Work, number: int, leg: Inbound) -> None:
    """For a preview: resolve every planned record without storing, so that what will be held is shown."""
    after = 0
    while (last := await work.db(_foresee_page, work, number, leg, after)) is not None:
        after = last


def _foresee_page(work: Work, number: int, leg: Inbound, after: int) -> int | None:
    items = _planned(work, number, after)
    if not items:
        return None
    meanings = {item.pk: read(leg, item.inbox.payload, item.label) for item in items if item.inbox}
    resolver = Resolver(leg.context.settings, [m for m in meanings.values() if isinstance(m, IncomingOrder)])
    for item in items:
        meaning = meanings[item.pk]
        outcome = (
            meaning
            if isinstance(meaning, Said)
            else resolver.resolve(meaning, item.label, _source_key(work, leg, item.record_id))
        )
        said = [outcome] if isinstance(outcome, Said) else outcome.notes
        item.notes = [said_as_json(one) for one in said]
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        Item.objects.bulk_update(items, ["notes"])
    return items[-1].pk


async def send(work: Work, number: int, leg: Inbound) -> None:
    """Store what is planned, page by page, and acknowledge what is stored.

    An order that the platform changed between our reading it and the acknowledgement comes back as a revision
    of the same record, and is dealt with in the same run.
    """
    await _acknowledge(work, number, leg)
    after = 0
    while (last := await work.db(_store_page, work, number, leg, after)) is not None:
        after = last
        await _acknowledge(work, number, leg)
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")


def _planned(work: Work, number: int, after: int) -> list[Item]:
    return list(
        Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED, pk__gt=after)
        .select_related("inbox")
        .order_by("pk")[:PAGE]
    )


def _store_page(work: Work, number: int, leg: Inbound, after: int) -> int | None:
    items = _planned(work, number, after)
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
            InboxRecord.objects.bulk_update([row for rows in versions.values() for row in rows], INBOX_STATE)
    return items[-1].pk


def _versions(work: Work, leg: Inbound, items: Sequence[Item]) -> dict[str, list[InboxRecord]]:
    """All versions of the items' records, locked, oldest first."""
    found: dict[str, list[InboxRecord]] = {}
    rows = (
        _inbox(work, leg)
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
    resolved = resolver.resolve(meaning, item.label, _source_key(work, leg, row.remote_id))
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


async def _acknowledge(work: Work, number: int, leg: Inbound) -> None:
    """Tell the platform of every stored order it was not told of, in this run or any before.

    What it answers is written group by group; a crash in between has it told once more.
    """
    after = 0
    while rows := await work.db(_to_acknowledge, work, leg, after):
        after = rows[-1].pk
        items = await work.db(_items_of, work, rows)
        async with work.recording():
            answers = await at_once(work.concurrency, partial(_tell, work, leg, items), rows)
        await work.db(_acknowledged, work, number, leg, answers)


async def _tell(
    work: Work, leg: Inbound, items: dict[int, list[int]], row: InboxRecord
) -> dict[str, Any] | Said | None:
    order: Order = row.order  # type: ignore[assignment]  # `_to_acknowledge` selects rows with one
    with serving(items.get(row.pk, ())):
        try:
            return await leg.acknowledge(row.remote_id, order.number)
        except (Unauthorised, Misdirected) as error:
            raise RunFailed(work.why_failed(error)) from error
        except TravelError as error:
            names = {"record": _label(work, row), "platform": work.platform.name, "said": error.says}
            return reasons.NOT_ACKNOWLEDGED.about(**names)


def _to_acknowledge(work: Work, leg: Inbound, after: int) -> list[InboxRecord]:
    return list(
        _inbox(work, leg)
        .filter(state=State.STORED, acknowledged_at=None, order__isnull=False, pk__gt=after)
        .select_related("order")
        .defer("payload")
        .order_by("pk")[:ACKNOWLEDGED_AT_ONCE]
    )


def _items_of(work: Work, rows: Sequence[InboxRecord]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    items = Item.objects.filter(run_id=work.holder.run_id, inbox__in=rows)
    for inbox_id, item_id in items.values_list("inbox_id", "pk"):
        found.setdefault(inbox_id, []).append(item_id)
    return found


def _acknowledged(
    work: Work, number: int, leg: Inbound, answers: Sequence[tuple[InboxRecord, dict[str, Any] | Said | None]]
) -> None:
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        for row, answer in answers:
            row.notes = [note for note in row.notes if note["code"] != reasons.NOT_ACKNOWLEDGED.code]
            if not isinstance(answer, Said):
                row.acknowledged_at = timezone.now()
                continue
            row.notes = [*row.notes, said_as_json(answer)]
            for item in Item.objects.filter(run_id=work.holder.run_id, inbox=row):
                item.notes = [*item.notes, said_as_json(answer)]
                item.save(update_fields=["notes"])
        InboxRecord.objects.bulk_update([row for row, _ in answers], ["acknowledged_at", "notes"])
        for row, answer in answers:
            if isinstance(answer, dict):
                _look_again(work, number, leg, row, answer)


def _look_again(work: Work, number: int, leg: Inbound, row: InboxRecord, now_there: dict[str, Any]) -> None:
    """Keep the order as it came with the acknowledgement, when it means something else than what was stored."""
    meaning = read(leg, now_there, _label(work, row))
    if not isinstance(meaning, IncomingOrder) or meaning.content_hash() == row.content_hash:
        return
    versions = {
        version.content_hash: version for version in _inbox(work, leg).filter(remote_id=row.remote_id).defer("payload")
    }
    kept = _kept(work, leg, Received(row.remote_id, row.label, now_there), versions)
    if kept.state != State.KEPT:
        return
    earlier = Item.objects.filter(run_id=work.holder.run_id, leg=number, record_id=row.remote_id).first()
    if earlier is None:
        item = _item(work, number, leg, kept, versions)
        _add_items(work, [item])
    # Else the record has its one fate in this run; the next run finds the revision in the inbox.


def unacknowledged(work: Work, leg: Inbound) -> int:
    """Stored orders the platform was not told of."""
    return int(_inbox(work, leg).filter(state=State.STORED, acknowledged_at=None).count())


def _inbox(work: Work, leg: Inbound) -> Any:
    return InboxRecord.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind)


def _source_key(work: Work, leg: Inbound, remote_id: str) -> str:
    return f"{work.platform.key}:{work.holder.connection_id}:{leg.kind}:{remote_id}"


def _label(work: Work, row: InboxRecord) -> str:
    return f"{work.platform.name} {row.kind} {row.label or row.remote_id}"[:250]


def _spoken(changes: Sequence[dict[str, Any]]) -> str:
    said = [f"{change['field']} {change['old']} -> {change['new']}" for change in changes[:NAMED_CHANGES]]
    more = len(changes) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")
