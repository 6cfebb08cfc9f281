"""The settings of a connection: forms made from what the platform declares."""

import datetime
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.test import Client

from linesheet.books.models import ChangeSet, Company, Customer, Season, User
from linesheet.sync import registry, secrets
from linesheet.sync.models import Connection, Link, Run, Schedule
from linesheet.sync.platform import BudgetRules, Choice, Quota, Setting, SettingKind
from tests.web.conftest import ClientOf
from tests.web.made_up import MADE_UP

ASKS_ALL = replace(
    MADE_UP,
    base_urls=(Choice("https://api.example", "Production"), Choice("https://test.example", "Their test account")),
    settings=(
        Setting(key="season", label="Import season", kind=SettingKind.SEASON, required=True),
        Setting(key="stock_seasons", label="Stock seasons", kind=SettingKind.SEASONS, help="They are added up."),
        Setting(key="text", label="Warehouse", default="default"),
        Setting(key="url", label="Shop page", kind=SettingKind.URL),
        Setting(key="whole", label="Days back", kind=SettingKind.INTEGER),
        Setting(key="yes", label="Approve at once", kind=SettingKind.YES_NO, default=True),
        Setting(key="from", label="Orders from", kind=SettingKind.DATE),
        Setting(
            key="colour",
            label="Colour text",
            kind=SettingKind.CHOICE,
            default="colour",
            choices=(Choice("colour", "Colour", "Shows the colour."), Choice("both", "Colour and fabric", "Both.")),
        ),
        Setting(
            key="statuses",
            label="Orders to import",
            kind=SettingKind.CHOICES,
            default=["approved"],
            choices=(Choice("approved", "Approved"), Choice("pending", "Pending")),
        ),
        Setting(key="owner", label="Order owner", kind=SettingKind.MEMBER),
        Setting(key="default_customer", label="Default customer", kind=SettingKind.CUSTOMER),
    ),
)

TASKS = {
    "section": "tasks",
    "text": "MAIN",
    "url": "https://shop.example/a",
    "whole": "30",
    "from": "2026-05-01",
    "colour": "both",
    "statuses": ["approved", "pending"],
    "owner": "operator@example.com",
    "default_customer": "Maison Rive",
}


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, connection: Connection) -> str:
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": ASKS_ALL})
    return f"/connections/{connection.pk}/settings/"


@pytest.fixture
def of_seasons(address: str, connection: Connection) -> str:
    return f"/connections/{connection.pk}/seasons/"


@pytest.fixture
def seasons(company: Company) -> list[Season]:
    dates = ((name, datetime.date(2024 + at, 1, 1)) for at, name in enumerate(("SS24", "SS25", "SS26, Main")))
    rows = [Season.objects.create(name=name, starts_on=day) for name, day in dates]
    Season.objects.filter(name="SS24").update(archived=True)
    return rows


@pytest.fixture
def customer(company: Company) -> Customer:
    return Customer.objects.create(name="Maison Rive", account_code="C-1")


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_every_kind_of_setting_is_kept_in_its_own_form(
    operator: Client, address: str, connection: Connection, customer: Customer, people: dict[str, User]
) -> None:
    answer = operator.post(address, TASKS)

    connection.refresh_from_db()
    assert answer["Location"] == address
    assert connection.settings == {
        "text": "MAIN",
        "url": "https://shop.example/a",
        "whole": 30,
        "yes": False,
        "from": "2026-05-01",
        "colour": "both",
        "statuses": ["approved", "pending"],
        "owner": people["operator"].pk,
        "default_customer": customer.pk,
    }
    assert 'value="Maison Rive"' in _text(operator, address)


def test_seasons_have_a_page_of_their_own_and_may_have_a_comma_in_their_name(
    operator: Client, of_seasons: str, connection: Connection, seasons: list[Season]
) -> None:
    operator.post(of_seasons, {"season": "SS25", "stock_seasons": ["SS25", "SS26, Main"]})

    connection.refresh_from_db()
    assert connection.settings == {"season": seasons[1].pk, "stock_seasons": [seasons[1].pk, seasons[2].pk]}


def test_a_part_leaves_the_other_parts_alone(
    operator: Client,
    address: str,
    of_seasons: str,
    connection: Connection,
    seasons: list[Season],
    customer: Customer,
) -> None:
    operator.post(address, TASKS)
    operator.post(of_seasons, {"season": "SS25"})

    connection.refresh_from_db()
    assert connection.settings["text"] == "MAIN"
    assert connection.settings["season"] == seasons[1].pk


