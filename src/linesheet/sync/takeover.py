"""Finds runs whose worker is gone and puts them back into the queue, and jobs that stand in the way of others.

Procrastinate leaves the jobs of a killed worker `doing`, and loses sight of them once the worker's row is
pruned, while their locks keep other jobs waiting. The run tells the truth in every case: by its lease whether it
is worked on, and by its job which one may work on it.
"""

import logging

from django.db import connection, transaction

from linesheet.books.tenancy import acting_for
from linesheet.sync import runs
from linesheet.sync.jobs import QUEUE
from linesheet.sync.lease import surely_dead
from linesheet.sync.models import Run
from linesheet.sync.readiness import QUEUE as LOOKS

log = logging.getLogger(__name__)

_LOCK = 0x7A6E0FE7
# A job that has just started has not taken its run's lease yet; one whose run has just ended is about to be closed.
MOMENT_SECONDS = 3
# After this Procrastinate takes a worker for dead.
SILENT_SECONDS = 30


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
        lost = _runs_without_worker()
        for run_id in lost:
            run = Run.everywhere.get(pk=run_id)
            if run.job_id:
                # It gets a successor, not a second life: should its worker wake up, it cannot take the run.
                _close_jobs([run.job_id])
            with acting_for(run.company_id):
                runs.enqueue(run)
            log.warning("run %s had lost its worker and is queued again", run_id)
        _close_jobs(_jobs_without_run())
        _close_jobs(_looks_without_worker())
    return len(lost)


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


def _runs_without_worker() -> list[int]:
    """Unfinished runs, now locked, that nobody works on or is about to: their job is neither waiting nor just begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT run.id
              FROM sync_run run
              LEFT JOIN procrastinate_jobs job ON job.id = run.job_id
             WHERE run.state = ANY(%(unfinished)s)
               AND (run.lease_until IS NULL OR run.lease_until < clock_timestamp())
               AND job.status IS DISTINCT FROM 'todo'
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                WHERE event.job_id = job.id AND job.status = 'doing' AND event.type = 'started'
                                  AND event.at > clock_timestamp() - %(moment)s * interval '1 second')
               FOR UPDATE OF run SKIP LOCKED
            """,
            {"unfinished": [str(state) for state in Run.UNFINISHED], "moment": MOMENT_SECONDS},
        )
        return [run_id for (run_id,) in cursor.fetchall()]


def _jobs_without_run() -> list[int]:
    """Jobs begun, and not just now, that no unfinished run waits for: it is over, waits for approval, or is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id
              FROM procrastinate_jobs job
              LEFT JOIN sync_run run ON run.id = (job.args->>'run_id')::bigint
             WHERE job.status = 'doing' AND job.queue_name = %(queue)s
               AND (run.job_id = job.id AND run.state = ANY(%(unfinished)s)) IS NOT TRUE
               AND coalesce(greatest(run.planned_at, run.finished_at), '-infinity')
                   < clock_timestamp() - %(moment)s * interval '1 second'
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                WHERE event.job_id = job.id AND event.type = 'started'
                                  AND event.at > clock_timestamp() - %(moment)s * interval '1 second')
            """,
            {"queue": QUEUE, "unfinished": [str(state) for state in Run.UNFINISHED], "moment": MOMENT_SECONDS},
        )
        return [job_id for (job_id,) in cursor.fetchall()]


def _looks_without_worker() -> list[int]:
    """Looks begun by workers that were not heard of for long; whoever wants to know asks anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id
              FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
             WHERE job.status = 'doing' AND job.queue_name = %(queue)s
               AND coalesce(worker.last_heartbeat, '-infinity') < now() - %(silent)s * interval '1 second'
            """,
            {"queue": LOOKS, "silent": SILENT_SECONDS},
        )
        return [job_id for (job_id,) in cursor.fetchall()]


def _close_jobs(job_ids: list[int]) -> None:
    """Take jobs that were begun out of the queue, so that others need not wait for their locks."""
    if not job_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s) AND status = 'doing'", [job_ids])
        if cursor.rowcount:
            log.warning("%s jobs were left by their workers and are closed", cursor.rowcount)
