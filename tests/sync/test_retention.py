import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone

from linesheet.sync import journal, retention, runs
from linesheet.sync.models import Exchange, Run


def exchange(connection, days: int) -> Exchange:
    return Exchange.objects.create(
        connection=connection,
        method="GET",
        url="/",
        started_at=timezone.now() - datetime.timedelta(days=days),
        response_body="[]",
    )


def test_bodies_go_first_and_lines_later(connection):
    fresh, old, ancient = exchange(connection, 1), exchange(connection, 40), exchange(connection, 400)

    assert retention.tidy() == retention.Tidied(exchanges=1, bodies=1)

    assert {row.pk: row.response_body for row in Exchange.objects.all()} == {fresh.pk: "[]", old.pk: ""}
    assert not Exchange.objects.filter(pk=ancient.pk).exists()
    assert retention.tidy() == retention.Tidied()


def age(run: Run, days: int) -> None:
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - datetime.timedelta(days=days))


def test_old_runs_lose_their_items_and_keep_their_numbers(toy, products, work, monkeypatch):
    monkeypatch.setattr(retention, "PAGE", 3)
    toy.refuse.add("P03")
    old = work("one-by-one")
    latest = work("one-by-one")
    age(old, 200)
    age(latest, 200)

    assert retention.tidy() == retention.Tidied(items=10, runs=1)

    old.refresh_from_db()
    assert (old.items.count(), old.selected, old.created, old.failed, old.adds_up) == (0, 10, 9, 1, True)
    assert old.items_tidied_at is not None
    assert journal.miscounted(old) == {}
    assert retention.tidy() == retention.Tidied()


def test_the_last_finished_run_of_a_task_keeps_its_items(products, work):
    last = work("one-by-one")
    age(last, 900)

    assert retention.tidy() == retention.Tidied()

    assert last.items.count() == 10


def test_a_plan_that_waits_for_approval_is_kept_however_old(products, work):
    plan = work("one-by-one", preview=True)
    runs.cancel(work("products", preview=True))
    Run.objects.update(queued_at="2020-01-01T00:00Z")

    assert retention.tidy().items == 0

    assert plan.items.count() == 10


def test_tidying_that_was_cut_short_is_finished_the_next_time(products, work):
    old = work("one-by-one")
    toy_changed = work("one-by-one")
    age(old, 200)
    Run.objects.filter(pk=old.pk).update(items_tidied_at=timezone.now())
    old.items.filter(label__lt="P05").delete()

    assert retention.tidy() == retention.Tidied(items=5)
    assert toy_changed.items_tidied_at is None


def test_sessions_that_are_over_go(db):
    for days in (-1, 1):
        Session.objects.create(session_key=f"of {days}", expire_date=timezone.now() + datetime.timedelta(days=days))

    assert retention.tidy() == retention.Tidied(sessions=1)
    assert [session.pk for session in Session.objects.all()] == ["of 1"]
