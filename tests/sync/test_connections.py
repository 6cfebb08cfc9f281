"""Connections: adding, changing and switching them."""

import dataclasses
import datetime
import socket

import pytest
from cryptography.fernet import Fernet, MultiFernet

from linesheet.books.models import Season
from linesheet.sync import connections, registry, secrets
from linesheet.sync.base_urls import BaseUrlRefused
from linesheet.sync.connections import add_connection, change_connection, missing_answers
from linesheet.sync.models import Connection
from linesheet.sync.platform import Choice, Setting, SettingKind
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.settings import SettingRefused
from tests.sync.toy import TOY

URL = "https://toy.example"
ANEW = {"token": "entered anew"}
SHOP = dataclasses.replace(
    TOY,
    base_urls=(Choice(URL, "Production"), Choice("https://trial.toy.example", "Trial")),
    credentials=(
        Setting(key="token", label="Token", kind=SettingKind.SECRET, required=True),
        Setting(key="account", label="Account"),
    ),
)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": SHOP, "bare": dataclasses.replace(TOY, key="bare")})


@pytest.fixture
def ss26(company) -> Season:
    return Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))


@pytest.fixture
def shop(ss26) -> Connection:
    return add_connection("toy", "Toy shop", credentials={"token": "s3cret"}, settings={"import_season": "ss26"})


def test_answers_are_given_as_typed_and_kept_in_their_own_form(shop, ss26):
    kept = Connection.objects.get()

    assert (kept.base_url, kept.active) == (URL, True)
    assert (kept.settings, kept.credentials) == ({"import_season": ss26.pk}, {"token": "s3cret"})


@pytest.mark.parametrize(
    ("given", "refusal", "said"),
    [
        ({"platform_key": "gone"}, registry.UnknownPlatform, "No platform gone is installed. Installed are: toy, bare"),
        ({"name": " "}, connections.ConnectionRefused, "1 to 60 letters"),
        ({"name": "x" * 61}, connections.ConnectionRefused, "1 to 60 letters"),
        ({"name": "toy  SHOP"}, connections.ConnectionRefused, "There is a connection toy SHOP already."),
        ({"platform_key": "bare"}, BaseUrlRefused, "no address of its own"),
        ({"base_url": "ftp://toy.example"}, BaseUrlRefused, "Begin it with https://"),
        ({"base_url": "https://toy .example"}, BaseUrlRefused, "is no web address"),
        ({"base_url": f"{URL}/{'x' * 300}"}, BaseUrlRefused, "at most 300 characters"),
        ({"base_url": "https://me:s3cret@toy.example"}, BaseUrlRefused, "holds a log-in"),
        ({"base_url": "https://@toy.example"}, BaseUrlRefused, "holds a log-in"),
        ({"base_url": f"{URL}/?key=s3cret"}, BaseUrlRefused, "holds a log-in, a query"),
        ({"base_url": f"{URL}/#here"}, BaseUrlRefused, "a query or a fragment"),
        ({"base_url": "https://[::1"}, BaseUrlRefused, "is no web address"),
        ({"settings": {"weather": "fair"}}, SettingRefused, "weather is not a setting of Toy. It has these: import_"),
        ({"settings": {"import_season": "SS62"}}, SettingRefused, "There are: SS26."),
        ({"credentials": {"key": "1"}}, SettingRefused, "It has these: token, account."),
    ],
)
def test_what_cannot_be_connected_is_refused_with_the_remedy(shop, given, refusal, said):
    with pytest.raises(refusal) as refused:
        add_connection(**{"platform_key": "toy", "name": "Other", **given})

    assert said in str(refused.value)
    assert Connection.objects.get() == shop


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("169.254.169.254", "forbidden_address"),
        ("[fe80::1]", "forbidden_address"),
        ("[::ffff:169.254.169.254]", "forbidden_address"),
        ("0.0.0.0", "forbidden_address"),
        ("[::]", "forbidden_address"),
        ("metadata.google.internal", "forbidden_address"),
        ("Metadata.Google.Internal.", "forbidden_address"),
        ("10.0.0.7", "private_address"),
        ("192.168.1.1", "private_address"),
        ("100.100.100.200", "private_address"),
        ("[fd00:ec2::254]", "private_address"),
    ],
)
def test_no_connection_leads_into_our_own_network(shop, host, reason):
    with pytest.raises(BaseUrlRefused) as refused:
        change_connection(shop, base_url=f"http://{host}:8080/api")

    assert refused.value.reason.code == reason
    assert Connection.objects.get().base_url == URL


