"""The way in: fetch and keep into a plan; then resolve, store and acknowledge.

Everything after `keep` works from the inbox, so a run that another worker takes over, or an order that was
held for a month, needs nothing more from the platform than the acknowledgement.
"""

from collections.abc import AsyncIterator, Sequence

from django.db import transaction
from django.db.models import Q

from linesheet.books.bulk import save_changed
from linesheet.books.reasons import Said
from linesheet.sync.acknowledging import acknowledge, acknowledge_left
from linesheet.sync.errors import Stopped
from linesheet.sync.journal import said_as_json
from linesheet.sync.keeping import State, inbox_of, keep, take_up_held, take_up_one
from linesheet.sync.lease import fence
from linesheet.sync.legs import Inbound, Received, Unreadable
from linesheet.sync.models import InboxRecord
from linesheet.sync.storing import planned, read_page, source_key, store_page
from linesheet.sync.work import Work, together


async def plan(work: Work, number: int, leg: Inbound) -> None:
    """Fetch what there is, keeping each page while the next is fetched; then take up again what is still held.

    A run limited to one record asks the platform nothing: it takes that record up as it is kept.
    """
    if work.only:
        await work.db(take_up_one, work, number, leg)
        return
    known = await work.db(concerning, work, leg)
    seen: set[str] = set()
    pages = leg.fetch(known.__contains__)
    page = await _next(pages)
    while page is not None:
        if not work.pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")
        fresh = list({record.remote_id: record for record in page if record.remote_id not in seen}.values())
        seen.update(record.remote_id for record in fresh)
        page, _ = await together(_next(pages), work.db(keep, work, number, leg, fresh))
    await work.db(take_up_held, work, number, leg)


async def _next(pages: AsyncIterator[Sequence[Received | Unreadable]]) -> Sequence[Received | Unreadable] | None:
    return await anext(pages, None)


def concerning(work: Work, leg: Inbound) -> frozenset[str]:
    """Remote ids whose changes there matter here: orders that are undecided, or in the books and active."""
    rows = inbox_of(work, leg).filter(
        Q(state__in=InboxRecord.UNDECIDED) | Q(state=State.STORED, order__active=True),
    )
    return frozenset(rows.values_list("remote_id", flat=True))


async def foresee(work: Work, number: int, leg: Inbound) -> None:
    """For a preview: resolve every planned record without storing, so that what will be held is shown."""
    after = 0
    while (last := await work.db(foresee_page, work, number, leg, after)) is not None:
        after = last


def foresee_page(work: Work, number: int, leg: Inbound, after: int) -> int | None:
    items = planned(work, number, after)
    if not items:
        return None
    page = read_page(work, leg, items)
    for item in items:
        meaning = page.meanings[item.pk]
        outcome = (
            meaning
            if isinstance(meaning, Said)
            else page.resolve(meaning, item.label, source_key(work, leg, item.record_id))
        )
        said = [outcome] if isinstance(outcome, Said) else outcome.notes
        item.notes = [said_as_json(one) for one in said]
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        save_changed(items, ["notes"])
    return items[-1].pk


async def send(work: Work, number: int, leg: Inbound) -> None:
    """Store what is planned, page by page, and acknowledge each page while the next is stored.

    An order that the platform changed between our reading it and the acknowledgement comes back as a revision
    of the same record. It is dealt with in this run, or in the next when this run has stored that record already.
    """
    async with work.recording():
        await acknowledge_left(work, number, leg)
        items = await work.db(store_page, work, number, leg, 0)
        while items:
            if not work.pulse.may_send():
                raise Stopped("The run was cancelled or taken over.")
            rows = [item.inbox for item in items if item.inbox and _to_tell(item.inbox)]
            following, _ = await together(
                work.db(store_page, work, number, leg, items[-1].pk),
                acknowledge(work, number, leg, rows, {item.inbox_id: [item.pk] for item in items if item.inbox_id}),
            )
            items = following or []


def _to_tell(row: InboxRecord) -> bool:
    """Whether the platform is to be told of a row that was just dealt with."""
    return row.state == State.STORED and row.order is not None and row.acknowledged_at is None
