"""Webhooks by the API, their deliveries, and replaying one."""

from collections.abc import Callable
from typing import Any

import pytest

from linesheet.books.models import Member, User
from linesheet.sync import scopes, webhooks
from linesheet.sync.models import Delivery, Webhook, WebhookEvent
from tests.api.conftest import Http


@pytest.fixture
def hook(member: Member) -> Webhook:
    return webhooks.add("https://erp.example.com/hook", ["run.finished"]).webhook


def told(count: int = 1) -> list[Delivery]:
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": number} for number in range(count)])
    return list(Delivery.objects.all())


def test_webhooks_are_listed_without_their_secrets(ask: Http, hook: Webhook):
    answer = ask.get("/api/v1/webhooks")

    [one] = answer.json["data"]
    assert (one["id"], one["url"], one["events"], one["active"]) == (hook.pk, hook.url, ["run.finished"], True)
    assert b"whsec_" not in answer.body


def test_the_log_comes_in_pages(ask: Http, hook: Webhook):
    rows = told(3)

    first = ask.get(f"/api/v1/webhooks/{hook.pk}/deliveries?limit=2").json
    second = ask.get(f"/api/v1/webhooks/{hook.pk}/deliveries?limit=2&before={first['next_before']}").json

    assert [one["uuid"] for one in first["data"] + second["data"]] == [str(row.number) for row in rows]
    assert second["next_before"] is None
    assert first["data"][0]["state"] == "waiting"


def test_a_delivery_is_replayed_once_by_its_key(ask: Http, hook: Webhook):
    [row] = told()
    path = f"/api/v1/webhooks/deliveries/{row.number}/replay"

    made = ask.post(path, None, Idempotency_Key="a")
    same = ask.post(path, None, Idempotency_Key="a")

    assert (made.status, same.status) == (201, 200)
    assert same.json == made.json
    assert (made.json["event_id"], made.json["replay_of"]) == (str(row.event_id), row.pk)
    assert Delivery.objects.count() == 2


def test_nothing_is_replayed_to_an_address_that_is_switched_off(ask: Http, hook: Webhook):
    [row] = told()
    webhooks.switch_off(hook)

    answer = ask.post(f"/api/v1/webhooks/deliveries/{row.number}/replay", None)

    assert (answer.status, answer.json["code"]) == (422, "refused")


def test_of_another_company_nothing_is_seen(ask: Http, hook: Webhook, other: Callable[[], Any]):
    [row] = told()
    _, key = other()
    theirs = ask.with_key(key)

    assert theirs.get("/api/v1/webhooks").json["data"] == []
    assert theirs.get(f"/api/v1/webhooks/{hook.pk}/deliveries").status == 404
    assert theirs.post(f"/api/v1/webhooks/deliveries/{row.number}/replay", None).status == 404
    assert Delivery.everywhere.count() == 1


def test_only_owners_have_keys_for_webhooks(company):
    user = User.objects.create_user("editor@example.com", "a good password")
    editor = Member.objects.create(user=user, role=Member.Role.EDITOR)

    assert not [scope.key for scope in scopes.scopes_for(editor) if scope.key.startswith("webhooks")]
