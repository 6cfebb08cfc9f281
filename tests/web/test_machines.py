"""What machines ask of a web process."""

from typing import Any

import pytest
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

ANY_NAME = {"host": "10.1.2.3:8000"}


def test_healthz_asks_nothing_of_the_database_and_of_the_host_name() -> None:
    answer = Client().get("/healthz", headers=ANY_NAME)

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_readyz_is_ready_with_a_database_of_this_versions_schema(db: None) -> None:
    answer = Client().get("/readyz", headers=ANY_NAME)

    assert (answer.status_code, answer.content) == (200, b"ready\n")


def test_readyz_says_that_the_schema_lags_behind(db: None) -> None:
    MigrationRecorder(database).record_unapplied("sync", "0001_initial")

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.content == b"The database lacks 1 changes of this version's schema.\n"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405


def test_pages_still_answer_to_their_host_names_only(db: None) -> None:
    assert Client().get("/login/", headers=ANY_NAME).status_code == 400


def test_every_answer_has_the_id_that_its_log_lines_have(db: None, log_lines: list[dict[str, Any]]) -> None:
    answer = Client().get("/login/", {"next": "/secret"}, headers={"X-Request-ID": "proxy-1"})
    other = Client().get("/login/", headers={"X-Request-ID": "no such id"})

    first, second = log_lines
    assert answer["X-Request-ID"] == first["request"] == "proxy-1"
    assert first["message"].startswith("GET /login/ 200 in ")
    assert other["X-Request-ID"] == second["request"] != "no such id"
