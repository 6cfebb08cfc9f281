"""A run in one worker's hands: what it may use, and what it has yet to record."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import DataError
from django.db.models import QuerySet

from linesheet.books.reasons import Said
from linesheet.sync import journal, reasons
from linesheet.sync.database import DatabaseThread
from linesheet.sync.errors import Misdirected, Nonsense, TravelError, Unauthorised
from linesheet.sync.journal import Holder, Outcome
from linesheet.sync.lease import Pulse
from linesheet.sync.legs import Download, Leg, Outbound
from linesheet.sync.models import Item
from linesheet.sync.platform import Platform, Quota
from linesheet.sync.transport import Call

log = logging.getLogger(__name__)

T = TypeVar("T")
U = TypeVar("U")

FLUSH_SECONDS = 0.25


class RunFailed(Exception):
    """The run as a whole cannot go on."""

    def __init__(self, said: Said) -> None:
        super().__init__(str(said))
        self.said = said


@dataclass(frozen=True, slots=True)
class Only:
    """The one record that a run is limited to, as items have it.

    `as_sent` is the fingerprint of a payload that is to be sent once more, "" where the books decide what is sent.
    """

    kind: str
    record_id: str
    as_sent: str = ""


@dataclass(slots=True)
class Work:
    """One epoch of a run. Outcomes and calls are gathered in the event loop and written by `recording`."""

    holder: Holder
    platform: Platform
    connection_name: str
    task: str
    approved: bool
    concurrency: int
    per_second: float | None
    pulse: Pulse
    db: DatabaseThread
    quota: Quota | None = None
    only: Only | None = None
    left_over: Said | None = None
    written_for: set[int] = field(default_factory=set)
    """Items for which a call that may change something there was begun, and that are not settled yet."""
    _outcomes: list[Outcome] = field(default_factory=list)
    _calls: list[Call] = field(default_factory=list)
    _broken: Exception | None = None

    def concerns(self, leg: Leg) -> bool:
        """Whether the run has anything to do with records of this leg."""
        return self.only is None or self.only.kind in leg.kinds()

    def selected_by(self, leg: Outbound[Any, Any] | Download[Any]) -> "QuerySet[Any]":
        """The hub records to consider: all that the leg selects, or the one the run is limited to.

        Raises RunFailed when the leg does not select that one.
        """
        if self.only is None:
            return leg.select()
        pk = int(self.only.record_id) if self.only.record_id.isdecimal() else 0
        selected = leg.select().filter(pk=pk)
        if not selected.exists():
            task, record = self.platform.task(self.task).name, f"{leg.kind} {self.only.record_id}"
            raise RunFailed(reasons.NOT_IN_SELECTION.about(record=record, task=task, connection=self.connection_name))
        return selected

    def add(self, outcome: Outcome) -> None:
        """Have an outcome recorded soon."""
        outcome.item.state = outcome.state
        self.written_for.discard(outcome.item.pk)
        self._outcomes.append(outcome)

    def add_call(self, call: Call) -> None:
        """Have a call logged soon."""
        self._calls.append(call)
        if call.may_have_changed:
            self.written_for.update(call.item_ids)

    def settle_now(self, outcomes: Iterable[Outcome]) -> None:
        """Write outcomes inside the caller's fenced transaction."""
        journal.settle(self.holder.run_id, list(outcomes))

    async def flush(self) -> None:
        """Write what was gathered so far in one transaction. Raises Stopped when the run was taken over."""
        outcomes, self._outcomes = self._outcomes, []
        calls, self._calls = self._calls, []
        if not outcomes and not calls:
            return
        try:
            await self.db(journal.record, self.holder, outcomes, calls)
        except DataError:
            await self.db(journal.record, self.holder, [], calls)
            for outcome in outcomes:
                await self._flush_alone(outcome)

    async def _flush_alone(self, outcome: Outcome) -> None:
        try:
            await self.db(journal.record, self.holder, [outcome], [])
        except DataError as error:
            log.exception("%s could not be recorded", outcome.item.label)
            item = Item(pk=outcome.item.pk, run_id=self.holder.run_id, label=outcome.item.label)
            said = reasons.STUMBLED.about(record=item.label, said=type(error).__name__)
            await self.db(journal.record, self.holder, [Outcome(item, Item.State.FAILED, said)], [])

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        """Write outcomes as they come; when they cannot be written, nothing more is sent."""
        over = asyncio.Event()

        async def keep_writing() -> None:
            while self._broken is None:
                # What comes while a flush is under way is written by the next, so the last begins after the end.
                last = over.is_set()
                try:
                    await self.flush()
                except Exception as error:
                    self._broken = error
                    self.pulse.halted = True
                if last:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), FLUSH_SECONDS)

        writer = asyncio.create_task(keep_writing())
        try:
            yield
        finally:
            over.set()
            await writer
        if self._broken:
            raise self._broken

    def why_failed(self, error: TravelError) -> Said:
        """The reason of a run that this error ends."""
        return why_failed(error, self.platform.name, self.connection_name)


def why_failed(error: TravelError, platform: str, connection: str) -> Said:
    """The reason of a run that this error ends, naming the platform and the connection."""
    match error:
        case Unauthorised():
            reason = reasons.UNAUTHORISED
        case Misdirected():
            reason = reasons.MISDIRECTED
        case Nonsense():
            reason = reasons.NONSENSE
        case _:
            reason = reasons.UNAVAILABLE
    return reason.about(platform=platform, connection=connection, said=error.says)


async def at_once(limit: int, do: Callable[[T], Coroutine[Any, Any, U]], records: Iterable[T]) -> list[tuple[T, U]]:
    """Do something with every record, so many at a time; the records with their results.

    The first error cancels the others and is raised.
    """
    left = iter(records)

    async def keep_doing() -> list[tuple[T, U]]:
        return [(record, await do(record)) for record in left]

    return [pair for pairs in await together(*(keep_doing() for _ in range(limit))) for pair in pairs]


async def together(*jobs: Coroutine[Any, Any, T]) -> list[T]:
    """The results of jobs run side by side; the first error cancels the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]
