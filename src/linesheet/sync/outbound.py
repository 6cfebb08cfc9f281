"""The way out, up to the plan: select, check, map and compare. `sending` does the rest."""

import logging
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.reasons import BLOCKER, Said
from linesheet.sync import reasons
from linesheet.sync.differences import differences, fingerprint, wire_form
from linesheet.sync.errors import Stopped
from linesheet.sync.journal import said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Outbound, Sending
from linesheet.sync.models import Item, Link, Problem, Run
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, at_once

log = logging.getLogger(__name__)

PAGE = 500


async def plan(work: Work, number: int, leg: Outbound[Any, Any]) -> None:
    """Plan one leg, a page at a time. Raises RunFailed when the platform's listing cannot be right."""
    present = await leg.present()
    if present is not None:
        await work.db(_check_listing, work, leg, len(present))
    pages = await work.db(leg.select)
    while (page := await work.db(next, pages, None)) is not None:
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")
        await work.db(plan_page, work, number, leg, page, present)
    await work.db(_plan_left_out, work, number, leg)


def _check_listing(work: Work, leg: Outbound[Any, Any], listed: int) -> None:
    linked = Link.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind).count()
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
    unknown = _left_unknown(work, leg, list(records))
    items: list[Item] = []
    unchanged = 0
    for record_id in ids:
        record = records.get(record_id)
        if record is None:
            continue
        link = links.get(record_id)
        if link and present is not None and link.remote_id not in present:
            link = None
        try:
            item = _planned(work, number, leg, record, link, unknown.get(record_id))
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


def _plan_left_out(work: Work, number: int, leg: Outbound[Any, Any]) -> None:
    """Have what an earlier run may have sent read back, too, where it is not among the selected any more."""
    unknown = _left_unknown(work, leg)
    planned = Item.objects.filter(run_id=work.holder.run_id, leg=number, record_id__in=list(unknown))
    items = []
    for record_id in unknown.keys() - set(planned.values_list("record_id", flat=True)):
        item = _new_item(work, number, leg, record_id, unknown[record_id].label)
        said = reasons.NOT_IN_SELECTION.about(record=item.label, task=work.task, connection=work.connection_name)
        _read_back_only(item, unknown[record_id], said)
        items.append(item)
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


def _left_unknown(work: Work, leg: Outbound[Any, Any], ids: Sequence[str] | None = None) -> dict[str, Item]:
    """Records that an earlier run may have sent without learning the outcome, with their items of that run.

    All there are, or those of these ids. They are read back before anything else becomes of them.
    """
    problems = Problem.objects.filter(
        connection_id=work.holder.connection_id,
        task=work.task,
        kind=leg.kind,
        reason_code=reasons.OUTCOME_UNKNOWN.code,
        cleared_at=None,
    )
    if ids is not None:
        problems = problems.filter(record_id__in=ids)
    runs = dict(problems.values_list("record_id", "last_run_id"))
    items = Item.objects.filter(run__in=set(runs.values()), kind=leg.kind, record_id__in=list(runs)) if runs else ()
    return {item.record_id: item for item in items if item.run_id == runs[item.record_id] and item.payload}


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
    work: Work, number: int, leg: Outbound[Any, Any], record: Any, link: Link | None, unknown: Item | None
) -> Item | None:
    """The record's item, yet without its changes; None when the platform took just this payload last.

    `unknown`: the item with which it may have taken another.
    """
    item = _new_item(work, number, leg, leg.record_id(record), leg.label(record))
    item.remote_id = link.remote_id if link else ""
    findings = leg.check(record)
    if blocker := first_blocker(findings):
        item.notes = [said_as_json(said) for said in findings if said is not blocker]
        if unknown:
            _read_back_only(item, unknown, blocker)
        else:
            item.state = Item.State.BLOCKED
            _say(item, blocker)
        return item
    item.payload = wire_form(leg.map(record))
    item.fingerprint = fingerprint(item.payload)
    if unknown:
        item.sent_at = timezone.now()
    elif link and link.fingerprint == item.fingerprint:
        return None
    item.action = Item.Action.UPDATE if link else Item.Action.CREATE
    item.basis = link.fingerprint if link else ""
    item.notes = [said_as_json(said) for said in findings]
    return item


def _read_back_only(item: Item, unknown: Item, said: Said) -> None:
    """Have the item ask whether the platform took what was sent then; it cannot go out, for the reason said.

    Without that, what is there would have no link, and nothing would ever change it or take it off.
    """
    _say(item, said)
    item.payload, item.fingerprint, item.action = unknown.payload, unknown.fingerprint, unknown.action
    item.sent_at = timezone.now()


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


def planned_calls(leg: Outbound[Any, Any], items: int) -> int:
    """Calls that sending so many records takes when nothing goes wrong."""
    return math.ceil(items / leg.batch_size) * leg.calls_per_batch
