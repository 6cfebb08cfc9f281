"""Adding a connection, with the NuORDER sandbox behind it."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from linesheet.books.models import Company
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.sandboxes import announcement_file
from tests.platforms.nuorder.conftest import NuOrderSandbox, _sandbox_process, nuorder_sandbox
from tests.web.conftest import ClientOf

__all__ = ["_sandbox_process", "nuorder_sandbox"]

ADD = "/connections/add/nuorder/"
KEYS = ("consumer_key", "consumer_secret", "token", "token_secret")


@pytest.fixture(autouse=True)
def nuorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "platforms", lambda: {"nuorder": PLATFORM})


@pytest.fixture
def announced(nuorder_sandbox: NuOrderSandbox) -> Iterator[NuOrderSandbox]:
    """The sandbox, announced in the data folder as `up` has it do."""
    file = announcement_file("nuorder")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"url": nuorder_sandbox.url, "credentials": nuorder_sandbox.credentials}))
    yield nuorder_sandbox
    file.unlink()


def _by_hand(sandbox: NuOrderSandbox, **changed: str) -> dict[str, str]:
    keys = {**sandbox.credentials, **changed}
    return {
        "name": "Paris",
        "place": "other",
        "address": sandbox.url,
        **{f"credential-{key}": keys[key] for key in KEYS},
        "do": "try",
    }


def test_platforms_are_offered_with_what_they_do(operator: Client) -> None:
    text = operator.get("/connections/add/").content.decode()

    assert "NuORDER" in text
    assert "Orders import" in text
    assert "Sandbox ready" not in text


def test_a_platform_that_is_not_installed_is_nowhere(operator: Client) -> None:
    assert operator.get("/connections/add/nonsense/").status_code == 404


def test_the_sandbox_is_offered_where_one_runs_and_its_keys_stay_with_us(
    operator: Client, announced: NuOrderSandbox
) -> None:
    text = operator.get(ADD).content.decode()

    assert f"on this machine ({announced.url})" in text
    assert not any(value in text for value in announced.credentials.values())


def test_no_sandbox_is_offered_when_it_has_ended(operator: Client, announced: NuOrderSandbox) -> None:
    file = announcement_file("nuorder")
    file.write_text(json.dumps({"url": "http://127.0.0.1:1", "credentials": {}}))

    assert "Our stand-in" not in operator.get(ADD).content.decode()


def test_what_works_is_saved_and_leads_to_its_settings(operator: Client, nuorder_sandbox: NuOrderSandbox) -> None:
    answer = operator.post(ADD, _by_hand(nuorder_sandbox))

    connection = Connection.objects.get()
    assert answer["Location"] == f"/connections/{connection.pk}/settings/"
    assert connection.credentials == nuorder_sandbox.credentials


def test_what_does_not_work_is_named_and_saved_only_if_asked(operator: Client, nuorder_sandbox: NuOrderSandbox) -> None:
    given = _by_hand(nuorder_sandbox, token_secret="wrong")

    text = operator.post(ADD, given).content.decode()
    assert "Compare the four keys with NuORDER" in text
    assert not any(value in text for value in nuorder_sandbox.credentials.values())
    assert not Connection.objects.exists()
    operator.post(ADD, {**given, "do": "anyway"})
    assert Connection.objects.get().name == "Paris"


def test_what_makes_no_sense_is_not_even_tried(operator: Client, nuorder_sandbox: NuOrderSandbox) -> None:
    before = nuorder_sandbox.calls()

    answer = operator.post(ADD, {"name": " ", "place": "other", "address": ""})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A connection needs a name" in text
    assert "Choose where the account is." in text
    assert nuorder_sandbox.calls() == before


def test_a_token_is_granted_by_approving_and_copying_a_code(operator: Client, nuorder_sandbox: NuOrderSandbox) -> None:
    operator.post(ADD, {**_by_hand(nuorder_sandbox, token="", token_secret=""), "do": "grant"})
    connection = Connection.objects.get()
    page = f"/connections/{connection.pk}/grant/"

    operator.post(page, {"do": "begin"})
    assert "approve the application Linesheet Paris" in operator.get(page).content.decode()
    wrong = operator.post(page, {"do": "finish", "code": "nonsense"})
    assert wrong.status_code == 422
    assert "NuORDER did not agree" in wrong.content.decode()
    approved = nuorder_sandbox.control("POST", "/applications/Linesheet%20Paris/approve")
    operator.post(page, {"do": "finish", "code": approved["verifier"]})

    connection.refresh_from_db()
    assert sorted(connection.credentials) == sorted(KEYS)
    text = operator.post(f"/connections/{connection.pk}/try/").content.decode()
    assert "NuORDER accepts them" in text


def test_only_owners_and_operators_add(client_of: ClientOf) -> None:
    assert client_of("viewer").get("/connections/add/").status_code == 403
    assert client_of("editor").post(ADD, {"name": "Paris"}).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_newcomer_adds_the_sandbox_in_a_minute(
    operator_page: Page, company: Company, announced: NuOrderSandbox
) -> None:
    page = operator_page
    page.goto("/connections/")
    page.get_by_role("link", name="Add a connection").click()
    page.get_by_role("link", name="NuORDER").click()
    expect(page.get_by_role("radio", name="Sandbox", exact=False).first).to_be_checked()
    expect(page.get_by_label("Consumer key")).to_be_hidden()
    page.get_by_label("Name").fill("Paris")
    announced.fault("status", "/api/orders/*", status=401, times=1)
    page.get_by_role("button", name="Try and add").click()
    expect(page.get_by_text("Compare the four keys with NuORDER")).to_be_visible()
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Paris is added.")).to_be_visible()
    expect(page.get_by_role("link", name="Settings")).to_have_attribute("aria-current", "page")
    assert Connection.objects.get().base_url == announced.url


def test_a_connection_moves_to_the_sandbox_with_its_keys_and_on_without_them(
    operator: Client, company: Company, announced: NuOrderSandbox
) -> None:
    stored = dict.fromkeys(KEYS, "real")
    made = Connection.objects.create(
        platform="nuorder", name="Paris", base_url=PLATFORM.base_urls[0].value, credentials=stored
    )
    given = {"section": "connection", "name": "Paris", "calls_per_second": ""}

    operator.post(f"/connections/{made.pk}/settings/", {**given, "place": "sandbox"})
    made.refresh_from_db()
    assert (made.base_url, made.credentials) == (announced.url, announced.credentials)

    back = {**given, "place": PLATFORM.base_urls[0].value, "anew-consumer_secret": "mine"}
    operator.post(f"/connections/{made.pk}/settings/", back)
    made.refresh_from_db()
    assert made.base_url == PLATFORM.base_urls[0].value
    assert made.credentials.get("consumer_secret") == "mine"
    assert "token_secret" not in made.credentials
