"""What an account has to choose from: settings in pairs, asking again, and what is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from linesheet.books.models import Company, Location, PriceList
from linesheet.sync import registry
from linesheet.sync.errors import Unauthorised
from linesheet.sync.models import Connection
from linesheet.sync.offers import keep, offers_of
from linesheet.sync.platform import Choice, Platform, Setting, SettingKind
from tests.web.conftest import ClientOf
from tests.web.made_up import MADE_UP

EUR, USD = Choice("22", "Wholesale EUR"), Choice("23", "Wholesale USD", "Seen by shops of the US only.")


async def _told(client: Any, settings: Any) -> Mapping[str, Sequence[Choice]]:
    return {"price_types": [EUR, USD], "shelves": []}


async def _refused(client: Any, settings: Any) -> Mapping[str, Sequence[Choice]]:
    raise Unauthorised("Who are you?")


OFFERING = replace(
    MADE_UP,
    settings=(
        Setting(
            key="price_types",
            label="Price types",
            kind=SettingKind.PAIRS,
            offers="price_types",
            each="price_list",
            required=True,
            help="The prices of each list go to these price types.",
        ),
        Setting(
            key="main",
            label="Main price type",
            kind=SettingKind.PAIRS,
            offers="price_types",
            each="price_list",
            one=True,
        ),
        Setting(
            key="warehouses",
            label="Warehouses",
            kind=SettingKind.PAIRS,
            each="location",
            one=True,
            help="The stock of each location goes to the warehouse of this name. Empty: to the default one.",
        ),
        Setting(key="shelf", label="Shelf", kind=SettingKind.CHOICE, offers="price_types"),
        Setting(key="tags", label="Tags", kind=SettingKind.CHOICES, offers="price_types"),
        Setting(key="season", label="Season", kind=SettingKind.SEASON),
    ),
    client=lambda *of: None,
    offers=_told,
)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    def installed(platform: Platform) -> None:
        monkeypatch.setattr(registry, "platforms", lambda: {"made-up": platform})

    installed(OFFERING)
    return installed


@pytest.fixture
def address(install: Any, connection: Connection) -> str:
    return f"/connections/{connection.pk}/settings/"


@pytest.fixture
def lists(company: Company) -> list[PriceList]:
    kinds = {"Wholesale": "wholesale", "Wholesale, US": "wholesale", "Retail": "retail", "Cost": "cost"}
    return [PriceList.objects.create(name=name, kind=kind) for name, kind in kinds.items()]


@pytest.fixture
def paris(company: Company) -> Location:
    Location.objects.create(name="Old barn", active=False)
    return Location.objects.create(name="Paris", code="P1")


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_each_record_takes_what_was_chosen_or_typed_for_it(
    operator: Client, address: str, connection: Connection, lists: list[PriceList], paris: Location
) -> None:
    keep(connection, {"price_types": [EUR, USD]})
    wholesale, us, retail, cost = (one.pk for one in lists)

    operator.post(
        address,
        {
            "section": "tasks",
            f"price_types-{wholesale}": ["22", "23"],
            f"price_types-{us}": "23",
            f"main-{retail}": "22",
            f"warehouses-{paris.pk}": " Main, Paris + Annex ",
            "shelf": "22",
            "tags": ["23"],
        },
    )

    connection.refresh_from_db()
    assert connection.settings == {
        "price_types": {str(wholesale): ["22", "23"], str(us): ["23"]},
        "main": {str(retail): ["22"]},
        "warehouses": {str(paris.pk): ["Main, Paris + Annex"]},
        "shelf": "22",
        "tags": ["23"],
    }
    text = _text(operator, address)
    assert f'name="price_types-{wholesale}" value="22" checked' in text
    assert f'name="price_types-{us}" value="22" />' in text
    assert 'value="Main, Paris + Annex"' in text
    assert f'name="price_types-{cost}"' not in text
    assert "Old barn" not in text


def test_before_the_account_was_asked_values_are_typed(
    operator: Client, address: str, connection: Connection, lists: list[PriceList]
) -> None:
    assert "The account was not asked yet" in _text(operator, address)
    given = {f"price_types-{lists[0].pk}": "22 + 23", f"main-{lists[0].pk}": "22", "shelf": "22", "tags": "22, 23"}

    operator.post(address, {"section": "tasks", **given})

    connection.refresh_from_db()
    of = str(lists[0].pk)
    assert connection.settings == {
        "price_types": {of: ["22", "23"]},
        "main": {of: ["22"]},
        "shelf": "22",
        "tags": ["22", "23"],
    }
    assert 'value="22+23"' in _text(operator, address)
    assert 'value="22, 23"' in _text(operator, address)


def test_what_is_needed_for_some_record_is_lacking_until_one_has_it(
    operator: Client, address: str, connection: Connection, lists: list[PriceList]
) -> None:
    assert f'<a href="{address}"><b>Price types</b></a>' in _text(operator, address)

    operator.post(address, {"section": "tasks", f"price_types-{lists[0].pk}": "22"})

    assert "Before its tasks can run" not in _text(operator, address)


def test_what_the_account_does_not_offer_is_refused_and_stays_as_it_was_typed(
    operator: Client, address: str, connection: Connection, lists: list[PriceList]
) -> None:
    keep(connection, {"price_types": [EUR, USD]})

    answer = operator.post(address, {"section": "tasks", f"price_types-{lists[0].pk}": ["23", "99"]})

    text = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "Price types: 99 is not a choice." in text
    assert f'name="price_types-{lists[0].pk}" value="23" checked' in text


def test_the_account_is_asked_again(operator: Client, address: str, connection: Connection) -> None:
    page = operator.post(f"/connections/{connection.pk}/offers/", {"section": "tasks"}, follow=True)

    text = " ".join(page.content.decode().split())
    assert page.redirect_chain == [(address, 302)]
    assert "The account offers price types (2), shelves (0)." in text
    assert "Ask again" in text
    assert [choice.label for choice in offers_of(connection)["price_types"]] == ["Wholesale EUR", "Wholesale USD"]


def test_an_account_that_does_not_say_is_told(
    operator: Client, address: str, connection: Connection, install: Any
) -> None:
    install(replace(OFFERING, offers=_refused))

    page = operator.post(f"/connections/{connection.pk}/offers/", follow=True).content.decode()

    assert "did not say what there is to choose from: Who are you?" in page


def test_where_the_platform_offers_nothing_there_is_nothing_to_ask(
    operator: Client, address: str, connection: Connection, install: Any
) -> None:
    install(MADE_UP)

    assert "Ask the account" not in _text(operator, address)
    assert operator.post(f"/connections/{connection.pk}/offers/").status_code == 404


def test_who_may_not_configure_does_not_ask(client_of: ClientOf, address: str, connection: Connection) -> None:
    viewer = client_of("viewer")

    assert "Ask the account" not in _text(viewer, address)
    assert viewer.post(f"/connections/{connection.pk}/offers/").status_code == 403


def test_what_is_gone_is_told_where_the_tasks_are_and_can_be_left_or_taken_away(
    operator: Client, address: str, connection: Connection, lists: list[PriceList]
) -> None:
    of = str(lists[0].pk)
    Connection.objects.update(settings={"price_types": {of: ["22", "99"]}})
    connection.refresh_from_db()
    keep(connection, {"price_types": [EUR]})

    stops = _text(operator, f"/connections/{connection.pk}/")
    assert "Price types: the account does not offer 99 for Wholesale any more." in stops
    assert f'<a href="{address}">Settings of Paris</a>' in stops
    assert "The account does not offer it any more." in _text(operator, address)

    operator.post(address, {"section": "tasks", f"price_types-{of}": ["22", "99"]})
    assert Connection.objects.get().settings["price_types"] == {of: ["22", "99"]}
    operator.post(address, {"section": "tasks", f"price_types-{of}": ["22"]})
    assert Connection.objects.get().settings["price_types"] == {of: ["22"]}
    assert operator.post(address, {"section": "tasks", f"price_types-{of}": ["99"]}).status_code == 422
