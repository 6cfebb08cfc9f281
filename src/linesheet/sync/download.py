"""Records written to a file for a person: the same select, check and account, and a file instead of a platform."""

import csv
import io
import tempfile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from linesheet.sync import reasons
from linesheet.sync.errors import Stopped
from linesheet.sync.journal import Outcome, said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Download, in_pages
from linesheet.sync.models import Item, Run
from linesheet.sync.outbound import first_blocker
from linesheet.sync.work import Work

PAGE = 500


def plan(work: Work, number: int, leg: Download[Any]) -> None:
    """Check every selected record; those that may go into the file are planned. Raises Stopped or RunFailed."""
    for ids in in_pages(work.selected_by(leg)):
        _go_on(work)
        items = []
        for record in leg.load(ids):
            findings = leg.check(record)
            item = Item(
                company_id=work.holder.company_id,
                run_id=work.holder.run_id,
                leg=number,
                kind=leg.kind,
                record_id=leg.record_id(record),
                label=leg.label(record),
                action=Item.Action.CREATE,
                notes=[said_as_json(said) for said in findings],
            )
            if blocker := first_blocker(findings):
                item.state = Item.State.BLOCKED
                item.reason_code, item.says, item.fix = blocker.reason.code, blocker.says, blocker.fix
                item.settled_at = timezone.now()
            items.append(item)
        with transaction.atomic():
            fence(work.holder.run_id, work.holder.epoch)
            Item.objects.bulk_create(items)
            Run.objects.filter(pk=work.holder.run_id).update(
                selected=F("selected") + len(items),
                blocked=F("blocked") + sum(item.state == Item.State.BLOCKED for item in items),
            )


def write(work: Work, number: int, leg: Download[Any]) -> None:
    """Write the planned records to one CSV file, and settle them all with it or none. Raises Stopped.

    A record that may not go into the file any more, because the books moved on since the plan, is blocked. The file is
    UTF-8 with a byte-order mark, so that spreadsheets read its accents.
    """
    with tempfile.TemporaryFile() as file:
        moved = _write_rows(work, number, leg, file)
        file.seek(0)
        _go_on(work)
        # By the epoch, a worker that wakes too late writes and deletes a file of its own, never its successor's.
        run = f"{work.holder.run_id}-{work.holder.epoch}"
        path = f"{work.holder.company_id}/downloads/{work.task}-{run}.csv"
        name = default_storage.save(path, File(file))
    try:
        _settle(work, number, moved, name)
    except Stopped:
        default_storage.delete(name)
        raise


def _write_rows(work: Work, number: int, leg: Download[Any], file: IO[bytes]) -> list[int]:
    """Write the rows, a page at a time; the items whose records are no longer fit."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.DictWriter(text, leg.columns(), restval="", extrasaction="raise")
    writer.writeheader()
    moved: list[int] = []
    after = 0
    while items := _planned(work, number, after):
        _go_on(work)
        after = items[-1].pk
        records = {leg.record_id(record): record for record in leg.load([item.record_id for item in items])}
        for item in items:
            record = records.get(item.record_id)
            if record is None or first_blocker(leg.check(record)):
                moved.append(item.pk)
            else:
                writer.writerows(leg.rows(record))
    text.detach()
    return moved


def _planned(work: Work, number: int, after: int) -> list[Item]:
    planned = Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED, pk__gt=after)
    return list(planned.order_by("pk")[:PAGE])


def _settle(work: Work, number: int, moved: list[int], name: str) -> None:
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        for start in range(0, len(moved), PAGE):
            work.settle_now(
                Outcome(item, Item.State.BLOCKED, reasons.MOVED_IN_BOOKS.about(record=item.label))
                for item in Item.objects.filter(pk__in=moved[start : start + PAGE])
            )
        planned = Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED)
        written = planned.update(state=Item.State.CREATED, settled_at=timezone.now())
        Run.objects.filter(pk=work.holder.run_id).update(created=F("created") + written, file=name)


def _go_on(work: Work) -> None:
    if not work.pulse.may_send():
        raise Stopped("The run was cancelled or taken over.")
