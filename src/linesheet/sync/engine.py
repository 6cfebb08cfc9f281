"""Works a run from where it stands to an end it can account for."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from django.conf import settings as site
from django.db import transaction
from django.db.models import Avg, F, QuerySet
from django.db.models.functions import Now

from linesheet.books.reasons import Refused, Said
from linesheet.site.addresses import guarded_connector
from linesheet.site.hiding import hide, hide_too, hiding
from linesheet.site.logs import about, about_too
from linesheet.sync import (
    acknowledging,
    batches,
    comparing,
    contexts,
    download,
    ending,
    inbound,
    journal,
    lease,
    outbound,
    reasons,
    sending,
    settings,
    unknown,
)
from linesheet.sync.budget import Budget, calls_per_second
from linesheet.sync.database import DatabaseThread
from linesheet.sync.errors import LOST_DATABASE, Stopped, TravelError
from linesheet.sync.journal import Holder
from linesheet.sync.legs import Comparison, Context, Download, Inbound, Leg, Outbound
from linesheet.sync.models import Connection, Exchange, Item, Run
from linesheet.sync.offers import offers_of
from linesheet.sync.platform import Task
from linesheet.sync.quota import quota_of, seconds_for
from linesheet.sync.registry import platform as platform_of
from linesheet.sync.transport import Transport
from linesheet.sync.work import Only, RunFailed, Work, why_failed

log = logging.getLogger(__name__)

TYPICAL_SECONDS_A_CALL = 0.25
MOST_EPOCHS = 50


async def execute(run_id: int, company_id: int, job_id: int | None = None) -> None:
    """Work the run until it is planned or finished; returns at once when another worker or job has it.

    Errors of the database are raised, so that the run is taken up again when the database is back; every other
    error ends the run as failed.
    """
    async with DatabaseThread(company_id) as db:
        asked = time.monotonic()
        epoch = await db(lease.take, run_id, job_id)
        if epoch is None:
            return
        with about(run=run_id), hiding(), lease.Pulse(run_id, epoch, asked) as pulse:
            log.info("run taken, epoch %s", epoch)
            try:
                ended, left_over = await _worked(run_id, epoch, pulse, db)
                await db(_end, run_id, epoch, ended, left_over)
            except LeftOff:
                return
            except asyncio.CancelledError:
                await db(lease.release, run_id, epoch)
                raise


class LeftOff(Exception):
    """The run waits for approval, or belongs to another worker now: it is not ours to end."""


async def _worked(run_id: int, epoch: int, pulse: lease.Pulse, db: DatabaseThread) -> tuple[Said | None, Said | None]:
    """Why the run could not finish, None when it did; and what it leaves to the next run.

    Raises LeftOff when it is not to be ended.
    """
    try:
        run = await db(lambda: Run.objects.select_related("connection").get(pk=run_id))
        about_too(connection=run.connection_id, connection_name=run.connection.name, task=run.task)
        if run.cancel_requested_at:
            return reasons.CANCELLED.about(), None
        if epoch > MOST_EPOCHS:
            return reasons.KEEPS_DYING.about(times=epoch - 1), None
        work = _work_on(run, epoch, pulse, db)
        hide_too(settings.secret_values(work.platform.credentials, run.connection.credentials))
        if await _travel(work, run, work.platform.task(run.task)):
            raise LeftOff
        return None, work.left_over
    except RunFailed as failed:
        said = failed.said
    except TravelError as error:
        said = why_failed(error, platform_of(run.connection.platform).name, run.connection.name)
    except Refused as refused:
        said = reasons.NOT_READY.about(said=refused.says, fix=refused.fix)
    except Stopped:
        if not pulse.cancelled:
            raise _left_to_another() from None
        said = reasons.CANCELLED.about()
    except (LeftOff, *LOST_DATABASE):
        raise
    except Exception as error:
        log.exception("run stopped on an error of our own")
        said = reasons.INTERNAL.about(said=hide(f"{type(error).__name__}: {error}"))
    if pulse.lost and not pulse.cancelled:
        raise _left_to_another()
    return said, None


def _left_to_another() -> LeftOff:
    log.info("run left to another worker")
    return LeftOff()


def _work_on(run: Run, epoch: int, pulse: lease.Pulse, db: DatabaseThread) -> Work:
    platform = platform_of(run.connection.platform)
    return Work(
        holder=Holder(run.pk, epoch, run.connection_id, run.company_id),
        platform=platform,
        connection_name=run.connection.name,
        task=run.task,
        approved=run.approved_at is not None,
        concurrency=platform.budget.concurrency,
        per_second=calls_per_second(run.connection.settings, platform),
        quota=quota_of(run.connection.settings, platform),
        pulse=pulse,
        db=db,
        only=Only(run.only_kind, run.only_record, run.as_sent) if run.only_record else None,
    )


async def _travel(work: Work, run: Run, task: Task) -> bool:
    """Plan unless that is done, then send. True when the run now waits for approval."""
    async with _client(work, run.connection) as transport:
        values = await work.db(settings.read, work.platform.all_settings, run.connection.settings)
        make = work.platform.client
        client = make(transport, run.connection.credentials, values) if make else None
        since, offers = await work.db(contexts.since, run), await work.db(offers_of, run.connection)
        context = Context(run.connection_id, run.company_id, values, client, site.PUBLIC_URL, since, offers)
        legs = [(number, leg) for number, make in enumerate(task.legs) if work.concerns(leg := make(context))]
        for _, leg in legs:
            leg.db = work.db
            for said in await work.db(leg.ready):
                raise RunFailed(reasons.NOT_READY.about(said=said.says, fix=said.fix))
        if run.planned_at is None:
            await work.db(_begin_planning, work.holder)
            async with work.recording():
                for number, leg in legs:
                    await _plan(work, number, leg, preview=run.preview)
            planned = await work.db(_planned, work, legs, preview=run.preview)
            if run.preview:
                # One that waits compares once it is approved; this one is at its end, and tells what it looked at.
                if not planned:
                    await _compare(work, legs)
                return planned > 0
        else:
            await work.db(_begin_sending, work.holder)
        for number, leg in legs:
            await _send(work, number, leg)
        await _compare(work, legs)
    return False


async def _plan(work: Work, number: int, leg: Leg, *, preview: bool) -> None:
    match leg:
        case Outbound():
            await outbound.plan(work, number, leg, await unknown.read_back(work, leg))
            if preview:
                await outbound.look_at_remote(work, number, leg)
        case Inbound():
            await inbound.plan(work, number, leg)
            if preview:
                await inbound.foresee(work, number, leg)
        case Download():
            await work.db(download.plan, work, number, leg)


async def _send(work: Work, number: int, leg: Leg) -> None:
    match leg:
        case Outbound():
            await sending.send(work, number, leg)
        case Inbound():
            await inbound.send(work, number, leg)
            if count := await work.db(acknowledging.unacknowledged, work, leg):
                work.left_over = reasons.UNACKNOWLEDGED.about(count=count, platform=work.platform.name)
        case Download():
            await work.db(download.write, work, number, leg)


async def _compare(work: Work, legs: Sequence[tuple[int, Leg]]) -> None:
    comparisons = [(number, leg) for number, leg in legs if isinstance(leg, Comparison)]
    if comparisons:
        await work.db(comparing.begin_anew, work, [number for number, _ in comparisons])
    for number, leg in comparisons:
        await comparing.compare(work, number, leg)


@asynccontextmanager
async def _client(work: Work, connection: Connection) -> AsyncIterator[Transport]:
    budget = Budget(connection.pk, work.per_second, work.pulse, work.db, work.quota)
    connector = guarded_connector(this_machine=True, limit=work.concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Transport(connection.base_url, session, gate=budget, record=work.add_call, concurrency=work.concurrency)


def _begin_planning(holder: Holder) -> None:
    """Start the plan afresh: nothing of it has been sent, so what a dead worker planned is forgotten."""
    with transaction.atomic():
        lease.fence(holder.run_id, holder.epoch)
        Item.objects.filter(run_id=holder.run_id).delete()
        Run.objects.filter(pk=holder.run_id).update(
            state=Run.State.PLANNING,
            **dict.fromkeys(("selected", "agreed", *journal.COUNTED.values()), 0),
        )


def _begin_sending(holder: Holder) -> None:
    with transaction.atomic():
        lease.fence(holder.run_id, holder.epoch)
        Run.objects.filter(pk=holder.run_id).update(state=Run.State.RUNNING)


def _planned(work: Work, legs: list[tuple[int, Leg]], *, preview: bool) -> int:
    """Close the plan with its cost; how many records it would send. A preview of any then waits for approval."""
    # To weigh all that is planned takes long, and while the run is locked its lease cannot be renewed.
    sends = {
        number: batches.batches_of(leg, _to_send(work, number)) for number, leg in legs if isinstance(leg, Outbound)
    }
    with transaction.atomic():
        lease.fence(work.holder.run_id, work.holder.epoch)
        if Run.objects.filter(pk=work.holder.run_id, cancel_requested_at__isnull=False).exists():
            work.pulse.cancelled = True
            raise Stopped("The run was cancelled.")
        calls = reads = records = updates = 0
        for number, leg in legs:
            planned = _to_send(work, number)
            count = planned.count()
            records += count
            updates += planned.filter(action=Item.Action.UPDATE).count()
            if isinstance(leg, Outbound):
                looks = planned.exclude(remote_version="").count()
                calls += sends[number] * leg.calls_per_batch + looks
                reads += sends[number] * leg.reads_per_batch + looks
            elif isinstance(leg, Inbound):
                calls += math.ceil(count / leg.acknowledge_batch) if leg.tells else 0
        waits = preview and records > 0
        Run.objects.filter(pk=work.holder.run_id).update(
            state=Run.State.PLANNED if waits else Run.State.RUNNING,
            planned_at=Now(),
            planned_create=records - updates,
            planned_update=updates,
            planned_calls=calls,
            planned_seconds=_seconds(work, calls, reads),
            lease_until=None if waits else F("lease_until"),
        )
    return records


def _to_send(work: Work, number: int) -> "QuerySet[Item]":
    """What is planned of a leg."""
    items: QuerySet[Item] = Item.objects.filter(run_id=work.holder.run_id, leg=number, state=Item.State.PLANNED)
    return items


def _seconds(work: Work, calls: int, reads: int) -> float:
    """About how long so many calls take, of which some only read."""
    if not calls:
        return 0.0
    lately = (
        Exchange.objects.filter(connection_id=work.holder.connection_id, status__lt=400)
        .order_by("-pk")
        .values_list("milliseconds", flat=True)[:200]
    )
    average = Exchange.objects.filter(pk__in=lately.values("pk")).aggregate(ms=Avg("milliseconds"))["ms"]
    each = (average / 1000 if average else TYPICAL_SECONDS_A_CALL) / work.concurrency
    seconds = float(calls * max(each, 1 / work.per_second if work.per_second else 0))
    if work.quota is None:
        return seconds
    return max(seconds, seconds_for(work.quota, reads * work.quota.read + (calls - reads) * work.quota.write))


def _end(run_id: int, epoch: int, ended: Said | None, left_over: Said | None) -> None:
    """Close the run's account. Raises LeftOff when it was taken over, or is gone with its connection."""
    try:
        with transaction.atomic():
            lease.fence(run_id, epoch)
            state = ending.close(run_id, ended, left_over)
    except Stopped:
        raise _left_to_another() from None
    log.info("run ended %s", state)
