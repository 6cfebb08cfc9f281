"""Webhooks: signed, at least once, patiently, and told of what is recorded and of nothing else."""

import datetime
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection as database
from django.db import transaction

from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import ending, mailing, webhook_sending, webhooks
from linesheet.sync.base_urls import BaseUrlRefused
from linesheet.sync.models import Delivery, DeliveryAttempt, InboxRecord, Item, Notice, Run, Webhook, WebhookEvent
from linesheet.sync.secrets import encrypt_anew
from linesheet.sync.webhooks import WebhookRefused
from tests.processes import until
from tests.receiver import Receiver
from tests.sync.test_inbound import KNOWN

ALL = list(WebhookEvent.values)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    server = Receiver()
    yield server
    server.end()


@pytest.fixture
def hook(brand: Company, receiver: Receiver) -> Webhook:
    return webhooks.add(receiver.url, ALL).webhook


def tell(number: int = 1) -> Delivery:
    """Have an event of a run told; what is to be sent."""
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": number}])
    return Delivery.objects.latest("pk")


def later(**time: float) -> None:
    """Let time pass for what waits and for what failed."""
    past = datetime.timedelta(**time)
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_delivery SET due_at = due_at - %s, made_at = made_at - %s", [past, past])
        cursor.execute("UPDATE sync_webhook SET failing_since = failing_since - %s", [past])


def test_a_message_says_what_happened_and_is_signed(brand, receiver):
    made = webhooks.add(receiver.url, ["run.finished"])
    delivery = tell()

    assert webhook_sending.deliver() == 1

    [told] = receiver.told
    assert told.json["type"] == told.headers["Linesheet-Event"] == "run.finished"
    assert told.json["data"] == {"run": 1}
    assert told.json["id"] == str(delivery.event_id)
    assert told.headers["Linesheet-Delivery"] == str(delivery.number)
    assert told.signed_by(made.secret) == [True]
    assert told.signed_by("another") == [False]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("delivered", 1)
    assert [attempt.status for attempt in delivery.attempts.all()] == [204]
    assert webhook_sending.deliver() == 0


def test_an_exchanged_secret_signs_second_for_a_day(brand, receiver):
    first = webhooks.add(receiver.url, ALL)
    second = webhooks.rotate(first.webhook)
    tell()
    webhook_sending.deliver()

    [told] = receiver.told
    assert told.signed_by(second.secret) == [True, False]
    assert told.signed_by(first.secret) == [False, True]
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=25)
    assert webhooks.secrets_at(second.webhook, tomorrow) == [second.secret]


def test_secrets_are_encrypted_at_rest_and_with_a_new_key_too(hook):
    secret = hook.secrets[0]["secret"]
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM sync_webhook")
        assert secret not in cursor.fetchone()[0]

    assert encrypt_anew() >= 1

    assert Webhook.objects.get().secrets[0]["secret"] == secret


def test_what_is_not_taken_is_tried_again_later_and_later_as_the_same_delivery(hook, receiver):
    receiver.says = [500, 503, 302]
    delivery = tell()
    waits = []

    for _ in range(3):
        assert webhook_sending.deliver() == 0
        assert webhook_sending.deliver() == 0, "it waits"
        with database.cursor() as cursor:
            cursor.execute("SELECT due_at - clock_timestamp() FROM sync_delivery")
            waits.append(cursor.fetchone()[0].total_seconds())
        later(hours=2)
    assert webhook_sending.deliver() == 1

    assert 0 < waits[0] <= 10 < waits[1] <= 20 < waits[2] <= 40
    assert {told.headers["Linesheet-Delivery"] for told in receiver.told} == {str(delivery.number)}
    assert {told.body for told in receiver.told} == {delivery.body.encode()}
    statuses = DeliveryAttempt.objects.order_by("pk").values_list("status", "says", "answer")
    assert list(statuses[:2]) == [(500, "It answered 500.", "Not now."), (503, "It answered 503.", "Not now.")]
    assert [status for status, *_ in statuses] == [500, 503, 302, 204]
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since) == (0, None)


def test_who_does_not_answer_is_tried_again(hook, receiver, monkeypatch):
    monkeypatch.setattr(webhook_sending, "SECONDS_TO_ANSWER", 0.3)
    receiver.says = [0]
    delivery = tell()

    assert webhook_sending.deliver() == 0
    delivery.refresh_from_db()
    assert delivery.says == "It did not answer within 0.3 seconds."

    later(minutes=1)
    assert webhook_sending.deliver() == 1


def test_after_a_day_a_message_is_given_up_and_can_be_replayed(hook, receiver):
    receiver.says = [500]
    delivery = tell()
    later(hours=24)

    webhook_sending.deliver()
    delivery.refresh_from_db()
    assert delivery.state == "given up"

    again = webhooks.replay(delivery)
    assert webhook_sending.deliver() == 1
    assert receiver.told[1].body == receiver.told[0].body
    assert receiver.told[1].headers["Linesheet-Delivery"] == str(again.number) != str(delivery.number)
    assert again.event_id == delivery.event_id


