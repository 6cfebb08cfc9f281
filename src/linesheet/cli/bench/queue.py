"""Benches of the queue: how fast it goes through jobs and runs, and what a second worker adds."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max, Min
from procrastinate.contrib.django.models import ProcrastinateJob

from linesheet.books.models import Product, Season
from linesheet.cli.bench.made_up import PLATFORM, brand, published_brand
from linesheet.cli.bench.targets import Figures
from linesheet.cli.sides.listed import side_of
from linesheet.cli.sides.side import Side
from linesheet.sync import runs
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.jobs import work_on_run
from linesheet.sync.models import Connection, Run
from linesheet.sync.vitals import workers_alive

WORKERS = 2
TASK = "data-export"
LATENCY_MS = 50
LOOK_SECONDS = 0.02
Workers = Sequence["subprocess.Popen[bytes]"]
# A run is some thirty times a job, and its figure is steady with fewer.
JOBS_A_RUN = 20


def no_ops(jobs: int) -> Figures:
    """Jobs that find their run gone, by two workers; beside them runs with nothing to send, a connection each."""
    with brand() as company, _workers(WORKERS, concurrency=4) as workers:
        began = time.perf_counter()
        with transaction.atomic():
            for number in range(jobs):
                work_on_run.configure(lock=f"bench:{number}").defer(run_id=0, company_id=company.pk)
        queued = time.perf_counter()
        _until_done(workers)
        seconds = time.perf_counter() - queued
        run_count = max(1, jobs // JOBS_A_RUN)
        return {
            "seconds": round(seconds, 2),
            "jobs_per_second": round(jobs / seconds),
            "queued_per_second": round(jobs / (queued - began)),
            "workers": WORKERS,
            "runs": run_count,
            "runs_per_second": round(run_count / _seconds_of_empty_runs(run_count, workers), 1),
        }


def two_workers(skus: int) -> Figures:
    """A Data export of changed products over two connections: two workers against one, a run at a time each."""
    with published_brand(skus) as (connection, remote), _another_connection() as (other, other_remote):
        both = (connection, other)
        with _workers(1, concurrency=2) as workers:
            _export_seconds(both, workers)
        for each in (remote, other_remote):
            each.control("POST", "/settings", {"latency_ms": LATENCY_MS})
        seconds = {}
        for count in (1, 2):
            Product.objects.update(name=f"A name for {count}")
            with _workers(count, concurrency=1) as workers:
                seconds[count] = _export_seconds(both, workers)
        products = 2 * Product.objects.count()
        return {
            "seconds": round(seconds[2], 2),
            "products": products,
            "per_second_by_one": round(products / seconds[1], 1),
            "per_second_by_two": round(products / seconds[2], 1),
            "ratio": round(seconds[1] / seconds[2], 2),
        }


@contextmanager
def _workers(count: int, *, concurrency: int) -> Iterator[Workers]:
    """So many worker processes on this installation, alive and waiting for work."""
    command = [sys.executable, "-m", "linesheet.cli.main", "worker", "--concurrency", str(concurrency)]
    started = [subprocess.Popen(command) for _ in range(count)]
    try:
        while workers_alive() < count:
            _look_after(started)
        yield started
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait()


@contextmanager
def _another_connection() -> Iterator[tuple[Connection, Side]]:
    remote = side_of(PLATFORM)
    try:
        connection = _connection_to("Another", remote)
        place(add_section(connection, ("SS26", "Women", "Coats")), Product.objects.all())
        yield connection, remote
    finally:
        remote.stop()


def _connection_to(name: str, remote: Side) -> Connection:
    season = Season.objects.get(name="SS26")
    created: Connection = Connection.objects.create(
        platform=PLATFORM,
        name=name,
        base_url=remote.url,
        credentials=remote.credentials,
        settings={"import_season": season.pk},
    )
    return created


def _export_seconds(connections: Sequence[Connection], workers: Workers) -> float:
    """From the first start to the last end of an export of each. Raises SystemExit when one did not do all."""
    begun = [runs.start(connection, TASK)[0].pk for connection in connections]
    _until_done(workers)
    mine = Run.objects.filter(pk__in=begun)
    for run in mine.exclude(state=Run.State.DONE):
        raise SystemExit(f"{TASK} ended {run.state}: {run.says}")
    span = mine.order_by().aggregate(started=Min("started_at"), finished=Max("finished_at"))
    return float((span["finished"] - span["started"]).total_seconds())


def _seconds_of_empty_runs(count: int, workers: Workers) -> float:
    """Exports of an empty catalogue, over as many connections to one sandbox."""
    remote = side_of(PLATFORM)
    try:
        return _export_seconds([_connection_to(f"Empty {number}", remote) for number in range(count)], workers)
    finally:
        remote.stop()


def _until_done(workers: Workers) -> None:
    while ProcrastinateJob.objects.filter(status__in=("todo", "doing")).exists():
        _look_after(workers)


def _look_after(workers: Workers) -> None:
    """Wait a moment. Raises SystemExit when a worker has died, for which nobody would wait."""
    if any(worker.poll() is not None for worker in workers):
        raise SystemExit("A worker of the bench has died.")
    time.sleep(LOOK_SECONDS)
