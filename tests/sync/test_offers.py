"""What an account has to choose from, and settings that pair it with records of the books."""

import dataclasses
import datetime

import pytest
from aiohttp import web

from linesheet.books import touching
from linesheet.books.models import Location, PriceList
from linesheet.sync import connection_checks, contexts, offers, registry, settings
from linesheet.sync.connection_checks import Health
from linesheet.sync.connections import change_connection, missing_answers, new_connection, save_named
from linesheet.sync.models import Connection
from linesheet.sync.platform import Choice, Setting, SettingKind
from linesheet.sync.settings import SettingRefused
from tests.sync.toy import TOY

PRICE_TYPES = Setting(
    key="price_types", label="Price types", kind=SettingKind.PAIRS, offers="price_types", each="price_list"
)
WAREHOUSES = Setting(key="warehouses", label="Warehouses", kind=SettingKind.PAIRS, each="location", one=True)
SHELF = Setting(key="shelf", label="Shelf", kind=SettingKind.CHOICE, offers="shelves")
TAGS = Setting(key="tags", label="Tags", kind=SettingKind.CHOICES, offers="tags")

EUR, USD, VAT = Choice("22", "Wholesale EUR"), Choice("23", "Wholesale USD"), Choice("24", "Retail + VAT, EUR")


async def _offers(client, settings):
    return {"price_types": [Choice(one, f"Type {one}") for one in await client.ids()], "shelves": []}


CHOOSING = dataclasses.replace(
    TOY,
    settings=(*TOY.settings, PRICE_TYPES, WAREHOUSES, SHELF, TAGS),
    offers=_offers,
    base_urls=(Choice("https://toy.example", "Toy"),),
)


@pytest.fixture(autouse=True)
def _installed(toy, monkeypatch):
    toy.products = {"22": {}, "23": {}}
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": CHOOSING})


@pytest.fixture
def lists(brand) -> dict[str, PriceList]:
    kinds = {"Wholesale": "wholesale", "Wholesale, US": "wholesale", "Retail": "retail", "Cost": "cost"}
    return {name: PriceList.objects.create(name=name, kind=kind) for name, kind in kinds.items()}


def kept(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def with_offers(*choices: Choice) -> Setting:
    return offers.as_offered([PRICE_TYPES], {"price_types": choices}, {})[0]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Wholesale=22+23, Wholesale, US = 23", {"Wholesale": ["22", "23"], "Wholesale, US": ["23"]}),
        ("wholesale=Wholesale EUR+wholesale usd", {"Wholesale": ["22", "23"]}),
        ("Retail=Retail + VAT, EUR", {"Retail": ["24"]}),
        ("Retail=24, Retail=22+24", {"Retail": ["24", "22"]}),
        ("Wholesale=", {}),
        ("", {}),
        (["Wholesale=22", "Retail=23"], {"Wholesale": ["22"], "Retail": ["23"]}),
    ],
)
def test_pairs_are_typed_by_the_names_of_records_and_by_values_or_labels(lists, typed, stored):
    entered = settings.entered(with_offers(EUR, USD, VAT), typed)

    assert entered == {str(lists[name].pk): values for name, values in stored.items()}


def test_pairs_are_given_by_a_form_by_the_ids_of_records(lists):
    of = {str(lists["Retail"].pk): ["24"], str(lists["Cost"].pk): [], "999": ["22"]}

    assert settings.entered(with_offers(EUR, VAT), of) == {str(lists["Retail"].pk): ["24"]}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Wholesale=25", "Price types: 25 is not a choice. Choose from: 22 (Wholesale EUR), 23 (Wholesale USD)."),
        ("Friends=22", "Friends is no price list. There are: Wholesale, Wholesale, US, Retail, Cost."),
        ("22", "22 is not paired with any price list. Write it as Wholesale=value."),
    ],
)
def test_pairs_that_make_no_sense_are_refused_with_the_remedy(lists, typed, says):
    with pytest.raises(SettingRefused) as refused:
        settings.entered(with_offers(EUR, USD), typed)

    assert says in str(refused.value)


def test_without_offers_pairs_take_any_text_and_one_each_where_one_is_asked(brand):
    paris = Location.objects.create(name="Paris", code="P1")

    assert settings.entered(WAREHOUSES, "Paris=Main + Annex") == {str(paris.pk): ["Main + Annex"]}
    with pytest.raises(SettingRefused, match="Give one for Paris"):
        settings.entered(WAREHOUSES, {str(paris.pk): ["Main", "Annex"]})


def test_pairs_are_read_by_id_without_the_records_that_are_gone(lists):
    stored = {"price_types": settings.entered(PRICE_TYPES, "Wholesale=22, Retail=24")}
    wholesale, gone = lists["Wholesale"].pk, lists["Retail"]
    gone.delete()

    assert settings.read([PRICE_TYPES], stored) == {"price_types": {wholesale: ["22"]}}
    assert settings.read([PRICE_TYPES], {}) == {"price_types": {}}


