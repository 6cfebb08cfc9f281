"""Connections, their tasks and runs, and why records are where they are."""

from typing import Any

import pytest

from linesheet.books.models import Company, Customer, Member, Order, Product, Season
from linesheet.sync import registry, rights
from linesheet.sync.models import Connection, ConnectionRight, Item, Run
from tests.api.conftest import Http
from tests.sync.toy import TOY


@pytest.fixture
def shop(company: Company, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})
    season = Season.objects.create(name="SS26", starts_on="2026-01-15")
    return Connection.objects.create(
        platform="toy", name="Toy shop", base_url="http://toy.example", settings={"import_season": season.pk}
    )


@pytest.fixture
def run(shop: Connection) -> Run:
    return Run.objects.create(connection=shop, task="products", preview=True, state=Run.State.PLANNED)


def test_connections_tell_their_tasks_and_no_secrets(ask: Http, shop: Connection):
    Connection.objects.update(credentials={"token": "hush"})

    answer = ask.get("/api/v1/connections")

    assert answer.status == 200
    [told] = answer.json["data"]
    assert (told["name"], told["platform"], [task["key"] for task in told["tasks"]]) == (
        "Toy shop",
        "toy",
        ["products", "one-by-one", "orders", "nothing"],
    )
    assert b"hush" not in answer.body
    assert ask.get(f"/api/v1/connections/{shop.pk}").json == told


def test_a_task_is_run_and_previewed(ask: Http, shop: Connection, member: Member):
    started = ask.post(f"/api/v1/connections/{shop.pk}/tasks/products/run", None)
    twice = ask.post(f"/api/v1/connections/{shop.pk}/tasks/products/run", None)
    previewed = ask.post(f"/api/v1/connections/{shop.pk}/tasks/orders/preview", None)

    assert (started.status, started.json["state"], started.json["final"]) == (202, "queued", False)
    assert twice.json["id"] == started.json["id"]
    assert (previewed.status, previewed.json["preview"]) == (202, True)
    assert {run.requested_by for run in Run.objects.all()} == {member.user}
    told = ask.get(f"/api/v1/runs/{started.json['id']}").json
    assert (told["task"], told["connection"], told["counts"]) == ("products", "Toy shop", started.json["counts"])


def test_what_cannot_be_run_is_refused_with_the_reason(ask: Http, shop: Connection):
    unknown = ask.post(f"/api/v1/connections/{shop.pk}/tasks/nonsense/run", None)
    Connection.objects.update(active=False)
    off = ask.post(f"/api/v1/connections/{shop.pk}/tasks/products/run", None)

    assert (unknown.status, unknown.json["issues"][0]["code"]) == (422, "unknown_task")
    assert (off.status, off.json["issues"][0]["code"]) == (422, "connection_inactive")


def test_a_plan_is_approved_or_cancelled_once(ask: Http, run: Run, member: Member):
    approved = ask.post(f"/api/v1/runs/{run.pk}/approve", None)
    again = ask.post(f"/api/v1/runs/{run.pk}/approve", None)
    cancelled = ask.post(f"/api/v1/runs/{run.pk}/cancel", None)

    assert (approved.status, approved.json["state"]) == (200, "queued")
    assert (again.status, again.json["issues"][0]["code"]) == (422, "not_waiting")
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    assert Run.objects.get().approved_by == member.user