def test_one_who_fails_does_not_hold_up_the_others(hook, receiver):
    other = Receiver()
    webhooks.add(other.url, ALL)
    receiver.says = [500] * 3
    for number in range(3):
        tell(number)

    try:
        webhook_sending.deliver()
        assert sorted(told.json["data"]["run"] for told in other.told) == [0, 1, 2]
    finally:
        other.end()


def test_an_address_that_was_dead_for_days_is_switched_off_and_owners_are_told(hook, receiver, monkeypatch):
    owner, _ = (
        Member.objects.create(user=User.objects.create_user(f"{role}@example.com", "a good password"), role=role)
        for role in ("owner", "operator")
    )
    monkeypatch.setattr(webhook_sending, "FAILURES_WHEN_DEAD", 3)
    receiver.says = [500] * 10
    for _ in range(2):
        tell()
        webhook_sending.deliver()
        later(days=2)
    assert Webhook.objects.get().active
    waiting = tell()
    webhook_sending.deliver()

    hook.refresh_from_db()
    waiting.refresh_from_db()
    assert (hook.active, waiting.state) == (False, "given up")
    assert list(webhooks.unanswered()) == [hook]
    notice = Notice.objects.get()
    assert (notice.member, notice.webhook, notice.in_app) == (owner, hook, True)
    assert "1 message that waited was given up" in notice.says
    mail.outbox.clear()
    assert mailing.deliver() == 1
    [letter] = mail.outbox
    assert letter.to == ["owner@example.com"]
    assert "a webhook is switched off" in letter.subject
    assert f"{hook.url} has taken nothing for days" in letter.body
    assert webhooks.tell(WebhookEvent.RUN_FINISHED, [{}]) == 0
    with pytest.raises(WebhookRefused):
        webhooks.replay(waiting)

    webhooks.switch_on(hook)
    receiver.says = []
    webhooks.replay(waiting)
    assert webhook_sending.deliver() == 1
    assert not webhooks.unanswered()


def test_nothing_is_told_of_what_was_undone(hook):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError

    assert not Delivery.objects.exists()


def test_each_is_told_what_it_asked_for_and_of_its_own_company(hook, receiver):
    other = Company.objects.create(name="Zebrafish House", slug="zebrafish")
    with acting_for(other):
        webhooks.add(f"{receiver.url}/other", ALL)
    webhooks.add(f"{receiver.url}/orders", ["order.held"])

    assert webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": 1}]) == 1
    assert Delivery.everywhere.get().webhook == hook


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "nonsense", "https://me:pw@a.example/", f"https://a.example/{'x' * 500}"]
)
def test_what_is_no_address_is_refused(brand, url):
    with pytest.raises(WebhookRefused):
        webhooks.add(url, ALL)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/"])
def test_our_own_network_is_not_to_be_told(brand, url, monkeypatch):
    monkeypatch.delenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", raising=False)

    with pytest.raises(BaseUrlRefused):
        webhooks.add(url, ALL)


def test_an_address_that_leads_into_our_network_later_is_not_spoken_to(hook, receiver, monkeypatch):
    monkeypatch.delenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES")
    delivery = tell()

    assert webhook_sending.deliver() == 0

    delivery.refresh_from_db()
    assert delivery.says.startswith("127.0.0.1 may not be spoken to: it is an address of this machine.")
    assert "LINESHEET_ALLOW_PRIVATE_ADDRESSES=1" in delivery.says
    assert receiver.told == []


def test_a_test_message_is_sent_at_once_and_only_once(hook, receiver):
    assert not webhook_sending.send_test(hook).says
    receiver.says = [404]
    assert webhook_sending.send_test(hook).says == "It answered 404."

    assert [told.json["type"] for told in receiver.told] == ["test", "test"]
    assert [one.state for one in Delivery.objects.all()] == ["given up", "delivered"]
    assert webhook_sending.deliver() == 0


def test_orders_that_came_in_or_are_held_are_told_once(hook, receiver, toy, work, products, buyer):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    toy.order("8", "Nobody & Sons", (KNOWN, 3))
    work("orders")
    webhook_sending.deliver()

    told = {message.json["type"]: message.json["data"] for message in receiver.told}
    assert set(told) == {"order.imported", "order.held", "run.finished"}
    order = InboxRecord.objects.get(state="stored").order
    assert told["order.imported"]["order"]["id"] == order.pk
    assert told["order.imported"]["outcome"] == "created"
    assert told["order.held"]["code"] == InboxRecord.objects.get(state="held").reason_code
    assert told["run.finished"]["state"] == "problems"

    receiver.told.clear()
    work("orders")
    webhook_sending.deliver()
    assert [message.json["type"] for message in receiver.told] == ["run.finished"]


