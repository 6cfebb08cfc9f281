"""Stock export: the whole picture of a product in one call."""

import datetime
from typing import Any

import pytest

from linesheet.books.models import SKU, Location, Product, Season
from linesheet.books.stock import set_future_stock, set_stock
from linesheet.platforms.nuorder.products import Products
from linesheet.platforms.nuorder.stock import Stock
from linesheet.sync.models import Link
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox

LATER = datetime.date(2100, 5, 1)
LONG_AGO = datetime.date(2020, 1, 1)


@pytest.fixture
def coat(nuorder_sandbox: NuOrderSandbox, books: Books) -> Product:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    set_stock(sku(coat, "S"), books.location, books.season, opening=5)
    return coat


def sku(product: Product, size: str) -> SKU:
    found: SKU = product.skus.get(size=size)
    return found


def shown(inventory: list[Any]) -> dict[str, dict[str, dict[str, int]]]:
    """Units by warehouse, bucket and size."""
    return {
        row["warehouse"]: {
            bucket["name"]: {size["size"]: size["quantity"] for size in bucket["sizes"]} for bucket in row["wip"]
        }
        for row in inventory
    }


def test_the_chosen_seasons_are_added_up_and_future_stock_comes_along(
    nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product
) -> None:
    other = Season.objects.create(name="AW25", starts_on=datetime.date(2025, 7, 1))
    left_out = Season.objects.create(name="SS25", starts_on=datetime.date(2025, 1, 1))
    set_stock(sku(coat, "S"), books.location, other, opening=2)
    set_stock(sku(coat, "S"), books.location, left_out, opening=90)
    set_future_stock(sku(coat, "M"), books.location, books.season, LATER, 7)

    books.export(nuorder_sandbox, Stock, stock_seasons=[books.season, other])

    assert shown(nuorder_sandbox.stock("COAT-BLACK")) == {
        "default": {"immediate": {"S": 7, "M": 0}, "2100-05-01": {"M": 7}}
    }
    assert books.held(nuorder_sandbox, Stock, stock_seasons=[books.season, other]) == [True]


def test_stock_that_should_have_come_is_of_today(nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product) -> None:
    set_future_stock(sku(coat, "M"), books.location, books.season, LONG_AGO, 7)

    books.export(nuorder_sandbox, Stock)

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert shown(nuorder_sandbox.stock("COAT-BLACK"))["default"][today] == {"M": 7}


def test_each_location_may_have_a_warehouse(nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product) -> None:
    outlet = Location.objects.create(name="Outlet")
    set_stock(sku(coat, "M"), outlet, books.season, opening=3)
    for name in ("EU", "Outlet"):
        nuorder_sandbox.control("POST", "/warehouses", {"display_name": name})

    books.export(nuorder_sandbox, Stock, warehouse_per_location=True)

    assert shown(nuorder_sandbox.stock("COAT-BLACK")) == {
        "EU": {"immediate": {"S": 5, "M": 0}},
        "Outlet": {"immediate": {"S": 0, "M": 3}},
    }


def test_all_locations_are_one_warehouse_otherwise(
    nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product
) -> None:
    set_stock(sku(coat, "S"), Location.objects.create(name="Outlet"), books.season, opening=3)
    nuorder_sandbox.control("POST", "/warehouses", {"display_name": "Main"})

    books.export(nuorder_sandbox, Stock, warehouse="Main")

    assert shown(nuorder_sandbox.stock("COAT-BLACK")) == {"Main": {"immediate": {"S": 8, "M": 0}}}


def test_a_size_added_after_the_data_export_waits_for_the_next(books: Books, coat: Product) -> None:
    SKU.objects.create(product=coat, size="L", position=2, barcode="4999999999999")

    assert books.says(Stock) == {"COAT-BLACK": ["sizes_not_published"]}
    [sending] = books.sendings(books.leg(Stock))
    assert [size.size for size in sending.payload.inventory[0].wip[0].sizes] == ["S", "M"]


def test_sales_beyond_the_stock_go_out_as_0_and_are_said(
    nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product
) -> None:
    set_stock(sku(coat, "S"), books.location, books.season, opening=-4)

    assert books.says(Stock) == {"COAT-BLACK": ["sold_more"]}
    books.export(nuorder_sandbox, Stock)
    assert shown(nuorder_sandbox.stock("COAT-BLACK"))["default"]["immediate"]["S"] == 0


def test_a_product_made_anew_there_gets_its_stock_again(
    nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product
) -> None:
    [before] = books.export(nuorder_sandbox, Stock)
    [unchanged] = books.sendings(books.leg(Stock))
    nuorder_sandbox.control("DELETE", "/products/COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    assert nuorder_sandbox.stock("COAT-BLACK") == []

    [after] = books.export(nuorder_sandbox, Stock)

    assert unchanged.payload == before.payload != after.payload
    assert shown(nuorder_sandbox.stock("COAT-BLACK")) == {"default": {"immediate": {"S": 5, "M": 0}}}
    assert Link.objects.get(kind="stock").remote_id == nuorder_sandbox.products()["COAT-BLACK"]["_id"]


def test_products_not_on_nuorder_are_blocked(books: Books, coat: Product) -> None:
    books.product("COAT-NAVY")

    assert books.says(Stock) == {"COAT-BLACK": [], "COAT-NAVY": ["not_published"]}


def test_without_stock_seasons_or_a_selling_location_nothing_starts(books: Books) -> None:
    assert books.leg(Stock).ready() == []

    Location.objects.update(sells=False)
    found = books.leg(Stock, stock_seasons=[]).ready()

    assert [said.reason.code for said in found] == ["no_stock_seasons", "no_selling_location"]
