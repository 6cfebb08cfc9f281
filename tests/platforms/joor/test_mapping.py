"""Books to JOOR's words as pure functions: no database, no network."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.models import SKU, Price, PriceList, Product, Season
from linesheet.books.prices import SeasonPrices
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.linesheet_mapping import (
    Linesheet,
    PlacedColour,
    linesheet_findings,
    linesheet_to_wire,
    season_year,
)
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.product_mapping import PlacedProduct, product_findings, product_to_wire
from linesheet.platforms.joor.product_wire import LinesheetColour, LinesheetItem, PriceWire, ProductWire, SizeWire
from linesheet.platforms.joor.styles import Claim, Colourway, alike, merged, same_there, style_of, styles_within
from linesheet.platforms.joor.terms import PairedType, Terms, categories_offered, money, paired_types
from linesheet.sync.platform import Choice

AW25 = Season(pk=1, name="AW25", starts_on=datetime.date(2025, 7, 1))
SS26 = Season(pk=2, name="SS26", starts_on=datetime.date(2026, 1, 1))
WHOLESALE = PriceList(pk=1, name="Wholesale", kind=PriceList.Kind.WHOLESALE)
RETAIL = PriceList(pk=2, name="Retail", kind=PriceList.Kind.RETAIL)
LANDED = PriceList(pk=3, name="Landed", kind=PriceList.Kind.OTHER)
COST = PriceList(pk=4, name="Cost", kind=PriceList.Kind.COST)
KINDS = {each.pk: each.kind for each in (WHOLESALE, RETAIL, LANDED, COST)}
EUR = PriceType("22", "WS EUR", "EUR", "EUR")
USD = PriceType("23", "WS USD", "USD", "USD")
DRESSES = ("Outerwear", "SS26", "Women", "Apparel", "Coats")
TERMS = Terms(
    paired_types({1: ["22", "23"], 2: ["22", "23"]}, KINDS, {"22": EUR, "23": USD}),
    categories_offered([Choice("501", "WOMEN > Apparel > Coats"), Choice("502", "WOMEN > Apparel")]),
)


def price(amount: str, price_list: PriceList = WHOLESALE, currency: str = "EUR") -> Price:
    return Price(price_list=price_list, currency=currency, amount=Decimal(amount))


def sizes(*names: str, barcode: str = "40000000000") -> tuple[SKU, ...]:
    return tuple(SKU(size=name, barcode=f"{barcode}{at:02}") for at, name in enumerate(names, 1))


BOTH = SeasonPrices(SS26, (price("100"), price("120", currency="USD"), price("250", RETAIL)))


def colourway(pk: int = 1, **given: Any) -> Colourway:
    own = {"code": f"COAT-{pk}", "style": "COAT", "colour": "Black", "name": "Wool coat", **given.pop("fields", {})}
    return Colourway(**{"product": Product(pk=pk, **own), "paths": (DRESSES,), "skus": sizes("S", "M"), **given})


def placed(*others: Colourway, prices: SeasonPrices | None = BOTH, same_as: str = "", **given: Any) -> PlacedProduct:
    own = colourway(**given)
    return PlacedProduct(colourway=own, style=style_of([own, *others]), prices=prices, same_as=same_as)


def codes(found: list[Any]) -> list[str]:
    return [said.reason.code for said in found]


def claim(pk: int, style: str, fabric: str = "", **given: Any) -> Claim:
    own = {"code": f"{style}{fabric}{pk}", "colour": "Black", "on_offer": True, "has_barcode": True, **given}
    return Claim(pk=pk, style=style, fabric=fabric, **own)


def test_a_product_goes_out_in_joors_words() -> None:
    record = placed(
        paths=((*DRESSES, "Long"), ("Sale", "AW25", "Women", "Apparel")),
        fields={
            "fabric": "WOOL",
            "colour_code": "BLK",
            "description": "Warm.",
            "composition": "100% wool",
            "origin": "Portugal",
        },
    )

    assert product_findings(record, TERMS) == []
    assert product_to_wire(record, TERMS) == ProductWire(
        style="COAT-WOOL",
        name="Wool coat",
        description="Warm.",
        materials="100% wool",
        origin="Portugal",
        fabrication="WOOL",
        silhouette="Long",
        categories=("501", "502"),
        code="COAT-1",
        colour="Black",
        colour_code="BLK",
        colour_order=1,
        sizes=(SizeWire("S", "4000000000001"), SizeWire("M", "4000000000002")),
        prices=(PriceWire("22", "WS EUR (EUR)", "100.00", "250.00"), PriceWire("23", "WS USD (USD)", "120.00")),
    )


def test_names_that_the_brand_keeps_for_joor_go_first() -> None:
    own = {"Joor Style Name": "The coat", "joor_style_description": "So warm.", "SKID": "77"}

    wire = product_to_wire(placed(fields={"custom": own, "description": "Warm."}), TERMS)

    assert (wire.name, wire.description, wire.source_of_materials) == ("The coat", "So warm.", "77")


def test_a_name_too_long_is_cut_and_told() -> None:
    record = placed(fields={"name": "x" * 101})

    assert product_to_wire(record, TERMS).name == "x" * 99 + "…"
    assert codes(product_findings(record, TERMS)) == ["name_cut"]


def test_a_product_not_on_offer_that_joor_does_not_have_stays_here() -> None:
    assert codes(product_findings(placed(fields={"withdrawn": True}), TERMS)) == ["joor_not_on_offer"]


def test_a_product_not_on_offer_that_joor_has_goes_out_with_a_warning() -> None:
    record = placed(fields={"withdrawn": True}, remote_id="33")

    assert codes(product_findings(record, TERMS)) == ["off_linesheets"]


def test_a_product_without_barcodes_is_held_back() -> None:
    assert codes(product_findings(placed(skus=(SKU(size="S"),)), TERMS)) == ["joor_no_barcode"]


def test_a_product_above_the_season_of_a_linesheet_is_held_back() -> None:
    assert codes(product_findings(placed(paths=(("Outerwear",),)), TERMS)) == ["joor_section_too_high"]


def test_a_product_of_the_same_key_on_joor_is_held_back() -> None:
    (said,) = product_findings(placed(same_as="OTHER"), TERMS)

    assert said.reason is catalogue_reasons.SAME_ON_JOOR
    assert "OTHER" in said.says


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (claim(1, "COAT-WOOL"), claim(2, "COAT", "WOOL")),
        (claim(2, "COAT", "WOOL"), claim(1, "coat-wool")),
        (claim(1, "COAT", "WOOL"), claim(2, "COAT-WOOL", remote_id="")),
    ],
)
def test_two_styles_of_one_key_are_told_apart_by_who_is_older(first: Claim, second: Claim) -> None:
    (older, newer) = sorted([first, second], key=lambda each: each.pk)

    assert same_there([first, second]) == {newer.pk: older.code}


def test_of_two_styles_of_one_key_the_one_that_joor_has_goes_first() -> None:
    known = claim(2, "COAT", "WOOL", remote_id="33")

    assert same_there([claim(1, "COAT-WOOL"), known]) == {1: known.code}


def test_what_does_not_go_takes_no_key() -> None:
    assert same_there([claim(1, "COAT-WOOL", on_offer=False), claim(2, "COAT", "WOOL")]) == {}


def test_two_fabrics_of_a_style_are_two_products_there() -> None:
    assert same_there([claim(1, "COAT", "WOOL"), claim(2, "COAT", "LINEN")]) == {}


@given(st.text("AB-", min_size=1, max_size=8), st.text("AB-", max_size=8))
def test_whatever_makes_the_same_key_is_among_the_styles_that_are_looked_at(style: str, fabric: str) -> None:
    assert style in styles_within(claim(1, style, fabric).key)


# Sizes and colours


def test_every_colour_comes_in_every_size_of_the_style() -> None:
    red = colourway(2, fields={"colour": "Red"}, skus=sizes("XS", "S", barcode="50000000000"))

    wire = product_to_wire(placed(red), TERMS)

    assert wire.sizes == (SizeWire("XS"), SizeWire("S", "4000000000001"), SizeWire("M", "4000000000002"))
    assert codes(product_findings(placed(red), TERMS)) == ["sizes_filled"]


def test_a_size_without_barcode_is_told_and_not_a_size_of_the_style() -> None:
    record = placed(skus=(*sizes("S"), SKU(size="M")))

    assert [each.size for each in product_to_wire(record, TERMS).sizes] == ["S"]
    assert codes(product_findings(record, TERMS)) == ["joor_sizes_without_barcode"]


def test_colours_that_do_not_go_add_no_sizes_and_do_not_speak_for_the_style() -> None:
    gone = colourway(0, fields={"name": "Old coat", "active": False}, skus=sizes("XXL"))

    wire = product_to_wire(placed(gone), TERMS)

    assert (wire.name, [each.size for each in wire.sizes]) == ("Wool coat", ["S", "M"])


def test_sizes_that_differ_in_case_only_are_two_and_told() -> None:
    red = colourway(2, fields={"colour": "Red"}, skus=sizes("s", "M"))

    assert [each.size for each in product_to_wire(placed(red), TERMS).sizes] == ["S", "s", "M"]
    assert "sizes_alike" in codes(product_findings(placed(red), TERMS))


def test_the_oldest_colour_speaks_for_the_style_and_the_others_are_told() -> None:
    older = colourway(1, fields={"name": "Wool coat", "origin": "Portugal"})
    record = placed(older, pk=2, fields={"name": "Red wool coat", "origin": "Italy", "colour": "Red"})

    wire = product_to_wire(record, TERMS)

    assert (wire.name, wire.origin, wire.colour) == ("Wool coat", "Portugal", "Red")
    (said,) = product_findings(record, TERMS)
    assert said.reason is catalogue_reasons.STYLE_SPOKEN_FOR
    assert "name, origin" in said.says


def test_what_the_oldest_colour_lacks_comes_from_the_next() -> None:
    record = placed(colourway(2, fields={"colour": "Red", "origin": "Italy", "custom": {"SKID": "7"}}))

    wire = product_to_wire(record, TERMS)

    assert (wire.origin, wire.source_of_materials) == ("Italy", "7")
    assert product_findings(record, TERMS) == []


def test_the_categories_of_all_colours_of_a_style_are_the_styles() -> None:
    red = colourway(2, fields={"colour": "Red"}, paths=(("Sale", "AW25", "women", "APPAREL"),))

    assert product_to_wire(placed(red), TERMS).categories == ("501", "502")


def test_a_colour_code_of_two_colours_is_left_out_and_told() -> None:
    red = colourway(2, fields={"colour": "Red", "colour_code": "01"})
    record = placed(red, fields={"colour_code": "01"})

    assert product_to_wire(record, TERMS).colour_code == ""
    assert codes(product_findings(record, TERMS)) == ["colour_code_twice"]


def test_a_category_that_joor_does_not_have_is_left_out_and_told() -> None:
    record = placed(paths=(("Outerwear", "SS26", "Women", "Coats"),))

    assert product_to_wire(record, TERMS).categories == ()
    (said,) = product_findings(record, TERMS)
    assert said.reason is catalogue_reasons.CATEGORY_UNKNOWN
    assert "Women > Coats" in said.says


def test_no_category_is_needed() -> None:
    record = placed(paths=(("Outerwear", "SS26"),))

    assert product_to_wire(record, TERMS).categories == ()
    assert product_findings(record, TERMS) == []


@pytest.mark.parametrize(
    ("lists", "whole"),
    [
        ([["XS", "S", "M"], ["S", "M", "L"]], ["XS", "S", "M", "L"]),
        ([["S", "M"], ["XS", "S"]], ["XS", "S", "M"]),
        ([["S", "L"], ["S", "M", "L"]], ["S", "M", "L"]),
        ([["38", "40"], ["One"]], ["38", "40", "One"]),
        ([["M", "S"], ["S", "M"]], ["M", "S"]),
    ],
)
def test_sizes_of_colours_become_one_list_in_order(lists: list[list[str]], whole: list[str]) -> None:
    assert merged(lists) == whole


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True)))
def test_no_size_is_lost_or_there_twice(lists: list[list[str]]) -> None:
    whole = merged(lists)

    assert sorted(whole) == sorted({size for each in lists for size in each})


@given(
    st.permutations("abcdef").flatmap(
        lambda order: st.tuples(st.just(order), st.lists(st.sets(st.sampled_from(order))))
    )
)
def test_lists_that_agree_keep_their_order_where_they_meet(case: tuple[list[str], list[set[str]]]) -> None:
    order, parts = case
    lists = [list(order), *([each for each in order if each in part] for part in parts)]

    assert merged(lists) == list(order)


def test_sizes_alike_are_found() -> None:
    assert alike(["S", "M", "s", "X L", "xl"]) == [("S", "s"), ("X L", "xl")]


# Prices (sheet 9.3, 9.9)


def test_a_product_that_is_visible_in_no_price_season_goes_out_at_zero_with_a_warning() -> None:
    record = placed(prices=None)

    assert product_to_wire(record, TERMS).prices == (
        PriceWire("22", "WS EUR (EUR)", "0.00", "0.00"),
        PriceWire("23", "WS USD (USD)", "0.00", "0.00"),
    )
    assert codes(product_findings(record, TERMS)) == ["zero_not_visible"]


def test_a_carried_over_product_without_prices_goes_out_at_zero_with_a_warning() -> None:
    record = placed(prices=SeasonPrices(SS26, (price("250", RETAIL),)))

    assert {each.wholesale for each in product_to_wire(record, TERMS).prices} == {"0.00"}
    assert codes(product_findings(record, TERMS)) == ["zero_no_price"]


def test_a_price_of_zero_is_told() -> None:
    record = placed(prices=SeasonPrices(SS26, (price("0"), price("120", currency="USD"))))

    (said,) = product_findings(record, TERMS)
    assert said.reason is catalogue_reasons.ZERO_PRICE
    assert "WS EUR (EUR)" in said.says


def test_a_price_type_without_a_price_is_left_out_and_told() -> None:
    record = placed(prices=SeasonPrices(SS26, (price("100"),)))

    assert [each.id for each in product_to_wire(record, TERMS).prices] == ["22"]
    assert codes(product_findings(record, TERMS)) == ["price_types_left_out"]


def test_prices_of_more_than_two_decimals_are_rounded_and_told() -> None:
    record = placed(prices=SeasonPrices(SS26, (price("99.995"), price("120", currency="USD"))))

    assert product_to_wire(record, TERMS).prices[0].wholesale == "100.00"
    assert codes(product_findings(record, TERMS)) == ["price_rounded"]


def test_each_price_type_has_the_prices_of_the_lists_it_is_paired_with() -> None:
    landed = paired_types({1: ["22"], 3: ["23"], 2: ["22"]}, KINDS, {"22": EUR, "23": USD})
    prices = SeasonPrices(
        SS26,
        (price("100"), price("110", currency="USD"), price("250", RETAIL), price("150", LANDED, "USD")),
    )

    wire = product_to_wire(placed(prices=prices), Terms(landed))

    assert [(each.id, each.wholesale, each.retail) for each in wire.prices] == [
        ("22", "100.00", "250.00"),
        ("23", "150.00", ""),
    ]


def test_costs_never_go_out() -> None:
    assert paired_types({4: ["22"]}, KINDS, {"22": EUR}) == ()


def test_a_retail_list_alone_makes_no_price() -> None:
    assert paired_types({2: ["22"]}, KINDS, {"22": EUR}) == ()


def test_a_price_type_that_the_account_does_not_have_is_not_sent() -> None:
    assert paired_types({1: ["22", "99"]}, KINDS, {"22": EUR}) == (PairedType(EUR, frozenset({1})),)


@given(st.decimals(0, Decimal("9999999999.9999"), places=4))
def test_money_is_text_with_two_decimals(amount: Decimal) -> None:
    whole, _, cents = money(amount).partition(".")

    assert whole.isdecimal()
    assert len(cents) == 2
    assert abs(Decimal(money(amount)) - amount) <= Decimal("0.005")


# Linesheets


def sheet(*colours: PlacedColour, **given: Any) -> Linesheet:
    return Linesheet(**{"section_id": 5, "name": "Outerwear", "season": "AW26", "placed": colours, **given})


def test_a_linesheet_lists_its_styles_in_order_each_in_its_colours() -> None:
    black, red = claim(1, "COAT", colour="Black"), claim(2, "COAT", colour="Red")
    cape = claim(3, "CAPE")

    wire = linesheet_to_wire(
        sheet(
            PlacedColour(red, "COAT", ("S",)), PlacedColour(cape, "CAPE", ("One",)), PlacedColour(black, "COAT", ("S",))
        )
    )

    assert (wire.name, wire.season, wire.year) == ("Outerwear", "AW26", 2026)
    assert wire.items == (
        LinesheetItem("COAT", (LinesheetColour("COAT2", "Red", ("S",)), LinesheetColour("COAT1", "Black", ("S",)))),
        LinesheetItem("CAPE", (LinesheetColour("CAPE3", "Black", ("One",)),)),
    )


def test_an_empty_linesheet_is_told() -> None:
    assert codes(linesheet_findings(sheet())) == ["linesheet_empty"]


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("AW26", 2026),
        ("AUTUMN/WINTER 26", 2026),
        ("Spring 2027", 2027),
        ("AW 2026/27", 2026),
        ("AW26/27", 2026),
        ("PRE 27", 2027),
        ("Drop 1", 2025),
        ("Resort", 2025),
        ("No. 12345", 2025),
    ],
)
def test_the_year_of_a_season_is_what_its_name_says_else_that_of_the_books(name: str, year: int) -> None:
    assert season_year(name, datetime.date(2025, 9, 1)) == year


def test_a_season_that_nothing_tells_of_has_no_year() -> None:
    assert season_year("Resort", None) is None
