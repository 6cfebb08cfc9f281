"""Connections: adding them, filling them in without showing secrets, and trying them."""

import dataclasses
import json

import pytest

from linesheet.books.models import PriceList
from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.platform import Choice, Setting, SettingKind
from tests.cli.conftest import SHOP


@pytest.fixture(autouse=True)
def _installed(platform):
    """The toy platform is there."""


def test_platforms_are_listed_with_their_tasks(linesheet, as_json, company):
    assert [task["key"] for task in as_json("platforms")[0]["tasks"]] == ["products", "one-by-one", "orders", "nothing"]
    assert "Toy (toy)" in linesheet("platforms").stdout


def test_a_connection_takes_its_credentials_from_standard_input(linesheet, company):
    result = linesheet("connection", "add", "toy", "Toy shop", "--credentials-file", "-", input='{"token": "s3cret"}')

    added = Connection.objects.get()
    assert result.exit_code == 0, result.output
    assert (added.base_url, added.credentials) == ("https://toy.example", {"token": "s3cret"})
    assert "set: import_season" in result.stdout
    assert "s3cret" not in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "X"), "No platform nowhere is installed."),
        (("toy", "X", "--url", "ftp://toy.example"), "is no web address"),
        (("toy", "X", "--url", "javascript:alert(1)"), "is no web address"),
        (("toy", "X", "--credential", "key=1"), "key is not a setting of Toy."),
        (("toy", "X" * 61), "a name of 1 to 60 letters"),
    ],
)
def test_what_cannot_be_connected_is_refused(linesheet, company, arguments, said):
    result = linesheet("connection", "add", *arguments)

    assert result.exit_code == 1
    assert said in result.stderr
    assert not Connection.objects.exists()


@pytest.mark.parametrize("text", ["no JSON", '["token"]', '{"token": 1}'])
def test_credentials_of_another_form_are_refused(linesheet, company, text):
    result = linesheet("connection", "add", "toy", "Toy shop", "--credentials-file", "-", input=text)

    assert result.exit_code == 1
    assert 'Write them as {"token"' in result.stderr


def test_a_second_connection_needs_a_name_of_its_own(linesheet, shop):
    result = linesheet("connection", "add", "toy", "TOY SHOP")

    assert result.stderr.splitlines()[0] == "There is a connection TOY SHOP already."


def test_settings_are_given_by_name_and_shown_so(linesheet, as_json, shop, ss26, rive):
    result = linesheet("connection", "set", "toy shop", "import_season=ss26", "default_customer=maison rive")
    assert result.exit_code == 0, result.output

    shown = as_json("connection", "show", "Toy shop")

    shop.refresh_from_db()
    assert shop.settings == {"import_season": ss26.pk, "default_customer": rive.pk}
    assert (shown["settings"]["import_season"], shown["settings"]["default_customer"]) == ("SS26", "Maison Rive")


def test_nothing_after_the_equals_sign_clears_a_setting(linesheet, shop, ss26):
    linesheet("connection", "set", "Toy shop", "import_season=SS26")
    linesheet("connection", "set", "Toy shop", "import_season=")

    shop.refresh_from_db()
    assert shop.settings == {}


def test_another_address_needs_the_secrets_and_forgets_the_links(linesheet, shop):
    refused = linesheet("connection", "set", "Toy shop", "--url", "https://8.8.8.8")
    assert refused.exit_code == 1
    assert "Enter Token for the new address in the same step." in refused.output

    moved = linesheet("connection", "set", "Toy shop", "--url", "https://8.8.8.8", "--credential", "token=new")
    assert "0 links and 0 matches by id are forgotten" in moved.output


@pytest.mark.parametrize("answer", ["import_season=nowhere", "weather=fair"])
def test_a_wrong_setting_changes_nothing_and_names_what_there_is(linesheet, shop, ss26, answer):
    result = linesheet("connection", "set", "Toy shop", "import_approved=no", answer)

    shop.refresh_from_db()
    assert (result.exit_code, shop.settings) == (1, {})
    assert "SS26" in result.stderr or "import_season" in result.stderr


def test_secrets_are_never_printed(linesheet, as_json, shop):
    shown = as_json("connection", "show", "Toy shop")
    linesheet("connection", "set", "Toy shop", "--credential", "token=other")

    assert shown["credentials"] == {"token": "set", "dialect": "old"}
    everything = [linesheet("connection", *each).output for each in (["list"], ["show", "Toy shop"])]
    assert "s3cret" not in json.dumps(shown) + "".join(everything)
    assert "other" not in "".join(everything)
    shop.refresh_from_db()
    assert shop.credentials == {"token": "other"}


def test_a_check_names_what_is_missing_before_it_calls(linesheet, shop):
    result = linesheet("connection", "check", "Toy shop")

    assert result.exit_code == 1
    assert "Not set: Import order season" in result.stdout


