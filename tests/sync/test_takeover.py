import datetime

from django.db import connection as database
from django.utils import timezone

from linesheet.sync import lease, runs, takeover
from linesheet.sync.jobs import QUEUE
from linesheet.sync.models import Run


def jobs(run: Run) -> list[tuple[int, str]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT id, status FROM procrastinate_jobs WHERE (args->>'run_id')::bigint = %s ORDER BY id", [run.pk]
        )
        return cursor.fetchall()


def begun_by_a_worker_that_died(connection, *, pruned: bool) -> Run:
    """A run whose job is `doing`, with a lease that is over and, if pruned, without its worker's row."""
    run, _ = runs.start(connection, "products")
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute("SELECT * FROM procrastinate_fetch_job_v2(%s, %s)", [[QUEUE], worker])
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '1 minute'")
        if pruned:
            cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [worker])
    lease.take(run.pk)
    Run.objects.update(worker="elsewhere:1:1:1", lease_until=timezone.now() - datetime.timedelta(seconds=1))
    run.refresh_from_db()
    return run


def test_the_run_of_a_dead_worker_is_queued_again_with_a_job_of_its_own(connection):
    run = begun_by_a_worker_that_died(connection, pruned=False)

    assert takeover.take_over() == 1

    assert [status for _, status in jobs(run)] == ["failed", "todo"]
    assert takeover.take_over() == 0


def test_the_run_of_a_worker_whose_row_is_pruned_is_not_forgotten(connection):
    run = begun_by_a_worker_that_died(connection, pruned=True)

    takeover.take_over()

    assert [status for _, status in jobs(run)] == ["failed", "todo"]


def test_a_run_with_a_lease_is_left_to_its_worker(connection):
    begun_by_a_worker_that_died(connection, pruned=False)
    Run.objects.update(lease_until=timezone.now() + datetime.timedelta(seconds=5))

    assert takeover.take_over() == 0


def test_a_run_that_waits_in_the_queue_is_left_there(connection):
    runs.start(connection, "products")
    Run.objects.update(queued_at=timezone.now() - datetime.timedelta(hours=1))

    assert takeover.take_over() == 0


def test_a_run_is_taken_by_one_worker_at_a_time(connection):
    run, _ = runs.start(connection, "products")

    assert (lease.take(run.pk), lease.take(run.pk)) == (1, None)
    lease.release(run.pk, 1)
    assert lease.take(run.pk) == 2
