"""Home: how every connection is doing."""

import datetime

from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from linesheet.books.models import Company
from linesheet.sync.models import Connection, InboxRecord, Problem, Run, Schedule


def test_without_a_connection_it_says_how_to_make_one(operator: Client) -> None:
    text = operator.get("/").content.decode()

    assert "No connection yet." in text
    assert "linesheet connection add" in text


def test_a_connection_shows_its_last_and_next_run_its_problems_and_held_orders(
    operator: Client, connection: Connection
) -> None:
    _much(connection)

    text = " ".join(operator.get("/").content.decode().split())

    assert "Galerie Invisible" in text
    assert "Done with problems</span> Stock export" in text
    assert "Catalogue export <span" in text
    assert f'href="/connections/{connection.pk}/problems/">3</a>' in text
    assert f'href="/connections/{connection.pk}/inbox/?state=held">1</a>' in text


def test_problems_of_one_reason_are_one_line(operator: Client, connection: Connection) -> None:
    _much(connection)

    text = " ".join(operator.get("/").content.decode().split())

    assert "COAT-2 has no barcode." in text
    assert "and 2 more like it" in text
    assert "COAT-0 has no barcode." not in text
    assert f"/connections/{connection.pk}/problems/?reason=no_barcode" in text


def test_the_number_of_queries_does_not_grow(
    operator: Client, company: Company, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _much(connection)
    for number in range(5):
        _much(Connection.objects.create(platform="made-up", name=f"C{number}", base_url="https://api.example"))

    with django_assert_num_queries(12):
        operator.get("/")


def test_a_connection_whose_key_was_lost_still_shows(operator: Client, connection: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_connection SET credentials = 'spoilt'")

    assert operator.get("/").status_code == 200
    text = operator.get(f"/connections/{connection.pk}/").content.decode()
    assert "cannot be decrypted" in text
    answer = operator.post(f"/connections/{connection.pk}/tasks/stock/start/", follow=True)
    assert "cannot be decrypted" in answer.content.decode()


def _much(connection: Connection) -> None:
    now = timezone.now()
    Run.objects.create(connection=connection, task="orders", state=Run.State.DONE)
    run = Run.objects.create(connection=connection, task="stock", state=Run.State.PROBLEMS, selected=3, blocked=3)
    for task, hours in (("stock", 2), ("catalogue", 1)):
        Schedule.objects.create(
            connection=connection, task=task, every_minutes=60, due_at=now + datetime.timedelta(hours=hours)
        )
    for number in range(3):
        Problem.objects.create(
            connection=connection,
            task="stock",
            kind="product",
            record_id=str(number),
            label=f"COAT-{number}",
            reason_code="no_barcode",
            says=f"COAT-{number} has no barcode.",
            fix="Give it one.",
            last_run=run,
            first_seen_at=now,
            last_seen_at=now,
        )
    for state in ("held", "stored"):
        InboxRecord.objects.create(
            connection=connection, kind="order", remote_id=state, content_hash=state, payload={}, state=state
        )
