"""What each role may do, and that no company reaches into another."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from linesheet.books.models import ChangeSet, Company, Member
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from linesheet.sync.models import Connection, Item, Run, Schedule
from linesheet.web.urls import urlpatterns
from tests.web.conftest import ClientOf

WITH_IDS = [each for each in urlpatterns if {"connection_id", "run_id", "change_set_id"} & set(each.pattern.converters)]
CLOSED = [each for each in urlpatterns if each.name not in ("login", "logout", "picture", "healthz")]


@pytest.fixture
def elsewhere(company: Company) -> dict[str, object]:
    """Ids of rows that belong to another company."""
    other = Company.objects.create(name="Second House", slug="second")
    with acting_for(other):
        connection = Connection.objects.create(
            platform="made-up", name="Rome", base_url="https://api.example", credentials={"key": "k"}
        )
        run = Run.objects.create(connection=connection, task="stock", state=Run.State.PLANNED, file="x.csv")
        item = Item.objects.create(run=run, kind="product", record_id="1", label="COAT")
        change_set = ChangeSet.objects.create(kind="products", says="Made a coat.")
    return {
        "view_id": 0,
        "platform": "made-up",
        "connection_id": connection.pk,
        "run_id": run.pk,
        "item_id": item.pk,
        "task": "stock",
        "change_set_id": change_set.pk,
    }


def _address(pattern: URLPattern, ids: dict[str, object]) -> str:
    return reverse(str(pattern.name), kwargs={name: ids.get(name, 0) for name in pattern.pattern.converters})


@pytest.mark.parametrize("pattern", WITH_IDS, ids=lambda pattern: pattern.name)
def test_ids_of_another_company_lead_nowhere(
    pattern: URLPattern, client_of: ClientOf, elsewhere: dict[str, object]
) -> None:
    owner = client_of("owner")
    before = list(Run.everywhere.values()), list(Schedule.everywhere.values()), list(Connection.everywhere.values())

    answers = {owner.get(_address(pattern, elsewhere)).status_code}
    answers.add(owner.post(_address(pattern, elsewhere), {"when": "off", "active": "no"}).status_code)

    assert answers <= {404, 405}
    assert 404 in answers
    after = list(Run.everywhere.values()), list(Schedule.everywhere.values()), list(Connection.everywhere.values())
    assert before == after


@pytest.mark.parametrize("pattern", CLOSED, ids=lambda pattern: pattern.name)
def test_strangers_are_sent_to_log_in(pattern: URLPattern, elsewhere: dict[str, object]) -> None:
    assert Client().get(_address(pattern, elsewhere))["Location"].startswith("/login/")
    assert Client().post(_address(pattern, elsewhere))["Location"].startswith("/login/")


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

    assert forms == 2, "the two to log out"


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
