"""Runs and jobs that dead workers leave behind, as they stand in the database."""

import datetime
import json
import signal
import time

import psutil
import psycopg
import pytest
from django.db import connection as database
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from linesheet.sync import lease, match_looks, runs, takeover
from linesheet.sync.jobs import QUEUE
from linesheet.sync.models import Connection, Run
from tests.processes import Workers, database_url, until
from tests.sync.test_workers import finished


def jobs(run: Run) -> list[tuple[int, str]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT id, status FROM procrastinate_jobs WHERE (args->>'run_id')::bigint = %s ORDER BY id", [run.pk]
        )
        return cursor.fetchall()


def register_worker() -> int:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        return cursor.fetchone()[0]


def fetch_job(worker: int, queue: str = QUEUE) -> int | None:
    """What a worker gets from a queue: the job's id, None when there is nothing for it."""
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(%s, %s)", [[queue], worker])
        return cursor.fetchone()[0]


def prune(worker: int) -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [worker])


def a_while_passes() -> None:
    """Move all that happened a minute back."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '1 minute'")
        cursor.execute(
            "UPDATE sync_run SET planned_at = planned_at - interval '1 minute', "
            "finished_at = finished_at - interval '1 minute', lease_until = lease_until - interval '1 minute'"
        )


def begun(connection: Connection, task: str = "products", *, preview: bool = False) -> tuple[Run, int]:
    """A run whose job is `doing`, and the worker that fetched it."""
    run, _ = runs.start(connection, task, preview=preview)
    worker = register_worker()
    assert fetch_job(worker)
    run.refresh_from_db()
    return run, worker


def begun_by_a_worker_that_died(connection: Connection, *, pruned: bool) -> Run:
    """A run that a worker elsewhere took and left, its job still `doing`, its lease over."""
    run, worker = begun(connection)
    lease.take(run.pk, run.job_id)
    Run.objects.update(worker="elsewhere:1:1:1")
    a_while_passes()
    if pruned:
        prune(worker)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("pruned", [False, True])
def test_the_run_of_a_dead_worker_is_queued_again_with_a_job_of_its_own(connection, pruned):
    run = begun_by_a_worker_that_died(connection, pruned=pruned)

    assert takeover.take_over() == 1

    [(job, status)] = jobs(run)
    assert (job != run.job_id, status) == (True, "todo")
    assert fetch_job(register_worker()) == job
    assert takeover.take_over() == 0


def test_the_run_of_a_worker_whose_row_is_pruned_comes_to_its_end(toy, products, connection, workers):
    run = begun_by_a_worker_that_died(connection, pruned=True)

    workers.start()

    until(lambda: finished(run))
    until(lambda: jobs(run) == [])
    assert (run.state, run.created) == (Run.State.DONE, 10)


def test_a_run_with_a_lease_is_left_to_its_worker(connection):
    run = begun_by_a_worker_that_died(connection, pruned=False)
    Run.objects.update(lease_until=timezone.now() + datetime.timedelta(seconds=5))

    assert takeover.take_over() == 0
    assert jobs(run) == [(run.job_id, "doing")]


def test_a_run_that_waits_in_the_queue_is_left_there(connection):
    runs.start(connection, "products")
    Run.objects.update(queued_at=timezone.now() - datetime.timedelta(hours=1))

    assert takeover.take_over() == 0


def test_a_worker_that_has_just_begun_is_given_the_time_to_take_the_run(connection):
    run, _ = begun(connection)

    assert takeover.take_over() == 0
    assert lease.take(run.pk, run.job_id) == 1


def test_a_run_whose_worker_died_before_taking_it_is_queued_again(connection):
    run, _ = begun(connection)
    a_while_passes()

    assert takeover.take_over() == 1
    assert [status for _, status in jobs(run)] == ["todo"]


def test_a_worker_that_wakes_up_cannot_take_a_run_that_was_given_to_another_job(connection):
    run, _ = begun(connection)
    a_while_passes()
    takeover.take_over()

    assert lease.take(run.pk, run.job_id) is None
    run.refresh_from_db()
    assert lease.take(run.pk, run.job_id) == 1


def test_a_run_given_up_at_a_stop_is_queued_again_at_once(connection):
    run, _ = begun(connection)
    lease.release(run.pk, lease.take(run.pk, run.job_id))
    with database.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'aborted', true)", [run.job_id])

    assert takeover.take_over() == 1


def over(connection: Connection) -> Run:
    """A run that is over, and whose worker died before it closed the job."""
    run, worker = begun(connection)
    runs.cancel(run)
    prune(worker)
    return run


def planned(connection: Connection) -> Run:
    """A run that waits for approval, and whose worker died before it closed the job."""
    run, worker = begun(connection, preview=True)
    Run.objects.update(state=Run.State.PLANNED, planned_at=timezone.now())
    prune(worker)
    return run


def gone(connection: Connection) -> Run:
    """A run that is gone, as with its connection, while its job is `doing`."""
    run, worker = begun(connection)
    Run.objects.get(pk=run.pk).delete()
    prune(worker)
    return run


@pytest.mark.parametrize("left_behind", [over, planned, gone])
def test_the_job_a_dead_worker_left_does_not_keep_others_from_the_connection(connection, left_behind):
    run = left_behind(connection)
    waiting, _ = runs.start(connection, "orders")
    waiting.refresh_from_db()
    assert fetch_job(register_worker()) is None

    takeover.take_over()
    assert jobs(run) == [(run.job_id, "doing")]
    a_while_passes()
    takeover.take_over()

    assert jobs(run) == []
    assert fetch_job(register_worker()) == waiting.job_id


def test_an_approved_run_does_not_wait_for_the_job_that_planned_it(connection):
    run = planned(connection)
    approved = runs.approve(run)
    a_while_passes()

    takeover.take_over()

    approved.refresh_from_db()
    assert jobs(run) == [(approved.job_id, "todo")]
    assert fetch_job(register_worker()) == approved.job_id


def test_the_job_of_a_run_under_way_is_left_alone_whenever_it_began(connection):
    run, _ = begun(connection)
    Run.objects.update(state=Run.State.PLANNED, planned_at=timezone.now())
    approved = runs.approve(run)
    a_while_passes()
    takeover.take_over()
    fetch_job(register_worker())
    a_while_passes()
    approved.refresh_from_db()
    lease.take(run.pk, approved.job_id)

    assert takeover.take_over() == 0
    assert jobs(run) == [(approved.job_id, "doing")]


@pytest.mark.parametrize("pruned", [False, True])
def test_a_look_that_a_dead_worker_left_does_not_stay_in_the_queue(connection, pruned):
    match_looks.ask(connection)
    worker = register_worker()
    job = fetch_job(worker, match_looks.QUEUE)

    takeover.take_over()
    left = ProcrastinateJob.objects.filter(pk=job)
    assert left.get().status == "doing", "its worker lives"
    if pruned:
        prune(worker)
    else:
        ProcrastinateWorker.objects.filter(pk=worker).update(
            last_heartbeat=timezone.now() - datetime.timedelta(minutes=1)
        )
    takeover.take_over()

    assert not left.exists()


def test_workers_are_told_when_a_lock_comes_free(connection):
    run, _ = begun(connection)
    runs.start(connection, "orders")
    with psycopg.connect(database_url(), autocommit=True) as listening, database.cursor() as cursor:
        listening.execute(f'LISTEN "procrastinate_queue_v1#{QUEUE}"')
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", [run.job_id])
        told = [json.loads(notice.payload) for notice in listening.notifies(timeout=10, stop_after=1)]

    assert told == [{"type": "job_inserted", "job_id": run.job_id}]


def test_a_worker_frozen_while_it_took_the_run_may_not_send(connection):
    asked = time.monotonic() - lease.LEASE_SECONDS

    assert not lease.Pulse(1, 1, asked).may_send()
    assert lease.Pulse(1, 1).may_send()


def test_a_run_is_taken_by_one_worker_at_a_time(connection):
    run, _ = runs.start(connection, "products")

    assert (lease.take(run.pk), lease.take(run.pk)) == (1, None)
    lease.release(run.pk, 1)
    assert lease.take(run.pk) == 2


def test_a_worker_frozen_in_the_middle_of_a_transaction_does_not_keep_its_run_locked(connection):
    run, _ = begun(connection)
    frozen = Workers("-m", "tests.sync.frozen_worker", str(run.pk))
    process = frozen.start()
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)

    try:
        with database.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
        assert runs.cancel(run).state == Run.State.CANCELLED
        process.send_signal(signal.SIGCONT)
        assert process.wait(20) == 0
    finally:
        frozen.end()
