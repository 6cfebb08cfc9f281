"""What each role may do, and what rights by connection change."""

import pytest
from django.test import Client

from linesheet.books.models import Member
from linesheet.sync import rights
from linesheet.sync.models import Connection, Item, Run, Schedule
from tests.web.conftest import ClientOf


def test_an_item_is_found_under_its_own_run_only(operator: Client, connection: Connection) -> None:
    run, other = (Run.objects.create(connection=connection, task="stock", state=state) for state in ("done", "failed"))
    item = Item.objects.create(run=run, kind="product", record_id="1", label="COAT")

    assert operator.get(f"/runs/{run.pk}/items/{item.pk}/").status_code == 200
    assert operator.get(f"/runs/{other.pk}/items/{item.pk}/").status_code == 404


ACTIONS = [
    ("connections/{connection}/tasks/stock/start/", {}),
    ("connections/{connection}/tasks/stock/schedule/", {"when": "every", "minutes": "5"}),
    ("connections/{connection}/switch/", {"active": "no"}),
    ("runs/{run}/approve/", {}),
    ("runs/{run}/cancel/", {}),
]


@pytest.fixture
def planned(connection: Connection) -> Run:
    return Run.objects.create(connection=connection, task="orders", preview=True, state=Run.State.PLANNED)


@pytest.mark.parametrize("role", ["viewer", "editor"])
@pytest.mark.parametrize(("address", "given"), ACTIONS)
def test_viewers_and_editors_only_look(
    client_of: ClientOf, connection: Connection, planned: Run, role: str, address: str, given: dict[str, str]
) -> None:
    answer = client_of(role).post("/" + address.format(connection=connection.pk, run=planned.pk), given)

    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Ask somebody who may" in text
    assert all(name in text for name in ("Owner", "Operator"))
    planned.refresh_from_db()
    connection.refresh_from_db()
    assert (planned.state, connection.active) == (Run.State.PLANNED, True)
    assert (Run.objects.count(), Schedule.objects.count()) == (1, 0)


@pytest.mark.parametrize("role", ["owner", "operator"])
@pytest.mark.parametrize(("address", "given"), ACTIONS)
def test_owners_and_operators_act(
    client_of: ClientOf, connection: Connection, planned: Run, role: str, address: str, given: dict[str, str]
) -> None:
    answer = client_of(role).post("/" + address.format(connection=connection.pk, run=planned.pk), given)

    assert answer.status_code == 302


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_only_looks_sees_no_buttons_to_act(
    client_of: ClientOf, connection: Connection, planned: Run, role: str
) -> None:
    pages = [f"/connections/{connection.pk}/", f"/runs/{planned.pk}/"]
    forms = "".join(client_of(role).get(page).content.decode() for page in pages).count('method="post"')

    assert forms == 4, "the two to log out, one to keep a view of the items, and one for files of them"


def test_a_viewer_with_the_right_to_run_one_connection_runs_that_one(
    client_of: ClientOf, connection: Connection, planned: Run
) -> None:
    other = Connection.objects.create(platform="made-up", name="Oslo", base_url="https://api.example")
    rights.give(Member.objects.get(role="viewer"), {connection.pk: rights.Level.RUN})
    viewer = client_of("viewer")

    assert viewer.post(f"/connections/{connection.pk}/tasks/stock/start/").status_code == 302
    assert viewer.post(f"/connections/{other.pk}/tasks/stock/start/").status_code == 403
    assert viewer.post(f"/connections/{connection.pk}/switch/", {"active": "no"}).status_code == 403


def test_what_one_may_not_see_is_nowhere(client_of: ClientOf, connection: Connection, planned: Run) -> None:
    item = Item.objects.create(run=planned, kind="product", record_id="1", label="COAT")
    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})
    operator = client_of("operator")

    assert connection.name not in operator.get("/").content.decode()
    for address in (
        f"/connections/{connection.pk}/",
        f"/connections/{connection.pk}/problems/",
        f"/connections/{connection.pk}/inbox/",
        f"/runs/{planned.pk}/",
        f"/runs/{planned.pk}/progress/",
        f"/runs/{planned.pk}/file/",
        f"/runs/{planned.pk}/items/{item.pk}/",
    ):
        assert operator.get(address).status_code == 404, address
    assert operator.post(f"/runs/{planned.pk}/approve/").status_code == 404
