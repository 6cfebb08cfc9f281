"""Whether connections are filled in, and whether their platforms answer."""

import dataclasses
import time

import pytest
from aiohttp import web
from cryptography.fernet import Fernet, MultiFernet

from linesheet.books.models import Season
from linesheet.sync import connection_checks, registry, secrets, talking
from linesheet.sync.connection_checks import Health
from linesheet.sync.models import Connection
from tests.sync.toy import TOY


def health(checks, name):
    return [check.health for check in checks if check.name == name]


def test_a_connection_that_is_not_filled_in_is_not_called(connection, toy):
    connection.settings = {}
    connection.save()

    (check,) = connection_checks.check_connections()

    assert (check.health, toy.requests) == (Health.PROBLEM, [])
    assert "import_season=..." in check.fix_or_command
    assert check.fix == f"Answer it under Seasons of {check.connection}."


def test_seasons_that_are_archived_or_gone_are_told(connection, season):
    season.archived = True
    season.save()
    assert Health.WARNING in [check.health for check in connection_checks.check_entries(connection)]

    Season.objects.all().delete()
    assert [check.health for check in connection_checks.check_entries(connection)] == [Health.PROBLEM, Health.PROBLEM]


def test_a_platform_that_does_not_answer_is_a_problem(connection):
    Connection.objects.update(base_url="http://127.0.0.1:9")

    *_, answer = connection_checks.check_connections()

    assert answer.health is Health.PROBLEM
    assert "could not be reached" in answer.says


def test_credentials_without_their_key_are_a_problem(connection, monkeypatch):
    other = MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(secrets, "_fernet", lambda: other)

    (check,) = connection_checks.check_connections()

    assert check.health is Health.PROBLEM
    assert "cannot be decrypted" in check.says
    assert "need the same LINESHEET_ENCRYPTION_KEYS" in check.fix


def test_a_check_that_stumbles_is_a_problem_of_its_connection_alone(connection, toy, monkeypatch):
    async def stumble(client, settings):
        raise KeyError("warehouse")

    odd = dataclasses.replace(TOY, key="odd", check=stumble)
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY, "odd": odd})
    Connection.objects.create(platform="odd", name="Odd shop", base_url=toy.url, settings=connection.settings)

    checks = connection_checks.check_connections()

    assert health(checks, "Connection Odd shop") == [Health.OK, Health.PROBLEM]
    assert health(checks, "Connection Toy shop") == [Health.OK, Health.OK]
    assert "KeyError: 'warehouse'" in checks[-2].says + checks[-1].says


@pytest.mark.parametrize("code", [429, 503])
def test_a_platform_that_asks_for_patience_does_not_hold_up_the_doctor(connection, toy, code):
    toy.before.append(lambda request: web.json_response({}, status=code, headers={"Retry-After": "300"}))
    began = time.monotonic()

    *_, answer = connection_checks.check_connections()

    assert answer.health is Health.PROBLEM
    assert "next try would be in 300 s" in answer.says
    assert time.monotonic() - began < talking.PAUSE_AT_MOST_SECONDS


def test_a_platform_that_is_gone_is_a_problem(connection):
    Connection.objects.update(platform="gone")

    assert "is not installed" in connection_checks.check_connections()[0].says


def test_a_connection_that_is_off_is_left_alone(connection):
    Connection.objects.update(active=False)

    assert connection_checks.check_connections() == []
