"""Watching a run to its end, and working the queue where no worker process does."""

import asyncio
import contextlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from linesheet.sync.models import Run

LOOK_SECONDS = 0.2


def follow(run_id: int) -> "Run":
    """The run once it waits for approval or is over.

    While no worker process is alive, this one works the queue. Ctrl-C asks the run to stop; a second one leaves.
    """
    from linesheet.sync import runs
    from linesheet.sync.models import Run

    asked_to_stop = False
    queue = _Queue()
    shown = _Shown()
    while True:
        try:
            run: Run = Run.objects.select_related("connection").get(pk=run_id)
            shown.now(run)
            if run.state in (*Run.FINAL, Run.State.PLANNED):
                queue.finish()
                return run
            queue.work_unless_others_do()
            sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            if asked_to_stop:
                raise
            asked_to_stop = True
            click.echo(f"\nRun {run_id} is asked to stop.", err=True)
            with contextlib.suppress(runs.RunRefused):  # over already
                runs.cancel(Run.objects.get(pk=run_id))


class _Queue:
    """Works runs in a thread of this process, whose main thread keeps listening for Ctrl-C."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def work_unless_others_do(self) -> None:
        """Begin to work the queue, unless we do already or a worker process is alive."""
        from linesheet.sync.vitals import workers_alive

        if (self._thread and self._thread.is_alive()) or workers_alive():
            return
        self._thread = threading.Thread(target=lambda: asyncio.run(_work_until_idle()), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until what we began is finished."""
        if self._thread:
            self._thread.join()


async def _work_until_idle() -> None:
    """Work the queue; what the worker does beside it shares one thread, whose connection is closed at the end."""
    from django.db import connections

    from linesheet.sync.worker import serve

    loop = asyncio.get_running_loop()
    beside = ThreadPoolExecutor(max_workers=1)
    loop.set_default_executor(beside)
    try:
        await serve(until_idle=True)
    finally:
        await loop.run_in_executor(beside, connections.close_all)


class _Shown:
    """One line on a terminal that tells how far the run is."""

    def __init__(self) -> None:
        self._last = ""

    def now(self, run: "Run") -> None:
        """Show the run as it is now."""
        if not sys.stderr.isatty():
            return
        settled = run.created + run.updated + run.unchanged + run.blocked + run.failed + run.not_attempted
        line = f"Run {run.pk}: {run.get_state_display().lower()}, {settled} of {run.selected} records"
        if line != self._last:
            click.echo(f"\r\x1b[K{line}", err=True, nl=False)
            self._last = line
        if run.state in (*run.FINAL, run.State.PLANNED):
            click.echo("\r\x1b[K", err=True, nl=False)
