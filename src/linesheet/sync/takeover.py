"""Finds runs whose worker is gone, and puts them back into the queue.

Procrastinate leaves the jobs of a killed worker `doing`, and loses sight of them once the worker's row is
pruned; the run's lease tells the truth in every case.
"""

import logging

from django.db import connection, transaction

from linesheet.books.tenancy import acting_for
from linesheet.sync import runs
from linesheet.sync.lease import LEASE_SECONDS, surely_dead
from linesheet.sync.models import Run

log = logging.getLogger(__name__)

_LOCK = 0x7A6E0FE7


def take_over() -> int:
    """Queue every unfinished run that nobody works on and no job waits for; how many there were.

    A run is nobody's when its lease is over, or when its worker was a process of this machine that is gone.
    One process does this at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        _end_leases_of_the_dead()
        cursor.execute(
            """
            SELECT run.id, run.job_id, job.status
              FROM sync_run run
              LEFT JOIN procrastinate_jobs job ON job.id = run.job_id
             WHERE run.state = ANY(%(unfinished)s)
               AND (run.lease_until IS NULL OR run.lease_until < clock_timestamp())
               AND job.status IS DISTINCT FROM 'todo'
               AND (run.lease_until IS NOT NULL
                    OR run.queued_at < clock_timestamp() - %(grace)s * interval '1 second')
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                WHERE event.job_id = job.id AND event.type = 'started'
                                  AND event.at > clock_timestamp() - %(start)s * interval '1 second')
               FOR UPDATE OF run SKIP LOCKED
            """,
            {
                "unfinished": [str(state) for state in Run.UNFINISHED],
                "grace": LEASE_SECONDS,
                # A job that has just started has not taken its lease yet.
                "start": 3,
            },
        )
        found = cursor.fetchall()
        for run_id, job_id, status in found:
            if status == "doing":
                # The job gets a successor, not a second life: should its worker wake up, it can only close the old one.
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
            run = Run.everywhere.get(pk=run_id)
            with acting_for(run.company_id):
                runs.enqueue(run)
            log.warning("run %s had lost its worker and is queued again", run_id)
    return len(found)


def _end_leases_of_the_dead() -> None:
    held = Run.everywhere.filter(state__in=Run.UNFINISHED, lease_until__isnull=False)
    workers = {worker for worker in held.values_list("worker", flat=True).distinct() if surely_dead(worker)}
    if workers:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE sync_run SET lease_until = clock_timestamp() - interval '1 second' "
                "WHERE state = ANY(%s) AND worker = ANY(%s)",
                [[str(state) for state in Run.UNFINISHED], list(workers)],
            )
