"""Why? on products, customers and orders."""

import datetime
import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from linesheet.books.models import Company, Customer, Member, Order, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from linesheet.sync.models import Connection, InboxRecord, Item, Run
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
    assert "not told yet" in page


def test_a_record_of_a_platform_that_is_not_installed_is_explained_too(
    operator: Client, connection: Connection
) -> None:
    Connection.objects.update(platform="gone")
    record = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="h", label="N-1", state="held", payload={}
    )

    assert f"{connection.name} order N-1" in operator.get(f"/explain/record/{record.pk}/").content.decode()


def test_a_hidden_connection_is_not_told_of(client_of: ClientOf, connection: Connection) -> None:
    order = Order.objects.get(pk=record_of("order"))
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="1", label="N-1", payload={}, order=order
    )
    client = client_of("operator")
    assert "Paris" in client.get(f"/explain/order/{order.pk}/").content.decode()

    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})

    assert "revision" not in client.get(f"/explain/order/{order.pk}/").content.decode()


def test_that_a_connection_one_may_not_see_gave_an_order_is_told_and_no_more(
    client_of: ClientOf, connection: Connection
) -> None:
    order = Order.objects.get(pk=record_of("order"))
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="1", label="N-1", payload={}, order=order
    )
    client = client_of("operator")
    assert "which you may not see" not in client.get(f"/explain/order/{order.pk}/").content.decode()
    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})

    page = client.get(f"/explain/order/{order.pk}/").content.decode()

    assert "It came in through another connection, which you may not see." in page
    assert "No connection that is on takes such records along." not in page
    assert "Paris" not in page
    assert "N-1" not in page


def test_changes_that_wait_where_one_may_not_look_are_not_counted(client_of: ClientOf, connection: Connection) -> None:
    order = Order.objects.get(pk=record_of("order"))
    for revision, state in ((1, "stored"), (2, "held")):
        InboxRecord.objects.create(
            connection=connection, kind="order", remote_id="N-1", content_hash=state, revision=revision,
            label="N-1", state=state, payload={}, order=order if revision == 1 else None,
        )  # fmt: skip
    client = client_of("operator")
    assert "#revisions" in client.get("/orders/").content.decode()
    assert f"/orders/{order.pk}/" in client.get("/orders/?state=changed").content.decode()
    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})

    assert "#revisions" not in client.get("/orders/").content.decode()
    assert f"/orders/{order.pk}/" not in client.get("/orders/?state=changed").content.decode()


def test_a_held_record_and_its_item_tell_the_same(client_of: ClientOf, connection: Connection) -> None:
    record = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="1", label="N-1", state="held",
        reason_code="odd", says="N-1 is odd.", payload={"number": "N-1", "lines": []},
    )  # fmt: skip
    run = Run.objects.create(connection=connection, task="orders", state="done")
    item = Item.objects.create(run=run, kind="order", record_id="N-1", label="N-1", inbox=record)
    client = client_of("operator")

    pages = [client.get(f"/explain/{where}/").content.decode() for where in (f"record/{record.pk}", f"item/{item.pk}")]

    for page in pages:
        assert "Paris, revision 1: held" in " ".join(page.split())
        assert "It is not in the books." in page
    rights.give(Member.objects.get(role="operator"), {connection.pk: rights.Level.NONE})
    for where in (f"record/{record.pk}", f"item/{item.pk}"):
        assert client.get(f"/explain/{where}/").status_code == 404


def test_an_item_on_its_way_out_is_explained_as_its_record_is(operator: Client, connection: Connection) -> None:
    product = record_of("product")
    run = Run.objects.create(connection=connection, task="catalogue", state="done")
    item = Item.objects.create(run=run, kind="product", record_id=str(product), label="COAT")

    # The made-up platform declares nothing that goes out, so it is not known what the item is of.
    assert operator.get(f"/explain/item/{item.pk}/").status_code == 404
    assert "aria-haspopup" not in operator.get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize(
    "page", ["/products/", "/customers/", "/orders/", "/orders/held/", "/connections/{connection}/orders/"]
)
def test_rows_ask_why(operator: Client, connection: Connection, page: str) -> None:
    record_of("order")
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="N-1", content_hash="1", label="N-1", state="held",
        says="N-1 is odd.", payload={"number": "N-1", "lines": []},
    )  # fmt: skip

    shown = operator.get(page.format(connection=connection.pk)).content.decode()

    assert 'data-opens="why"' in shown
    assert shown.count('<dialog class="dialog dialog--wide" id="why"') == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_one_dialog_tells_why_of_any_row_and_gives_the_focus_back(owner_page: Page, company: Company) -> None:
    for code in ("COAT", "HAT"):
        Product.objects.create(code=code, style=code, colour="Black", name=code)
    page = owner_page
    page.goto("/products/")

    for code in ("HAT", "COAT"):
        page.get_by_role("link", name=f"Why? {code}").click()
        expect(page.get_by_role("dialog", name=f"Why? {code}")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("link", name=f"Why? {code}")).to_be_focused()
    expect(page).to_have_url(re.compile("/products/$"))
