"""Looking at the readiness again without being asked."""

import asyncio
import datetime

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from linesheet.books import touching
from linesheet.books.models import Company, Product, Season, Touch
from linesheet.books.tenancy import acting_for
from linesheet.sync import looking_again, readiness, retention
from linesheet.sync.models import Connection, Link, Look
from tests.processes import until

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def look_at(connection: Connection) -> Look:
    look = readiness.ask(connection)
    asyncio.run(readiness.look_through(look.pk, look.company_id))
    look.refresh_from_db()
    return look


def passes(time: datetime.timedelta) -> None:
    """Have some time gone by."""
    Look.objects.update(asked_at=F("asked_at") - time, done_at=F("done_at") - time, beat_at=F("beat_at") - time)
    Touch.objects.update(at=F("at") - time)


def latest(connection: Connection) -> Look:
    return Look.objects.filter(connection=connection).latest("pk")


def test_nothing_has_changed_right_after_a_look(connection, products):
    assert not looking_again.has_changed(look_at(connection))


@pytest.mark.parametrize(
    "change",
    [
        lambda connection: Product.objects.filter(code="P03").update(name="Coat"),
        lambda connection: Product.objects.filter(code="P03").delete(),
        lambda connection: Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1)),
        lambda connection: Connection.objects.update(settings={"answer": 1}),
        lambda connection: connection.sections.create(name="Women"),
        lambda connection: Link.objects.create(
            connection=connection, kind="product", record_id="1", remote_id="r", accepted_at=timezone.now()
        ),
    ],
)
def test_a_change_of_books_catalogue_links_or_settings_makes_it_stale(connection, products, change):
    look = look_at(connection)

    change(connection)

    assert looking_again.has_changed(look)


def test_when_the_next_call_may_be_made_is_no_change(connection, products):
    look = look_at(connection)

    Connection.objects.update(next_call_at=timezone.now())

    assert not looking_again.has_changed(look)


def test_what_was_begun_before_a_look_and_ended_after_it_is_a_change_since(connection, products):
    other = database.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("UPDATE books_product SET name = 'Late' WHERE code = 'P01'")
        with transaction.atomic():
            Product.objects.filter(code="P02").update(name="Early")
        look = look_at(connection)
        assert not looking_again.has_changed(look)

        other.commit()

        assert looking_again.has_changed(look)
    finally:
        other.close()


def test_a_change_that_was_taken_back_is_none(connection, products):
    look = look_at(connection)

    with transaction.atomic():
        Product.objects.update(name="Coat")
        transaction.set_rollback(True)

    assert not looking_again.has_changed(look)


def test_what_another_company_does_changes_nothing_here(connection, products):
    look = look_at(connection)
    with acting_for(Company.objects.create(name="Second", slug="second")):
        Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))

    assert not looking_again.has_changed(look)


def test_one_transaction_leaves_one_note_however_much_it_changes(connection, products):
    Touch.objects.all().delete()

    with transaction.atomic():
        Product.objects.update(name="Coat")
        Product.objects.update(category="Coats")
        Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))

    assert Touch.objects.count() == 1


def test_a_change_is_looked_at_once_it_has_settled_and_the_connection_has_rested(connection, products):
    first = look_at(connection)
    Product.objects.update(name="")
    assert looking_again.look_where_due() == 0

    passes(looking_again.SETTLES + datetime.timedelta(seconds=5))
    assert looking_again.look_where_due() == 1

    assert latest(connection).pk > first.pk
    assert looking_again.look_where_due() == 0


def test_changes_that_never_end_are_looked_at_all_the_same(connection, products):
    look_at(connection)
    passes(looking_again.NEVER_ENDS + datetime.timedelta(seconds=5))
    Product.objects.update(name="")

    assert looking_again.look_where_due() == 1


def test_where_nothing_changed_is_looked_once_a_day(connection, products):
    look_at(connection)
    passes(DAY - HOUR)
    assert looking_again.look_where_due() == 0

    passes(HOUR + datetime.timedelta(seconds=5))

    assert looking_again.look_where_due() == 1


def test_a_look_that_failed_is_tried_again_later(connection, products):
    look = look_at(connection)
    Look.objects.update(state=Look.State.FAILED)
    assert looking_again.look_where_due() == 0

    passes(looking_again.TRIES_AGAIN + datetime.timedelta(seconds=5))

    assert looking_again.look_where_due() == 1
    assert latest(connection).pk > look.pk


def test_a_connection_that_is_off_or_was_never_looked_at_is_left_alone(connection, products):
    assert looking_again.look_where_due() == 0

    look_at(connection)
    passes(2 * DAY)
    Connection.objects.update(active=False)

    assert looking_again.look_where_due() == 0


def test_notes_are_kept_for_as_long_as_they_are_asked_for(connection, products):
    look = look_at(connection)
    Product.objects.update(name="Coat")
    passes(touching.KEPT + HOUR)

    retention.tidy()

    assert not Touch.objects.exists()
    look.refresh_from_db()
    assert looking_again.has_changed(look)


def test_a_worker_looks_again_by_itself(connection, products, workers):
    Product.objects.update(name="")
    look = look_at(connection)
    Product.objects.filter(code__in=["P00", "P01", "P02"]).update(name="Coat")
    passes(HOUR)
    workers.start()

    until(lambda: latest(connection).pk > look.pk and latest(connection).state == Look.State.DONE)

    assert readiness.causes_of(latest(connection))[0].count == 7
    assert not looking_again.has_changed(latest(connection))
