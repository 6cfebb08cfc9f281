"""Data export, first leg: products, their colours and sizes and prices, over HTTP against the sandbox."""

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from linesheet.books.models import SKU, PriceList, Product, Season, Visibility
from linesheet.books.prices import make_visible, set_price
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.images import Images
from linesheet.platforms.joor.linesheets import Linesheets
from linesheet.platforms.joor.products import Products
from linesheet.sync import contexts
from linesheet.sync.catalogue import unplace
from linesheet.sync.legs import Leg
from linesheet.sync.models import Link, Offers, Section
from tests.platforms.joor.conftest import Books, JoorSandbox, counted
from tests.platforms.joor.exporting import ask, barcodes, codes, ends, item, matrix, prices, styles, written


def test_a_style_goes_out_with_its_colours_sizes_and_prices(brand: Books, joor: JoorSandbox) -> None:
    black = brand.product("COAT-black", colour_code="BLK", fabric="WOOL", composition="Wool", origin="Portugal")
    red = brand.product("COAT-red", fabric="WOOL", price="110")
    set_price(black, brand.season, brand.retail, Decimal("250"), "EUR")

    run = brand.run("data-export")

    there = styles(joor)["COAT-WOOL"]
    assert counted(run) == {"created": 3}
    assert (there["name"], there["product_identifier"]) == ("Coat coat", "COAT-WOOL")
    assert there["categories"] == ["WOMEN > Coats"]
    traits = {each["trait"]: each["value"] for each in there["product_trait_values"]}
    assert traits == {"Materials": "Wool", "Country of Origin": "Portugal", "Fabrication": "WOOL"}
    assert list(matrix(joor, "COAT-WOOL").values()) == [*barcodes(black), *barcodes(red)]
    assert prices(joor, "COAT-WOOL") == {
        **dict.fromkeys(barcodes(black), ("100.00", "250.00")),
        **dict.fromkeys(barcodes(red), ("110.00", None)),
    }
    assert set(Link.objects.filter(kind="product").values_list("remote_id", flat=True)) == {there["id"]}


