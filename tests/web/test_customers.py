"""Customers in the browser: the list, one customer, and changing what they are."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from linesheet.books.models import (
    Address,
    ChangeSet,
    Company,
    Contact,
    Customer,
    HoldStatus,
    Member,
    Order,
    PriceList,
    Season,
)
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from linesheet.sync.models import Connection, Link
from linesheet.sync.rights import Level
from tests.web.conftest import ClientOf

FACTS = {"name": "Harrods", "account_code": "H1", "type": "wholesale", "currency": "gbp", "active": "on"}


@pytest.fixture
def harrods(company: Company) -> Customer:
    harrods: Customer = Customer.objects.create(name="Harrods", account_code="HAR", currency="GBP")
    Address.objects.create(customer=harrods, kind=1, line_1="87 Brompton Road", city="London", is_default=True)
    Contact.objects.create(customer=harrods, name="Ann Lee", email="ann@harrods.example", is_default=True)
    return harrods


def text_of(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))


@pytest.mark.parametrize(
    "query",
    ["?q=harr", "?q=HAR", "?q=ann@", "?q=london", "?active=yes", "?code=with", "?hold=none", "?prices=none"],
)
def test_customers_are_found(operator: Client, harrods: Customer, query: str) -> None:
    prices = PriceList.objects.create(name="Wholesale", kind="wholesale")
    status = HoldStatus.objects.create(name="Unpaid")
    Customer.objects.create(name="Browns", active=False, hold_status=status, price_list=prices)

    lines = operator.get(f"/customers/{query}").context["lines"]

    assert [line.row.customer for line in lines] == [harrods]
    [other] = operator.get("/customers/?code=without").context["lines"]
    assert other.row.customer.name == "Browns"


def test_the_list_tells_where_a_customer_is_linked(operator: Client, harrods: Customer, connection: Connection) -> None:
    Link.objects.create(
        connection=connection, kind="customer", record_id=str(harrods.pk), remote_id="c9", accepted_at=timezone.now()
    )

    assert "Paris Ann Lee ann@harrods.example" in text_of(operator, "/customers/")
    assert "c9" in text_of(operator, f"/customers/{harrods.pk}/")


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    operator: Client, harrods: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        Customer.objects.create(name=f"Shop {number}")

    with django_assert_max_num_queries(21):
        operator.get("/customers/")


def test_many_are_put_on_hold_and_it_can_be_undone(client_of: ClientOf, harrods: Customer) -> None:
    status = HoldStatus.objects.create(name="Unpaid")
    owner = client_of("owner")

    owner.post("/customers/", {"do": "hold", "pick": [harrods.pk], "hold_status": status.pk})
    harrods.refresh_from_db()
    assert harrods.hold_status == status
    owner.post(f"/undo/{ChangeSet.objects.get().pk}/")

    harrods.refresh_from_db()
    assert harrods.hold_status is None


def test_a_customer_is_added_and_changed(client_of: ClientOf, company: Company) -> None:
    owner = client_of("owner")

    added = owner.post("/customers/new/", FACTS)
    customer = Customer.objects.get()
    assert added["Location"] == f"/customers/{customer.pk}/"
    owner.post(f"/customers/{customer.pk}/edit/", {**FACTS, "name": " Harrods  Ltd "})

    customer.refresh_from_db()
    assert (customer.name, customer.currency) == ("Harrods Ltd", "GBP")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "harrods"}, "There is a customer Harrods already."),
        ({"name": "New", "account_code": "HAR"}, "The account code HAR belongs to Harrods."),
    ],
)
def test_a_name_or_code_of_another_is_refused(
    client_of: ClientOf, harrods: Customer, given: dict[str, str], says: str
) -> None:
    answer = client_of("owner").post("/customers/new/", {**FACTS, **given})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Customer.objects.count() == 1


def test_another_default_address_takes_over_and_the_last_one_stays_it(client_of: ClientOf, harrods: Customer) -> None:
    owner = client_of("owner")
    page = f"/customers/{harrods.pk}/addresses/"
    first = harrods.addresses.get()

    owner.post(f"{page}new/", {"kind": 1, "line_1": "1 High Street", "is_default": "on"})
    second = harrods.addresses.exclude(pk=first.pk).get()
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    owner.post(f"{page}{second.pk}/remove/")

    first.refresh_from_db()
    assert first.is_default
    owner.post(f"/undo/{ChangeSet.objects.latest('pk').pk}/")
    assert set(harrods.addresses.filter(is_default=True)) == {second}


def test_an_address_without_a_first_line_is_refused(client_of: ClientOf, harrods: Customer) -> None:
    answer = client_of("owner").post(f"/customers/{harrods.pk}/addresses/new/", {"kind": 1, "line_1": " "})

    assert answer.status_code == 422


def test_contacts_are_added_changed_and_removed(client_of: ClientOf, harrods: Customer) -> None:
    owner = client_of("owner")
    page = f"/customers/{harrods.pk}/contacts/"
    ann = harrods.contacts.get()

    owner.post(f"{page}new/", {"name": "Bo Ek", "email": "bo@harrods.example"})
    owner.post(f"{page}{ann.pk}/", {"name": "Ann Li", "email": "ann@harrods.example"})
    wrong = owner.post(f"{page}new/", {"name": "Cy", "email": "two@x.example, three@x.example"})
    owner.post(f"{page}{ann.pk}/remove/")

    assert wrong.status_code == 422
    assert [(one.name, one.is_default) for one in harrods.contacts.all()] == [("Bo Ek", True)]


def test_a_viewer_looks_and_does_not_touch(client_of: ClientOf, harrods: Customer) -> None:
    viewer = client_of("viewer")

    assert "Remove" not in text_of(viewer, f"/customers/{harrods.pk}/")
    for address in ("edit/", "addresses/new/", f"addresses/{harrods.addresses.get().pk}/", "contacts/new/"):
        assert viewer.post(f"/customers/{harrods.pk}/{address}", FACTS).status_code == 403


def test_customers_of_another_company_are_not_there(client_of: ClientOf, harrods: Customer) -> None:
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        theirs = Customer.objects.create(name="Theirs")
        address = Address.objects.create(customer=theirs, kind=1, line_1="x")
    owner = client_of("owner")

    for page in ("", "edit/", "addresses/new/", f"addresses/{address.pk}/", "contacts/new/"):
        assert owner.get(f"/customers/{theirs.pk}/{page}").status_code == 404
    # Nor under a customer of one's own.
    assert owner.get(f"/customers/{harrods.pk}/addresses/{address.pk}/").status_code == 404


@pytest.mark.browser
def test_an_address_is_changed_by_keyboard(owner_page: Page, harrods: Customer) -> None:
    page = owner_page
    page.goto(f"/customers/{harrods.pk}/")

    page.get_by_role("link", name="Change 87 Brompton Road").focus()
    page.keyboard.press("Enter")
    page.get_by_label("First line").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("135 Brompton Road")
    page.keyboard.press("Enter")

    expect(page.get_by_text("135 Brompton Road").first).to_be_visible()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".address").first).to_contain_text("87 Brompton Road")


def test_a_customer_that_an_order_brought_is_new_until_it_is_reviewed(
    client_of: ClientOf, harrods: Customer, connection: Connection
) -> None:
    key = f"made-up:{connection.pk}:order:7"
    new = Customer.objects.create(name="Rive Paris", source_key=key, unreviewed=True)
    season = Season.objects.create(name="AW26", starts_on="2026-07-01")
    order = Order.objects.create(number=7, customer=new, season=season, currency="EUR", source_key=key)
    editor, viewer = client_of("editor"), client_of("viewer")

    assert "1 customer is new: an order brought it" in text_of(editor, "/customers/")
    for value in ("new", str(connection.pk)):
        [line] = editor.get("/customers/", {"from": value}).context["lines"]
        assert line.row.customer == new
    told = text_of(editor, f"/customers/{new.pk}/")
    assert f"New: {order} brought this customer from {connection}" in told
    assert viewer.post(f"/customers/{new.pk}/reviewed/").status_code == 403

    editor.post(f"/customers/{new.pk}/reviewed/")
    assert "brought this customer" not in text_of(editor, f"/customers/{new.pk}/")
    assert list(editor.get("/customers/?from=new").context["lines"]) == []
    Customer.objects.filter(pk=new.pk).update(unreviewed=True)
    editor.post("/customers/", {"do": "reviewed", "pick": [new.pk]})
    new.refresh_from_db()
    assert not new.unreviewed


def test_a_customer_is_merged_into_another_and_it_can_be_undone(
    client_of: ClientOf, company: Company, harrods: Customer, connection: Connection
) -> None:
    new = Customer.objects.create(name="Harrods Ltd", unreviewed=True)
    Address.objects.create(customer=new, kind=1, line_1="87 Brompton Road", city="London")
    Address.objects.create(customer=new, kind=2, line_1="1 Basil Street", city="London")
    link = Link.objects.create(
        connection=connection, kind="customer", record_id=str(new.pk), remote_id="c9", accepted_at=timezone.now()
    )
    page = f"/customers/{new.pk}/merge/"
    editor, owner = client_of("editor"), client_of("owner")

    assert "Harrods Name 9" in text_of(editor, page)
    assert "No other customer is called so." in text_of(editor, f"{page}?customer=Harrods+Ltd")
    text = text_of(owner, f"{page}?into={harrods.pk}")
    for told in (
        "1 Basil Street, London",
        "which Harrods has already",
        "c9",
        "Whoever orders as Harrods Ltd is Harrods",
    ):
        assert told in text
    assert client_of("viewer").post(page, {"into": harrods.pk}).status_code == 403
    rights.give(Member.objects.get(user__email="editor@example.com"), {connection.pk: Level.NONE})
    assert "You may not merge a customer that another connection knows" in text_of(editor, f"{page}?into={harrods.pk}")
    assert editor.post(page, {"into": harrods.pk}).status_code == 403
    assert owner.get(f"{page}?into={new.pk}").status_code == 302
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        theirs = Customer.objects.create(name="Theirs")
    assert owner.post(page, {"into": theirs.pk}).status_code == 404

    answer = owner.post(page, {"into": harrods.pk}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/customers/{harrods.pk}/"
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    assert "0 orders, 1 address, 0 contacts and 1 link went along." in text
    assert "Also called Harrods Ltd" in text
    assert "is merged into Harrods : whoever orders under this name is that customer" in text_of(
        owner, f"/customers/{new.pk}/"
    )

    def names(query: str) -> list[str]:
        return [line.row.customer.name for line in owner.get(f"/customers/{query}").context["lines"]]

    assert (names(""), names("?active=merged")) == (["Harrods"], ["Harrods Ltd"])
    owner.post(f"/undo/{ChangeSet.objects.get().pk}/")
    assert names("") == ["Harrods", "Harrods Ltd"]
    link.refresh_from_db()
    assert link.record_id == str(new.pk)
