"""Telling a platform what is stored, and looking at what it says then."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from linesheet.books.bulk import save_changed
from linesheet.books.models import Order
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.errors import Misdirected, Refused, TravelError, Unauthorised
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.journal import said_as_json
from linesheet.sync.keeping import (
    PAGE,
    State,
    add_items,
    item_of,
    kept_version,
    label_of,
    of_this_run,
    read,
    versions_of,
    write,
)
from linesheet.sync.lease import fence
from linesheet.sync.legs import Inbound, NotTaken, Received
from linesheet.sync.models import InboxRecord, Item
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, at_once

ACKNOWLEDGED_AT_ONCE = 25

Answer = dict[str, Any] | Said | None
"""The order as the platform has it then, None where it does not say, or why it was not told."""
Answers = Sequence[tuple[InboxRecord, Answer]]


async def acknowledge_left(work: Work, number: int, leg: Inbound) -> None:
    """Tell the platform of the stored orders that no run before told it of."""
    after = 0
    while rows := await work.db(untold, work, leg, after):
        after = rows[-1].pk
        await acknowledge(work, number, leg, rows, await work.db(_items_of, work, rows))


async def acknowledge(
    work: Work, number: int, leg: Inbound, rows: Sequence[InboxRecord], items: Mapping[int, Sequence[int]]
) -> None:
    """Tell the platform of stored orders, and write what it answers group by group while it is told of the next.

    `items` are the run's items by inbox record. What was told is written also where the run breaks off; after a crash
    it is told once more of what was not.
    """
    answered: asyncio.Queue[Answers | None] = asyncio.Queue()
    most = leg.acknowledge_batch
    at_a_time = most * math.ceil(ACKNOWLEDGED_AT_ONCE / most)

    async def write() -> None:
        while (answers := await answered.get()) is not None:
            # The calls first, so that there is none that was told without its exchange.
            await work.flush()
            await work.db(keep_answers, work, number, leg, answers)

    writing = asyncio.create_task(write())
    try:
        for start in range(0, len(rows), at_a_time):
            if writing.done():
                break
            group = rows[start : start + at_a_time]
            calls = [group[first : first + most] for first in range(0, len(group), most)]
            told = await at_once(work.concurrency, partial(_tell, work, leg, items), calls)
            answered.put_nowait([pair for call, answers in told for pair in zip(call, answers, strict=True)])
    finally:
        answered.put_nowait(None)
        await writing


def unacknowledged(work: Work, leg: Inbound) -> int:
    """Stored orders the platform was not told of, of those the run is about."""
    return int(of_this_run(work, leg).filter(state=State.STORED, acknowledged_at=None).count())


async def _tell(
    work: Work, leg: Inbound, items: Mapping[int, Sequence[int]], rows: Sequence[InboxRecord]
) -> list[Answer]:
    """What the platform answers for each of the rows, of which it is told in one call."""

    def not_told(row: InboxRecord, says: str) -> Said:
        names = {"record": label_of(work, row), "platform": work.platform.name, "said": says}
        return reasons.NOT_ACKNOWLEDGED.about(**names)

    orders: list[Order] = [row.order for row in rows]  # type: ignore[misc]  # those to tell of have one
    try:
        with serving([item for row in rows for item in items.get(row.pk, ())]):
            answers = await leg.acknowledge_many(
                [(row.remote_id, order.number) for row, order in zip(rows, orders, strict=True)]
            )
    except (Unauthorised, Misdirected) as error:
        raise RunFailed(work.why_failed(error)) from error
    except TravelError as error:
        if isinstance(error, Refused) and len(rows) > 1:
            middle = len(rows) // 2
            return [answer for half in (rows[:middle], rows[middle:]) for answer in await _tell(work, leg, items, half)]
        return [not_told(row, error.says) for row in rows]
    return [
        not_told(row, answer.says) if isinstance(answer, NotTaken) else answer
        for row, answer in zip(rows, answers, strict=True)
    ]


def untold(work: Work, leg: Inbound, after: int) -> list[InboxRecord]:
    """The next stored orders after an id that the platform was not told of, without their payloads."""
    rows = of_this_run(work, leg).filter(state=State.STORED, acknowledged_at=None, order__isnull=False, pk__gt=after)
    told_of = ("kind", "remote_id", "label", "content_hash", "notes", "acknowledged_at", "order__number")
    return list(rows.select_related("order").only(*told_of).order_by("pk")[:PAGE])


def _items_of(work: Work, rows: Sequence[InboxRecord]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    items = Item.objects.filter(run_id=work.holder.run_id, inbox__in=rows)
    for inbox_id, item_id in items.values_list("inbox_id", "pk"):
        found.setdefault(inbox_id, []).append(item_id)
    return found


def keep_answers(work: Work, number: int, leg: Inbound, answers: Answers) -> None:
    """Write what the platform answered for each row."""
    refused = {row.pk: said_as_json(answer) for row, answer in answers if isinstance(answer, Said)}
    changed = [
        (row, answer) for row, answer in answers if isinstance(answer, dict) and _means_more(work, leg, row, answer)
    ]
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        for row, _ in answers:
            row.notes = [note for note in row.notes if note["code"] != reasons.NOT_ACKNOWLEDGED.code]
            if row.pk in refused:
                row.notes = [*row.notes, refused[row.pk]]
            else:
                row.acknowledged_at = timezone.now()
        save_changed((row for row, _ in answers), ["acknowledged_at", "notes"])
        if refused:
            items = list(Item.objects.filter(run_id=work.holder.run_id, inbox__in=list(refused)).only("inbox", "notes"))
            for item in items:
                item.notes = [*item.notes, refused[item.inbox_id]]
            save_changed(items, ["notes"])
        if changed:
            _keep_again(work, number, leg, changed)


def _means_more(work: Work, leg: Inbound, row: InboxRecord, now_there: dict[str, Any]) -> bool:
    """Whether the order, as it came with the acknowledgement, means something else than what was stored."""
    if "payload" not in row.get_deferred_fields() and leg.alike(row.payload, now_there):
        return False
    meaning = read(leg, now_there, label_of(work, row))
    return isinstance(meaning, IncomingOrder) and meaning.content_hash() != row.content_hash


def _keep_again(work: Work, number: int, leg: Inbound, changed: Sequence[tuple[InboxRecord, dict[str, Any]]]) -> None:
    """Keep orders as they are there now, and plan those that have no fate in this run yet.

    The revisions of the others are in the inbox for the next run.
    """
    ids = [row.remote_id for row, _ in changed]
    versions = versions_of(work, leg, ids)
    kept = [
        kept_version(work, leg, Received(row.remote_id, row.label, now_there), versions[row.remote_id])
        for row, now_there in changed
    ]
    write(kept)
    earlier = Item.objects.filter(run_id=work.holder.run_id, leg=number, record_id__in=ids)
    planned = set(earlier.values_list("record_id", flat=True))
    add_items(
        work,
        [
            item_of(work, number, leg, one.row, versions[one.row.remote_id])
            for one in kept
            if one.row.state == State.KEPT and one.row.remote_id not in planned
        ],
    )
