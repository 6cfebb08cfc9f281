"""What ORDRE is told at an address of its own (sheet ordre.md 6.7)."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from linesheet.books.models import Customer, Order
from linesheet.books.orders import approve, inactivate
from linesheet.cli.sides.ordre.side import OrdreSide
from linesheet.sync import watching, webhook_sending, webhooks
from linesheet.sync.catalogue import add_section, unplace
from linesheet.sync.models import Webhook
from linesheet.sync.webhooks import WebhookRefused
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order
from tests.receiver import Receiver

ALL = ["order.created", "order.approved", "order.inactivated", "product.removed"]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    server = Receiver()
    yield server
    server.end()


@pytest.fixture
def browser(brand: Brand) -> Client:
    client = Client()
    client.force_login(brand.owner)
    return client


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """What came since the last time: event, and the order or product."""
    watching.look()
    webhook_sending.deliver()
    data = [(each.json["type"], each.json["data"]) for each in receiver.told]
    receiver.told.clear()
    return [
        (event, of["order"]["erp_order_number"] if "order" in of else of["product"]["reason"]) for event, of in data
    ]


@pytest.mark.django_db(transaction=True)
def test_it_is_told_what_becomes_of_its_orders_and_which_products_are_offered_no_more(
    brand: Brand, ordre: Ordre, customer: Customer, receiver: Receiver
) -> None:
    coat, shirt = brand.product("COAT"), brand.product("SHIRT")
    [small, *_] = barcodes(coat)
    ordre.submit(order(line(small), order_number="1"))
    made = webhooks.add(receiver.url, ALL, connection=brand.connection)
    assert told(receiver) == []

    ordre.submit(order(line(small), order_number="2"))
    watching.look()
    webhook_sending.deliver()
    [message] = receiver.told
    assert message.signed_by(made.secret) == [True]
    assert message.json["data"]["order"] == {
        "id": Order.objects.latest("pk").pk,
        "order_number": "2",
        "submission_id": None,
        "erp_order_number": "SO 2",
        "order_reference": "2 / PO-7781",
        "approved": False,
        "active": True,
    }
    receiver.told.clear()

    approve(Order.objects.get(number="1"))
    inactivate(Order.objects.get(number="2"))
    assert sorted(told(receiver)) == [("order.approved", "SO 1"), ("order.inactivated", "SO 2")]

    shirt.withdrawn = True
    shirt.save()
    unplace(add_section(brand.connection, ("Main", "Look 1")), [coat])
    assert sorted(told(receiver)) == [("product.removed", "out_of_catalogue"), ("product.removed", "withdrawn")]
    coat.name = "Another"
    coat.save()
    assert told(receiver) == []


@pytest.mark.django_db(transaction=True)
def test_it_is_told_of_what_was_chosen_alone_and_of_nothing_while_it_is_off(
    brand: Brand, ordre: Ordre, customer: Customer, receiver: Receiver
) -> None:
    [small, _] = barcodes(brand.product("COAT"))
    hook = webhooks.add(receiver.url, ["order.approved"], connection=brand.connection).webhook
    of_company = webhooks.add(receiver.url, ["run.finished"]).webhook
    ordre.submit(order(line(small)))
    watching.look()
    assert [each.webhook for each in webhooks.log_of(of_company)] == [of_company]
    assert not webhooks.log_of(hook)

    webhooks.switch_off(hook)
    approve(Order.objects.get())
    assert watching.look() == 0
    webhooks.switch_on(Webhook.objects.get(pk=hook.pk))
    assert watching.look() == 0
    inactivate(Order.objects.get())
    assert watching.look() == 0


def test_a_connection_is_told_of_what_its_platform_declares_and_a_company_is_not(
    brand: Brand, receiver: Receiver
) -> None:
    with pytest.raises(WebhookRefused, match=r"order\.created"):
        webhooks.add(receiver.url, ["run.finished"], connection=brand.connection)
    with pytest.raises(WebhookRefused, match=r"run\.finished"):
        webhooks.add(receiver.url, ["product.removed"])


@pytest.mark.django_db(transaction=True)
def test_an_owner_adds_ordres_address_on_the_page_of_webhooks_and_ordres_sandbox_takes_what_it_is_told(
    brand: Brand, ordre: Ordre, customer: Customer, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    [small, _] = barcodes(brand.product("COAT"))
    remote = OrdreSide()
    try:
        form = {"connection": brand.connection.pk, "url": f"{remote.url}/events", "events": ["order.created"]}
        page = browser.post("/company/webhooks/", form).content.decode()
        [secret] = re.findall(r"whsec_[A-Za-z0-9_-]{43}", page)
        remote.control("POST", "/events/secret", {"secret": secret})
        ordre.submit(order(line(small)))
        watching.look()
        assert webhook_sending.deliver() == 1

        [event] = remote.control("GET", "/events")
        assert (event["type"], event["signed"]) == ("order.created", True)
        assert event["data"]["order"]["erp_order_number"] == "SO 1"
    finally:
        remote.stop()

    shown = browser.get(f"/company/webhooks/{Webhook.objects.get().pk}/").content.decode()
    assert "An order that was submitted is in the books" in shown
    assert browser.post("/company/webhooks/", {**form, "connection": "999"}).status_code == 404
    assert browser.post("/company/webhooks/", {**form, "events": ["run.finished"]}).status_code == 422