def test_runs_and_items_come_page_by_page(ask: Http, shop: Connection):
    runs = [
        Run.objects.create(connection=shop, task="products", state=state)
        for state in (Run.State.DONE, Run.State.FAILED, Run.State.DONE)
    ]
    for number in range(3):
        Item.objects.create(
            run=runs[0],
            kind="product",
            record_id=str(number),
            label=f"P{number}",
            state=Item.State.BLOCKED if number else Item.State.CREATED,
            says="No name.",
            changes=[{"field": "name", "old": "", "new": "Coat"}],
            notes=[{"code": "toy_nameless", "severity": "warning", "says": "No name.", "fix": "Give one."}],
        )

    first = ask.get("/api/v1/runs?limit=2").json
    second = ask.get(f"/api/v1/runs?limit=2&cursor={first['next_cursor']}").json
    done = ask.get("/api/v1/runs?state=done").json
    items = ask.get(f"/api/v1/runs/{runs[0].pk}/items?state=blocked&limit=1").json

    assert [run["id"] for run in (*first["data"], *second["data"])] == [run.pk for run in reversed(runs)]
    assert second["next_cursor"] is None
    assert len(done["data"]) == 2
    assert [(item["label"], item["changes"][0]["new"]) for item in items["data"]] == [("P2", "Coat")]
    assert items["data"][0]["notes"][0]["severity"] == "warning"
    assert items["next_cursor"]


def test_records_are_explained(ask: Http, shop: Connection):
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="")
    customer = Customer.objects.create(name="Maison Rive")
    order = Order.objects.create(number=1, customer=customer, season=Season.objects.get(), currency="EUR")

    explained = ask.get(f"/api/v1/products/{product.pk}/explain")

    assert explained.status == 200
    [told] = explained.json["data"]
    assert (told["label"], {way["outlook"] for way in told["ways"]}) == ("COAT", {"blocked"})
    assert ask.get(f"/api/v1/customers/{customer.pk}/explain").json["data"][0]["label"] == "Maison Rive"
    assert ask.get(f"/api/v1/orders/{order.pk}/explain").json["data"][0]["order"]["number"] == 1


def test_who_may_only_see_a_connection_does_not_run_it(ask: Http, member: Member, run: Run):
    Member.objects.filter(pk=member.pk).update(role=Member.Role.VIEWER)

    for path in (
        f"connections/{run.connection_id}/tasks/products/run",
        f"connections/{run.connection_id}/tasks/products/preview",
        f"runs/{run.pk}/approve",
        f"runs/{run.pk}/cancel",
    ):
        assert ask.post(f"/api/v1/{path}", None).json["code"] == "forbidden_scope", path
    assert ask.get(f"/api/v1/runs/{run.pk}").status == 200
    rights.give(member, {run.connection_id: ConnectionRight.Level.RUN})
    assert ask.post(f"/api/v1/runs/{run.pk}/cancel", None).status == 200


def test_a_hidden_connection_is_not_there(ask: Http, member: Member, run: Run):
    Member.objects.filter(pk=member.pk).update(role=Member.Role.VIEWER)
    rights.give(member, {run.connection_id: ConnectionRight.Level.NONE})
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")

    assert ask.get("/api/v1/connections").json["data"] == []
    assert ask.get("/api/v1/runs").json["data"] == []
    assert ask.get(f"/api/v1/connections/{run.connection_id}").status == 404
    assert ask.get(f"/api/v1/runs/{run.pk}").status == 404
    assert ask.post(f"/api/v1/runs/{run.pk}/cancel", None).status == 404
    assert ask.get(f"/api/v1/products/{product.pk}/explain").json["data"][0]["ways"] == []


def test_connections_and_runs_of_another_company_are_not_there(ask: Http, other: Any, run: Run):
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    customer = Customer.objects.create(name="Maison Rive")
    _, key = other()
    theirs = ask.with_key(key)

    assert theirs.get("/api/v1/connections").json["data"] == []
    assert theirs.get("/api/v1/runs").json["data"] == []
    for path in (
        f"connections/{run.connection_id}",
        f"runs/{run.pk}",
        f"runs/{run.pk}/items",
        f"products/{product.pk}/explain",
        f"customers/{customer.pk}/explain",
    ):
        assert theirs.get(f"/api/v1/{path}").status == 404, path
    for path in (
        f"connections/{run.connection_id}/tasks/products/run",
        f"connections/{run.connection_id}/tasks/products/preview",
        f"runs/{run.pk}/approve",
        f"runs/{run.pk}/cancel",
    ):
        assert theirs.post(f"/api/v1/{path}", None).status == 404, path
    assert Run.objects.get().state == Run.State.PLANNED
