"""The demo brand on JOOR: what the account has to choose from, and a catalogue by its levels' names."""

from collections.abc import Iterator

import pytest

from linesheet import demo
from linesheet.books.models import Company, Location, PriceList, Season
from linesheet.books.tenancy import acting_for
from linesheet.platforms.joor.platform import PLATFORM
from linesheet.platforms.nuorder.platform import PLATFORM as NUORDER
from tests.platforms.joor.conftest import JoorSandbox


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        Season.objects.create(name="SS27", starts_on="2027-01-15")
        Location.objects.create(name="Main warehouse")
        for kind in (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL, PriceList.Kind.COST):
            PriceList.objects.create(name=kind.label, kind=kind)
        yield company


def test_price_lists_go_as_all_price_types_in_the_currency_of_the_brand(company: Company, joor: JoorSandbox) -> None:
    euro = joor.control("POST", "/price-types", {"name": "Wholesale", "currency_code": "EUR"})["id"]
    joor.control("POST", "/price-types", {"name": "Wholesale", "currency_code": "USD"})

    connection = demo.connect("JOOR", PLATFORM, joor.url, joor.credentials)

    lists = dict(PriceList.objects.values_list("kind", "pk"))
    assert connection.settings["price_types"] == {
        str(lists[PriceList.Kind.WHOLESALE]): [euro],
        str(lists[PriceList.Kind.RETAIL]): [euro],
    }
    # Warehouses are listed nowhere, so all stock goes to the one that is there without a name.
    assert not connection.settings.get("warehouses")


def test_an_account_that_does_not_answer_leaves_the_pairs_open(company: Company) -> None:
    credentials = {"client_id": "a", "client_secret": "b", "username": "c", "password": "d", "account_id": "1"}

    connection = demo.connect("JOOR", PLATFORM, "http://127.0.0.1:9", {**credentials, "v2_token": "e"})

    assert not connection.settings.get("price_types")


def test_products_are_placed_as_deep_as_the_names_of_levels_leave_no_doubt() -> None:
    assert PLATFORM.catalogue
    assert NUORDER.catalogue

    assert demo.section_path(PLATFORM.catalogue, "SS27", "Women", "Coats") == ("Atelier Nord", "SS27", "Women", "Coats")
    assert demo.section_path(NUORDER.catalogue, "SS27", "Women", "Coats") == ("SS27", "Women", "Coats")
