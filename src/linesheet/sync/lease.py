"""Who works on a run: taken by a worker, renewed while it lives, lost when it does not.

A worker may write to a run only while the run carries its epoch, and may send only while its lease holds.
A frozen worker that wakes up finds its lease over by its own clock before it has sent anything.
"""

import contextvars
import logging
import os
import threading
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import Error, connection

from linesheet.sync.errors import Stopped
from linesheet.sync.models import Run

log = logging.getLogger(__name__)

LEASE_SECONDS = 12
PULSE_SECONDS = 1.0
# Nothing is sent in the last seconds of a lease, so that no call is on its way when another worker takes over.
SAFETY_SECONDS = 4
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_worker() -> str:
    """Names this process for as long as the machine is up: boot, process namespace, process, start time."""
    return _process_name(os.getpid())


def surely_dead(worker: str) -> bool:
    """Whether `worker` was a process of this machine and is no more; False where that cannot be told."""
    try:
        where, pid, _ = worker.rsplit(":", 2)
    except ValueError:
        return False
    here = this_worker().rsplit(":", 2)[0]
    return where == here and _process_name(int(pid)) != worker


def _process_name(pid: int) -> str:
    if not BOOT_ID.exists():
        return f"unknown:{os.uname().nodename}:{pid}:0"
    namespace = os.stat("/proc/self/ns/pid").st_ino
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        started = "gone"
    else:
        fields = stat.rpartition(")")[2].split()
        started = "gone" if fields[0] == "Z" else fields[19]
    return f"{BOOT_ID.read_text().strip()}:{namespace}:{pid}:{started}"


def take(run_id: int, job_id: int | None = None) -> int | None:
    """Take the run for this worker; its new epoch, or None when it is finished or another worker holds it.

    A worker that comes by a job names it: once the run has been given to another job, it cannot be taken by this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_run
               SET epoch = epoch + 1, worker = %s, lease_until = clock_timestamp() + %s * interval '1 second',
                   started_at = coalesce(started_at, clock_timestamp())
             WHERE id = %s AND job_id IS NOT DISTINCT FROM coalesce(%s, job_id) AND state = ANY(%s)
               AND (lease_until IS NULL OR lease_until < clock_timestamp())
         RETURNING epoch
            """,
            [this_worker(), LEASE_SECONDS, run_id, job_id, [str(state) for state in Run.UNFINISHED]],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def release(run_id: int, epoch: int) -> None:
    """Give up a run that this worker can no longer work on, so that another need not wait for the lease's end."""
    Run.objects.filter(pk=run_id, epoch=epoch).update(lease_until=None)


def fence(run_id: int, epoch: int) -> None:
    """Inside a transaction: lock the run's row and make sure this worker still has it. Raises Stopped."""
    held = Run.objects.select_for_update().filter(pk=run_id, epoch=epoch, state__in=Run.UNFINISHED)
    if not held.values_list("pk").first():
        raise Stopped("Another worker has taken this run.")


class Pulse:
    """Renews the lease once a second in a thread of its own, and learns of cancellation and pauses.

    `cancelled`: somebody asked the run to stop. `lost`: another worker has the run. `halted`: set by the worker that
    must not send any more. `may_send()`: the lease surely holds, and none of these is so. `paused_for`: seconds the
    platform asked all workers of the connection to wait.
    """

    def __init__(self, run_id: int, epoch: int, asked: float | None = None) -> None:
        """`asked`: when the lease was asked for, by the monotonic clock; now when not given.

        The lease holds from then, not from the answer: a worker frozen in between finds it over.
        """
        self._run_id = run_id
        self._epoch = epoch
        self._holds_until = (time.monotonic() if asked is None else asked) + LEASE_SECONDS
        self._over = threading.Event()
        # In a copy of the context, so that its log lines belong to the run.
        beat = partial(contextvars.copy_context().run, self._beat)
        self._thread = threading.Thread(target=beat, name=f"pulse-{run_id}", daemon=True)
        self.cancelled = False
        self.lost = False
        self.halted = False
        self._paused_until = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        # Not for long: the event loop stands still meanwhile. Where the database hangs, the thread ends when it can.
        self._thread.join(timeout=1)

    def may_send(self) -> bool:
        """Whether a call may start now."""
        holds = time.monotonic() < self._holds_until - SAFETY_SECONDS
        return holds and not (self.cancelled or self.lost or self.halted)

    @property
    def paused_for(self) -> float:
        """Seconds left of a pause that any worker of this connection was asked for."""
        return max(0.0, self._paused_until - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Wait at least so long before the next call."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def _beat(self) -> None:
        try:
            while not self._over.wait(PULSE_SECONDS):
                asked = time.monotonic()
                try:
                    if not self._renew(asked):
                        self.lost = True
                        return
                except Error as error:
                    log.warning("the lease could not be renewed: %s", error)
                    connection.close()
        finally:
            connection.close()

    def _renew(self, asked: float) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE sync_run SET lease_until = clock_timestamp() + %s * interval '1 second'
                  FROM sync_connection
                 WHERE sync_run.id = %s AND epoch = %s AND sync_connection.id = sync_run.connection_id
                   AND lease_until IS NOT NULL AND state = ANY(%s)
             RETURNING cancel_requested_at IS NOT NULL,
                       extract(epoch FROM paused_until - clock_timestamp())
                """,
                [LEASE_SECONDS, self._run_id, self._epoch, [str(state) for state in Run.UNFINISHED]],
            )
            row = cursor.fetchone()
        if row is None:
            return False
        self.cancelled, pause = row
        if pause and pause > 0:
            self.pause(float(pause))
        self._holds_until = asked + LEASE_SECONDS
        return True
