"""What the doctor finds, from the database outwards."""

import datetime
import os
import shutil

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from procrastinate.contrib.django.models import ProcrastinateWorker

from linesheet.site.folder import data_folder
from linesheet.sync import doctor, runs
from linesheet.sync.connection_checks import Health
from linesheet.sync.models import Connection, Run
from linesheet.sync.schedules import set_schedule
from linesheet.sync.vitals import database_now, workers_alive


def health(checks, name):
    return [check.health for check in checks if check.name == name]


def long_ago(**ago: int) -> datetime.datetime:
    return database_now() - datetime.timedelta(**ago)


@pytest.fixture
def worker(brand):
    """A worker process that was just heard of."""
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    yield
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")


def test_a_healthy_installation_has_no_problem(connection, worker):
    checks = doctor.examine()

    assert [check for check in checks if check.health is Health.PROBLEM] == []
    assert health(checks, "Database") == health(checks, "Worker") == [Health.OK]
    assert health(checks, "Connection Toy shop") == [Health.OK, Health.OK]


def test_programs_can_tell_every_check_from_the_others(connection, worker):
    Connection.objects.create(
        platform="toy", name="Second shop", base_url=connection.base_url, settings=connection.settings
    )

    checks = [(check.code, check.company, check.connection) for check in doctor.examine()]

    assert len(set(checks)) == len(checks)
    assert [check for check in checks if check[2] == "Toy shop"] == [
        ("connection_entries", "atelier-nord", "Toy shop"),
        ("connection_credentials", "atelier-nord", "Toy shop"),
    ]


def test_without_a_database_it_says_so_and_ends(brand, monkeypatch):
    def refuse():
        raise OperationalError("connection refused")

    with monkeypatch.context() as gone:
        gone.setattr(doctor.database, "cursor", refuse)
        checks = doctor.examine()

    assert health(checks, "Database") == [Health.PROBLEM]
    assert health(checks, "Worker") == []


def test_a_schema_that_lags_behind_is_a_problem(db):
    MigrationRecorder(doctor.database).record_unapplied("sync", "0001_initial")

    (check,) = doctor.check_database()

    assert check.health is Health.PROBLEM
    assert "lacks 1 changes" in check.says


@pytest.mark.parametrize(("scheduled", "expected"), [(False, Health.WARNING), (True, Health.PROBLEM)])
def test_without_a_worker_only_schedules_and_waiting_runs_suffer(connection, scheduled, expected):
    if scheduled:
        set_schedule(connection, "orders", every_minutes=15)

    assert health(doctor.check_worker(), "Worker") == [expected]


def test_a_worker_that_was_not_heard_of_for_long_is_not_alive(brand, worker):
    assert workers_alive() == 1

    with doctor.database.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")

    assert (ProcrastinateWorker.objects.count(), workers_alive()) == (1, 0)


def test_a_run_that_waits_too_long_is_told(connection, worker):
    runs.start(connection, "orders")
    assert health(doctor.check_worker(), "Queue") == [Health.OK]

    with doctor.database.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '2 hours'")

    (waiting,) = [check for check in doctor.check_worker() if check.name == "Queue"]
    assert (waiting.health, waiting.says) == (Health.WARNING, "The oldest waiting run has waited for 2 h 0 min.")


def test_a_run_that_nobody_took_over_is_stuck(connection):
    run, _ = runs.start(connection, "orders")
    Run.objects.update(state="running", lease_until=long_ago(minutes=2))

    assert doctor.check_runs().says.endswith(f"run {run.pk}.")


def test_an_overdue_schedule_is_a_problem_unless_its_connection_is_off(connection):
    schedule = set_schedule(connection, "orders", every_minutes=15)
    assert doctor.check_schedules().health is Health.OK
    schedule.due_at = long_ago(minutes=3)
    schedule.save()
    assert doctor.check_schedules().health is Health.PROBLEM

    Connection.objects.update(active=False)

    assert doctor.check_schedules().health is Health.OK


def test_a_key_that_others_can_read_is_a_problem(brand):
    key = data_folder() / "signing.key"
    os.chmod(key, 0o644)
    try:
        found = [check for check in doctor.check_data_folder() if check.health is Health.PROBLEM]
    finally:
        os.chmod(key, 0o600)

    assert [check.fix for check in found] == [f"Run `chmod 600 {key}`."]


@pytest.mark.parametrize(("gib", "expected"), [(6, Health.OK), (4, Health.WARNING), (0.5, Health.PROBLEM)])
def test_a_disk_that_fills_up_is_told(monkeypatch, gib, expected):
    usage = shutil.disk_usage(data_folder())._replace(free=int(gib * doctor.GIB))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)

    check = doctor.check_space()

    assert check.health is expected
    assert f"{gib:.1f} GiB are free" in check.says


def test_a_key_that_is_none_is_a_problem_and_not_repeated(monkeypatch):
    assert doctor.check_encryption_keys().health is Health.OK
    monkeypatch.setenv("LINESHEET_ENCRYPTION_KEYS", f"{Fernet.generate_key().decode()},no-key-at-all")

    check = doctor.check_encryption_keys()

    assert check.health is Health.PROBLEM
    assert check.says.startswith("Encryption key 2 is none")
    assert "no-key-at-all" not in check.says + check.fix


def test_a_schema_of_another_version_is_a_problem(db):
    MigrationRecorder(doctor.database).record_applied("sync", "0999_tomorrow")

    (check,) = doctor.check_database()

    assert check.health is Health.PROBLEM
    assert "another version of Linesheet has changed its schema: sync.0999_tomorrow" in check.says


def test_a_public_address_is_missed_only_softly(brand, settings):
    assert doctor.check_public_url().health is Health.WARNING

    settings.PUBLIC_URL = "https://linesheet.example"
    assert doctor.check_public_url().fix == "Add linesheet.example to LINESHEET_HOSTS."
    settings.ALLOWED_HOSTS = ["linesheet.example"]

    assert doctor.check_public_url().health is Health.OK
