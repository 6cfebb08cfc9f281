"""Who is told of a run: one notice a member and run, and none is lost or doubled."""

import datetime

import pytest

from linesheet.books.companies import add_member
from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import ending, notifications, reasons, rights, runs
from linesheet.sync.models import (
    Connection,
    DigestTime,
    Emailing,
    Notice,
    NoticeChoice,
    NoticeSeverity,
    Run,
)
from linesheet.sync.notifications import NOTHING, Wish
from linesheet.sync.rights import Level
from tests.processes import until
from tests.sync.test_workers import finished

APP = Wish(in_app=True)


@pytest.fixture
def owner(brand: Company) -> Member:
    return add_member(brand, "owner@example.com", Member.Role.OWNER)


@pytest.fixture
def viewer(brand: Company) -> Member:
    return add_member(brand, "viewer@example.com", Member.Role.VIEWER)


def wish(member: Member, connection: Connection, **wishes: Wish) -> None:
    notifications.choose(member, {(connection.pk, severity): wish for severity, wish in wishes.items()})


def test_a_run_with_problems_is_told_once_however_many_records_have_them(owner, viewer, products, toy, work):
    type(products[0]).objects.filter(pk__in=[one.pk for one in products[:4]]).update(name="")

    run = work("products")

    [notice] = Notice.objects.all()
    assert (notice.member, notice.run, notice.severity) == (owner, run, NoticeSeverity.PROBLEMS)
    assert notice.says == "10 records selected: 6 created, 4 blocked."
    [reason] = notice.reasons
    assert (reason["code"], reason["count"]) == ("nameless", 4)
    assert reason["says"].endswith("has no name.")
    assert (notice.in_app, notice.emailing) == (True, Emailing.DIGEST)


def test_a_run_that_failed_says_why_first(owner, products, toy, connection, work):
    connection.settings = {}
    connection.save()
    run = Run.objects.create(connection=connection, task="orders")
    ending.close(run.pk, reasons.UNAVAILABLE.about(platform="Toy", said="nobody answers"))

    [notice] = Notice.objects.all()
    assert notice.severity == NoticeSeverity.FAILED
    assert notice.reasons[0]["says"] == "Toy could not be reached, or kept failing: nobody answers"
    assert notice.says == "Nothing was selected."


def test_good_news_reach_only_those_who_chose_them(owner, viewer, products, connection, work):
    work("products")
    assert not Notice.objects.exists()

    wish(viewer, connection, done=APP)
    work("products")

    [notice] = Notice.objects.all()
    assert (notice.member, notice.severity, notice.emailing) == (viewer, NoticeSeverity.DONE, Emailing.NEVER)
    assert notice.mail_due_at is None


def test_who_chose_nothing_is_told_nothing(owner, products, connection, work):
    type(products[0]).objects.update(name="")
    wish(owner, connection, problems=NOTHING)

    work("products")

    assert not Notice.objects.exists()


def test_neither_a_preview_nor_a_cancelled_run_is_told(owner, viewer, products, connection, work):
    wish(viewer, connection, done=APP, problems=APP)
    run = work("products", preview=True)
    work("nothing", preview=True)
    assert not Notice.objects.exists()

    runs.cancel(run)
    assert not Notice.objects.exists()

    approved = work("products", preview=True)
    runs.approve(approved)
    ending.close(approved.pk, reasons.INTERNAL.about(said="x"))
    assert Notice.objects.get().run == approved


def test_a_run_is_told_once_when_the_worker_is_killed_while_it_ends(
    owner, products, connection, workers, toy, monkeypatch
):
    type(products[0]).objects.filter(pk=products[0].pk).update(name="")
    run, _ = runs.start(connection, "products")
    victim = workers.start(TOY_KILLED_IN="linesheet.sync.notifications:run_ended")
    victim.wait(40)
    run.refresh_from_db()
    assert (victim.returncode, run.state) == (-9, Run.State.RUNNING)
    assert not Notice.objects.exists()

    workers.start()
    until(lambda: finished(run))

    assert [(notice.run, notice.member) for notice in Notice.objects.all()] == [(run, owner)]


def test_a_run_is_told_once_when_the_worker_is_killed_after_it_ended(owner, products, connection, workers, toy):
    type(products[0]).objects.filter(pk=products[0].pk).update(name="")
    run, _ = runs.start(connection, "products")
    victim = workers.start(TOY_KILLED_IN="linesheet.sync.engine:log.info:run ended %s")
    victim.wait(40)
    assert victim.returncode == -9
    assert finished(run)

    later, _ = runs.start(connection, "products")
    workers.start()
    until(lambda: finished(later))

    assert [notice.run for notice in Notice.objects.order_by("pk")] == [run, later]


def test_people_who_left_and_other_companies_are_not_told(owner, products, connection, work):
    other = Company.objects.create(name="Second House", slug="second")
    add_member(other, "else@example.com", Member.Role.OWNER)
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    type(products[0]).objects.update(name="")

    work("products")

    assert not Notice.everywhere.exists()
    with acting_for(other):
        assert not Notice.objects.exists()


def test_who_may_not_see_the_connection_is_not_told(owner, viewer, products, connection, work):
    wish(viewer, connection, done=APP)
    rights.give(viewer, {connection.pk: Level.NONE})

    work("products")

    assert not Notice.objects.exists()


def test_a_choice_that_is_the_default_is_not_kept_and_follows_the_role(owner, brand, connection):
    wish(owner, connection, failed=Wish(True, Emailing.DIGEST), problems=APP)
    assert [choice.severity for choice in NoticeChoice.objects.all()] == [NoticeSeverity.PROBLEMS]

    add_member(brand, "second@example.com", Member.Role.OWNER)
    member = add_member(brand, "owner@example.com", Member.Role.VIEWER)

    wishes = notifications.wishes_of(member, [connection])[connection.pk]
    assert wishes == {"failed": NOTHING, "problems": APP, "done": NOTHING}


def test_a_digest_is_due_at_the_members_time_in_the_companys_zone(owner, brand, products, connection, work):
    Company.objects.update(timezone="Asia/Tokyo")
    notifications.set_digest_time(owner, datetime.time(6, 30))
    type(products[0]).objects.update(name="")

    work("products")

    due = Notice.objects.get().mail_due_at.astimezone(Company.objects.get().zone)
    assert (due.hour, due.minute) == (6, 30)
    assert due > Notice.objects.get().made_at
    assert due - Notice.objects.get().made_at <= datetime.timedelta(days=1)


def test_another_time_moves_what_is_gathered(owner, brand, products, connection, work):
    type(products[0]).objects.update(name="")
    work("products")

    notifications.set_digest_time(Member.objects.get(pk=owner.pk), datetime.time(3, 15))

    assert Notice.objects.get().mail_due_at.time() == datetime.time(3, 15)
    assert DigestTime.objects.count() == 1


def test_old_notices_go_and_unread_ones_stay_longer(owner, connection):
    now = datetime.datetime.now(datetime.UTC)
    for days, read in ((100, True), (100, False), (400, False), (10, True)):
        run = Run.objects.create(connection=connection, task=f"t{days}{read}", state=Run.State.FAILED)
        made = now - datetime.timedelta(days=days)
        Notice.objects.create(
            member=owner, connection=connection, run=run, task="products", severity="failed", says="Why.",
            made_at=made, in_app=True, read_at=made if read else None,
        )  # fmt: skip

    assert notifications.tidy() == 2
    assert sorted((now - made).days for made in Notice.objects.values_list("made_at", flat=True)) == [10, 100]
