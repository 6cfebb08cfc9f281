"""The pages of webhooks."""

import os
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from linesheet.books.models import Company, Member
from linesheet.sync import notifications, webhook_sending, webhooks
from linesheet.sync.models import Delivery, Notice, Webhook, WebhookEvent
from tests.accessibility import violations
from tests.receiver import Receiver
from tests.web.conftest import ClientOf

SECRET = re.compile(r"whsec_[A-Za-z0-9_-]{43}")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    server = Receiver()
    yield server
    server.end()


@pytest.fixture
def hook(company: Company, receiver: Receiver) -> Webhook:
    return webhooks.add(receiver.url, ["run.finished"]).webhook


@pytest.fixture
def owner(client_of: ClientOf) -> Client:
    return client_of("owner")


def test_an_owner_adds_a_webhook_and_sees_its_secret_once(owner: Client, receiver: Receiver):
    answer = owner.post("/company/webhooks/", {"url": receiver.url, "events": ["order.held"]})

    (secret,) = SECRET.findall(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    hook = Webhook.objects.get()
    assert (hook.url, hook.events, hook.secrets[0]["secret"]) == (receiver.url, ["order.held"], secret)
    for page in ("/company/webhooks/", f"/company/webhooks/{hook.pk}/"):
        assert not SECRET.findall(owner.get(page).content.decode())


def test_what_cannot_be_told_is_said_at_the_form(owner: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", raising=False)

    answer = owner.post("/company/webhooks/", {"url": "http://10.0.0.1/", "events": ["order.held"]})

    assert answer.status_code == 422
    assert "private network" in answer.content.decode()
    assert owner.post("/company/webhooks/", {"url": "https://a.example/"}).status_code == 422
    assert not Webhook.objects.exists()


def test_others_than_owners_are_told_who_may(client_of: ClientOf, hook: Webhook):
    for role in ("editor", "operator", "viewer"):
        assert client_of(role).get("/company/webhooks/").status_code == 403
        assert client_of(role).post(f"/company/webhooks/{hook.pk}/rotate/").status_code == 403


def test_a_webhook_is_tried_and_says_how_that_went(owner: Client, hook: Webhook, receiver: Receiver):
    receiver.says = [204, 500]
    test = f"/company/webhooks/{hook.pk}/test/"

    assert "The test message was taken" in owner.post(test, follow=True).content.decode()
    assert "It answered 500." in owner.post(test, follow=True).content.decode()


def test_a_message_is_looked_at_and_replayed(owner: Client, hook: Webhook, receiver: Receiver):
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": 77}])
    webhook_sending.deliver()
    page = owner.get(f"/company/webhooks/{hook.pk}/").content.decode()
    assert "Delivered" in page
    details = owner.get(f"/company/webhooks/deliveries/{Delivery.objects.get().pk}/").content.decode()
    assert "77" in details
    assert "204" in details

    owner.post(f"/company/webhooks/deliveries/{Delivery.objects.get().pk}/replay/")
    webhook_sending.deliver()

    assert [told.json["data"] for told in receiver.told] == [{"run": 77}] * 2


def test_all_messages_are_listed_narrowed_and_replayed_together(owner: Client, hook: Webhook):
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": number} for number in range(60)])
    page = f"/company/webhooks/{hook.pk}/"
    first = owner.get(page)
    second = owner.get(first.context["pages"]["next"])
    assert [len(answer.context["lines"]) for answer in (first, second)] == [50, 10]

    webhooks.switch_off(hook)
    assert len(owner.get(f"{page}?state=waiting").context["lines"]) == 0
    owner.post(f"{page}switch/")
    owner.post(f"{page}?state=given+up", {"do": "replay", "all": "yes"})

    assert Delivery.objects.filter(due_at__isnull=False, replay_of__isnull=False).count() == 60


def test_owners_are_led_from_the_notice_to_the_webhook(client_of: ClientOf, hook: Webhook):
    owner = client_of("owner")
    said = webhooks.WEBHOOK_GIVEN_UP.about(webhook=hook)
    notifications.webhook_given_up(hook, said, 2)
    notice = Notice.objects.get()

    page = owner.get("/notices/").content.decode()

    assert f"Webhook {hook.url}" in page
    assert "2 messages that waited were given up." in page
    assert owner.get(f"/notices/{notice.pk}/")["Location"] == f"/company/webhooks/{hook.pk}/"
    Member.objects.update(role=Member.Role.EDITOR)
    assert hook.url not in owner.get("/notices/").content.decode()


def test_it_is_switched_off_and_on_exchanged_and_removed(owner: Client, hook: Webhook):
    page = f"/company/webhooks/{hook.pk}/"
    owner.post(f"{page}switch/")
    assert not Webhook.objects.get().active
    owner.post(f"{page}switch/")
    assert Webhook.objects.get().active
    answer = owner.post(f"{page}rotate/")
    assert SECRET.findall(answer.content.decode()) == [Webhook.objects.get().secrets[0]["secret"]]
    owner.post(f"{page}remove/")
    assert not Webhook.objects.exists()


def test_home_tells_owners_of_an_address_that_was_given_up(client_of: ClientOf, hook: Webhook):
    Webhook.objects.update(active=False, gave_up_at=timezone.now())

    assert hook.url in client_of("owner").get("/").content.decode()
    assert hook.url not in client_of("viewer").get("/").content.decode()


@pytest.mark.browser
def test_a_webhook_is_added_and_looked_at_in_the_browser(owner_page: Page, company: Company, receiver: Receiver):
    owner_page.goto("/company/webhooks/")
    owner_page.get_by_role("textbox", name="Address").fill(receiver.url)
    owner_page.get_by_label("A run has ended").check()
    owner_page.get_by_role("button", name="Add the webhook").click()
    expect(owner_page.get_by_role("heading", name="The secret of")).to_be_visible()
    assert SECRET.fullmatch(owner_page.get_by_label("The secret", exact=True).inner_text())
    assert violations(owner_page) == []

    receiver.says = [500]
    owner_page.set_viewport_size({"width": 390, "height": 844})
    owner_page.get_by_role("link", name=receiver.url).click()
    owner_page.get_by_role("button", name="Send a test message").click()
    expect(owner_page.get_by_text("The test message was not taken. It answered 500.")).to_be_visible()
    assert violations(owner_page) == []
    shots = os.environ.get("SHOTS")
    if shots:
        owner_page.screenshot(path=f"{shots}/phone.png", caret="initial", full_page=True)
        owner_page.set_viewport_size({"width": 1280, "height": 800})
        owner_page.screenshot(path=f"{shots}/one.png", caret="initial", full_page=True)
        owner_page.goto("/company/webhooks/")
        owner_page.screenshot(path=f"{shots}/all.png", caret="initial", full_page=True)
