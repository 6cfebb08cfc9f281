import asyncio
import datetime
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from linesheet.books.models import Order
from linesheet.site.folder import encryption_keys
from linesheet.sync import lease, runs
from linesheet.sync.models import Connection, Item, Run, Schedule
from linesheet.sync.vitals import workers_alive
from tests.processes import until
from tests.sync.test_inbound import KNOWN
from tests.sync.test_outbound import counts

TAKEN_OVER_SECONDS = 30
"""Within this a run whose worker is lost comes to its end, when what is left of it takes no time."""


class Hold:
    """Holds matching requests at the server until released, before or after they are applied."""

    def __init__(self, method: str, path: str = "", after: int = 0) -> None:
        self.method, self.path, self.skip = method, path, after
        self.held = 0
        self.released = threading.Event()

    async def __call__(self, request):
        if request.method != self.method or self.path not in request.path or self.released.is_set():
            return
        if self.skip:
            self.skip -= 1
            return
        self.held += 1
        while not self.released.is_set():
            await asyncio.sleep(0.01)


@dataclass
class Installation:
    """A worker on a data folder of its own."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def works_on(self, run: Run) -> bool:
        run.refresh_from_db()
        return run.worker.split(":")[-2] == str(self.process.pid)


@pytest.fixture
def installations(workers, tmp_path):
    """Starts the workers of two installations that share the database and the keys, on one machine or on two."""

    def start(*, machines: int = 1) -> list[Installation]:
        both = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            environment = {"LINESHEET_DATA": str(folder), "LINESHEET_ENCRYPTION_KEYS": ",".join(encryption_keys())}
            if machines == 2:
                environment["TOY_BOOT_ID"] = str(folder / "boot_id")
                (folder / "boot_id").write_text(name)
            both.append(Installation(workers.start(folder / "log", **environment), folder / "log"))
        until(lambda: workers_alive() == 2)
        return both

    return start


def finished(run: Run) -> bool:
    run.refresh_from_db()
    return run.state in Run.FINAL


def sent(toy) -> list[str]:
    return [id for batch in toy.writes for id in batch]


@pytest.mark.parametrize("machines", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_whose_worker_was_killed_in_mid_export_is_finished_by_the_other_installation(
    toy, products, connection, installations, machines, moment
):
    at_work, other = installations(machines=machines)
    hold = Hold("PUT", after=3)
    getattr(toy, moment).append(hold)
    run, _ = runs.start(connection, "one-by-one")
    until(lambda: hold.held == 3)
    if other.works_on(run):
        at_work, other = other, at_work

    at_work.process.kill()
    at_work.process.wait()
    hold.released.set()
    until(lambda: finished(run), TAKEN_OVER_SECONDS)

    assert other.works_on(run)
    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "created": 10})
    assert sorted(set(sent(toy))) == [product.code for product in products]
    assert toy.requests.count("PUT /products") <= 10 + hold.held
    assert toy.requests.count("GET /products") == 1


def test_an_order_is_stored_once_when_the_worker_is_killed_before_acknowledging(
    toy, products, buyer, connection, workers
):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    hold = Hold("POST", "/seen")
    toy.before.append(hold)
    run, _ = runs.start(connection, "orders")
    victim = workers.start()
    until(lambda: hold.held)
    victim.kill()
    victim.wait()
    toy.before.clear()
    hold.released.set()

    workers.start()
    until(lambda: finished(run))

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 1, "created": 1})
    assert Order.objects.count() == 1
    assert toy.orders["7"]["seen"]


def test_a_frozen_worker_that_wakes_up_neither_sends_nor_writes_after_another_took_its_run(
    toy, products, connection, installations
):
    at_work, other = installations()
    hold = Hold("PUT", after=3)
    toy.before.append(hold)
    run, _ = runs.start(connection, "one-by-one")
    until(lambda: hold.held == 3)
    if other.works_on(run):
        at_work, other = other, at_work
    at_work.process.send_signal(signal.SIGSTOP)
    hold.released.set()
    until(lambda: finished(run), TAKEN_OVER_SECONDS)
    requests, written = list(toy.requests), list(Run.objects.values()) + list(Item.objects.values())

    at_work.process.send_signal(signal.SIGCONT)
    woke = time.monotonic()
    # It may as well leave the run because Procrastinate has struck it off; what it must not do is looked at below.
    until(lambda: "run left to another worker" in at_work.log.read_text() or time.monotonic() > woke + 20)
    later, _ = runs.start(connection, "orders")
    until(lambda: finished(later))

    assert counts(run) == {"selected": 10, "created": 10}
    assert requests.count("PUT /products") <= 10 + hold.held
    assert [request for request in toy.requests[len(requests) :] if request != "GET /orders"] == []
    assert list(Run.objects.exclude(pk=later.pk).values()) + list(Item.objects.values()) == written


def test_cancelling_stops_the_sending_and_leaves_a_truthful_run(toy, products, connection, workers):
    hold = Hold("PUT", after=2)
    toy.before.append(hold)
    run, _ = runs.start(connection, "one-by-one")
    workers.start()
    until(lambda: hold.held == 3)

    runs.cancel(run)
    asked = time.monotonic()
    until(lambda: time.monotonic() > asked + 2)
    arrived = len(toy.requests)
    hold.released.set()
    until(lambda: finished(run))

    assert len(toy.requests) == arrived
    assert run.state == Run.State.CANCELLED
    assert counts(run) == {"selected": 10, "created": 5, "not_attempted": 5}
    assert len(toy.products) == 5


def test_what_was_on_its_way_when_the_worker_died_is_not_called_unattempted(toy, products, connection, workers):
    hold = Hold("PUT", after=3)
    toy.after.append(hold)
    run, _ = runs.start(connection, "one-by-one")
    victim = workers.start()
    until(lambda: hold.held == 3)
    victim.kill()
    victim.wait()
    hold.released.set()

    runs.cancel(run)
    workers.start()
    until(lambda: finished(run))

    unattempted = set(run.items.filter(state=Item.State.CANCELLED).values_list("label", flat=True))
    assert unattempted & set(toy.products) == set()
    assert run.state == Run.State.CANCELLED


def test_an_approved_run_that_sends_is_running(toy, products, work, connection, workers):
    run = work("one-by-one", preview=True)
    runs.approve(run)
    hold = Hold("PUT")
    toy.before.append(hold)
    workers.start()
    until(lambda: hold.held == 3)

    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    hold.released.set()
    until(lambda: finished(run))


def test_cancelling_a_run_that_waits_ends_it_at_once(products, connection):
    run, _ = runs.start(connection, "products")

    cancelled = runs.cancel(run)

    assert cancelled.state == Run.State.CANCELLED
    with pytest.raises(runs.RunRefused):
        runs.cancel(run)


def test_a_double_click_queues_one_run(products, connection):
    first, new = runs.start(connection, "products")
    second, again = runs.start(connection, "products")

    assert (new, again) == (True, False)
    assert first == second


def test_runs_of_one_connection_never_overlap_over_two_workers(toy, products, buyer, connection, workers):
    hold = Hold("PUT")
    toy.before.append(hold)
    first, _ = runs.start(connection, "products")
    second, _ = runs.start(connection, "one-by-one")
    workers.start()
    workers.start()
    until(lambda: hold.held)
    assert Run.objects.filter(state=Run.State.QUEUED).count() == 1
    hold.released.set()
    until(lambda: finished(first) and finished(second))

    first, second = sorted((first, second), key=lambda run: run.started_at)
    assert first.finished_at <= second.started_at


@pytest.mark.timeout(300)
def test_a_thousand_due_schedules_give_a_thousand_runs_though_one_of_four_workers_is_killed(connection, workers):
    others = Connection.objects.bulk_create(
        Connection(
            platform="toy", name=f"Toy shop {number}", base_url=connection.base_url, settings=connection.settings
        )
        for number in range(999)
    )
    long_ago = timezone.now() - datetime.timedelta(days=1)
    Schedule.objects.bulk_create(
        Schedule(connection=each, task="nothing", every_minutes=60, due_at=long_ago) for each in (connection, *others)
    )
    victim, *_ = [workers.start() for _ in range(4)]
    until(lambda: Run.objects.filter(worker__contains=f":{victim.pid}:").exists(), 120)

    victim.kill()
    victim.wait()
    until(lambda: Run.objects.filter(state=Run.State.DONE).count() == 1000, 240)
    until(lambda: not ProcrastinateJob.objects.exists())

    assert Run.objects.filter(scheduled=True).values("connection").distinct().count() == Run.objects.count() == 1000
    assert not Schedule.objects.filter(due_at__lte=timezone.now()).exists()


def test_a_process_of_this_machine_is_known_to_be_dead_only_when_it_is():
    boot, namespace, _, started = lease.this_worker().rsplit(":", 3)

    assert not lease.surely_dead(lease.this_worker())
    assert lease.surely_dead(f"{boot}:{namespace}:{os.getpid()}:{int(started) + 1}")
    assert not lease.surely_dead(f"another-boot:{namespace}:1:1")
    assert not lease.surely_dead("")