def test_stock_that_was_not_taken_is_told_with_its_run(hook, receiver, connection):
    run = Run.objects.create(
        connection=connection, task="stock", state=Run.State.RUNNING, selected=2, failed=1, created=1
    )
    Item.objects.create(run=run, kind="stock", record_id="1", label="P00 M", state=Item.State.CREATED)
    Item.objects.create(
        run=run, kind="stock", record_id="2", label="P01 M", state=Item.State.FAILED, reason_code="refused", says="No."
    )
    ending.close(run.pk, None)
    webhook_sending.deliver()

    told = {message.json["type"]: message.json["data"] for message in receiver.told}
    assert told["stock.refused"]["count"] == 1
    assert told["stock.refused"]["records"] == [
        {"record_id": "2", "record": "P01 M", "code": "refused", "says": "No.", "fix": ""}
    ]


def test_a_worker_killed_when_the_other_side_had_taken_it_has_it_sent_again_with_the_same_number(
    hook, receiver, connection, workers
):
    delivery = tell()
    killed = workers.start(TOY_KILLED_IN="linesheet.sync.webhook_sending:asyncio.run")
    killed.wait(60)
    assert len(receiver.told) == 1
    delivery.refresh_from_db()
    assert delivery.state == "waiting"

    later(minutes=5)
    workers.start()
    until(lambda: Delivery.objects.get().delivered_at)
    assert [told.headers["Linesheet-Delivery"] for told in receiver.told] == [str(delivery.number)] * 2


def test_old_messages_are_forgotten(hook, receiver):
    tell()
    webhook_sending.deliver()
    later(days=31)
    waiting = tell()

    assert webhooks.forget() == 1
    assert Delivery.objects.get() == waiting


def test_messages_that_were_given_up_are_replayed_together(hook, receiver):
    for number in range(3):
        tell(number)
    webhooks.switch_off(hook)
    with pytest.raises(WebhookRefused):
        webhooks.replay_all(hook, Delivery.objects.all())
    webhooks.switch_on(hook)

    assert webhooks.replay_all(hook, Delivery.objects.all()) == 3
    assert webhook_sending.deliver() == 3
    assert [told.json["data"]["run"] for told in receiver.told] == [0, 1, 2]


def test_two_workers_never_send_the_same_message(hook, receiver, monkeypatch):
    """The second comes to choose when the first has chosen and its choice is not yet to be seen."""
    for number in range(4):
        tell(number)
    first = webhook_sending._claim

    def claimed_by_two():
        with transaction.atomic():
            mine = first()
            with ThreadPoolExecutor(1) as other:
                theirs = other.submit(_in_a_thread, first).result()
        after = first()
        return mine, theirs, after

    mine, theirs, after = claimed_by_two()

    assert len(mine) == 4
    assert (theirs, after) == ([], [])


def _in_a_thread(work):
    try:
        return work()
    finally:
        database.close()


def test_the_answer_to_a_frozen_worker_does_not_undo_anothers(hook, receiver):
    tell()
    [frozen] = webhook_sending._claim()
    later(minutes=5)
    assert webhook_sending.deliver() == 1

    failed = webhook_sending.Answered(datetime.datetime.now(datetime.UTC), 1, None, "It did not answer.")
    webhook_sending.note(frozen, failed)

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.due_at) == ("delivered", None)
    assert webhook_sending.deliver() == 0


def test_secrets_of_one_that_cannot_be_read_do_not_keep_the_others_waiting(hook, receiver):
    webhooks.add(f"{receiver.url}/locked", ALL)
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_webhook SET secrets = 'nonsense' WHERE url LIKE '%locked'")
    tell()

    assert webhook_sending.deliver() == 1

    waiting = Delivery.objects.select_related("webhook").defer("webhook__secrets").get(delivered_at=None)
    assert "cannot be decrypted" in waiting.says
    new = webhooks.rotate(waiting.webhook)
    later(minutes=1)
    assert webhook_sending.deliver() == 1
    assert receiver.told[-1].signed_by(new.secret) == [True]


def test_a_message_that_cannot_be_sent_does_not_keep_those_beside_it_from_being_noted(hook, receiver, monkeypatch):
    tell(1)
    tell(2)
    headers = webhook_sending._headers

    def stumbles(delivery, now):
        if '"run":1' in delivery.body:
            raise RuntimeError("a defect")
        return headers(delivery, now)

    monkeypatch.setattr(webhook_sending, "_headers", stumbles)

    assert webhook_sending.deliver() == 1
    assert {one.state: one.says for one in Delivery.objects.all()} == {
        "delivered": "",
        "waiting": "It could not be sent: RuntimeError.",
    }
