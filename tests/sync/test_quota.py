"""A platform that gives so many credits a window: the toy server counts them, and says when there were too many."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp
import pytest

from linesheet.sync import budget, overview, quota, registry, runs
from linesheet.sync.connection_checks import try_connection
from linesheet.sync.connections import change_connection
from linesheet.sync.database import DatabaseThread
from linesheet.sync.lease import Pulse
from linesheet.sync.models import Connection, Exchange, Run
from linesheet.sync.platform import Quota
from linesheet.sync.transport import Transport
from tests.processes import until
from tests.sync.test_outbound import counts
from tests.sync.test_workers import Hold, finished
from tests.sync.toy import TOY
from tests.sync.toy_lists import HOURLY, METERED, QUOTA, WHOLE_WINDOW, Lists, Meter


@pytest.fixture
def meter(toy, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": METERED})
    meter = Meter()
    toy.before += [meter, Lists(toy)]
    return meter


def calling(connection, *calls, workers=1, each=1):
    """Make calls through so many workers side by side, each of which makes them all so many times."""

    async def all_of_them():
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            ways = []
            for _ in range(workers):
                db = await stack.enter_async_context(DatabaseThread(connection.company_id))
                gate = budget.Budget(connection.pk, None, Pulse(0, 0), db, QUOTA)
                ways.append(Transport(connection.base_url, session, gate=gate, concurrency=3))
            async with asyncio.TaskGroup() as group:
                for way in ways:
                    for _ in range(each):
                        for method, path, options in calls:
                            group.create_task(way.call(method, path, **options))

    asyncio.run(all_of_them())


READ = ("GET", "/products", {})
WRITE = ("PUT", "/products", {"json": []})


def test_two_workers_share_what_a_window_gives(toy, connection, meter):
    calling(connection, READ, workers=2, each=5)

    assert meter.turned_away == 0
    assert sum(meter.windows) == len(toy.requests) == 10
    assert len(meter.windows) >= 3


@pytest.mark.usefixtures("toy")
def test_a_write_costs_what_a_write_costs(connection, meter):
    calling(connection, READ, WRITE, each=3)

    assert (meter.turned_away, sum(meter.windows)) == (0, 9)


def test_a_call_that_is_not_counted_costs_nothing_and_waits_for_nothing(toy, connection, meter):
    toy.before.remove(meter)
    for _ in range(QUOTA.credits):
        quota.spend(connection.pk, replace(QUOTA, seconds=3600), 1)

    calling(connection, ("GET", "/products", {"counted": False}))

    connection.refresh_from_db()
    assert (toy.requests, connection.quota_spent) == (["GET /products"], QUOTA.credits)


def test_a_call_that_costs_more_than_a_window_gives_goes_in_one_of_its_own(connection):
    small = Quota(credits=1, seconds=300, write=5)

    assert quota.spend(connection.pk, small, 5) == 0
    assert quota.spend(connection.pk, small, 1) > 290


def test_what_is_too_dear_for_the_rest_of_a_window_waits_while_the_cheap_goes(connection):
    large = Quota(credits=10, seconds=300, write=5)
    for cost in (5, 1):
        assert quota.spend(connection.pk, large, cost) == 0

    assert quota.spend(connection.pk, large, 5) > 290
    assert quota.spend(connection.pk, large, 1) == 0


@pytest.mark.usefixtures("products")
def test_a_run_takes_as_many_windows_as_it_needs(toy, meter, work):
    run = work("lists")

    assert (run.state, counts(run), meter.turned_away) == (Run.State.DONE, {"selected": 10, "created": 10}, 0)
    assert sum(meter.windows) == 1 + 5 * QUOTA.write
    assert len(toy.writes) == 5


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("says_when", [True, False])
def test_too_many_requests_close_the_window_for_all_until_the_next(meter, work, says_when):
    meter.says_when = says_when
    meter.spent_elsewhere()

    run = work("lists")

    assert (run.state, counts(run), meter.turned_away) == (Run.State.DONE, {"selected": 10, "created": 10}, 1)
    assert Exchange.objects.filter(run=run, status=429).count() == 1


def test_a_window_that_the_platform_closed_is_closed_for_other_workers_and_opened_anew(connection):
    large = Quota(credits=10, seconds=300)
    quota.spend(connection.pk, large, 7)

    budget.pause_connection(connection.pk, 60, used_up=True)

    assert 50 < quota.spend(connection.pk, large, 1) <= 60
    assert 50 < quota.refill(connection.pk, large) <= 60
    Connection.objects.update(paused_until=None)
    assert [quota.spend(connection.pk, large, 5) for _ in range(2)] == [0, 0]


def test_a_pause_for_another_reason_leaves_the_window_as_it_is(connection):
    large = Quota(credits=10, seconds=300)
    quota.spend(connection.pk, large, 7)

    budget.pause_connection(connection.pk, 60)

    Connection.objects.update(paused_until=None)
    assert quota.spend(connection.pk, large, 5) > 290


@pytest.mark.usefixtures("products", "toy")
def test_a_run_that_waits_for_the_next_window_can_be_cancelled(connection, meter, workers):
    for _ in range(QUOTA.credits):
        quota.spend(connection.pk, replace(QUOTA, seconds=3600), 1)
    run, _ = runs.start(connection, "lists")
    workers.start(TOY_PLATFORM="tests.sync.toy_lists:HOURLY")
    until(lambda: Run.objects.get(pk=run.pk).state == Run.State.PLANNING)

    runs.cancel(run)
    until(lambda: finished(run), 20)

    assert (run.state, meter.windows) == (Run.State.CANCELLED, [])


@pytest.mark.usefixtures("products")
def test_the_next_worker_goes_on_with_what_is_left_of_the_window(toy, connection, meter, workers):
    hold = Hold("POST", "/lists")
    toy.before.insert(1, hold)
    run, _ = runs.start(connection, "lists")
    victim = workers.start(TOY_PLATFORM="tests.sync.toy_lists:METERED")
    until(lambda: hold.held == 1)
    victim.kill()
    victim.wait()
    hold.released.set()

    workers.start(TOY_PLATFORM="tests.sync.toy_lists:METERED")
    until(lambda: finished(run))

    assert (run.state, counts(run), meter.turned_away) == (Run.State.DONE, {"selected": 10, "created": 10}, 0)


@pytest.mark.usefixtures("products", "toy", "meter")
def test_the_plan_foresees_the_windows_it_takes(work):
    preview = work("lists", preview=True)

    assert (preview.planned_calls, preview.planned_seconds) == (5, 2 * WHOLE_WINDOW)


@pytest.mark.usefixtures("products", "toy")
def test_a_plan_knows_which_of_its_calls_only_read(work, meter, monkeypatch):
    monkeypatch.setattr(METERED.task("lists").legs[0], "calls_per_batch", 3)
    monkeypatch.setattr(METERED.task("lists").legs[0], "reads_per_batch", 2)

    preview = work("lists", preview=True)

    assert (preview.planned_calls, preview.planned_seconds) == (15, 4 * WHOLE_WINDOW)
    assert meter.turned_away == 0


@pytest.mark.usefixtures("products", "toy")
def test_a_connection_may_be_given_other_credits(connection, meter, work):
    meter.quota = replace(QUOTA, credits=2)
    change_connection(connection, settings={"credits": "2"})

    run = work("lists")

    assert (run.state, meter.turned_away) == (Run.State.DONE, 0)
    assert max(meter.windows) == 2


def test_only_platforms_with_a_quota_ask_for_credits(connection, meter):
    assert [setting.key for setting in METERED.common_settings] == ["calls_per_second", "credits"]
    assert [setting.key for setting in TOY.common_settings] == ["calls_per_second"]


@pytest.mark.usefixtures("toy")
def test_calls_that_try_a_connection_count_and_wait_for_nothing(connection, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": HOURLY})
    quota.spend(connection.pk, replace(QUOTA, seconds=3600), QUOTA.credits)

    try_connection(Connection.objects.select_related("company").get())

    connection.refresh_from_db()
    assert connection.quota_spent == QUOTA.credits + 1


@pytest.mark.usefixtures("meter", "toy")
def test_the_most_calls_a_day_are_those_of_every_window(connection):
    assert overview.calls_a_day(connection) == 24 * 3600 * 8
    connection.settings = {"calls_per_second": 2}
    assert overview.calls_a_day(connection) == 24 * 3600 * 2