def test_an_archived_season_is_marked_where_it_is_chosen_and_not_offered_else(
    operator: Client, of_seasons: str, connection: Connection, seasons: list[Season]
) -> None:
    assert "SS24" not in _text(operator, of_seasons)

    connection.settings = {"season": seasons[0].pk}
    connection.save()
    assert "SS24 (archived)" in _text(operator, of_seasons)


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    operator: Client, address: str, connection: Connection
) -> None:
    answer = operator.post(address, {**TASKS, "whole": "soon", "default_customer": "Nobody", "from": "May"})

    text = answer.content.decode()
    assert answer.status_code == 422
    for says in ("Days back: soon is no whole number.", "Nobody is no customer.", "May is no date."):
        assert says in text
    assert 'value="soon"' in text
    connection.refresh_from_db()
    assert connection.settings == {}


def test_what_is_needed_and_not_answered_is_named_and_leads_to_where_it_is_asked(
    operator: Client, address: str, of_seasons: str
) -> None:
    assert f'answer: <a href="{of_seasons}"><b>Import season</b></a>' in _text(operator, address)


def test_what_says_how_seasons_are_used_stands_with_them(
    operator: Client, address: str, of_seasons: str, monkeypatch: pytest.MonkeyPatch, connection: Connection
) -> None:
    by_name = Setting(key="by_name", label="By name first", kind=SettingKind.YES_NO, about_seasons=True)
    asks = replace(ASKS_ALL, settings=(*ASKS_ALL.settings, by_name))
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": asks})

    assert "By name first" not in _text(operator, address)
    assert "By name first" in _text(operator, of_seasons)
    operator.post(of_seasons, {"by_name": "yes"})
    connection.refresh_from_db()
    assert connection.settings["by_name"] is True


