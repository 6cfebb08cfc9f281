"""The inbox: what came in, and what waits for somebody."""

import datetime
from typing import Any

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linesheet.books.models import Company, Customer, Order, OrderLine, Season
from linesheet.sync.models import Connection, InboxRecord


def _record(connection: Connection, number: str, state: str, **more: Any) -> InboxRecord:
    payload = {"number": number, "shop": "Takashimaya", "po": "T-1", "currency": "JPY", "price": "48000"}
    return InboxRecord.objects.create(
        connection=connection,
        kind="order",
        remote_id=number,
        content_hash=number,
        label=number,
        state=state,
        payload={**payload, "lines": [["400", 31], ["401", 2]]},
        **more,
    )


def _order(company: Company, number: int) -> Order:
    customer, _ = Customer.objects.get_or_create(name="Maison Rive")
    season, _ = Season.objects.get_or_create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    order = Order.objects.create(
        number=number, customer=customer, season=season, currency="EUR", approved=True, customer_reference="PO 9"
    )
    OrderLine.objects.create(order=order, position=1, quantity=1200, price="412.50")
    return order


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_a_stored_order_is_shown_from_the_books(operator: Client, company: Company, connection: Connection) -> None:
    _record(connection, "GI-1", "stored", order=_order(company, 100200))

    text = _text(operator, f"/connections/{connection.pk}/inbox/")

    for shown in ("GI-1", "SO 100200", "approved", "Maison Rive", "PO 9", "AW26", "1,200"):
        assert shown in text
    assert '495,000.00 <span class="money__currency">EUR</span>' in text


def test_a_held_order_is_shown_from_what_was_received_with_its_reason(operator: Client, connection: Connection) -> None:
    _record(connection, "GI-2", "held", says="Takashimaya is not in the books.", fix="Add the customer.")

    text = _text(operator, f"/connections/{connection.pk}/inbox/?state=held")

    for shown in ("GI-2", "Takashimaya", "T-1", ">33<", "is not in the books.", "Add the customer."):
        assert shown in text
    assert '1,584,000 <span class="money__currency">JPY</span>' in text


def test_a_payload_that_makes_no_sense_still_has_its_row(operator: Client, connection: Connection) -> None:
    record = _record(connection, "GI-3", "held", says="Order GI-3 has no lines.")
    record.payload["lines"] = []
    record.save()

    assert "Order GI-3 has no lines." in _text(operator, f"/connections/{connection.pk}/inbox/")


def test_the_inbox_of_a_platform_that_is_gone_still_shows(operator: Client, connection: Connection) -> None:
    Connection.objects.update(platform="gone")
    _record(connection, "GI-4", "held")

    assert "GI-4" in _text(operator, f"/connections/{connection.pk}/inbox/")


def test_states_are_counted_and_filtered(operator: Client, connection: Connection) -> None:
    for number, state in enumerate(["held", "held", "ignored", "superseded"]):
        _record(connection, f"GI-{number}", state)
    page = f"/connections/{connection.pk}/inbox/"

    assert "Held <b>2</b>" in _text(operator, page)
    rows = operator.get(f"{page}?state=held").context["page"].rows
    assert [row.number for row in rows] == ["GI-1", "GI-0"]


def test_an_empty_inbox_says_what_fills_it(operator: Client, connection: Connection) -> None:
    assert "Run a task that imports orders" in _text(operator, f"/connections/{connection.pk}/inbox/")


def test_the_number_of_queries_does_not_grow(
    operator: Client, company: Company, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        _record(connection, f"S-{number}", "stored", order=_order(company, number + 1))
        _record(connection, f"H-{number}", "held")

    with django_assert_num_queries(10):
        operator.get(f"/connections/{connection.pk}/inbox/")