def test_a_name_is_judged_by_the_address_it_stands_for(shop, monkeypatch):
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **options: [place])

    with pytest.raises(BaseUrlRefused, match=r"intern\.toy\.example is an address in a private network"):
        change_connection(shop, base_url="https://intern.toy.example")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8101", "http://localhost:8101", "http://[::1]:8101", "https://8.8.8.8", f"{URL}/@brand"]
)
def test_a_sandbox_on_this_machine_and_public_addresses_are_taken(shop, url):
    change_connection(shop, base_url=url, credentials=ANEW)

    assert Connection.objects.get().base_url == url


def test_private_addresses_are_taken_where_the_installation_allows_them(shop, monkeypatch):
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")

    change_connection(shop, base_url="http://10.0.0.7:8101", credentials=ANEW)
    with pytest.raises(BaseUrlRefused, match="no address of a platform"):
        change_connection(shop, base_url="http://169.254.169.254")

    assert Connection.objects.get().base_url == "http://10.0.0.7:8101"


def test_a_change_leaves_what_it_does_not_name_and_an_empty_text_clears(shop, ss26):
    change_connection(shop, settings={"import_approved": "no"}, credentials={"account": "7"}, base_url=f"{URL}/v2/")
    change_connection(shop, settings={"import_season": ""})

    shop.refresh_from_db()
    assert shop.settings == {"import_approved": False}
    assert (shop.credentials, shop.base_url) == ({"token": "s3cret", "account": "7"}, f"{URL}/v2")


def test_an_empty_base_url_is_the_platform_s_own(shop):
    change_connection(shop, base_url="http://127.0.0.1:8101", credentials=ANEW)
    change_connection(shop, base_url="", credentials=ANEW)

    assert Connection.objects.get().base_url == URL


@pytest.mark.parametrize(
    "wrong", [{"settings": {"import_season": "SS62"}}, {"credentials": {"key": "1"}}, {"base_url": "nowhere"}]
)
def test_a_change_with_one_mistake_changes_nothing(shop, ss26, wrong):
    right = {"settings": {"import_approved": "no"}, "credentials": {"token": "other"}, "base_url": f"{URL}:81"}

    with pytest.raises((SettingRefused, BaseUrlRefused)):
        change_connection(shop, **{**right, **wrong})

    for seen in (shop, Connection.objects.get()):
        assert (seen.settings, seen.credentials) == ({"import_season": ss26.pk}, {"token": "s3cret"})
        assert seen.base_url == URL


def test_a_change_keeps_what_another_door_changed_meanwhile(shop, ss26):
    change_connection(Connection.objects.get(), settings={"revisions": "apply"})
    change_connection(shop, settings={"import_approved": "no"})

    assert set(Connection.objects.get().settings) == {"import_season", "revisions", "import_approved"}


def test_required_answers_that_are_missing_are_named(shop):
    assert missing_answers(shop) == []

    change_connection(shop, settings={"import_season": ""}, credentials={"token": ""})

    assert [setting.key for setting in missing_answers(shop)] == ["token", "import_season"]


def test_a_connection_is_switched_off_and_on(shop):
    connections.switch(shop, on=False)
    assert not Connection.objects.get().active

    connections.switch(shop, on=True)
    assert Connection.objects.get().active


@pytest.fixture
def key_lost(shop, monkeypatch) -> Connection:
    monkeypatch.setattr(secrets, "_fernet", lambda: MultiFernet([other]))
    other = Fernet(Fernet.generate_key())
    return Connection.objects.defer("credentials").get()


def test_credentials_whose_key_is_lost_say_what_helps(key_lost):
    with pytest.raises(SecretUnreadable) as refused:
        missing_answers(key_lost)

    assert refused.value.reason.code == "secret_unreadable"
    assert refused.value.fix == "Restore the key, or enter all credentials of the connection again."


def test_credentials_whose_key_is_lost_give_way_to_a_full_set_only(key_lost):
    with pytest.raises(SecretUnreadable):
        change_connection(key_lost, credentials={"account": "7"})

    change_connection(key_lost, credentials={"token": "new"})

    assert Connection.objects.get().credentials == {"token": "new"}


def test_cleaning_a_connection_leaves_its_credentials_as_they_are(shop):
    shop.clean_fields()

    assert shop.credentials == {"token": "s3cret"}
