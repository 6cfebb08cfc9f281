"""Keeping what a platform gives us, as received, and planning what is to become of it."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.differences import fingerprint
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.lease import fence
from linesheet.sync.legs import LONGEST_ID, Inbound, Received, Unreadable
from linesheet.sync.models import InboxRecord, Item, Run
from linesheet.sync.work import RunFailed, Work

log = logging.getLogger(__name__)

PAGE = 100
State = InboxRecord.State


def keep(work: Work, number: int, leg: Inbound, page: Sequence[Received | Unreadable]) -> None:
    """Write a page into the inbox and plan its records; what was stored before is only counted."""
    received = [record for record in page if isinstance(record, Received) and len(record.remote_id) <= LONGEST_ID]
    others = [record for record in page if isinstance(record, Unreadable)]
    others += [
        Unreadable(record.remote_id, "its id is too long")
        for record in page
        if isinstance(record, Received) and len(record.remote_id) > LONGEST_ID
    ]
    versions = versions_of(work, leg, [record.remote_id for record in received])
    kept = [kept_version(work, leg, record, versions.get(record.remote_id, {})) for record in received]
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        write(kept)
        unchanged = [one for one in kept if one.row.state in (State.STORED, State.IGNORED)]
        planned = [one for one in kept if one.row.state not in (State.STORED, State.IGNORED)]
        items = [_unreadable(work, number, leg, record) for record in others]
        items += [item_of(work, number, leg, one.row, versions.get(one.row.remote_id, {})) for one in planned]
        add_items(work, items, len(unchanged))


def versions_of(work: Work, leg: Inbound, remote_ids: Sequence[str]) -> dict[str, dict[str, InboxRecord]]:
    """The versions there are of records, without their payloads, by remote id and content hash."""
    found: dict[str, dict[str, InboxRecord]] = {}
    for row in inbox_of(work, leg).filter(remote_id__in=remote_ids).defer("payload"):
        found.setdefault(row.remote_id, {})[row.content_hash] = row
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """The inbox row of what was received, and the rows of the same record that are to be written for it."""

    row: InboxRecord
    changed: Sequence[InboxRecord] = ()


def kept_version(work: Work, leg: Inbound, record: Received, versions: Mapping[str, InboxRecord]) -> Kept:
    """What was received as the latest version of its record, not yet written; `versions` go by content hash."""
    meaning = read(leg, record.payload, record.label or record.remote_id)
    content_hash = meaning.content_hash() if isinstance(meaning, IncomingOrder) else fingerprint(record.payload)
    row = versions.get(content_hash)
    latest = max(versions.values(), key=lambda version: version.revision, default=None)
    revision = latest.revision + 1 if latest else 1
    if row is None:
        new = InboxRecord(
            company_id=work.holder.company_id,
            connection_id=work.holder.connection_id,
            kind=leg.kind,
            remote_id=record.remote_id,
            content_hash=content_hash,
            label=storable(record.label)[:250],
            revision=revision,
            payload=storable(record.payload),
        )
        return Kept(new, (new,))
    if row is latest and row.state != State.SUPERSEDED:
        return Kept(row)
    # An edit was undone on the platform: the older version is the latest again.
    newer = [each for each in versions.values() if each.revision > row.revision and each.state in InboxRecord.UNDECIDED]
    for version in newer:
        version.state = State.SUPERSEDED
    if row.state != State.STORED:
        row.state, row.acknowledged_at = State.KEPT, None
    row.revision, row.received_at = revision, timezone.now()
    return Kept(row, (*newer, row))


def write(kept: Iterable[Kept]) -> None:
    """Write the rows that are new or changed, inside the caller's transaction."""
    rows = [row for one in kept for row in one.changed]
    known = [row for row in rows if row.pk is not None]
    save_new(row for row in rows if row.pk is None)
    save_changed(known, ["revision", "state", "received_at", "acknowledged_at"])


def take_up_held(work: Work, number: int, leg: Inbound) -> None:
    """Plan what is kept or held and was not fetched this time, from the payload as it was kept."""
    open_rows = of_this_run(work, leg).filter(state__in=InboxRecord.UNDECIDED)
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
            inbox_of(work, leg)
            .filter(remote_id__in=[row.remote_id for row in rows])
            .values_list("remote_id")
            .annotate(Max("revision"))
        )
        stored = set(
            inbox_of(work, leg)
            .filter(remote_id__in=list(latest), state=State.STORED)
            .values_list("remote_id", flat=True)
        )
        with transaction.atomic():
            fence(work.holder.run_id, work.holder.epoch)
            items = []
            for row in rows:
                if row.revision < latest[row.remote_id]:
                    continue
                item = item_of(work, number, leg, row, {})
                item.action = Item.Action.UPDATE if row.remote_id in stored else Item.Action.CREATE
                items.append(item)
            add_items(work, items)


