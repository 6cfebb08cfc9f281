"""Sending what is planned: marked before it goes, settled by its outcome, read back when that is unknown."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from linesheet.books.reasons import Reason
from linesheet.sync import reasons
from linesheet.sync.batches import Batching
from linesheet.sync.differences import fingerprint, wire_form
from linesheet.sync.errors import (
    Ambiguous,
    Misdirected,
    Nonsense,
    Refused,
    Stopped,
    TravelError,
    Unauthorised,
    Unavailable,
)
from linesheet.sync.journal import Outcome, said_as_json
from linesheet.sync.lease import fence
from linesheet.sync.legs import Accepted, NotTaken, Outbound, Sending
from linesheet.sync.models import Item, Link
from linesheet.sync.outbound import first_blocker, sending_of
from linesheet.sync.transport import serving
from linesheet.sync.work import RunFailed, Work, together

SENDS_OF_ONE_RECORD = 3
# After so many records in a row without an answer that can be used, the run stops: the platform is down.
SILENT_IN_A_ROW = 6
GRACE_SECONDS = 5.0
MOST_AHEAD = 500
"""Records that are taken in hand at once, to be put into batches."""


async def send(work: Work, number: int, leg: Outbound[Any, Any]) -> None:
    """Send what is planned of one leg; every outcome is recorded as it comes.

    Raises RunFailed when the platform refuses the connection or is down, and Stopped on cancellation or when the
    run was taken over. Calls on their way at a cancellation get a few seconds to finish.
    """
    sender = _Sender(work, leg)
    batching = Batching(leg)
    # What waits in the queue lasts while the database thread records, and then marks the next.
    queue: asyncio.Queue[list[Item] | None] = asyncio.Queue(maxsize=2 * work.concurrency)

    async def feed() -> None:
        after = 0
        while not sender.halted:
            items = await work.db(next_planned, work, leg, number, after)
            if not items:
                break
            after = items[-1].pk
            ready = [item for item in items if item.state == Item.State.PLANNED]
            sender.take_charge(ready)
            for batch in batching.filled_with(ready):
                await queue.put(batch)
        if left := batching.rest():
            await queue.put(left)
        for _ in range(work.concurrency):
            await queue.put(None)

    async def deliver() -> None:
        while (batch := await queue.get()) is not None:
            if not sender.halted:
                await sender.deliver(batch)

    async with work.recording():
        try:
            await together(feed(), *(deliver() for _ in range(work.concurrency)))
        finally:
            never_sent = sender.account_for_the_rest()
    if never_sent:
        await work.db(_take_back, work, never_sent)
    sender.raise_what_halted()


def _take_back(work: Work, item_ids: Sequence[int]) -> None:
    """Unmark items that were about to be sent, and for which no call was begun."""
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        Item.objects.filter(pk__in=item_ids, state=Item.State.PLANNED).update(sent_at=None, attempts=F("attempts") - 1)


def next_planned(work: Work, leg: Outbound[Any, Any], number: int, after: int) -> list[Item]:
    """The next planned items, marked as being sent; those that moved since an approved plan come back blocked."""
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        items = list(
            Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED, pk__gt=after).order_by(
                "pk"
            )[: min(2 * work.concurrency * leg.batch_size, MOST_AHEAD)]
        )
        if work.approved:
            work.settle_now(_moved(work, leg, items))
        sending = [item for item in items if item.state == Item.State.PLANNED]
        Item.objects.filter(pk__in=[item.pk for item in sending]).update(
            sent_at=timezone.now(), attempts=F("attempts") + 1
        )
    return items


def _moved(work: Work, leg: Outbound[Any, Any], items: Sequence[Item]) -> list[Outcome]:
    """The end of those items that are not as they were when the plan was made."""
    ids = [item.record_id for item in items]
    records = {leg.record_id(record): record for record in leg.load(ids)}
    links = dict(
        Link.objects.filter(connection_id=work.holder.connection_id, kind=leg.kind, record_id__in=ids).values_list(
            "record_id", "fingerprint"
        )
    )

    def why_moved(item: Item) -> Reason | None:
        if links.get(item.record_id, "") != item.basis:
            return reasons.SENT_SINCE
        record = records.get(item.record_id)
        if record is None or first_blocker(leg.check(record)):
            return reasons.MOVED_IN_BOOKS
        return None if fingerprint(wire_form(leg.map(record))) == item.fingerprint else reasons.MOVED_IN_BOOKS

    return [
        Outcome(item, Item.State.BLOCKED, reason.about(record=item.label))
        for item in items
        if not item.sent_at and (reason := why_moved(item))
    ]


def link_of(work: Work, item: Item, accepted: Accepted) -> Link:
    """The link to a record that the platform has taken as the item sends it."""
    return Link(
        company_id=item.company_id,
        connection_id=work.holder.connection_id,
        kind=item.kind,
        record_id=item.record_id,
        remote_id=accepted.remote_id,
        fingerprint=item.fingerprint,
        payload=item.payload,
        accepted_at=timezone.now(),
    )


class _Sender:
    """Takes batches to the platform, and remembers why no more may be taken."""

    def __init__(self, work: Work, leg: Outbound[Any, Any]) -> None:
        self._work = work
        self._leg = leg
        self._silent = 0
        self._halted_by: Exception | None = None
        self._in_charge: dict[int, Item] = {}

    @property
    def halted(self) -> bool:
        """Whether no further record may be sent."""
        if self._halted_by is None and not self._work.pulse.may_send():
            self._halted_by = Stopped("The run was cancelled or taken over.")
        return self._halted_by is not None

    def raise_what_halted(self) -> None:
        """Raise the reason, if any, why not all was sent."""
        if self._halted_by:
            raise self._halted_by

    def take_charge(self, items: Sequence[Item]) -> None:
        """These items are marked as being sent; each is to be settled, or given back."""
        self._in_charge.update((item.pk, item) for item in items)

    def account_for_the_rest(self) -> list[int]:
        """Settle what was begun and has no outcome; ids of those for which nothing was begun."""
        rest = [item for item in self._in_charge.values() if item.state == Item.State.PLANNED]
        begun = [item for item in rest if item.sent_at or item.pk in self._work.written_for]
        self._unknown(begun, "the run was stopped before an answer told")
        return [item.pk for item in rest if item.state == Item.State.PLANNED]

    async def deliver(self, batch: list[Item]) -> None:
        """Settle every item of the batch, except those that a halt keeps from being sent."""
        with serving([item.pk for item in batch]):
            task = asyncio.create_task(self._settle(batch))
        halted_at: float | None = None
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=0.2)
                if self.halted and not task.done():
                    halted_at = halted_at or time.monotonic()
                    if time.monotonic() - halted_at > GRACE_SECONDS:
                        return
            await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            for item in batch:
                if item.state != Item.State.PLANNED:
                    self._in_charge.pop(item.pk, None)

    async def _settle(self, batch: Sequence[Item]) -> None:
        waiting = [item for item in batch if item.state == Item.State.PLANNED]
        # What a dead worker may have sent is read back, unless to send it again does no harm.
        unsure = [] if self._leg.repeatable else [item for item in waiting if item.sent_at]
        left = waiting if self._leg.repeatable else [item for item in waiting if not item.sent_at]
        says = "the worker that sent it died"
        try:
            if self._work.approved:
                left = [item for item in left if item.sent_at or not await self._moved_there(item)]
            for sends in range(SENDS_OF_ONE_RECORD + 1):
                for item in unsure:
                    if await self._is_missing(item):
                        left.append(item)
                unsure = []
                if not left or sends == SENDS_OF_ONE_RECORD:
                    break
                try:
                    await self._send(left)
                    return
                except Ambiguous as error:
                    says = error.says
                    if not self._leg.repeatable:
                        unsure, left = left, []
            if left:
                self._unknown(left, says)
                self._count_silence(Unavailable(says))
        except Refused as error:
            self._silent = 0
            await self._refused(left, error)
        except (Unauthorised, Misdirected) as error:
            self._halt(error)
        except (Unavailable, Nonsense) as error:
            reason = reasons.RECORD_UNAVAILABLE if isinstance(error, Unavailable) else reasons.OUTCOME_UNKNOWN
            self._failed(left, reason, error.says)
            self._count_silence(error)
        except Stopped as error:
            self._halted_by = self._halted_by or error

    async def _send(self, batch: Sequence[Item]) -> None:
        answers = await self._leg.send([self._sending(item) for item in batch])
        for item, answer in zip(batch, answers, strict=True):
            if isinstance(answer, NotTaken):
                self._silent = 0
                self._not_taken(item, answer)
            else:
                self._accepted(item, answer)

    async def _is_missing(self, item: Item) -> bool:
        """Whether a record that may have been sent is surely not there as sent; it is settled when it is."""
        try:
            held = await self._leg.holds(self._sending(item))
        except (Refused, Unavailable, Nonsense) as error:
            self._unknown([item], error.says)
            if not isinstance(error, Refused):
                self._count_silence(error)
            return False
        if held:
            self._accepted(item, held)
        return held is None

    def _count_silence(self, error: TravelError) -> None:
        self._silent += 1
        if self._silent >= SILENT_IN_A_ROW:
            self._halt(error)

    async def _refused(self, batch: Sequence[Item], error: Refused) -> None:
        if len(batch) == 1:
            self._failed(batch, reasons.REFUSED, error.says)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            await self._settle(half)

    async def _moved_there(self, item: Item) -> bool:
        if not item.remote_version or await self._leg.version(self._sending(item)) == item.remote_version:
            return False
        said = reasons.MOVED_ON_PLATFORM.about(record=item.label, platform=self._work.platform.name)
        self._work.add(Outcome(item, Item.State.BLOCKED, said))
        return True

    def _sending(self, item: Item) -> Sending:
        return sending_of(self._leg, item)

    def _accepted(self, item: Item, accepted: Accepted) -> None:
        self._silent = 0
        item.remote_id = accepted.remote_id
        state = Item.State.UPDATED if item.action == Item.Action.UPDATE else Item.State.CREATED
        notes = [said_as_json(note) for note in accepted.notes]
        self._work.add(Outcome(item, state, link=link_of(self._work, item, accepted), notes=notes))

    def _not_taken(self, item: Item, answer: NotTaken) -> None:
        about = reasons.REFUSED.about(record=item.label, platform=self._work.platform.name, said=answer.says)
        link = None
        if answer.remote_id:
            item.remote_id = answer.remote_id
            link = link_of(self._work, item, Accepted(answer.remote_id))
            link.fingerprint = ""
        self._work.add(Outcome(item, Item.State.FAILED, about, link=link))

    def _failed(self, batch: Sequence[Item], reason: Any, said: str) -> None:
        for item in batch:
            if item.state != Item.State.PLANNED:
                continue
            about = reason.about(record=item.label, platform=self._work.platform.name, said=said)
            self._work.add(Outcome(item, Item.State.FAILED, about))

    def _unknown(self, batch: Sequence[Item], said: str) -> None:
        self._failed(batch, reasons.OUTCOME_UNKNOWN, said)

    def _halt(self, error: TravelError) -> None:
        if not isinstance(self._halted_by, RunFailed):
            self._halted_by = RunFailed(self._work.why_failed(error))
