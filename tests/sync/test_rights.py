"""What roles give for every connection, and what rights given beside them change."""

import pytest

from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from linesheet.sync.models import Connection, ConnectionRight
from linesheet.sync.rights import Level, Rights


@pytest.mark.parametrize(
    ("role", "level"),
    [("owner", "configure"), ("operator", "configure"), ("editor", "see"), ("viewer", "see")],
)
def test_a_role_gives_the_same_for_every_connection(role, level):
    assert Rights(role).level(1) == Rights(role).level(2) == level


def test_a_right_given_beside_the_role_counts_for_its_connection_alone():
    viewer = Rights("viewer", {7: Level.RUN})

    assert viewer.allow(7, Level.RUN)
    assert not viewer.allow(7, Level.CONFIGURE)
    assert not viewer.allow(8, Level.RUN)


def test_a_right_may_be_less_than_the_role_gives():
    operator = Rights("operator", {7: Level.NONE, 8: Level.SEE})

    assert operator.hidden == {7}
    assert not operator.allow(8, Level.RUN)
    assert operator.allow(9, Level.CONFIGURE)


def test_nothing_holds_an_owner_back():
    assert Rights("owner", {7: Level.NONE}).allow(7, Level.CONFIGURE)


@pytest.fixture
def paris(company: Company) -> Connection:
    return Connection.objects.create(platform="toy", name="Paris", base_url="https://api.example")


def _member(role: str) -> Member:
    return Member.objects.create(user=User.objects.create_user(f"{role}@example.com"), role=role)


def test_those_who_may_are_named(paris):
    owner, operator, viewer = _member("owner"), _member("operator"), _member("viewer")
    assert rights.who_may(Level.RUN, paris) == [owner, operator]

    rights.give(operator, {paris.pk: Level.SEE})
    rights.give(viewer, {paris.pk: Level.RUN})

    assert rights.who_may(Level.RUN, paris) == [owner, viewer]
    assert rights.who_may(Level.CONFIGURE, paris) == [owner]


def test_a_right_can_be_taken_back(paris):
    viewer = _member("viewer")
    rights.give(viewer, {paris.pk: Level.NONE})
    rights.give(viewer, {paris.pk: None})

    assert rights.rights_of(viewer).level(paris.pk) == Level.SEE


def test_no_right_is_given_for_a_connection_of_another_company(paris):
    other = Company.objects.create(name="Other", slug="other")
    with acting_for(other):
        rome = Connection.objects.create(platform="toy", name="Rome", base_url="https://api.example")

    rights.give(_member("viewer"), {rome.pk: Level.RUN})

    assert not ConnectionRight.everywhere.exists()