def test_a_check_asks_the_platform(linesheet, as_json, shop, toy, ss26):
    linesheet(
        "connection", "set", "Toy shop", f"import_season={ss26}", "--url", toy.url, "--credential", "token=s3cret"
    )

    checks = as_json("connection", "check", "Toy shop")

    assert [(check["check"], check["health"]) for check in checks][-1] == ("connection_credentials", "ok")
    assert toy.requests == ["GET /products"]


def test_a_connection_is_switched_off_and_on(linesheet, as_json, shop):
    linesheet("connection", "off", "Toy shop")
    assert [row["active"] for row in as_json("connection", "list")] == [False]

    linesheet("connection", "on", "Toy shop")
    assert [row["active"] for row in as_json("connection", "list")] == [True]


def test_an_unknown_connection_is_told_with_those_there_are(linesheet, shop):
    result = linesheet("connection", "show", "Till")

    assert result.stderr == "There is no connection Till.\nThere are: Toy shop.\n"


def test_a_connection_whose_platform_is_gone_says_so(linesheet, shop):
    Connection.objects.update(platform="gone")

    result = linesheet("run", "Toy shop", "products")

    assert result.exit_code == 1
    assert result.stderr == "No platform gone is installed.\nInstalled are: toy.\n"


def test_a_connection_whose_platform_is_gone_can_be_switched_off(linesheet, shop):
    Connection.objects.update(platform="gone")

    assert linesheet("connection", "off", "Toy shop").exit_code == 0
    assert not Connection.objects.get().active


def test_credentials_can_be_entered_again_when_their_key_is_lost(linesheet, shop, ss26, monkeypatch):
    from cryptography.fernet import Fernet, MultiFernet

    from linesheet.sync import secrets

    monkeypatch.setattr(secrets, "_fernet", lambda: other)
    other = MultiFernet([Fernet(Fernet.generate_key())])
    shown = linesheet("connection", "show", "Toy shop")

    linesheet("connection", "set", "Toy shop", "--credential", "token=new")

    assert (shown.exit_code, shown.stderr.splitlines()[1][:16]) == (1, "Restore the key,")
    assert Connection.objects.get().credentials == {"token": "new"}


def test_credentials_are_encrypted_anew_with_the_newest_key(linesheet, shop, monkeypatch):
    from cryptography.fernet import Fernet

    from linesheet.sync import secrets

    old = secrets._fernet()
    monkeypatch.setattr(secrets, "_fernet", lambda: newest)
    from cryptography.fernet import MultiFernet

    key = Fernet(Fernet.generate_key())
    newest = MultiFernet([key, *old._fernets])

    result = linesheet("secrets", "rotate")

    assert result.stdout.startswith("1 sets of credentials")
    newest = MultiFernet([key])
    assert Connection.objects.get().credentials == {"token": "s3cret"}


@pytest.fixture
def offering(monkeypatch, shop) -> Connection:
    """The shop of a platform whose account says what price types there are, one for each product."""

    async def offers(client, settings):
        return {"price_types": [Choice(one, f"Type {one}") for one in await client.ids()]}

    pairs = {"key": "price_types", "label": "Price types", "kind": SettingKind.PAIRS}
    asked = Setting(**pairs, offers="price_types", each="price_list")
    platform = dataclasses.replace(SHOP, settings=(*SHOP.settings, asked), offers=offers)
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": platform})
    PriceList.objects.create(name="Wholesale", kind="wholesale")
    PriceList.objects.create(name="Retail, EU", kind="retail")
    return shop


def test_what_the_account_offers_is_asked_and_listed(linesheet, as_json, toy, offering):
    assert "--ask" in linesheet("connection", "offers", "Toy shop").stdout
    Connection.objects.update(base_url=toy.url)
    toy.products = {"22": {}, "23": {}}

    asked = linesheet("connection", "offers", "Toy shop", "--ask")

    assert [line.split() for line in asked.stdout.splitlines()[1:]] == [
        ["price_types", "22", "Type", "22"],
        ["price_types", "23", "Type", "23"],
    ]
    assert as_json("connection", "offers", "Toy shop")["price_types"][1] == {"value": "23", "label": "Type 23"}


def test_an_account_that_cannot_be_asked_is_told(linesheet, shop):
    result = linesheet("connection", "offers", "Toy shop", "--ask")

    assert result.exit_code == 1
    assert "cannot be asked what there is to choose from" in result.stderr


def test_pairs_are_set_by_name_and_shown_so(linesheet, as_json, toy, offering):
    Connection.objects.update(base_url=toy.url)
    toy.products = {"22": {}, "23": {}}
    linesheet("connection", "offers", "Toy shop", "--ask")

    done = linesheet("connection", "set", "Toy shop", "price_types=Retail, EU=Type 22, wholesale=22+23")
    wrong = linesheet("connection", "set", "Toy shop", "price_types=Wholesale=9")

    assert done.exit_code == 0, done.output
    assert "Choose from: 22 (Type 22), 23 (Type 23)." in wrong.stderr
    assert as_json("connection", "show", "Toy shop")["settings"]["price_types"] == "Wholesale=22+23, Retail, EU=22"
    assert "Wholesale=22+23, Retail, EU=22" in linesheet("connection", "show", "Toy shop").stdout
