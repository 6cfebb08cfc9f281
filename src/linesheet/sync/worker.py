"""A worker process: works on runs, fires schedules, takes over from the dead, sends what is to be told, and tidies."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, Error, connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from psycopg import AsyncConnection

from linesheet.sync import (
    imports,
    looking_again,
    mailing,
    notifications,
    readiness,
    retention,
    schedules,
    takeover,
    watching,
    webhook_sending,
)
from linesheet.sync.database import DatabaseThread, keeping_threads
from linesheet.sync.jobs import QUEUE

log = logging.getLogger(__name__)

WATCHES: tuple[tuple[Callable[[], object], float], ...] = (
    (takeover.take_over, 2.0),
    (imports.end_lost, 2.0),
    (schedules.fire_due, 2.0),
    (mailing.deliver, 5.0),
    (watching.look, 5.0),
    (webhook_sending.deliver, 2.0),
    (looking_again.look_where_due, 15.0),
    (retention.tidy, 3600.0),
    (notifications.tidy, 3600.0),
)
RESTART_SECONDS = 1.0
STOP_SECONDS = 8.0
A_RUN_AT_MOST_SECONDS = 24 * 3600.0
# A worker that is frozen in the middle of a transaction keeps its run locked, and whoever starts, cancels or takes over
# waits with it. The database ends such a session before the lease is over.
FROZEN_SECONDS = 8.0


async def serve(*, concurrency: int = 4, until_idle: bool = False) -> None:
    """Work until SIGTERM or SIGINT, or, with `until_idle`, until the queue is empty.

    The queue's own loop is started again when it loses the database. At SIGTERM a run in hand is left where it
    stands, for another worker or the next start to go on with.
    """
    let_go_when_frozen()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    async with keeping_threads(), asyncio.TaskGroup() as watchers:
        for watch, seconds in WATCHES:
            watchers.create_task(_repeat(watch, seconds, stop))
        try:
            await _keep_working(concurrency, stop, until_idle=until_idle)
        finally:
            stop.set()


def let_go_when_frozen() -> None:
    """Have the database end sessions of this process, as far as they begin from now on, that stop in a transaction."""
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    milliseconds = round(FROZEN_SECONDS * 1000)
    options["options"] = f"{options.get('options', '')} -c idle_in_transaction_session_timeout={milliseconds}".strip()


async def _keep_working(concurrency: int, stop: asyncio.Event, *, until_idle: bool) -> None:
    while not stop.is_set():
        queue = asyncio.create_task(_work(concurrency, wait=not until_idle))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({queue, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not queue.done():
                queue.cancel()
                await asyncio.wait({queue}, timeout=STOP_SECONDS)
        if queue.cancelled() or stop.is_set():
            return
        error = queue.exception()
        if until_idle:
            if error:
                raise error
            return
        log.error("the queue stopped, and is started again: %s", error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RESTART_SECONDS)


async def _work(concurrency: int, *, wait: bool) -> None:
    # An app of its own: replacing the connector of Django's would take the enqueueing that schedules and take-overs
    # do in this process out of their transactions.
    queue = App(connector=PsycopgConnector(kwargs=connector_params(), configure=_lightly))
    queue.tasks.update(app.tasks)
    async with queue.open_async():
        await queue.run_worker_async(
            queues=[QUEUE, imports.QUEUE, readiness.QUEUE],
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=1.0,
            install_signal_handlers=False,
            # Without waiting, procrastinate is shutting down from the start, and must let its job finish.
            shutdown_graceful_timeout=STOP_SECONDS / 2 if wait else A_RUN_AT_MOST_SECONDS,
            # What became of a run is told by the run.
            delete_jobs="always",
        )


async def _lightly(connection: AsyncConnection) -> None:
    """The queue's statements each stand alone: begin and commit around them would double the exchanges of a job.

    They need not be on disk at once either. After a crash of the database a job begun last may be waiting again and
    a job ended last be still there: the run knows better, and no later commit of it comes before them.

    The next job is found by the index that has them in order. A queue is mostly empty, and statistics of when it was
    have PostgreSQL sort all of a sudden thousand for each one.
    """
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit TO off; SET enable_sort TO off")


async def _repeat(watch: Callable[[], object], seconds: float, stop: asyncio.Event) -> None:
    async with DatabaseThread() as db:
        while not stop.is_set():
            try:
                await db(watch)
            except Error as error:
                log.warning("%s will be tried again: %s", watch.__name__, error)
            except Exception:
                log.exception("%s stumbled, and will be tried again", watch.__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
