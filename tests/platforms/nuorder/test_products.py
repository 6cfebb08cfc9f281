"""Data export, products: what is selected, what is blocked, and what NuORDER holds afterwards."""

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Customer, Price, Product, Season, Visibility
from linesheet.books.prices import set_price
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.customers import Customers
from linesheet.platforms.nuorder.images import Images
from linesheet.platforms.nuorder.placed import placed_products
from linesheet.platforms.nuorder.products import Products
from linesheet.platforms.nuorder.stock import Stock
from linesheet.sync.errors import Refused
from linesheet.sync.explain import Outlook, explain_product
from linesheet.sync.legs import Accepted, Outbound
from linesheet.sync.models import Link, Placement
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox


def test_placed_products_are_published_and_held(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    books.product("COAT-BLACK", composition="100% wool")
    books.product("COAT-NAVY")
    books.product("HAT-RED", placed=())

    books.export(nuorder_sandbox, Products)

    there = nuorder_sandbox.products()
    assert set(there) == {"COAT-BLACK", "COAT-NAVY"}
    assert there["COAT-BLACK"]["fabric_description"] == "100% wool"
    assert [size["size"] for size in there["COAT-BLACK"]["sizes"]] == ["S", "M"]
    assert books.held(nuorder_sandbox, Products) == [True, True]


@pytest.mark.parametrize("portal", [{"normalise_2014": False}, {"normalise_2014": True}])
def test_sending_again_creates_no_second_product(
    nuorder_sandbox: NuOrderSandbox, books: Books, portal: dict[str, bool]
) -> None:
    nuorder_sandbox.control("POST", "/settings", portal)
    books.product("COAT-BLACK")

    books.export(nuorder_sandbox, Products)
    books.export(nuorder_sandbox, Products)

    assert len(nuorder_sandbox.products()) == 1
    assert books.held(nuorder_sandbox, Products) == [True]


def test_a_change_on_nuorder_is_no_longer_held(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)

    nuorder_sandbox.control("PATCH", "/products/COAT-BLACK", {"description": "Changed there"})

    assert books.held(nuorder_sandbox, Products) == [False]


def test_what_nuorder_lists_are_the_ids_that_links_keep(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    leg = books.leg(Products)

    assert nuorder_sandbox.use(lambda client: listed_by(leg, client)) == set(
        Link.objects.values_list("remote_id", flat=True)
    )


def test_a_product_in_two_seasons_is_one_product_in_the_later_one(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    coat = books.product("COAT-BLACK", placed=("AW25", "Women", "Coats"))
    Season.objects.create(name="AW25", starts_on=datetime.date(2025, 7, 1))
    books.export(nuorder_sandbox, Products)

    books.place(coat, "SS26", "Women", "Carry-over")
    books.export(nuorder_sandbox, Products)

    [there] = nuorder_sandbox.products().values()
    assert (there["season"], there["seasons"], there["category"]) == ("SS26", ["AW25"], "Carry-over")


def test_each_blocked_product_says_why(books: Books) -> None:
    books.product("NOBARCODE-RED", barcodes=False)
    books.product("NOPRICE-RED", price=None)
    books.product("FREE-RED", price="0")
    books.product("HIDDEN-RED", visible=False)
    books.product("GONE-RED", active=False)

    assert books.says(Products) == {
        "NOBARCODE-RED": ["no_barcode"],
        "NOPRICE-RED": ["no_price"],
        "FREE-RED": ["no_price"],
        "HIDDEN-RED": ["not_visible"],
        "GONE-RED": ["not_on_offer"],
    }


def test_prices_are_those_of_the_latest_season_the_product_is_visible_in(books: Books) -> None:
    coat = books.product("COAT-BLACK")
    later = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    Visibility.objects.create(product=coat, season=later)

    assert books.says(Products) == {"COAT-BLACK": ["no_price"]}


def test_of_two_products_that_differ_in_fabric_only_the_later_is_blocked(books: Books) -> None:
    books.product("COAT-BLACK", fabric="Wool")
    books.product("COAT-BLACK-2", colour="BLACK", fabric="Linen")

    assert books.says(Products) == {"COAT-BLACK": [], "COAT-BLACK-2": ["same_on_nuorder"]}
    assert books.says(Products, colour_text="colour_and_fabric") == {"COAT-BLACK": [], "COAT-BLACK-2": []}


def test_the_one_that_nuorder_has_goes_before_an_older_one(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    older = books.product("COAT-BLACK", fabric="Wool", placed=())
    books.product("COAT-BLACK-2", colour="Black", fabric="Linen")
    books.export(nuorder_sandbox, Products)

    books.place(older, "SS26", "Women", "Coats")

    assert books.says(Products) == {"COAT-BLACK": ["same_on_nuorder"], "COAT-BLACK-2": []}


def test_one_that_never_goes_out_blocks_no_other(books: Books) -> None:
    books.product("COAT-BLACK", fabric="Wool", active=False)
    books.product("COAT-BLACK-2", colour="Black", fabric="Linen")

    assert books.says(Products) == {"COAT-BLACK": ["not_on_offer"], "COAT-BLACK-2": []}


def test_a_product_made_inactive_becomes_inactive_there(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)

    coat.active = False
    coat.save()
    coat.visibilities.all().delete()
    books.export(nuorder_sandbox, Products)

    [there] = nuorder_sandbox.products().values()
    assert there["active"] is False
    assert len(there["sizes"]) == 2


def test_a_published_product_taken_out_of_the_catalogue_becomes_inactive_there_and_comes_back_with_a_place(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    coat = books.product("COAT-BLACK")
    books.product("COAT-NAVY")
    books.export(nuorder_sandbox, Products)
    before = nuorder_sandbox.products()["COAT-BLACK"]

    Placement.objects.filter(product=coat).delete()
    assert books.says(Products) == {"COAT-BLACK": ["taken_out_of_catalogue"], "COAT-NAVY": []}
    once, _ = books.export(nuorder_sandbox, Products)
    there = nuorder_sandbox.products()["COAT-BLACK"]
    assert there == {**before, "active": False, "modified_on": there["modified_on"]}
    assert books.held(nuorder_sandbox, Products) == [True, True]
    again, _ = books.sendings(books.leg(Products))
    assert again.payload == once.payload, "there is nothing left to do"

    books.place(coat, "SS26", "Women", "Coats")
    assert books.says(Products) == {"COAT-BLACK": [], "COAT-NAVY": []}
    books.export(nuorder_sandbox, Products)
    assert nuorder_sandbox.products()["COAT-BLACK"]["active"] is True


def test_a_product_that_is_neither_in_the_catalogue_nor_there_is_not_made_anew(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    Placement.objects.filter(product=coat).delete()
    nuorder_sandbox.control("DELETE", "/products/COAT-BLACK")
    leg = books.leg(Products)
    nuorder_sandbox.use(lambda client: listed_by(leg, client))

    assert leg.load([str(coat.pk)]) == []


def test_stock_and_images_leave_a_product_that_was_taken_out_alone(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    Placement.objects.filter(product=coat).delete()

    assert books.says(Stock) == books.says(Images) == {}


def test_explain_says_that_a_product_was_taken_out_and_what_comes_of_it(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    Placement.objects.filter(product=coat).delete()
    books.connection.credentials = nuorder_sandbox.credentials

    way = explain_product("COAT-BLACK", books.connection).ways[0]

    assert (way.selected, way.outlook) == (True, Outlook.UPDATE)
    assert "taken_out_of_catalogue" in [finding.code for finding in way.findings]
    assert way.changes == [{"field": "active", "old": True, "new": False}]


def test_what_the_books_no_longer_have_is_cleared_there(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    books.season.delivery_starts_on = datetime.date(2026, 2, 1)
    books.season.delivery_cancels_on = datetime.date(2026, 3, 31)
    books.season.save()
    coat = books.product("COAT-BLACK", description="Warm.", custom={"fit": "wide"})
    set_price(coat, books.season, books.retail, Decimal(250), "EUR")
    books.export(nuorder_sandbox, Products)
    assert nuorder_sandbox.products()["COAT-BLACK"]["pricing"]["EUR"]["retail"] == 250

    books.season.delivery_starts_on = books.season.delivery_cancels_on = None
    books.season.save()
    Product.objects.filter(pk=coat.pk).update(description="", custom={})
    Price.objects.filter(price_list=books.retail).delete()
    books.export(nuorder_sandbox, Products)

    there = nuorder_sandbox.products()["COAT-BLACK"]
    fields = ("available_from", "available_until", "order_closing", "description", "fit")
    assert {there[field] for field in fields} == {""}
    assert there["pricing"]["EUR"]["retail"] == ""
    assert books.held(nuorder_sandbox, Products) == [True]


def test_a_key_that_another_product_has_there_is_refused_in_nuorders_words(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    taken = {"style_number": "COAT", "season": "SS26", "color": "Black", "name": "Theirs", "brand_id": "OTHER"}
    nuorder_sandbox.control("POST", "/products", taken)
    books.product("COAT-BLACK")

    with pytest.raises(Refused) as refused:
        books.export(nuorder_sandbox, Products)

    assert refused.value.status == 409
    assert "belong to another brand_id" in refused.value.says


@pytest.mark.parametrize(("kind", "queries"), [(Products, 11), (Stock, 10), (Images, 3), (Customers, 3)])
def test_loading_takes_as_many_queries_for_many_records_as_for_one(
    books: Books, kind: type[Outbound[Any, Any]], queries: int
) -> None:
    ids = [str(books.product(f"COAT{number}-BLACK").pk) for number in range(6)]
    if kind is Customers:
        ids = [str(Customer.objects.create(name=f"Customer {number}").pk) for number in range(6)]
    leg = books.leg(kind)

    for some in (ids[:1], ids):
        with CaptureQueriesContext(database) as made:
            assert len(leg.load(some)) == len(some)
        assert len(made) == queries


def test_accepted_products_are_known_by_nuorders_id(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    books.product("COAT-BLACK")
    [sending] = books.export(nuorder_sandbox, Products)
    context = books.context()

    async def held(client: NuOrderClient) -> Accepted | None:
        return await Products(replace(context, client=client)).holds(sending)

    assert nuorder_sandbox.use(held) == Accepted(nuorder_sandbox.products()["COAT-BLACK"]["_id"])


async def listed_by(leg: Products, client: NuOrderClient) -> set[str] | None:
    """What the leg learns from NuORDER before it plans."""
    leg.context = replace(leg.context, client=client)
    return await leg.present()


def test_one_nuorder_product_in_two_pages_is_seen_whatever_the_letters(books: Books) -> None:
    wool, silk = (
        books.product(f"COAT-{fabric}", style="ΠΑΛΤΟΣ", colour="Black", fabric=fabric) for fabric in ("WOOL", "SILK")
    )
    context = books.context(colour_text="colour")

    [first] = placed_products(context, [str(wool.pk)])
    [second] = placed_products(context, [str(silk.pk)])

    assert (first.same_as, second.same_as) == ("", "COAT-WOOL")