def take_up_one(work: Work, number: int, leg: Inbound) -> None:
    """Plan the one record the run is limited to, from its kept payload; one that is decided is only counted.

    Raises RunFailed when the platform never gave it to us.
    """
    latest = of_this_run(work, leg).order_by("-revision").defer("payload").first()
    if latest is None:
        record = f"{leg.kind} {work.only.record_id if work.only else ''}"
        raise RunFailed(reasons.NOT_IN_INBOX.about(record=record, platform=work.platform.name))
    if latest.state in InboxRecord.UNDECIDED:
        take_up_held(work, number, leg)
        return
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        add_items(work, [], unchanged=1)


def read(leg: Inbound, payload: dict[str, Any], label: str) -> IncomingOrder | Said:
    """What the payload means, or why it is held; one that our own reader stumbles over is held too."""
    try:
        return leg.read(payload)
    except Exception as error:
        log.exception("%s could not be read", label)
        return reasons.stumbled(label, error)


def storable(payload: Any) -> Any:
    """The payload as PostgreSQL can keep it: NUL characters, which no JSON column takes, become U+FFFD."""
    return _without_nul(payload) if b"\\u0000" in msgspec.json.encode(payload) else payload


def _without_nul(payload: Any) -> Any:
    match payload:
        case str():
            return payload.replace("\x00", "\ufffd")
        case dict():
            return {_without_nul(key): _without_nul(value) for key, value in payload.items()}
        case list():
            return [_without_nul(value) for value in payload]
    return payload


def item_of(work: Work, number: int, leg: Inbound, row: InboxRecord, versions: Mapping[str, InboxRecord]) -> Item:
    """The record's item: an update when a version of it is stored already."""
    again = any(version.state == State.STORED for version in versions.values())
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=leg.kind,
        record_id=row.remote_id,
        label=label_of(work, row),
        action=Item.Action.UPDATE if again else Item.Action.CREATE,
        remote_id=row.remote_id,
        inbox=row,
    )


def _unreadable(work: Work, number: int, leg: Inbound, record: Unreadable) -> Item:
    remote_id = kept_id(record.remote_id)
    said = reasons.RECORD_UNREADABLE.about(
        record=f"{leg.kind} {remote_id}", platform=work.platform.name, said=record.says
    )
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=leg.kind,
        record_id=remote_id,
        label=f"{work.platform.name} {leg.kind} {remote_id}"[:250],
        remote_id=remote_id,
        state=Item.State.FAILED,
        reason_code=said.reason.code,
        says=said.says,
        fix=said.fix,
    )


def kept_id(remote_id: str) -> str:
    """An id as its column can keep it; of one that is too long, the start and a digest of the whole."""
    kept: str = storable(remote_id)
    if len(kept) <= LONGEST_ID:
        return kept
    digest = hashlib.sha256(kept.encode()).hexdigest()[:16]
    return f"{kept[: LONGEST_ID - 17]}…{digest}"


def add_items(work: Work, items: Sequence[Item], unchanged: int = 0) -> None:
    """Add planned items to the run, and count them and what is unchanged, inside the caller's transaction."""
    save_new(items)
    failed = sum(item.state == Item.State.FAILED for item in items)
    Run.objects.filter(pk=work.holder.run_id).update(
        selected=F("selected") + len(items) + unchanged,
        unchanged=F("unchanged") + unchanged,
        failed=F("failed") + failed,
    )


def inbox_of(work: Work, leg: Inbound) -> Any:
    """The connection\'s inbox records of the leg\'s kind."""
    return InboxRecord.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind)


def of_this_run(work: Work, leg: Inbound) -> Any:
    """Those of them the run is about: all, or the versions of the one record it is limited to."""
    rows = inbox_of(work, leg)
    return rows.filter(remote_id=work.only.record_id) if work.only else rows


def label_of(work: Work, row: InboxRecord) -> str:
    """The name a person knows the record by."""
    return f"{work.platform.name} {row.kind} {row.label or row.remote_id}"[:250]