def test_a_platform_that_asks_no_season_has_no_such_tab(
    operator: Client, of_seasons: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert of_seasons in _text(operator, address)

    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": replace(ASKS_ALL, settings=())})

    assert of_seasons not in _text(operator, address)
    assert operator.get(of_seasons).status_code == 404


def test_a_season_that_is_over_is_told_on_the_page_of_seasons(
    operator: Client, of_seasons: str, connection: Connection, seasons: list[Season]
) -> None:
    Connection.objects.update(settings={"season": seasons[0].pk})

    assert "Import season of Paris is SS24, which is archived." in _text(operator, of_seasons)
    assert f'<a href="{of_seasons}">Seasons of Paris</a>' in _text(operator, "/")


def test_a_secret_is_never_shown_and_stays_unless_it_is_replaced(
    operator: Client, address: str, connection: Connection
) -> None:
    Connection.objects.update(credentials={"key": "very-secret-key"})

    text = _text(operator, address)
    assert "very-secret-key" not in text
    assert "Is set; leave empty to keep it" in text
    operator.post(address, {"section": "credentials", "key": ""})
    assert Connection.objects.get().credentials == {"key": "very-secret-key"}
    operator.post(address, {"section": "credentials", "key": "another"})
    assert Connection.objects.get().credentials == {"key": "another"}


def test_credentials_of_a_lost_key_are_told_and_can_be_entered_anew(
    operator: Client, address: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_fernet", lambda: MultiFernet([Fernet(Fernet.generate_key())]))
    assert "Stored credentials cannot be decrypted" in _text(operator, address)

    key = MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(secrets, "_fernet", lambda: key)
    operator.post(address, {"section": "credentials", "key": "another"})

    assert Connection.objects.get().credentials == {"key": "another"}


def test_name_address_and_calls_are_changed_together(operator: Client, address: str, connection: Connection) -> None:
    given = {"section": "connection", "name": "Milan", "place": "https://test.example", "calls_per_second": "3"}

    operator.post(address, {**given, "anew-key": "another"})

    connection.refresh_from_db()
    assert (connection.name, connection.base_url) == ("Milan", "https://test.example")
    assert connection.credentials == {"key": "another"}
    assert connection.settings == {"calls_per_second": 3}


def test_another_address_is_refused_without_the_secrets(operator: Client, address: str, connection: Connection) -> None:
    given = {"section": "connection", "name": "Paris", "place": "other", "address": "https://mine.example"}

    answer = operator.post(address, given)

    assert answer.status_code == 422
    assert "what is set as" in answer.content.decode()
    connection.refresh_from_db()
    assert connection.base_url == "https://api.example"


def test_links_are_forgotten_with_the_account_and_can_be_had_back_at_its_address(
    operator: Client, address: str, connection: Connection
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    Link.objects.create(connection=connection, kind="product", record_id="1", remote_id="r", accepted_at=now)
    given = {"section": "connection", "name": "Paris", "anew-key": "another"}

    page = operator.post(address, {**given, "place": "https://test.example"}, follow=True).content.decode()
    made = ChangeSet.objects.get()
    assert "1 link and 0 matches" in page
    assert f"/undo/{made.pk}/" in page
    assert not Link.objects.exists()

    refused = operator.post(f"/undo/{made.pk}/", {"next": address}, follow=True).content.decode()
    assert "these links are of another account" in refused
    assert not Link.objects.exists()

    operator.post(address, {**given, "place": "https://api.example"})
    operator.post(f"/undo/{made.pk}/", {"next": address})
    assert Link.objects.get().remote_id == "r"


def test_a_name_that_another_connection_has_is_refused_and_nothing_is_kept(
    operator: Client, address: str, connection: Connection
) -> None:
    Connection.objects.create(platform="made-up", name="Milan", base_url="https://api.example")
    given = {"section": "connection", "name": "MILAN", "place": "https://test.example", "calls_per_second": "3"}

    answer = operator.post(address, given)

    assert answer.status_code == 422
    assert "There is a connection MILAN already." in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.base_url, connection.settings) == ("https://api.example", {})


def test_an_address_that_is_none_is_refused(operator: Client, address: str) -> None:
    given = {"section": "connection", "name": "Paris", "place": "other", "address": "shop", "calls_per_second": ""}

    answer = operator.post(address, given)

    assert answer.status_code == 422
    assert "shop is no web address" in answer.content.decode()


def test_customers_are_found_while_typing(operator: Client, customer: Customer) -> None:
    Customer.objects.create(name="Other", account_code="X")

    found = operator.get("/connections/customers/", {"field": "default_customer", "default_customer": "riv"})
    by_code = operator.get("/connections/customers/", {"field": "default_customer", "default_customer": "c-1"})

    for answer in (found, by_code):
        assert "Maison Rive" in answer.content.decode()
        assert "Other" not in answer.content.decode()


def test_who_may_not_configure_reads_and_cannot_change(
    client_of: ClientOf, address: str, connection: Connection
) -> None:
    viewer = client_of("viewer")

    text = _text(viewer, address)
    assert "Import season" in text
    assert 'type="submit" class="button button--primary"' not in text
    assert viewer.post(address, TASKS).status_code == 403
    connection.refresh_from_db()
    assert connection.settings == {}


def test_an_unused_connection_is_deleted(operator: Client, connection: Connection) -> None:
    Schedule.objects.create(
        connection=connection, task="stock", every_minutes=5, due_at=datetime.datetime.now(datetime.UTC)
    )

    answer = operator.post(f"/connections/{connection.pk}/delete/")

    assert answer["Location"] == "/connections/"
    assert not Connection.objects.exists()


def test_a_used_connection_is_not_deleted_and_says_what_hangs_on_it(operator: Client, connection: Connection) -> None:
    Run.objects.create(connection=connection, task="stock", state=Run.State.DONE)

    answer = operator.post(f"/connections/{connection.pk}/delete/", follow=True)

    assert "would be forgotten with it: its runs." in answer.content.decode()
    assert "Switch it off instead." in answer.content.decode()
    assert Connection.objects.exists()


def test_credits_are_asked_for_and_shown_where_the_platform_counts_them(
    operator: Client, address: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'name="credits"' not in operator.get(address).content.decode()
    metered = replace(registry.platform(connection.platform), budget=BudgetRules(concurrency=2, quota=Quota(300, 300)))
    monkeypatch.setattr(registry, "platforms", lambda: {metered.key: metered})
    assert 'name="credits"' in operator.get(address).content.decode()

    given = {"section": "connection", "name": "Paris", "place": "https://api.example", "credits": "250"}
    operator.post(address, given)

    assert Connection.objects.get().settings["credits"] == 250
    page = operator.get(f"/connections/{connection.pk}/").content.decode()
    assert "2 calls at once, 250 credits in about 5 minutes (250 left)" in page
