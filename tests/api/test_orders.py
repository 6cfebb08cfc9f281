"""What programs say of orders."""

from typing import Any

import pytest

from linesheet.books import orders
from linesheet.books.models import Company, Customer, HoldStatus, Member, Order, Season
from tests.api.conftest import Http


@pytest.fixture
def order(company: Company) -> Order:
    season = Season.objects.create(name="SS26", starts_on="2026-01-15")
    customer = Customer.objects.create(name="Maison Rive")
    return Order.objects.create(number=1, customer=customer, season=season, currency="EUR")


def test_an_order_is_acknowledged_once_and_locked(ask: Http, order: Order):
    first = ask.post(f"/api/v1/orders/{order.pk}/acknowledge", None)
    again = ask.post(f"/api/v1/orders/{order.pk}/acknowledge", {})

    assert (first.status, first.json["locked"], again.status, again.json["locked"]) == (200, True, 200, True)
    assert first.json["acknowledged_at"] == again.json["acknowledged_at"] is not None
    told = ask.get(f"/api/v1/orders/{order.pk}").json["acknowledged_at"]
    assert told[:23] == first.json["acknowledged_at"][:23]


def test_what_is_not_acknowledged_comes_up_until_it_is(ask: Http, order: Order):
    Order.objects.create(number=2, customer=order.customer, season=order.season, currency="EUR")
    waiting = "/api/v1/orders?acknowledged=false"
    before = ask.get(waiting).json

    ask.post(f"/api/v1/orders/{order.pk}/acknowledge", None)

    after = ask.get(f"{waiting}&updated_since={before['as_of']}&include_removed=true".replace("+", "%2B")).json
    assert [one["number"] for one in before["data"]] == [1, 2]
    assert [one["number"] for one in ask.get(waiting).json["data"]] == [2]
    assert [(one["id"], one["reason"]) for one in after["removed"]] == [(order.pk, "acknowledged")]
    assert [one["number"] for one in ask.get("/api/v1/orders?acknowledged=true").json["data"]] == [1]

    orders.unlock(order)

    assert [one["number"] for one in ask.get(waiting).json["data"]] == [2, 1]


def test_an_order_that_changed_after_it_was_read_is_not_acknowledged(ask: Http, order: Order):
    address = f"/api/v1/orders/{order.pk}/acknowledge"
    read = ask.get(f"/api/v1/orders/{order.pk}").json
    Order.objects.update(comments="Deliver early")

    late = ask.post(address, {"updated_at": read["updated_at"]})
    anew = ask.post(address, {"updated_at": ask.get(f"/api/v1/orders/{order.pk}").json["updated_at"]})
    repeated = ask.post(address, {"updated_at": read["updated_at"]})

    assert (late.status, late.json["code"], late.json["issues"][0]["pointer"]) == (409, "changed_since", "/updated_at")
    assert (anew.status, repeated.status) == (200, 200)


def test_an_acknowledged_order_is_told_as_changed(ask: Http, order: Order):
    as_of = ask.get("/api/v1/orders").json["as_of"]

    ask.post(f"/api/v1/orders/{order.pk}/acknowledge", None)

    changed = ask.get(f"/api/v1/orders?updated_since={as_of}").json["data"]
    assert [one["locked"] for one in changed] == [True]


def test_orders_are_found_by_their_numbers_here_and_elsewhere(ask: Http, order: Order):
    Order.objects.update(reference="N-4711", customer_reference="PO 12")
    Order.objects.create(number=2, customer=order.customer, season=order.season, currency="EUR")

    for asked in ("number=1", "reference=n-4711", "customer_reference=PO%2012"):
        assert [one["number"] for one in ask.get(f"/api/v1/orders?{asked}").json["data"]] == [1]
    assert ask.get("/api/v1/orders?number=3").json["data"] == []


def test_the_status_of_an_acknowledged_order_is_told_while_it_stays_locked(ask: Http, order: Order):
    ask.post(f"/api/v1/orders/{order.pk}/acknowledge", None)
    address = f"/api/v1/orders/{order.pk}/status"

    closed = ask.post(address, {"closed": True, "approved": True, "locked": True})
    unlocked = ask.post(address, {"locked": False})

    assert (closed.status, closed.json["closed"], closed.json["approved"], closed.json["locked"]) == (200, *[True] * 3)
    assert closed.json["acknowledged_at"]
    assert (unlocked.json["locked"], unlocked.json["acknowledged_at"]) == (False, None)


def test_the_status_of_an_order_is_changed_whole(ask: Http, order: Order):
    address = f"/api/v1/orders/{order.pk}/status"

    approved = ask.post(address, {"approved": True, "locked": True})
    refused = ask.post(address, {"closed": True})
    closed = ask.post(address, {"locked": False, "closed": True, "active": False})

    assert (approved.status, approved.json["approved"], approved.json["locked"]) == (200, True, True)
    assert (refused.status, refused.json["issues"][0]["code"]) == (422, "order_locked")
    assert (closed.json["closed"], closed.json["active"], closed.json["locked"]) == (True, False, False)


def test_a_status_that_cannot_be_leaves_all_as_it_was(ask: Http, order: Order):
    Customer.objects.update(hold_status=HoldStatus.objects.create(name="Bad payer", allows_approval=False))
    Order.objects.update(locked=True)

    answer = ask.post(f"/api/v1/orders/{order.pk}/status", {"locked": False, "approved": True})

    assert (answer.status, answer.json["code"]) == (422, "refused")
    assert Order.objects.get().locked


@pytest.mark.parametrize("role", [Member.Role.OPERATOR, Member.Role.VIEWER])
def test_only_who_changes_the_books_may(ask: Http, member: Member, order: Order, role: str):
    Member.objects.filter(pk=member.pk).update(role=role)

    assert ask.post(f"/api/v1/orders/{order.pk}/acknowledge", None).status == 403


def test_an_order_of_another_company_is_not_there(ask: Http, other: Any, order: Order):
    _, key = other()
    theirs = ask.with_key(key)

    acknowledged = theirs.post(f"/api/v1/orders/{order.pk}/acknowledge", None)
    changed = theirs.post(f"/api/v1/orders/{order.pk}/status", {"locked": True})
    explained = theirs.get(f"/api/v1/orders/{order.pk}/explain")

    assert [each.status for each in (acknowledged, changed, explained)] == [404, 404, 404]
    assert not Order.objects.get().locked
