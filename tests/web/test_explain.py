"""Why? on products, customers and orders."""

import datetime

import pytest
from django.test import Client

from linesheet.books.models import Company, Customer, Member, Order, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from linesheet.sync.models import Connection, InboxRecord
from tests.web.conftest import ClientOf

KINDS = ["product", "customer", "order"]


def record_of(kind: str) -> int:
    customer = Customer.objects.create(name="Maison Rive")
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    made = {
        "product": Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat"),
        "customer": customer,
        "order": Order.objects.create(number=7, customer=customer, season=season, currency="EUR"),
    }
    pk: int = made[kind].pk
    return pk


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_page_and_a_part_of_one(kind: str, operator: Client, company: Company) -> None:
    address = f"/explain/{kind}/{record_of(kind)}/"

    page, part = operator.get(address), operator.get(address, headers={"HX-Request": "true"})

    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert "No connection that is on takes such records along." in part.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_another_company_are_not_explained(kind: str, operator: Client, company: Company) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    with acting_for(other):
        theirs = record_of(kind)

    assert operator.get(f"/explain/{kind}/{theirs}/").status_code == 404
    assert operator.get(f"/explain/season/{theirs}/").status_code == 404


def test_an_order_tells_of_its_revisions(operator: Client, connection: Connection) -> None:
    order = Order.objects.get(pk=record_of("order"))
    for revision, state in ((1, "superseded"), (2, "stored")):
        InboxRecord.objects.create(
            connection=connection, kind="order", remote_id="N-1", content_hash=state, revision=revision,
            label="N-1", state=state, payload={}, order=order,
        )  # fmt: skip

    page = operator.get(f"/explain/order/{order.pk}/").content.decode()

    assert "revision 1: superseded" in page
    assert "not acknowledged yet" in page


def test_a_hidden_connection_is_not_told_of(client_of: ClientOf, connection: Connection) -> None:
    order = Order.objects.get(pk=record_of("order"))
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="1", label="N-1", payload={}, order=order
    )
    client = client_of("operator")
    assert "Paris" in client.get(f"/explain/order/{order.pk}/").content.decode()

    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})

    assert "revision" not in client.get(f"/explain/order/{order.pk}/").content.decode()