def test_a_second_run_writes_nothing(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black")
    brand.run("data-export")
    before, credits = len(joor.calls()), joor.credits()

    assert counted(brand.run("data-export")) == {"unchanged": 2}
    assert (written(joor, before), joor.credits() - credits) == ([], 2)


def test_sent_again_what_is_there_already_is_read_and_not_written(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black")
    brand.product("COAT-red")
    brand.run("data-export")
    Link.objects.filter(kind="product").update(fingerprint="")
    before = len(joor.calls())

    assert counted(brand.run("data-export")) == {"updated": 2, "unchanged": 1}
    assert written(joor, before) == []


def test_only_what_differs_is_written(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black")
    brand.run("data-export")
    before = len(joor.calls())
    set_price(coat, brand.season, brand.wholesale, Decimal("90"), "EUR")

    run = brand.run("data-export")

    assert item(run, "COAT-black").changes == [
        {"field": "prices[WS EUR (EUR)].wholesale", "old": "100.00", "new": "90.00"}
    ]
    assert written(joor, before) == ["prices/bulk_update"]
    assert set(prices(joor, "COAT").values()) == {("90.00", None)}


def test_a_size_that_only_one_colour_has_is_filled_in_the_others_and_not_sold(brand: Books, joor: JoorSandbox) -> None:
    black = brand.product("COAT-black", sizes=("S", "M"))
    red = brand.product("COAT-red", sizes=("M", "L"))

    brand.run("data-export")

    (small, medium), (red_medium, large) = barcodes(black), barcodes(red)
    assert matrix(joor, "COAT") == {
        ("Black", "S"): small,
        ("Black", "M"): medium,
        ("Black", "L"): "",
        ("Red", "S"): "",
        ("Red", "M"): red_medium,
        ("Red", "L"): large,
    }
    assert set(prices(joor, "COAT")) == {small, medium, red_medium, large}


def test_a_new_colour_and_a_new_size_of_a_style_that_joor_has_complete_its_matrix(
    brand: Books, joor: JoorSandbox
) -> None:
    black = brand.product("COAT-black", sizes=("S", "M"))
    brand.run("data-export")
    red = brand.product("COAT-red", sizes=("M", "L"))

    run = brand.run("data-export")

    assert ends(run) == {"COAT-black": "updated", "COAT-red": "created", "Main > SS26": "updated"}
    assert len(matrix(joor, "COAT")) == 6
    assert {upc for upc in matrix(joor, "COAT").values() if upc} == {*barcodes(black), *barcodes(red)}


def test_a_colour_sent_alone_keeps_the_matrix_whole(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", sizes=("S", "M"))
    red = brand.product("COAT-red", sizes=("M", "L"))

    run = brand.run("data-export", only=("product", str(red.pk)))

    assert counted(run) == {"created": 1}
    assert matrix(joor, "COAT") == {
        ("Red", "S"): "",
        **dict(zip([("Red", "M"), ("Red", "L")], barcodes(red), strict=True)),
    }
    brand.run("data-export")
    assert len(matrix(joor, "COAT")) == 6


def test_a_filled_size_gets_its_barcode_when_the_colour_comes_in_it(brand: Books, joor: JoorSandbox) -> None:
    black = brand.product("COAT-black", sizes=("S",))
    brand.product("COAT-red", sizes=("S", "M"))
    brand.run("data-export")
    SKU.objects.create(product=black, size="M", position=1, barcode="4099999999999")

    brand.run("data-export")

    assert matrix(joor, "COAT")[("Black", "M")] == "4099999999999"
    assert prices(joor, "COAT")["4099999999999"] == ("100.00", None)


def test_a_size_that_left_the_books_stays_there_and_is_active(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", sizes=("S", "M"))
    brand.run("data-export")
    coat.skus.filter(size="M").delete()
    brand.product("COAT-red", sizes=("S",))

    run = brand.run("data-export")

    assert counted(run)["created"] == 1
    assert set(matrix(joor, "COAT")) == {("Black", "S"), ("Black", "M"), ("Red", "S"), ("Red", "M")}
    assert {sku["size"]["status"] for sku in styles(joor)["COAT"]["skus"]} == {"ACTIVE"}


def test_sizes_are_told_apart_by_case(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", sizes=("S",))
    brand.product("COAT-red", sizes=("s",))

    run = brand.run("data-export")

    assert set(matrix(joor, "COAT")) == {(colour, size) for colour in ("Black", "Red") for size in ("S", "s")}
    assert "sizes_alike" in codes(item(run, "COAT-red"))


def test_two_fabrics_of_a_style_are_two_products_there(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", fabric="WOOL")
    Product.objects.filter(code="COAT-black").update(code="COAT-black-wool")
    brand.product("COAT-black", fabric="LINEN")

    assert counted(brand.run("data-export")) == {"created": 3}
    assert set(styles(joor)) == {"COAT-WOOL", "COAT-LINEN"}


def test_a_renamed_colour_is_renamed_there_and_keeps_its_skus(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", colour_code="BLK")
    brand.run("data-export")
    before = {sku["id"] for sku in styles(joor)["COAT"]["skus"]}
    coat.colour = "Noir"
    coat.save()

    brand.run("data-export")

    assert {sku["id"] for sku in styles(joor)["COAT"]["skus"]} == before
    assert set(matrix(joor, "COAT")) == {("Noir", "S"), ("Noir", "M")}


def test_a_renamed_style_keeps_its_product(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black")
    brand.product("COAT-red")
    brand.run("data-export")
    product_id = styles(joor)["COAT"]["id"]
    Product.objects.filter(style="COAT").update(style="MANTEL")

    brand.run("data-export")

    assert {key: each["id"] for key, each in styles(joor).items()} == {"MANTEL": product_id}


def test_a_colour_that_leaves_its_style_becomes_another_product(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black")
    red = brand.product("COAT-red")
    brand.run("data-export")
    product_id = styles(joor)["COAT"]["id"]
    SKU.objects.filter(product=red).update(barcode="")
    for at, sku in enumerate(red.skus.all()):
        sku.barcode = f"409999999999{at}"
        sku.code = "new"
        sku.save()
    Product.objects.filter(pk=red.pk).update(style="CAPE", code="CAPE-red")

    run = brand.run("data-export")

    assert ends(run)["CAPE-red"] == "updated"
    assert styles(joor)["COAT"]["id"] == product_id
    assert Link.objects.get(kind="product", record_id=str(red.pk)).remote_id == styles(joor)["CAPE"]["id"] != product_id


def test_a_product_deleted_on_joor_is_created_again(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black")
    brand.product("CAPE")
    brand.run("data-export")
    joor.control("DELETE", "/products/COAT")

    run = brand.run("data-export")

    assert item(run, "COAT-black").action == "create"
    assert list(matrix(joor, "COAT").values()) == barcodes(coat)


def test_links_of_many_colours_are_no_short_listing(brand: Books, joor: JoorSandbox) -> None:
    for colour in ("black", "red", "blue", "green", "white"):
        brand.product(f"COAT-{colour}")
    brand.run("data-export")

    assert brand.run("data-export").state == "done"


def test_a_product_that_is_there_by_another_way_is_taken_over_by_its_barcodes(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", fabric="WOOL")
    brand.run("data-export")
    product_id = styles(joor)["COAT-WOOL"]["id"]
    Link.objects.all().delete()
    joor.control("PATCH", f"/products/{product_id}", {"external_id": "COAT", "product_identifier": "COAT"})

    brand.run("data-export")

    assert Link.objects.get(kind="product", record_id=str(coat.pk)).remote_id == product_id
    assert set(styles(joor)) == {"COAT-WOOL"}


@pytest.mark.parametrize(
    "keys", [{"external_id": "X9", "product_identifier": "SKI-04711"}, {"external_id": "", "product_identifier": ""}]
)
def test_a_product_that_is_there_by_keys_of_its_own_is_taken_over_by_its_barcodes(
    brand: Books, joor: JoorSandbox, keys: dict[str, str]
) -> None:
    coat = brand.product("COAT-black")
    brand.run("data-export")
    product_id = styles(joor)["COAT"]["id"]
    Link.objects.all().delete()

    async def rekey(client: JoorClient) -> None:
        skus = await client.v4.listed("skus", product_ids=[product_id])
        await client.v4.updated(
            "skus",
            [
                {
                    "id": each["id"],
                    "external_id": f"x{at}",
                    "trait_values": [
                        {"trait_name": "Color", "value": "NOIR"},
                        {"trait_name": "Size", "value": "SM"[at]},
                    ],
                }
                for at, each in enumerate(skus)
            ],
        )

    joor.use(rekey)
    joor.control("PATCH", f"/products/{product_id}", keys)
    assert {colour for colour, _ in matrix_of(joor, product_id)} == {"NOIR"}

    brand.run("data-export")

    assert Link.objects.get(kind="product", record_id=str(coat.pk)).remote_id == product_id
    assert set(styles(joor)) == {"COAT"}
    assert matrix(joor, "COAT") == dict(zip([("Black", "S"), ("Black", "M")], barcodes(coat), strict=True))


def matrix_of(joor: JoorSandbox, product_id: str) -> set[tuple[str, str]]:
    (product,) = (each for each in joor.control("GET", "/products") if each["id"] == product_id)
    return {(sku["color"]["value"], sku["size"]["value"]) for sku in product["skus"]}


def test_what_a_person_changed_there_is_put_right_when_the_product_is_sent(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black")
    brand.run("data-export")
    joor.control("PATCH", "/products/COAT", {"name": "Changed"})
    coat.description = "Warm."
    coat.save()

    brand.run("data-export")

    assert (styles(joor)["COAT"]["name"], styles(joor)["COAT"]["description"]) == ("Coat coat", "Warm.")


# What keeps products from JOOR


def test_a_product_that_joor_refuses_fails_alone(brand: Books, joor: JoorSandbox) -> None:
    coat, cape = brand.product("COAT-black"), brand.product("CAPE")
    brand.run("data-export")
    Link.objects.all().delete()
    joor.control("DELETE", "/products/COAT")
    joor.control("PATCH", f"/skus/{barcodes(cape)[0]}", {"upc": barcodes(coat)[0]})

    run = brand.run("data-export")

    assert ends(run)["COAT-black"] == "failed"
    assert "refused" in item(run, "COAT-black").reason_code
    assert Link.objects.filter(kind="product", record_id=str(coat.pk)).count() == 0


def ready(brand: Books) -> list[str]:
    return [said.reason.code for said in Products(contexts.context_of(brand.connection)).ready()]


def test_nothing_starts_before_the_account_was_asked_and_price_types_chosen_that_it_has(
    brand: Books, joor: JoorSandbox
) -> None:
    brand.product("COAT-black")
    chosen = brand.connection.settings["price_types"]
    cost = PriceList.objects.create(name="Cost", kind=PriceList.Kind.COST)
    Offers.objects.all().delete()
    assert ready(brand) == ["account_not_asked"]
    assert "JOOR was not asked yet" in brand.run("data-export").says
    ask(brand)
    assert ready(brand) == []

    (price_type,) = chosen[str(brand.wholesale.pk)]
    for pairs, code in (
        ({}, "no_price_types"),
        ({str(brand.wholesale.pk): [price_type, "99"]}, "price_type_gone"),
        ({str(brand.retail.pk): [price_type]}, "retail_alone"),
        ({**chosen, str(cost.pk): [price_type]}, "costs_paired"),
    ):
        brand.set(price_types=pairs)
        assert ready(brand) == [code]


@pytest.mark.parametrize("kind", [Products, Linesheets, Images])
def test_an_account_that_was_in_use_waits_for_its_check(brand: Books, kind: type[Leg]) -> None:
    brand.set(account="existing")

    leg = kind(replace(contexts.context_of(brand.connection), public_url="https://hub.example"))

    assert [said.reason.code for said in leg.ready()] == ["account_not_checked"]


def test_a_product_taken_out_of_the_catalogue_stays_there_as_it_is(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black")
    brand.product("CAPE")
    brand.run("data-export")
    unplace(Section.objects.get(name="Coats"), [coat])

    run = brand.run("data-export")

    assert "COAT-black" not in ends(run)
    assert {sku["color"]["status"] for sku in styles(joor)["COAT"]["skus"]} == {"ACTIVE"}


# Prices (sheet 9.9)


def season(name: str, starts_on: datetime.date) -> Season:
    made: Season = Season.objects.create(name=name, starts_on=starts_on)
    return made


def test_price_two_seasons(brand: Books, joor: JoorSandbox) -> None:
    autumn = season("AW25", datetime.date(2025, 7, 1))
    coat = brand.product("COAT-black", price="95")
    make_visible([coat], autumn)
    set_price(coat, autumn, brand.wholesale, Decimal("90"), "EUR")
    brand.set(price_seasons=[autumn.pk, brand.season.pk])

    brand.run("data-export")

    assert {wholesale for wholesale, _ in prices(joor, "COAT").values()} == {"95.00"}


def test_price_newer_not_ticked(brand: Books, joor: JoorSandbox) -> None:
    autumn = season("AW25", datetime.date(2025, 7, 1))
    coat = brand.product("COAT-black", price="95")
    make_visible([coat], autumn)
    set_price(coat, autumn, brand.wholesale, Decimal("90"), "EUR")
    brand.set(price_seasons=[autumn.pk])

    brand.run("data-export")

    assert {wholesale for wholesale, _ in prices(joor, "COAT").values()} == {"90.00"}


def test_price_none_visible(brand: Books, joor: JoorSandbox) -> None:
    old = season("AW24", datetime.date(2024, 7, 1))
    coat = brand.product("COAT-black", visible=False)
    Visibility.objects.create(product=coat, season=old)
    set_price(coat, old, brand.wholesale, Decimal("80"), "EUR")

    run = brand.run("data-export")

    assert set(prices(joor, "COAT").values()) == {("0.00", "0.00")}
    assert codes(item(run, "COAT-black")) == ["zero_not_visible"]


def test_prices_are_zero_where_no_season_is_ticked_and_a_preview_says_so(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black")
    brand.set(price_seasons=[])

    run = brand.run("data-export", preview=True)

    assert codes(item(run, "COAT-black")) == ["zero_not_visible"]
    assert styles(joor) == {}


def test_each_price_list_goes_as_the_price_types_it_is_paired_with(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black")
    set_price(coat, brand.season, brand.wholesale, Decimal("120"), "USD")
    dollars = joor.price_type("WS USD", "USD")
    euros = brand.connection.settings["price_types"][str(brand.wholesale.pk)][0]
    brand.set(price_types={str(brand.wholesale.pk): [euros, dollars.id]})
    ask(brand)

    brand.run("data-export")

    (first, _) = styles(joor)["COAT"]["skus"]
    assert {name: each["wholesale_value"] for name, each in first["prices"].items()} == {
        "WS EUR EUR": "100.00",
        "WS USD USD": "120.00",
    }
