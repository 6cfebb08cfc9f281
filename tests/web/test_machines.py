"""What machines ask of a web process."""

from typing import Any

import pytest
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from linesheet.sync.models import Connection

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


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405


def test_there_are_no_metrics_until_a_token_is_set() -> None:
    assert Client().get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic m3trics", "Bearer m3trics\u00e9"])
def test_metrics_are_for_the_bearer_of_the_token(settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = "m3trics"

    answer = Client().get("/metrics", headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"m3trics" not in answer.content


def test_metrics_are_prometheus_text_for_any_host_name(
    settings: Settings, connection: Connection, django_assert_num_queries: Any
) -> None:
    settings.METRICS_TOKEN = "m3trics"

    with django_assert_num_queries(9):
        answer = Client().get("/metrics", headers={**ANY_NAME, "Authorization": "Bearer m3trics"})

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert (
        b'linesheet_problems_open{company="atelier-nord",connection="Paris",platform="made-up"} 0.0' in answer.content
    )


def test_pages_still_answer_to_their_host_names_only(db: None) -> None:
    assert Client().get("/login/", headers=ANY_NAME).status_code == 400


def test_what_no_route_matches_is_logged_by_its_path_without_secrets(db: None, log_lines: list[dict[str, Any]]) -> None:
    token = "t0ken" * 30
    Client().get("/no/such/page", {"key": "secret"})
    Client().get(f"/no/such/picture/{token}")

    page, picture = (line["message"] for line in log_lines)
    assert page.startswith("GET /no/such/page 404 (no route) in ")
    assert picture.startswith("GET /no/such/picture/t0ken")
    assert token not in picture


def test_every_answer_has_the_id_that_its_log_lines_have(db: None, log_lines: list[dict[str, Any]]) -> None:
    answer = Client().get("/login/", {"next": "/secret"}, headers={"X-Request-ID": "proxy-1"})
    other = Client().get("/login/", headers={"X-Request-ID": "no such id"})

    first, second = log_lines
    assert answer["X-Request-ID"] == first["request"] == "proxy-1"
    assert first["message"].startswith("GET /login/ 302 in ")
    assert other["X-Request-ID"] == second["request"] != "no such id"
