"""Orders in the browser: the list, one order, and what is done to them."""

import datetime
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from linesheet.books.models import SKU, ChangeSet, Company, Customer, HoldStatus, Order, OrderLine, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import registry
from linesheet.sync.models import Connection, InboxRecord
from tests.web.conftest import ClientOf
from tests.web.made_up import MADE_UP


class Books:
    """A season, a customer, a product, and orders as they are asked for."""

    def __init__(self) -> None:
        self.season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
        self.customer = Customer.objects.create(name="Maison Rive", account_code="C1")
        self.product = Product.objects.create(code="COAT-BLK", style="COAT", colour="Black", name="Long coat")
        self.sku = SKU.objects.create(product=self.product, size="M", barcode="4000000000013")
        self._number = 100

    def order(self, *lines: tuple[int, str], customer: Customer | None = None, **more: object) -> Order:
        self._number += 1
        given = {"currency": "EUR", "reference": f"N{self._number}", **more}
        order: Order = Order.objects.create(
            number=self._number, customer=customer or self.customer, season=self.season, **given
        )
        for position, (quantity, price) in enumerate(lines or ((2, "95"),), start=1):
            OrderLine.objects.create(
                order=order, position=position, sku=self.sku, quantity=quantity, price=Decimal(price)
            )
        return order

    def held_customer(self) -> Customer:
        status = HoldStatus.objects.create(name="Unpaid", allows_approval=False)
        held: Customer = Customer.objects.create(name="Galerie Noire", hold_status=status)
        return held


@pytest.fixture
def books(company: Company) -> Books:
    return Books()


def text_of(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))


def numbers(client: Client, query: str) -> list[int]:
    return [line.row.order.number for line in client.get(f"/orders/{query}").context["lines"]]


def test_the_list_tells_units_and_value_and_their_sums_by_currency(operator: Client, books: Books) -> None:
    books.order((2, "95"), (3, "10.5"))
    books.order((1, "100"), currency="GBP", discount_percent=10)

    summed = operator.get("/orders/").context["summed"]

    assert summed == {"count": 2, "units": 6, "values": [("EUR", Decimal("221.50")), ("GBP", Decimal("90.00"))]}
    assert "221.50 EUR" in text_of(operator, "/orders/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=n101", [101]),
        ("?q=SO 102", [102]),
        ("?q=po 7", [102]),
        ("?q=noire", [103]),
        ("?q=100%25", []),
        ("?state=waiting", [103, 102]),
        ("?state=approved", [101]),
        ("?state=inactive", [104]),
        ("?state=unmatched", [104]),
        ("?from=2026-03-02", [104, 103, 102]),
        ("?to=2026-03-01", [101]),
        ("?from=soon", []),
        ("?source=file", [104, 103, 101]),
        ("?sort=value", [101, 103, 104, 102]),
    ],
)
def test_filters_find_orders(
    operator: Client, books: Books, connection: Connection, query: str, found: list[int]
) -> None:
    first = books.order((1, "5"), approved=True)
    second = books.order((9, "95"), customer_reference="PO 7", source_key=f"made-up:{connection.pk}:order:r")
    books.order(customer=books.held_customer())
    gone = books.order(active=False)
    OrderLine.objects.filter(order=gone).update(sku=None)
    Order.objects.update(created_at=datetime.datetime(2026, 3, 2, 0, 30, tzinfo=datetime.UTC))
    Order.objects.filter(pk=first.pk).update(created_at=datetime.datetime(2026, 3, 1, 23, 30, tzinfo=datetime.UTC))
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="r", content_hash="h", payload={}, state="stored", order=second
    )

    assert numbers(operator, query) == found


def test_the_page_of_an_order_tells_by_which_price_list_it_was_priced(operator: Client, books: Books) -> None:
    named, nameless = books.order(price_label="WS EUR"), books.order()

    assert "WS EUR" in operator.get(f"/orders/{named.pk}/").content.decode()
    assert "Priced by" not in operator.get(f"/orders/{nameless.pk}/").content.decode()


def test_orders_of_one_connection_are_found(operator: Client, books: Books, connection: Connection) -> None:
    books.order()
    order = books.order(source_key=f"made-up:{connection.pk}:order:GI-1")
    stored = {"connection": connection, "kind": "order", "remote_id": "GI-1", "payload": {}}
    InboxRecord.objects.create(**stored, content_hash="a", state="stored", order=order)
    InboxRecord.objects.create(**stored, content_hash="b", revision=2, state="held", says="It was changed.")

    assert numbers(operator, f"?source={connection.pk}") == [order.number]
    assert numbers(operator, "?state=changed") == [order.number]
    [line] = operator.get(f"/orders/?source={connection.pk}").context["lines"]
    assert line.row.source.waiting == 1


