"""All connections, a tile each, and the tabs of one."""

import datetime

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from linesheet.sync.models import Connection, InboxRecord, Problem, Run
from linesheet.web.tabs import tabs_of
from tests.web.conftest import ClientOf


def _text(client: Client, address: str = "/connections/") -> str:
    return " ".join(client.get(address).content.decode().split())


def test_without_a_connection_the_page_says_what_to_do(operator: Client) -> None:
    text = _text(operator)

    assert "No connection yet." in text
    assert 'href="/connections/add/"' in text


def test_who_only_looks_is_told_who_may_add(client_of: ClientOf) -> None:
    text = _text(client_of("viewer"))

    assert "Owners and operators may add one." in text
    assert 'href="/connections/add/"' not in text


def test_a_tile_says_what_waits_for_a_person(operator: Client, connection: Connection) -> None:
    Run.objects.create(connection=connection, task="stock", state=Run.State.PROBLEMS)
    now = timezone.now()
    Problem.objects.create(
        connection=connection,
        task="stock",
        kind="product",
        record_id="1",
        label="COAT",
        reason_code="no_barcode",
        says="No barcode.",
        first_seen_at=now,
        last_seen_at=now,
    )
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="1", content_hash="a", payload={}, state=InboxRecord.State.HELD
    )

    text = _text(operator)

    assert "Galerie Invisible" in text
    assert "Has problems</span>" in text
    assert f'<a class="count count--bad" href="/connections/{connection.pk}/problems/">1</a>' in text
    assert f'<a class="count count--warn" href="/connections/{connection.pk}/inbox/?state=held">1</a>' in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "Not run yet"),
        ({"credentials": {}}, "Not set up"),
        ({"active": False}, "Switched off"),
        ({"platform": "gone"}, "Platform not installed"),
        ({"paused_until": timezone.now() + datetime.timedelta(hours=1)}, "Paused by the platform"),
    ],
)
def test_the_worst_is_what_the_badge_says(
    operator: Client, connection: Connection, change: dict[str, object], says: str
) -> None:
    for field, value in change.items():
        setattr(connection, field, value)
    connection.save()

    assert f"{says}</span>" in _text(operator)


def test_a_task_that_failed_last_is_not_hidden_by_another_that_went_well(
    operator: Client, connection: Connection
) -> None:
    Run.objects.create(connection=connection, task="catalogue", state=Run.State.FAILED)
    Run.objects.create(connection=connection, task="stock", state=Run.State.DONE)

    for page in ("/connections/", "/"):
        assert "Failing</span>" in _text(operator, page)

    connection.credentials = {}
    connection.save()
    for page in ("/connections/", "/"):
        assert "Not set up</span>" in _text(operator, page)


def test_many_connections_cost_as_many_queries_as_one(
    operator: Client, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(database) as few:
        operator.get("/connections/")
    for number in range(5):
        Connection.objects.create(platform="made-up", name=f"C{number}", base_url="https://api.example")

    with django_assert_num_queries(len(few)):
        operator.get("/connections/")


def test_a_connection_has_the_tabs_its_platform_has_something_for(connection: Connection) -> None:
    shown = [tab.key for tab in tabs_of(connection)]

    assert shown[0] == "actions"
    assert "catalogue" not in shown, "Galerie Invisible has no catalogue"


def test_what_was_done_through_a_platform_that_is_gone_stays_in_reach(connection: Connection) -> None:
    connection.platform = "gone"

    assert {tab.key for tab in tabs_of(connection)} <= {"actions", "activity", "orders"}
