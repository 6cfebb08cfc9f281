"""Orders that a platform hands to us, one in a call, instead of having them fetched.

Each is a run of its own, begun and ended in the call's transaction: kept, resolved and stored like any that was
fetched, told of in Activity and to whoever wants to know. What is held waits in the inbox, and is taken in by a run of
the task, whose leg fetches nothing.
"""

import time
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from linesheet.books.reasons import BLOCKER, Said
from linesheet.sync import ending, lease, reasons, registry
from linesheet.sync.database import DatabaseThread
from linesheet.sync.journal import Holder
from linesheet.sync.keeping import keep
from linesheet.sync.legs import Inbound, Received
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from linesheet.sync.storing import store_page
from linesheet.sync.work import Only, Work

EPOCH = 1


class Busy(Exception):
    """A run of the task is at work on what was kept; ask again in a moment."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of an order that was handed to us: the run it made, its item, and its record in the inbox.

    `item` is None when the very same was stored before.
    """

    run: Run
    item: Item | None
    record: InboxRecord


def begin(connection: Connection, task: str, kind: str) -> Run:
    """The run of one order, inside the caller's transaction: others of the connection wait until that ends.

    Raises Busy.
    """
    try:
        with transaction.atomic():
            run: Run = Run.objects.create(
                connection=connection,
                task=task,
                state=Run.State.RUNNING,
                epoch=EPOCH,
                started_at=Now(),
                only_kind=kind,
                worker=lease.this_worker(),
            )
    except IntegrityError:
        raise Busy from None
    return run


def take_in(run: Run, leg: Inbound, received: Received) -> Handed:
    """Keep the order, store it in the books or hold it, and end the run; all in the caller's transaction."""
    connection = run.connection
    Run.objects.filter(pk=run.pk).update(only_record=received.remote_id, planned_at=Now())
    work = _work_on(run, received)
    keep(work, 0, leg, [received])
    store_page(work, 0, leg, 0)
    item = Item.objects.filter(run=run).select_related("inbox__order").first()
    ending.close(run.pk, None, _left_out(item))
    run.refresh_from_db()
    record = (
        item.inbox
        if item and item.inbox
        else InboxRecord.objects.select_related("order")
        .filter(connection=connection, kind=leg.kind, remote_id=received.remote_id)
        .order_by("-revision")[0]
    )
    return Handed(run, item, record)


def _left_out(item: Item | None) -> Said | None:
    """What the run leaves to people although it stored the order: the lines that could not come along."""
    if item is None or item.state not in (Item.State.CREATED, Item.State.UPDATED):
        return None
    count = sum(note["severity"] == BLOCKER for note in item.notes)
    return reasons.LINES_LEFT_OUT.about(record=item.label, count=count) if count else None


def _work_on(run: Run, received: Received) -> Work:
    connection = run.connection
    return Work(
        holder=Holder(run.pk, EPOCH, connection.pk, run.company_id),
        platform=registry.platform(connection.platform),
        connection_name=connection.name,
        task=run.task,
        approved=False,
        concurrency=1,
        per_second=None,
        # Nobody else can see the run before it has ended, so nothing renews its lease.
        pulse=lease.Pulse(run.pk, EPOCH, time.monotonic()),
        db=DatabaseThread(run.company_id),
        only=Only(run.only_kind, received.remote_id),
    )
