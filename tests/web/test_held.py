"""Records that a run could not take into the books: what is missing, and resolving it in the browser."""

import asyncio
import datetime
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from linesheet.books.models import (
    SKU,
    Address,
    ChangeSet,
    Company,
    Customer,
    HoldStatus,
    Member,
    Order,
    Product,
    Season,
)
from linesheet.books.tenancy import acting_for
from linesheet.sync import engine, registry, rights
from linesheet.sync.models import Connection, InboxRecord, Match, Run
from linesheet.sync.order_settings import ORDER_SETTINGS
from linesheet.sync.rights import Level
from tests.web import made_up
from tests.web.conftest import ClientOf

Work = Callable[[], Run]


class Orders(made_up.Orders):
    """Orders of a platform that tells the customer's id and can be told what is stored."""

    def read(self, payload: dict[str, Any]) -> Any:
        read = super().read(payload)
        addresses = {"delivery": {"line_1": "1 Ginza", "city": "Tokyo"}}
        more = {"customer_id": payload.get("shop_id", ""), "customer_code": payload.get("code", "")}
        return replace(read, **more, addresses=addresses) if payload["lines"] else read

    async def acknowledge(self, remote_id: str, order_number: int) -> dict[str, Any] | None:
        return None


PLATFORM = replace(
    made_up.MADE_UP,
    settings=ORDER_SETTINGS,
    client=lambda *of: None,
    tasks=tuple(replace(task, legs=(Orders,)) if task.legs else task for task in made_up.MADE_UP.tasks),
)


@pytest.fixture(autouse=True)
def taking_orders(made_up_platform: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": PLATFORM})


@pytest.fixture
def season(company: Company, connection: Connection) -> Season:
    season: Season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    connection.settings = {"import_season": season.pk}
    connection.save()
    return season


@pytest.fixture
def sku(company: Company) -> SKU:
    product = Product.objects.create(code="COAT-BLK", style="COAT", colour="Black", name="Long coat")
    found: SKU = SKU.objects.create(product=product, size="M", barcode="4000000000013")
    return found


@pytest.fixture
def held(connection: Connection, season: Season, sku: SKU) -> Callable[..., InboxRecord]:
    """Makes a held record."""

    def make(lines: object = (("4000000000013", 2),), revision: int = 1, **payload: object) -> InboxRecord:
        given = {"number": "GI-1", "shop": "Takashimaya", "po": "T-1", "currency": "JPY", "price": "48000", **payload}
        record: InboxRecord = InboxRecord.objects.create(
            connection=connection,
            kind="order",
            remote_id="GI-1",
            label="GI-1",
            content_hash=f"h{revision}",
            revision=revision,
            state="held",
            reason_code="unknown_customer",
            says="Takashimaya is not in the books.",
            payload={**given, "lines": lines},
        )
        return record

    return make


def worked() -> Run:
    """The latest run, brought to its end."""
    run: Run = Run.objects.latest("pk")
    # In a thread of its own, as the browser's event loop runs in this one.
    worker = threading.Thread(target=lambda: asyncio.run(engine.execute(run.pk, run.company_id)))
    worker.start()
    worker.join()
    run.refresh_from_db()
    return run


def text_of(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))


def test_the_orders_page_tells_how_many_are_held(operator: Client, held: Callable[..., InboxRecord]) -> None:
    held()

    assert "1 record from connections waits" in text_of(operator, "/orders/")
    assert "GI-1" in text_of(operator, "/orders/held/?q=takashi")


def test_everything_that_is_missing_is_told_at_once(operator: Client, held: Callable[..., InboxRecord]) -> None:
    record = held(lines=[["4000000000013", 1], ["4000000000099", 2]])

    page = text_of(operator, f"/orders/held/{record.pk}/")

    assert "is from Takashimaya, who is not in the books" in page
    assert "has lines the books do not know" in page


@pytest.mark.django_db(transaction=True)
def test_a_customer_is_made_of_the_record_and_the_order_comes_in(
    client_of: ClientOf, held: Callable[..., InboxRecord]
) -> None:
    record = held(shop_id="c77", code="TAK")
    owner = client_of("owner")
    page = f"/orders/held/{record.pk}/"

    owner.post(f"{page}customer/add/", {"name": "Takashimaya", "account_code": "TAK", "type": "wholesale"})
    owner.post(f"{page}decide/again/")
    run = worked()

    order = Order.objects.get()
    assert (run.state, run.selected, run.created) == ("done", 1, 1)
    assert (order.customer.name, order.units, order.customer.account_code) == ("Takashimaya", 2, "TAK")
    assert Address.objects.get().city == "Tokyo"
    assert Match.objects.get().remote_key == "id:c77"
    assert "Created by" in text_of(owner, f"/customers/{order.customer_id}/")
    assert f"Became SO {order.number}" in text_of(owner, page)


