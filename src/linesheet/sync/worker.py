"""A worker process: works on runs, fires schedules, takes over from the dead, and tidies."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable

from django.db import Error, close_old_connections, connections
from procrastinate import App
from procrastinate.contrib.django import app

from linesheet.sync import retention, schedules, takeover
from linesheet.sync.jobs import QUEUE

log = logging.getLogger(__name__)

WATCH_SECONDS = 2.0
TIDY_SECONDS = 3600.0
RESTART_SECONDS = 1.0
STOP_SECONDS = 8.0


async def serve(*, concurrency: int = 4, until_idle: bool = False) -> None:
    """Work until SIGTERM or SIGINT, or, with `until_idle`, until the queue is empty.

    The queue's own loop is started again when it loses the database. At SIGTERM a run in hand is left where it
    stands; its lease lapses and another worker, or the next start, goes on with it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    watchers = [
        asyncio.create_task(_repeat(takeover.take_over, WATCH_SECONDS, stop)),
        asyncio.create_task(_repeat(schedules.fire_due, WATCH_SECONDS, stop)),
        asyncio.create_task(_repeat(retention.tidy, TIDY_SECONDS, stop)),
    ]
    try:
        while not stop.is_set():
            queue = asyncio.create_task(_work(concurrency, wait=not until_idle))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({queue, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not queue.done():
                queue.cancel()
                await asyncio.wait({queue}, timeout=STOP_SECONDS)
                break
            error = queue.exception()
            if error is None and until_idle:
                break
            log.error("the queue stopped, and is started again: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RESTART_SECONDS)
    finally:
        stop.set()
        await asyncio.gather(*watchers, return_exceptions=True)


async def _work(concurrency: int, *, wait: bool) -> None:
    # An app of its own: replacing the connector of Django's would take the enqueueing that schedules and take-overs
    # do in this process out of their transactions.
    queue = App(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    queue.tasks.update(app.tasks)
    async with queue.open_async():
        await queue.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=1.0,
            install_signal_handlers=False,
            shutdown_graceful_timeout=STOP_SECONDS / 2,
            delete_jobs="successful",
        )


async def _repeat(work: Callable[[], int], seconds: float, stop: asyncio.Event) -> None:
    def once() -> None:
        close_old_connections()
        try:
            work()
        except Error as error:
            log.warning("%s will be tried again: %s", work.__name__, error)
            connections.close_all()

    while not stop.is_set():
        await asyncio.to_thread(once)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