def test_an_order_leads_to_its_own_page_on_the_platform(
    operator: Client, books: Books, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = books.order(source_key=f"made-up:{connection.pk}:order:GI-1")
    stored = {"connection": connection, "kind": "order", "remote_id": "GI-1", "payload": {}}
    InboxRecord.objects.create(**stored, content_hash="a", state="stored", order=order)
    without = operator.get(f"/orders/{order.pk}/").content.decode()
    paged = replace(MADE_UP, page=lambda base_url, kind, remote_id: f"{base_url}/{kind}/{remote_id}")
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": paged})

    assert 'href="https://api.example/order/GI-1"' in operator.get(f"/orders/{order.pk}/").content.decode()
    assert "https://api.example" not in without


def test_the_list_takes_as_many_queries_for_many_orders_as_for_one(
    operator: Client, books: Books, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        books.order()

    with django_assert_max_num_queries(18):
        operator.get("/orders/")


def test_many_are_approved_and_what_could_not_be_is_told_by_order(client_of: ClientOf, books: Books) -> None:
    fine, locked = books.order(), books.order(locked=True)
    barred = books.order(customer=books.held_customer())
    done = books.order(approved=True)
    owner = client_of("owner")

    answer = owner.post("/orders/", {"do": "approve", "pick": [one.pk for one in (fine, locked, barred, done)]})

    told = re.sub(r"\s+", " ", answer.content.decode())
    assert "2 orders could not be approved" in told
    assert f"SO {locked.number} is locked." in told
    assert f"on hold (Unpaid), so SO {barred.number} cannot be approved." in told
    assert "1 order approved. 1 was so already." in told
    assert set(Order.objects.filter(approved=True)) == {fine, done}


def test_what_was_done_to_many_can_be_undone(client_of: ClientOf, books: Books) -> None:
    books.order()
    books.order()
    owner = client_of("owner")
    picked = list(Order.objects.values_list("pk", flat=True))

    owner.post("/orders/", {"do": "inactivate", "pick": picked})
    assert not Order.objects.filter(active=True).exists()
    owner.post(f"/undo/{ChangeSet.objects.get().pk}/")

    assert Order.objects.filter(active=True).count() == 2


def test_selected_orders_go_into_a_file_that_can_be_imported(client_of: ClientOf, books: Books) -> None:
    first, _ = books.order((2, "95"), (3, "10")), books.order()

    answer = client_of("viewer").post("/orders/", {"do": "lines", "pick": [first.pk]})

    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Order")
    assert all(line.startswith("101,Maison Rive") for line in lines[1:])


def test_a_viewer_may_not_approve(client_of: ClientOf, books: Books) -> None:
    order = books.order()
    viewer = client_of("viewer")

    viewer.post("/orders/", {"do": "approve", "pick": [order.pk]})

    assert viewer.post(f"/orders/{order.pk}/do/approve/").status_code == 403
    assert not Order.objects.filter(approved=True).exists()


def test_the_page_of_an_order_adds_up(operator: Client, books: Books) -> None:
    order = books.order((2, "95.125"), (1, "10"), discount_percent=Decimal("12.5"))
    OrderLine.objects.create(
        order=order, position=9, described_as="SCARF Red", quantity=1, price=Decimal(20), original_price=Decimal(25)
    )

    page = text_of(operator, f"/orders/{order.pk}/")

    for shown in ("190.25", "220.25", "Discount of the order, 12.5 %", "-27.53", "192.72 EUR", "20 %"):
        assert shown in page, shown
    assert "SCARF Red" in page
    assert "Not in the books" in page


def test_each_rule_is_a_button_and_its_refusal_is_said(client_of: ClientOf, books: Books) -> None:
    order = books.order(locked=True)
    owner = client_of("owner")
    page = f"/orders/{order.pk}/"

    refused = owner.post(f"{page}do/approve/", follow=True).content.decode()
    assert "is locked." in refused
    assert "Unlock it first" in refused
    for deed in ("unlock", "approve", "close", "lock"):
        assert owner.post(f"{page}do/{deed}/").status_code == 302
    order.refresh_from_db()
    assert (order.locked, order.approved, order.force_closed) == (True, True, True)
    assert owner.post(f"{page}do/nothing/").status_code == 404


def test_a_customer_on_hold_stands_in_the_way_of_approval(operator: Client, books: Books) -> None:
    order = books.order(customer=books.held_customer())

    page = text_of(operator, f"/orders/{order.pk}/")

    assert "is on hold (Unpaid)" in page
    assert "Open Galerie Noire" in page


def test_revisions_are_told_field_by_field(operator: Client, books: Books, connection: Connection) -> None:
    order = books.order()
    payload = {"number": "GI-1", "shop": "Maison Rive", "po": "A", "currency": "EUR", "price": "95"}
    of = {"connection": connection, "kind": "order", "remote_id": "GI-1", "label": "GI-1"}
    InboxRecord.objects.create(
        **of, content_hash="a", state="stored", order=order, payload={**payload, "lines": [["4000000000013", 2]]}
    )
    InboxRecord.objects.create(
        **of,
        content_hash="b",
        revision=2,
        state="held",
        says="It was changed there.",
        payload={**payload, "po": "B", "lines": [["4000000000013", 2]]},
    )

    page = text_of(operator, f"/orders/{order.pk}/")

    assert "Customer reference A → B" in page
    assert "It was changed there." in page


def _submitted(connection: Connection, order: Order, remote_id: str, **more: object) -> InboxRecord:
    given = {"state": "stored", "payload": {}, "content_hash": remote_id, "label": "100245", **more}
    record: InboxRecord = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id=remote_id, order=order, **given
    )
    return record


def test_an_order_that_was_submitted_again_leads_to_the_other_and_back(
    client_of: ClientOf, books: Books, connection: Connection
) -> None:
    note = {"code": "x", "severity": "blocker", "says": "Line 2 (Belt) has no barcode.", "fix": "Give it one."}
    first, second = books.order(), books.order(approved=True)
    _submitted(connection, first, "100245#1", notes=[note])
    _submitted(connection, second, "100245#2")
    _submitted(connection, books.order(), "100245", label="100246")
    editor, viewer = client_of("editor"), client_of("viewer")

    told = text_of(editor, f"/orders/{first.pk}/")
    assert "100245 was submitted again as SO 102 , and both count." in told
    assert "1 line left out Line 2 (Belt) has no barcode. Give it one." in told
    assert "SO 101, this order" in told
    assert "It was submitted again as SO 102 ." in text_of(editor, f"/explain/order/{first.pk}/").replace(
        "102.", "102 ."
    )
    told = text_of(editor, f"/orders/{second.pk}/")
    assert "100245 was submitted again: SO 102 came after SO 101 , and both count." in told
    assert "Inactivate SO 101" in told
    assert "Inactivate SO 101" not in text_of(viewer, f"/orders/{second.pk}/")
    assert viewer.post(f"/orders/{second.pk}/earlier/inactivate/").status_code == 403

    editor.post(f"/orders/{second.pk}/earlier/inactivate/")
    first.refresh_from_db()
    assert not first.active
    told = text_of(editor, f"/orders/{second.pk}/")
    assert "SO 101 made way for SO 102 and is inactive." in told
    assert "came after" not in told
    assert "SO 101 Inactive" in told
    editor.post(f"/undo/{ChangeSet.objects.get().pk}/")
    first.refresh_from_db()
    assert first.active


def test_an_earlier_submission_that_is_locked_stays_and_says_so(
    client_of: ClientOf, books: Books, connection: Connection
) -> None:
    first, second = books.order(locked=True), books.order()
    _submitted(connection, first, "100245#1")
    _submitted(connection, second, "100245#2")
    editor = client_of("editor")

    told = text_of(editor, f"/orders/{second.pk}/")
    assert "SO 101 is locked. Unlock it on its page, if it is to go." in told
    assert "Inactivate SO 101" not in told
    editor.post(f"/orders/{second.pk}/earlier/inactivate/")
    assert "SO 101 is locked." in text_of(editor, f"/orders/{second.pk}/")
    first.refresh_from_db()
    assert first.active
    assert editor.post(f"/orders/{books.order().pk}/earlier/inactivate/").status_code == 404


@pytest.mark.parametrize("page", ["orders/{}/", "orders/{}/do/approve/"])
def test_orders_of_another_company_are_not_there(client_of: ClientOf, books: Books, page: str) -> None:
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        theirs = Books().order()
    owner = client_of("owner")
    address = f"/{page.format(theirs.pk)}"

    assert (owner.post(address) if "do" in page else owner.get(address)).status_code == 404
    assert Order.everywhere.filter(approved=True).count() == 0


@pytest.mark.browser
def test_many_are_approved_in_a_browser_and_one_is_refused(owner_page: Page, books: Books) -> None:
    page = owner_page
    books.order((2, "95"))
    books.order((1, "95"))
    barred = books.order((5, "1"), customer=books.held_customer())
    page.goto("/orders/")

    page.get_by_label("Select SO 101").check()
    page.get_by_label("Select SO 102").check()
    expect(page.locator("[data-sum-of=EUR]")).to_contain_text("285.00")
    expect(page.locator("[data-sum-of=units]")).to_have_text("3")
    page.get_by_label(f"Select {barred}").check()
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("1 order could not be approved")
    expect(page.get_by_text("2 orders approved.")).to_be_visible()
    page.get_by_role("link", name="Galerie Noire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Galerie Noire")
