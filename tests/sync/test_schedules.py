import asyncio
import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.models import Company
from linesheet.books.tenancy import acting_for
from linesheet.sync import runs, schedules, secrets, worker
from linesheet.sync.models import Connection, Run, Schedule


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def daily(hour: int, minute: int = 0) -> Schedule:
    return Schedule(daily_at=datetime.time(hour, minute))


OSLO = Company(timezone="Europe/Oslo")


def test_a_daily_time_is_meant_in_the_companys_zone():
    assert schedules.next_due(daily(7), OSLO, at("2026-07-01T10:00")) == at("2026-07-02T05:00")
    assert schedules.next_due(daily(7), OSLO, at("2026-12-01T10:00")) == at("2026-12-02T06:00")


def test_a_time_that_the_clocks_skip_fires_once_they_moved_on():
    assert schedules.next_due(daily(2, 30), OSLO, at("2026-03-29T00:00")) == at("2026-03-29T01:30")


def test_a_time_that_the_clocks_repeat_fires_once():
    first = schedules.next_due(daily(2, 30), OSLO, at("2026-10-24T22:00"))

    assert first == at("2026-10-25T00:30")
    assert schedules.next_due(daily(2, 30), OSLO, first) == at("2026-10-26T01:30")


@given(st.datetimes(datetime.datetime(2025, 1, 1), datetime.datetime(2027, 1, 1)), st.integers(0, 23))
def test_the_next_time_is_after_now_and_within_two_days(moment, hour):
    now = moment.replace(tzinfo=datetime.UTC)

    due = schedules.next_due(daily(hour), OSLO, now)

    assert now < due <= now + datetime.timedelta(hours=49)


def test_a_schedule_needs_one_kind_of_time(connection):
    for wrong in ({}, {"every_minutes": 0}, {"every_minutes": 5, "daily_at": datetime.time(7)}):
        with pytest.raises(runs.RunRefused):
            schedules.set_schedule(connection, "products", **wrong)


def test_setting_a_schedule_again_changes_it(connection):
    schedules.set_schedule(connection, "products", every_minutes=5)
    schedules.set_schedule(connection, "products", daily_at=datetime.time(7))

    assert Schedule.objects.get().daily_at == datetime.time(7)


def test_firings_missed_while_nobody_was_up_are_made_good_once(connection):
    schedule = schedules.set_schedule(connection, "products", every_minutes=5)
    Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(days=1))

    assert (schedules.fire_due(), schedules.fire_due()) == (1, 0)
    schedule.refresh_from_db()
    assert schedule.due_at > timezone.now()


def test_a_schedule_that_is_off_does_not_fire(connection):
    schedules.set_schedule(connection, "products", every_minutes=5)
    schedules.switch_off(connection, "products")
    Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(days=1))

    assert schedules.fire_due() == 0


def test_a_schedule_that_is_off_keeps_its_times(connection):
    schedules.set_schedule(connection, "products", daily_at=datetime.time(7))

    switched = schedules.switch_off(connection, "products")

    switched.refresh_from_db()
    assert (switched.enabled, switched.daily_at) == (False, datetime.time(7))


def test_a_task_without_a_schedule_cannot_be_switched_off(connection):
    with pytest.raises(runs.RunRefused, match="products on Toy shop has no schedule"):
        schedules.switch_off(connection, "products")


@pytest.mark.parametrize("broken", [{"platform": "gone"}, {"credentials": {"token": "s3cret"}}])
def test_a_connection_that_cannot_run_leaves_the_schedules_of_others_alone(connection, monkeypatch, broken):
    other = Connection.objects.create(platform="toy", name="Broken", base_url=connection.base_url)
    for each in (other, connection):
        schedules.set_schedule(each, "products", every_minutes=5)
    Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))
    with monkeypatch.context() as lost:
        lost.setattr(secrets, "_fernet", lambda: MultiFernet([key]))
        key = Fernet(Fernet.generate_key())
        Connection.objects.filter(pk=other.pk).update(**broken)

    assert schedules.fire_due() == 1
    assert Run.objects.get().connection == connection


def test_a_firing_while_the_last_run_is_unfinished_queues_nothing_more(connection):
    schedules.set_schedule(connection, "products", every_minutes=5)
    for _ in range(2):
        Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))
        schedules.fire_due()

    assert Run.objects.count() == 1


def test_a_connection_that_is_off_keeps_its_schedule_and_does_not_run(connection):
    schedules.set_schedule(connection, "products", every_minutes=5)
    Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))
    connection.active = False
    connection.save()

    assert (schedules.fire_due(), Run.objects.count()) == (0, 0)
    assert Schedule.objects.get().due_at > timezone.now()


def test_a_schedule_that_stumbles_leaves_the_others_alone_and_is_tried_again_later(connection):
    nowhere = Company.objects.create(name="Nowhere", slug="nowhere")
    with acting_for(nowhere):
        lost = Connection.objects.create(platform="toy", name="Lost", base_url=connection.base_url)
        schedules.set_schedule(lost, "products", daily_at=datetime.time(7))
    schedules.set_schedule(connection, "products", every_minutes=5)
    Company.objects.filter(pk=nowhere.pk).update(timezone="Mars/Olympus")
    Schedule.everywhere.filter(connection=lost).update(due_at=timezone.now() - datetime.timedelta(days=1))
    Schedule.everywhere.filter(connection=connection).update(due_at=timezone.now() - datetime.timedelta(minutes=1))

    assert (schedules.fire_due(), schedules.fire_due()) == (1, 0)
    assert Run.everywhere.get().connection == connection
    assert Schedule.everywhere.get(connection=lost).due_at > timezone.now()


def test_a_watch_that_stumbles_is_called_again(brand):
    calls = []

    async def watch_twice():
        stop = asyncio.Event()

        def stumble():
            calls.append(1)
            if len(calls) == 2:
                loop.call_soon_threadsafe(stop.set)
            raise KeyError("odd")

        loop = asyncio.get_running_loop()
        await worker._repeat(stumble, 0.01, stop)

    asyncio.run(watch_twice())

    assert len(calls) >= 2


def test_a_schedule_that_is_being_changed_fires_by_its_new_times(connection):
    schedules.set_schedule(connection, "products", every_minutes=5)
    Schedule.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))

    def fire() -> int:
        try:
            return schedules.fire_due()
        finally:
            database.close()

    with ThreadPoolExecutor(1) as another, transaction.atomic():
        schedules.set_schedule(connection, "products", every_minutes=60)
        assert another.submit(fire).result(20) == 0

    assert schedules.fire_due() == 0
    assert Schedule.objects.get().due_at > timezone.now() + datetime.timedelta(minutes=59)
