"""The way out, up to the plan: select, check, map and compare. `sending` does the rest."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count, F

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.reasons import BLOCKER, Said
from linesheet.sync import reasons
from linesheet.sync.differences import differences, fingerprint, wire_form
from linesheet.sync.errors import Stopped, TravelError
from linesheet.sync.journal import said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Outbound, Sending, in_pages
from linesheet.sync.models import Item, Link, Run
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, at_once

log = logging.getLogger(__name__)

PAGE = 500


async def plan(
    work: Work, number: int, leg: Outbound[Any, Any], untold: Sequence[tuple[Item, TravelError]] = ()
) -> None:
    """Plan one leg, a page at a time. Raises RunFailed when the platform's listing cannot be right.

    `untold` are records that an earlier run may have sent, and of which the platform does not tell: they wait.
    """
    present = await leg.present()
    if present is not None:
        await work.db(_check_listing, work, leg, len(present))
    await work.db(_plan_untold, work, number, leg, untold)
    waiting = {item.record_id for item, _ in untold}
    pages = await work.db(_pages, work, leg)
    while (page := await work.db(next, pages, None)) is not None:
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")
        ids = [record_id for record_id in page if record_id not in waiting]
        await work.db(plan_page, work, number, leg, ids, present)


def _pages(work: Work, leg: Outbound[Any, Any]) -> Iterator[list[str]]:
    gone = list(leg.gone()) if work.only is None else []
    in_parts = (gone[start : start + PAGE] for start in range(0, len(gone), PAGE))
    return chain(in_parts, in_pages(work.selected_by(leg)))


def _check_listing(work: Work, leg: Outbound[Any, Any], listed: int) -> None:
    links = Link.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind)
    linked = links.aggregate(linked=Count("remote_id", distinct=True))["linked"] if leg.shared else links.count()
    if listed * 2 < linked:
        raise RunFailed(
            reasons.LISTING_SHORT.about(platform=work.platform.name, listed=listed, kind=leg.kind, linked=linked)
        )


def plan_page(work: Work, number: int, leg: Outbound[Any, Any], ids: Sequence[str], present: set[str] | None) -> None:
    """Plan the records of these ids: an item for each that is not unchanged. As many queries for many as for few."""
    records = {leg.record_id(record): record for record in leg.load(ids)}
    taken = Link.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind)
    # What was sent last is long, and of use for those only that changed since.
    links = {link.record_id: link for link in taken.filter(record_id__in=list(records)).defer("payload")}
    items: list[Item] = []
    unchanged = 0
    for record_id in ids:
        record = records.get(record_id)
        if record is None:
            continue
        link = links.get(record_id)
        vanished = link is not None and present is not None and link.remote_id not in present
        try:
            item = _planned(work, number, leg, record, link, vanished=vanished)
        except Exception as error:
            log.exception("record %s could not be planned", record_id)
            item = _stumbled(work, number, leg, record_id, error)
        if item is None:
            unchanged += 1
            continue
        items.append(item)
    updates = {item.record_id: item for item in items if item.action == Item.Action.UPDATE}
    for record_id, last in taken.filter(record_id__in=list(updates)).values_list("record_id", "payload"):
        updates[record_id].changes = differences(last, updates[record_id].payload)
    _keep_plan(work, items, unchanged)


def _plan_untold(work: Work, number: int, leg: Outbound[Any, Any], untold: Sequence[tuple[Item, TravelError]]) -> None:
    items = []
    for sent, error in untold:
        item = _new_item(work, number, leg, sent.record_id, sent.label)
        item.payload, item.fingerprint, item.action = sent.payload, sent.fingerprint, sent.action
        item.state = Item.State.FAILED
        _say(item, reasons.OUTCOME_UNKNOWN.about(record=item.label, platform=work.platform.name, said=error.says))
        items.append(item)
    if items:
        _keep_plan(work, items, unchanged=0)


def _keep_plan(work: Work, items: Sequence[Item], unchanged: int) -> None:
    blocked = sum(item.state == Item.State.BLOCKED for item in items)
    failed = sum(item.state == Item.State.FAILED for item in items)
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        save_new(items)
        Run.objects.filter(pk=work.holder.run_id).update(
            selected=F("selected") + len(items) + unchanged,
            unchanged=F("unchanged") + unchanged,
            blocked=F("blocked") + blocked,
            failed=F("failed") + failed,
        )


def _new_item(work: Work, number: int, leg: Outbound[Any, Any], record_id: str, label: str) -> Item:
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=leg.kind,
        record_id=record_id,
        label=label[:250],
    )


def _planned(
    work: Work, number: int, leg: Outbound[Any, Any], record: Any, link: Link | None, *, vanished: bool
) -> Item | None:
    """The record's item, yet without its changes; None when the platform took just this payload last.

    A payload that is to be sent once more goes even so, but only while it is what the books say.

    `vanished`: the platform does not list what the link leads to any more, so it is created again.
    """
    item = _new_item(work, number, leg, leg.record_id(record), leg.label(record))
    item.basis = link.fingerprint if link else ""
    if vanished:
        link = None
    item.remote_id = link.remote_id if link else ""
    findings = leg.check(record)
    if blocker := first_blocker(findings):
        item.state = Item.State.BLOCKED
        _say(item, blocker)
        item.notes = [said_as_json(said) for said in findings if said is not blocker]
        return item
    item.payload = wire_form(leg.map(record))
    item.fingerprint = fingerprint(item.payload)
    as_sent = work.only.as_sent if work.only else ""
    if as_sent and as_sent != item.fingerprint:
        item.state = Item.State.BLOCKED
        _say(item, reasons.CHANGED_SINCE_SENT.about(record=item.label))
        return item
    if link and link.fingerprint == item.fingerprint and not as_sent:
        return None
    item.action = Item.Action.UPDATE if link else Item.Action.CREATE
    item.notes = [said_as_json(said) for said in findings]
    return item


def _stumbled(work: Work, number: int, leg: Outbound[Any, Any], record_id: str, error: Exception) -> Item:
    """The record fails alone, whatever in it our own rules did not expect."""
    item = _new_item(work, number, leg, record_id, f"{leg.kind} {record_id}")
    item.state = Item.State.FAILED
    _say(item, reasons.stumbled(item.label, error))
    return item


def _say(item: Item, said: Said) -> None:
    item.reason_code, item.says, item.fix = said.reason.code, said.says, said.fix


async def look_at_remote(work: Work, number: int, leg: Outbound[Any, Any]) -> None:
    """For a preview: note the state of every record there that the plan would change."""
    after = 0
    while items := await work.db(_updates, work, number, after):
        after = items[-1].pk
        await at_once(work.concurrency, partial(_note_version, leg), items)
        await work.db(_keep_versions, work, items)


def _keep_versions(work: Work, items: Sequence[Item]) -> None:
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        save_changed(items, ["remote_version"])


def _updates(work: Work, number: int, after: int) -> list[Item]:
    return list(
        Item.objects.filter(
            run_id=work.holder.run_id,
            leg=number,
            state=Item.State.PLANNED,
            action=Item.Action.UPDATE,
            pk__gt=after,
        ).order_by("pk")[:PAGE]
    )


async def _note_version(leg: Outbound[Any, Any], item: Item) -> None:
    with serving([item.pk]):
        item.remote_version = await leg.version(sending_of(leg, item))


def sending_of(leg: Outbound[Any, Any], item: Item) -> Sending:
    """The item as its leg sends it."""
    payload = msgspec.convert(item.payload, leg.wire, strict=False)
    return Sending(item.record_id, item.label, payload, item.remote_id)


def first_blocker(findings: Sequence[Said]) -> Said | None:
    """The first finding that keeps a record from going out."""
    return next((said for said in findings if said.reason.severity is BLOCKER), None)
