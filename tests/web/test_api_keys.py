"""The pages of keys for programs, and of their calls."""

import dataclasses
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from linesheet.books.models import Member
from linesheet.sync import api_keys, registry, rights
from linesheet.sync.endpoints import Endpoints, Scope
from linesheet.sync.models import ApiCall, ApiKey, Connection
from tests.accessibility import violations
from tests.web.conftest import ClientOf
from tests.web.made_up import MADE_UP

SECRET = re.compile(r"ls_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
CALLS_US = dataclasses.replace(
    MADE_UP, endpoints=Endpoints(version="v1", scopes=(Scope("orders:write", "Submit orders."),), routers=list)
)


@pytest.fixture
def called(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A connection whose platform calls us."""
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": CALLS_US})
    return connection


def secrets_in(answer: Any) -> list[str]:
    return SECRET.findall(answer.content.decode())


def test_a_member_makes_a_key_and_sees_it_once(client_of: ClientOf):
    viewer = client_of("viewer")
    answer = viewer.post("/api-keys/", {"name": "ERP", "scopes": ["orders:read"], "addresses": "192.0.2.7\n10.0.0.0/8"})

    (secret,) = secrets_in(answer)
    key = ApiKey.objects.get()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert (key.digest, key.scopes, key.addresses) == (
        api_keys.digest_of(secret), ["orders:read"], ["192.0.2.7/32", "10.0.0.0/8"],
    )  # fmt: skip
    assert key.member is not None
    assert key.member.role == "viewer"
    later = viewer.get("/api-keys/")
    assert secrets_in(later) == []
    assert key.prefix in later.content.decode()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": "", "scopes": ["orders:read"]}, 'class="error"'),
        ({"name": "ERP"}, "Choose at least one."),
        ({"name": "ERP", "scopes": ["all"]}, "not one of the available choices"),
        ({"name": "ERP", "scopes": ["orders:read"], "addresses": "here"}, "here is no IP address or network."),
    ],
)
def test_what_is_wrong_in_the_form_is_said(client_of: ClientOf, form: dict[str, Any], says: str):
    answer = client_of("owner").post("/api-keys/", form)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_is_exchanged_and_the_old_one_revoked_and_taken_back(client_of: ClientOf, people: Any):
    owner = client_of("owner")
    old = api_keys.make(Member.objects.get(user=people["owner"]), "ERP", ["orders:read"]).key

    exchanged = owner.post(f"/api-keys/{old.pk}/rotate/")
    third = owner.post(f"/api-keys/{old.pk}/rotate/", follow=True)
    revoked = owner.post(f"/api-keys/{old.pk}/revoke/", follow=True)

    assert len(secrets_in(exchanged)) == 1
    assert "Revoke one of them" in third.content.decode()
    assert "is revoked. It opens nothing any more." in revoked.content.decode()
    old.refresh_from_db()
    assert old.revoked_at is not None
    assert "is valid again" in owner.post(f"/api-keys/{old.pk}/back/", follow=True).content.decode()
    old.refresh_from_db()
    assert old.revoked_at is None


def test_a_key_of_another_member_is_revoked_by_an_owner_only(client_of: ClientOf, people: Any):
    key = api_keys.make(Member.objects.get(user=people["editor"]), "ERP", ["orders:read"]).key

    assert key.prefix not in client_of("operator").get("/api-keys/").content.decode()
    assert client_of("operator").post(f"/api-keys/{key.pk}/revoke/").status_code == 404
    assert client_of("owner").post(f"/api-keys/{key.pk}/rotate/").status_code == 404
    assert key.prefix in client_of("owner").get("/api-keys/").content.decode()
    client_of("owner").post(f"/api-keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_keys_of_a_connection_are_for_those_who_configure_it(
    called: Connection, operator: Client, client_of: ClientOf, people: Any
):
    page = f"/connections/{called.pk}/keys/"
    form = {"name": "Live", "scopes": ["orders:write"]}

    assert len(secrets_in(operator.post(page, form))) == 1
    assert client_of("viewer").get(page).status_code == 200
    assert "Make the key" not in client_of("viewer").get(page).content.decode()
    assert client_of("viewer").post(page, form).status_code == 403
    key = ApiKey.objects.get()
    assert client_of("viewer").post(f"/api-keys/{key.pk}/revoke/").status_code == 403
    rights.give(Member.objects.get(user=people["viewer"]), {called.pk: rights.Level.NONE})
    assert client_of("viewer").get(page).status_code == 404
    assert client_of("viewer").post(f"/api-keys/{key.pk}/revoke/").status_code == 404


def test_a_connection_that_nobody_calls_has_no_keys(connection: Connection, operator: Client):
    assert operator.get(f"/connections/{connection.pk}/keys/").status_code == 404
    assert operator.get(f"/connections/{connection.pk}/activity/calls-in/").status_code == 404
    assert (
        "API keys</a>" not in operator.get(f"/connections/{connection.pk}/settings/").content.decode().split("main")[1]
    )


def call(key: ApiKey, **fields: Any) -> ApiCall:
    now = timezone.now()
    made: ApiCall = ApiCall.objects.create(
        **{
            "key": key, "key_prefix": key.prefix, "connection": key.connection, "member": key.member, "method": "POST",
            "route": "/api/v1/orders", "path": "/api/v1/orders?page=1", "status": 201, "request_id": "order-7",
            "address": "192.0.2.7", "at": now, "last_at": now, "request_body": '{"number": "1"}', **fields,
        }
    )  # fmt: skip
    return made


def test_calls_are_listed_and_opened(called: Connection, operator: Client, people: Any, client_of: ClientOf):
    of_connection = api_keys.make(called, "Live", ["orders:write"]).key
    of_editor = api_keys.make(Member.objects.get(user=people["editor"]), "ERP", ["orders:read"]).key
    made, theirs = call(of_connection), call(of_editor, path="/api/v1/customers", calls=3, records=250)
    refused = call(of_connection, status=403, refused="forbidden_scope", path="/api/v1/secret")

    listed = operator.get(f"/connections/{called.pk}/activity/calls-in/").content.decode()
    assert "/api/v1/orders?page=1" in listed
    assert "/api/v1/customers" not in listed
    narrowed = operator.get(f"/connections/{called.pk}/activity/calls-in/?answer=refused").content.decode()
    assert refused.path in narrowed
    assert made.path not in narrowed
    assert "&quot;number&quot;" in operator.get(f"/api-keys/calls/{made.pk}/").content.decode()

    assert theirs.path not in operator.get("/api-keys/calls/").content.decode()
    assert operator.get(f"/api-keys/calls/{theirs.pk}/").status_code == 404
    assert theirs.path in client_of("owner").get("/api-keys/calls/").content.decode()
    assert "3 with 250 records" in client_of("editor").get(f"/api-keys/calls/{theirs.pk}/").content.decode()


@pytest.mark.browser
def test_a_key_is_made_in_the_browser(owner_page: Page):
    owner_page.goto("/api-keys/")
    owner_page.get_by_label("Name").fill("ERP")
    owner_page.get_by_label("Read seasons.").check()
    owner_page.get_by_role("button", name="Make the key").click()

    expect(owner_page.get_by_role("heading", name="ERP: your new key")).to_be_visible()
    shown = owner_page.get_by_label("The key", exact=True).inner_text()
    assert SECRET.fullmatch(shown)
    assert violations(owner_page) == []
    owner_page.get_by_role("button", name="Revoke").click()
    expect(owner_page.get_by_text("It opens nothing any more.")).to_be_visible()
    owner_page.get_by_role("button", name="Undo").click()
    expect(owner_page.get_by_text("is valid again.")).to_be_visible()


@pytest.mark.browser
def test_the_pages_of_a_connection_that_is_called_are_accessible_on_a_phone(called: Connection, operator_page: Page):
    key = api_keys.make(called, "Live", ["orders:write"], ["192.0.2.0/24"]).key
    call(key, status=422, refused="no_valid_lines", says="All lines were left out.", path="/api/made-up/v1/orders")
    operator_page.set_viewport_size({"width": 390, "height": 844})

    for page in ("keys", "activity/calls-in"):
        operator_page.goto(f"/connections/{called.pk}/{page}/")
        operator_page.wait_for_load_state("networkidle")
        assert violations(operator_page) == []
        assert operator_page.evaluate("document.documentElement.scrollWidth") <= 390
    operator_page.get_by_role("button", name="Details").first.click()
    expect(operator_page.get_by_text("All lines were left out.")).to_be_visible()