def test_a_name_that_is_taken_is_told_in_the_form(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    record = held()
    Customer.objects.create(name="Isetan")

    given = {"name": "ISETAN", "type": "wholesale"}
    answer = client_of("owner").post(f"/orders/held/{record.pk}/customer/add/", given)

    assert answer.status_code == 422
    assert "There is a customer Isetan already." in answer.content.decode()


def test_of_a_record_that_cannot_be_read_no_customer_is_made(
    client_of: ClientOf, held: Callable[..., InboxRecord]
) -> None:
    record = held()
    InboxRecord.objects.update(payload={"nonsense": 1})
    owner = client_of("owner")

    given = {"name": "Takashimaya", "type": "wholesale"}
    answer = owner.post(f"/orders/held/{record.pk}/customer/add/", given, follow=True)

    assert "cannot be read, so no customer can be made of it" in answer.content.decode()
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_remote_customer_is_linked_to_one_of_the_books(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    record = held(shop_id="c77")
    known = Customer.objects.create(name="Takashimaya Nihombashi K.K.")
    owner = client_of("owner")
    assert "Takashimaya Nihombashi" in text_of(owner, f"/orders/held/{record.pk}/")

    owner.post(f"/orders/held/{record.pk}/customer/", {"customer": known.pk})
    owner.post(f"/orders/held/{record.pk}/decide/again/")
    worked()

    assert Order.objects.get().customer == known


def test_who_matched_a_customer_may_undo_it_and_who_may_not_run_the_connection_may_not(
    client_of: ClientOf, held: Callable[..., InboxRecord], connection: Connection
) -> None:
    record, known = held(shop_id="c77"), Customer.objects.create(name="Takashimaya Nihombashi K.K.")
    editor, member = client_of("editor"), Member.objects.get(role="editor")
    rights.give(member, {connection.pk: Level.RUN})
    editor.post(f"/orders/held/{record.pk}/customer/", {"customer": known.pk})
    made = ChangeSet.objects.get()

    rights.give(member, {connection.pk: Level.NONE})
    editor.post(f"/undo/{made.pk}/")
    assert Match.objects.exists()

    rights.give(member, {connection.pk: Level.RUN})
    editor.post(f"/undo/{made.pk}/")
    assert not Match.objects.exists()


def test_a_record_that_names_nobody_is_no_customers(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    record = held(shop="")
    known = Customer.objects.create(name="Nihombashi")

    refused = client_of("owner").post(f"/orders/held/{record.pk}/customer/", {"customer": known.pk}, follow=True)

    assert "does not name its customer" in refused.content.decode()


def test_a_barcode_is_given_to_the_size_a_line_means(
    client_of: ClientOf, held: Callable[..., InboxRecord], sku: SKU
) -> None:
    record = held(lines=[["4000000000091", 2]])
    large = SKU.objects.create(product=sku.product, size="L")
    owner = client_of("owner")
    assert "COAT-BLK L" in text_of(owner, f"/orders/held/{record.pk}/?find-0=coat+l")
    nothing = owner.get(f"/orders/held/{record.pk}/?find-0=no+such+size").content.decode()
    assert "No size is called so." in nothing
    assert 'value="no such size"' in nothing

    wrong = owner.post(f"/orders/held/{record.pk}/lines/0/barcode/", {"sku": large.pk}, follow=True)
    assert "is mistyped somewhere" in wrong.content.decode()
    InboxRecord.objects.update(payload={**record.payload, "lines": [["4000000000020", 2]]})
    owner.post(f"/orders/held/{record.pk}/lines/0/barcode/", {"sku": large.pk})

    large.refresh_from_db()
    assert large.barcode == "4000000000020"


@pytest.mark.django_db(transaction=True)
def test_a_line_is_matched_with_a_size_that_keeps_its_own_barcode(
    client_of: ClientOf, held: Callable[..., InboxRecord], sku: SKU
) -> None:
    Customer.objects.create(name="Takashimaya")
    record = held(lines=[["4000000000091", 2]])
    owner, page = client_of("owner"), f"/orders/held/{record.pk}/"
    assert "the same but for the check digit" not in text_of(owner, page)

    owner.post(f"{page}lines/0/barcode/", {"sku": sku.pk, "how": "match"})
    owner.post(f"{page}decide/again/")
    worked()

    sku.refresh_from_db()
    assert sku.barcode == "4000000000013"
    assert Order.objects.get().lines.get().sku == sku


@pytest.mark.django_db(transaction=True)
def test_a_record_that_is_in_the_books_already_is_taken_for_that_order(
    client_of: ClientOf, held: Callable[..., InboxRecord], season: Season
) -> None:
    record = held()
    customer = Customer.objects.create(name="Isetan")
    typed = Order.objects.create(number=12, customer=customer, season=season, currency="JPY", reference="TYPED")
    owner, page = client_of("owner"), f"/orders/held/{record.pk}/"
    assert "The order itself is in the books already" in text_of(owner, page)

    refused = owner.post(f"{page}order/", {"order": "SO 99"}, follow=True)
    assert "There is no order SO 99 in the books." in refused.content.decode()
    owner.post(f"{page}order/", {"order": "typed"})
    assert "Nothing that the books know of keeps it out any more" in text_of(owner, page)
    owner.post(f"{page}decide/again/")
    worked()

    record.refresh_from_db()
    assert (record.state, record.order, Order.objects.count()) == ("stored", typed, 1)


@pytest.mark.django_db(transaction=True)
def test_a_change_is_applied_by_hand_where_the_setting_holds_it(
    client_of: ClientOf, held: Callable[..., InboxRecord], season: Season
) -> None:
    first = held()
    customer = Customer.objects.create(name="Takashimaya")
    owner = client_of("owner")
    owner.post(f"/orders/held/{first.pk}/decide/again/")
    worked()
    change = held(lines=[["4000000000013", 7]], revision=2)
    owner.post(f"/orders/held/{change.pk}/decide/again/")
    assert worked().blocked == 1

    owner.post(f"/orders/held/{change.pk}/decide/apply/")
    run = worked()

    assert (run.state, run.updated) == ("done", 1)
    assert (Order.objects.get().units, customer.orders.count()) == (7, 1)


def test_a_record_is_set_aside_and_taken_up_again(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    record = held()
    owner = client_of("owner")
    page = f"/orders/held/{record.pk}/"

    owner.post(f"{page}decide/aside/")
    assert "set this aside" in text_of(owner, page)
    assert "is ignored by now" in owner.post(f"{page}decide/aside/", follow=True).content.decode()
    owner.post(f"{page}decide/back/")

    record.refresh_from_db()
    assert record.state == "kept"
    assert Run.objects.get().only_record == "GI-1"


def test_who_may_not_run_the_connection_may_not_resolve(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    record = held()
    viewer = client_of("viewer")

    assert viewer.get(f"/orders/held/{record.pk}/").status_code == 200
    for address in ("decide/again/", "customer/", "customer/add/", "order/", "lines/0/barcode/"):
        assert viewer.post(f"/orders/held/{record.pk}/{address}").status_code == 403


def test_records_of_another_company_are_not_there(client_of: ClientOf, company: Company) -> None:
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        theirs = Connection.objects.create(platform="made-up", name="Theirs", base_url="https://x.example")
        record = InboxRecord.objects.create(
            connection=theirs, kind="order", remote_id="1", content_hash="h", payload={}, state="held"
        )

    assert client_of("owner").get(f"/orders/held/{record.pk}/").status_code == 404


def test_a_customer_on_hold_is_led_to(operator: Client, held: Callable[..., InboxRecord]) -> None:
    status = HoldStatus.objects.create(name="Unpaid", allows_orders=False)
    Customer.objects.create(name="Takashimaya", hold_status=status)

    assert "Change Takashimaya" in text_of(operator, f"/orders/held/{held().pk}/")


def test_many_are_tried_again_at_once(client_of: ClientOf, held: Callable[..., InboxRecord]) -> None:
    one = held()
    two = InboxRecord.objects.create(
        connection=one.connection, kind="order", remote_id="GI-2", content_hash="h", payload=one.payload, state="held"
    )
    assert 'value="again"' not in client_of("viewer").get("/orders/held/").content.decode()
    owner = client_of("owner")

    owner.post("/orders/held/", {"do": "again", "pick": [one.pk]})
    assert (Run.objects.get().only_record, Run.objects.get().state) == ("GI-1", "queued")
    Run.objects.update(state="done")
    owner.post("/orders/held/", {"do": "again", "pick": [one.pk, two.pk]})
    assert Run.objects.latest("pk").only_record == ""
    assert "takes up what is held." in text_of(owner, "/orders/held/")


def test_who_of_several_alike_is_meant_is_said_on_the_page(
    client_of: ClientOf, held: Callable[..., InboxRecord]
) -> None:
    record = held(shop="Rive  PARIS")
    connection = record.connection
    connection.settings = {**connection.settings, "unknown_customer": "create"}
    connection.save()
    page = f"/orders/held/{record.pk}/"
    owner = client_of("owner")
    assert "New added with the order" in text_of(owner, page)

    one, _ = (Customer.objects.create(name=name) for name in ("Rive\u3000Paris", "Rive\u00a0 Paris"))
    text = text_of(owner, page)
    assert "that can be any of these" in text
    assert "It is this one" in text
    owner.post(f"{page}customer/", {"customer": one.pk})
    assert "Nothing that the books know of keeps it out any more." in text_of(owner, page)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_held_order_is_resolved_in_a_browser(owner_page: Page, held: Callable[..., InboxRecord]) -> None:
    page = owner_page
    held()
    page.goto("/orders/")
    page.get_by_role("link", name="See what is held").click()
    page.get_by_role("link", name="GI-1", exact=True).click()

    page.get_by_text("The customer is new").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Takashimaya")
    page.get_by_role("button", name="Create the customer").click()
    expect(page.get_by_text("Nothing that the books know of keeps it out")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("takes it up now.")).to_be_visible()
    worked()

    expect(page.get_by_text("Became")).to_be_visible()
    page.get_by_role("link", name=re.compile("^SO ")).click()
    expect(page.get_by_text("Long coat")).to_be_visible()
