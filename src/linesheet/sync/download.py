"""Records written to a file for a person: the same select, check and account, and a file instead of a platform."""

import csv
import io
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from linesheet.sync.journal import said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Download
from linesheet.sync.models import Item, Run
from linesheet.sync.outbound import first_blocker
from linesheet.sync.work import Work


def plan(work: Work, number: int, leg: Download[Any]) -> None:
    """Check every selected record; those that may go into the file are planned."""
    for ids in leg.select():
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
            items.append(item)
        with transaction.atomic():
            fence(work.holder.run_id, work.holder.epoch)
            Item.objects.bulk_create(items)
            Run.objects.filter(pk=work.holder.run_id).update(
                selected=F("selected") + len(items),
                blocked=F("blocked") + sum(item.state == Item.State.BLOCKED for item in items),
            )


def write(work: Work, number: int, leg: Download[Any]) -> None:
    """Write the planned records to one CSV file, and settle them all with it or none.

    The file is UTF-8 with a byte-order mark, so that spreadsheets read its accents.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, leg.columns(), restval="", extrasaction="raise")
    writer.writeheader()
    planned = Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED)
    written: list[int] = []
    for ids in leg.select():
        waiting = dict(planned.filter(record_id__in=ids).values_list("record_id", "pk"))
        for record in leg.load(ids):
            if leg.record_id(record) in waiting and first_blocker(leg.check(record)) is None:
                writer.writerows(leg.rows(record))
                written.append(waiting[leg.record_id(record)])
    name = default_storage.save(
        f"{work.holder.company_id}/downloads/{work.task}-{work.holder.run_id}.csv",
        ContentFile(text.getvalue().encode("utf-8-sig")),
    )
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        planned.filter(pk__in=written).update(state=Item.State.CREATED)
        Run.objects.filter(pk=work.holder.run_id).update(created=F("created") + len(written), file=name)
