"""Webhooks by the command line."""

from collections.abc import Iterator

import pytest

from linesheet.sync import webhook_sending, webhooks
from linesheet.sync.models import Webhook, WebhookEvent
from tests.receiver import Receiver


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    server = Receiver()
    yield server
    server.end()


def test_a_webhook_is_added_tested_told_looked_at_and_replayed(linesheet, as_json, company, platform, receiver):
    secret = linesheet("webhook", "add", receiver.url, "--event", "run.finished").stdout.strip()
    [listed] = as_json("webhook", "list")
    number = str(listed["id"])

    assert (listed["url"], listed["events"], listed["active"]) == (receiver.url, ["run.finished"], True)
    assert secret not in linesheet("webhook", "list").stdout
    assert "answered 204" in linesheet("webhook", "test", number).stdout
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": 1}])
    [waiting, _] = as_json("webhook", "log", number)
    assert waiting["state"] == "waiting"
    assert "waits to be sent" in linesheet("webhook", "replay", waiting["number"]).stdout
    assert webhook_sending.deliver() == 2
    assert all(told.signed_by(secret) == [True] for told in receiver.told)
    assert "delivered" in linesheet("webhook", "log", number).stdout


def test_a_webhook_that_does_not_answer_is_told_in_plain_words(linesheet, as_json, company, platform, receiver):
    linesheet("webhook", "add", receiver.url)
    number = str(as_json("webhook", "list")[0]["id"])
    receiver.says = [500]

    answer = linesheet("webhook", "test", number)

    assert answer.exit_code == 1
    assert "It answered 500." in answer.stderr
    assert "no webhook 0" in linesheet("webhook", "log", "0").stderr


def test_a_secret_is_exchanged_and_a_webhook_switched_off_on_and_removed(
    linesheet, as_json, company, platform, receiver
):
    first = linesheet("webhook", "add", receiver.url).stdout
    number = str(Webhook.objects.get().pk)

    assert linesheet("webhook", "rotate", number).stdout != first
    linesheet("webhook", "off", number)
    assert as_json("webhook", "list")[0]["active"] is False
    linesheet("webhook", "on", number)
    assert as_json("webhook", "list")[0]["active"] is True
    linesheet("webhook", "remove", number)
    assert as_json("webhook", "list") == []