def test_a_pairing_that_is_needed_is_missing_once_its_records_are_gone(lists, connection, monkeypatch):
    needed = dataclasses.replace(PRICE_TYPES, required=True)
    monkeypatch.setattr(
        registry, "platforms", lambda: {"toy": dataclasses.replace(CHOOSING, settings=(*TOY.settings, needed))}
    )
    assert missing_answers(connection) == [needed]
    change_connection(connection, settings={"price_types": "Wholesale=22"})
    asked = [(connection.pk, [needed], connection.settings)]
    assert (missing_answers(connection), settings.which_lack(asked)) == ([], set())

    lists["Wholesale"].delete()

    assert (missing_answers(connection), settings.which_lack(asked)) == ([needed], {connection.pk})


def test_a_test_that_works_keeps_what_the_account_offers(connection):
    checks = connection_checks.try_connection(connection)

    assert [check.health for check in checks] == [Health.OK, Health.OK]
    assert checks[-1].says == "Choices: The account offers price types (2), shelves (0)."
    assert offers.offers_of(kept(connection)) == {
        "price_types": [Choice("22", "Type 22"), Choice("23", "Type 23")],
        "shelves": [],
    }
    assert kept(connection).offers_at


def test_a_test_that_fails_keeps_what_was_known(connection, toy):
    connection_checks.try_connection(connection)
    toy.before.append(lambda request: web.json_response({}, status=401))

    connection_checks.try_connection(connection)

    assert len(offers.offers_of(kept(connection))["price_types"]) == 2


def test_the_doctor_asks_too(connection):
    connection_checks.check_connections()

    assert kept(connection).offers_at


def test_legs_are_given_what_the_account_offers(connection):
    offers.ask(connection)

    assert [choice.value for choice in contexts.context_of(kept(connection)).offers["price_types"]] == ["22", "23"]


def test_choices_are_those_of_the_account_once_it_was_asked(lists, connection, toy):
    change_connection(connection, settings={"price_types": "Wholesale=nobody knows", "tags": "a, b", "shelf": "top"})
    toy.products["9"] = {}
    offers.ask(connection)

    with pytest.raises(SettingRefused, match="no longer is not a choice"):
        change_connection(connection, settings={"price_types": "Wholesale=no longer"})
    change_connection(connection, settings={"price_types": "Wholesale=type 9"})

    assert kept(connection).settings["price_types"] == {str(lists["Wholesale"].pk): ["9"]}
    assert (kept(connection).settings["tags"], kept(connection).settings["shelf"]) == (["a", "b"], "top")


def test_what_the_account_does_not_offer_any_more_is_told_by_name_and_can_be_left(lists, connection, toy):
    offers.ask(connection)
    change_connection(connection, settings={"price_types": "Wholesale=22+23, Retail=23"})
    del toy.products["23"]

    checks = connection_checks.try_connection(connection)

    gone = checks[-1]
    assert (gone.health, gone.setting) == (Health.WARNING, "price_types")
    assert gone.says == "Price types: the account does not offer 23 for Wholesale, 23 for Retail any more."
    assert gone.fix == "Choose again under Settings of Toy shop."
    assert [check.code for check in connection_checks.stops_of(kept(connection))[1]] == [gone.code]
    change_connection(connection, settings={"price_types": "Wholesale=22+23"})
    assert kept(connection).settings["price_types"] == {str(lists["Wholesale"].pk): ["22", "23"]}


def test_an_account_that_does_not_answer_leaves_what_was_known(connection, toy):
    offers.ask(connection)
    toy.before.append(lambda request: web.json_response({}, status=401))

    with pytest.raises(offers.OffersRefused, match="Test the connection"):
        offers.ask(connection)

    assert len(offers.offers_of(kept(connection))["price_types"]) == 2


def test_asking_stumbles_over_our_own_mistakes_with_a_sentence(connection, monkeypatch):
    async def stumbles(client, settings):
        raise KeyError("pages")

    monkeypatch.setattr(registry, "platforms", lambda: {"toy": dataclasses.replace(CHOOSING, offers=stumbles)})

    with pytest.raises(offers.OffersRefused, match="stumbled: KeyError: 'pages'"):
        offers.ask(connection)


def test_where_a_platform_offers_nothing_nobody_asks(connection, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})

    with pytest.raises(offers.OffersRefused, match="cannot be asked"):
        offers.ask(connection)


def test_another_account_offers_nothing_yet(connection):
    offers.ask(connection)

    change_connection(connection, base_url="https://other.example")

    assert (offers.offers_of(kept(connection)), kept(connection).offers_at) == ({}, None)


def test_other_offers_make_stale_what_was_worked_out_of_them(connection, toy):
    offers.ask(connection)
    seen = touching.snapshot()
    offers.ask(connection)
    assert not touching.changed_since(seen)

    toy.products["9"] = {}
    offers.ask(connection)

    assert touching.changed_since(seen)
    assert kept(connection).offers_at > datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_what_the_account_of_a_new_connection_said_is_kept_with_it(connection, toy):
    new = new_connection("toy", "New shop", base_url=toy.url)
    connection_checks.try_connection(new)

    save_named(new)

    assert [choice.value for choice in offers.offers_of(kept(new))["price_types"]] == ["22", "23"]
    assert kept(new).offers_at


def test_settings_that_ask_for_no_offers_do_not_read_them(connection, django_assert_num_queries):
    offers.ask(connection)

    with django_assert_num_queries(0):
        context = contexts.frugal_context_of(connection)
    with django_assert_num_queries(1):
        assert (len(context.offers), sorted(context.offers)) == (2, ["price_types", "shelves"])
