"""Books to wire as pure functions: no database, no network."""

import datetime
from decimal import Decimal
from typing import Any

import msgspec

from linesheet.books.models import SKU, Address, Customer, HoldStatus, Image, Price, PriceList, Product, Season
from linesheet.books.prices import SeasonPrices
from linesheet.books.reasons import Severity
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.compare import holds_company, holds_product, holds_stock
from linesheet.platforms.nuorder.mapping import (
    customer_findings,
    customer_to_wire,
    image_findings,
    image_to_wire,
    product_findings,
    product_to_wire,
)
from linesheet.platforms.nuorder.placed import PlacedProduct, counting_first
from linesheet.platforms.nuorder.stock_mapping import StockOf, stock_findings, stock_to_wire
from linesheet.platforms.nuorder.wire import ProductWire, SizeWire, encoded, plain
from linesheet.sync.differences import wire_form

SS26 = Season(
    name="SS26",
    starts_on=datetime.date(2026, 1, 1),
    delivery_starts_on=datetime.date(2026, 2, 1),
    delivery_cancels_on=datetime.date(2026, 3, 31),
)
WHOLESALE = PriceList(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
RETAIL = PriceList(name="Retail", kind=PriceList.Kind.RETAIL)
COATS = ("SS26", "Women", "Coats")
TODAY = datetime.date(2026, 1, 10)
IN_MAY = datetime.date(2026, 5, 1)


def price(amount: str, price_list: PriceList = WHOLESALE, currency: str = "EUR") -> Price:
    return Price(price_list=price_list, currency=currency, amount=Decimal(amount))


def placed(**given: Any) -> PlacedProduct:
    fields = {"code": "COAT-BLK", "style": "COAT", "colour": "Black", "name": "Wool coat", **given.pop("fields", {})}
    defaults: dict[str, Any] = {
        "product": Product(**fields),
        "skus": (SKU(size="S", barcode="4000000000011"), SKU(size="M", barcode="4000000000028")),
        "paths": (COATS,),
        "colour": "Black",
        "prices": SeasonPrices(SS26, (price("100"), price("250", RETAIL))),
    }
    return PlacedProduct(**{**defaults, **given})


def codes(found: list[Any]) -> list[str]:
    return [said.reason.code for said in found]


def test_a_product_goes_out_in_nuorders_words() -> None:
    record = placed(
        paths=((*COATS, "Long", "Lined"), ("AW25", "Women", "Coats"), ("ss26", "Sale", "All")),
        fields={
            "colour_code": "BLK",
            "description": "Warm.",
            "composition": "100% wool",
            "origin": "Portugal",
            "custom": {"fit": "wide", "tags": ["new"], "Not Plain": "x", "images": "x", "nested": {"a": 1}},
        },
    )

    assert product_findings(record) == []
    assert plain(product_to_wire(record)) == {
        "brand_id": "COAT-BLK",
        "style_number": "COAT",
        "season": "SS26",
        "seasons": ("AW25",),
        "department": "Women",
        "category": "Coats",
        "subcategory": "Long",
        "color": "Black",
        "color_code": "BLK",
        "name": "Wool coat",
        "description": "Warm.",
        "active": True,
        "cancelled": False,
        "available_from": datetime.date(2026, 2, 1),
        "available_until": datetime.date(2026, 3, 31),
        "order_closing": datetime.date(2026, 3, 31),
        "sizes": ({"size": "S", "upc": "4000000000011"}, {"size": "M", "upc": "4000000000028"}),
        "pricing": {"EUR": {"wholesale": Decimal("100"), "retail": Decimal("250")}},
        "fabric_description": "100% wool",
        "country_of_origin": "Portugal",
        "fit": "wide",
        "tags": ["new"],
    }


def test_images_are_no_part_of_a_product_so_that_an_export_leaves_them_alone() -> None:
    assert "images" not in plain(product_to_wire(placed()))


def test_each_currency_takes_the_first_list_of_a_kind_that_has_it() -> None:
    outlet = PriceList(name="Outlet", kind=PriceList.Kind.WHOLESALE)
    prices = (price("100"), price("90", outlet), price("80", outlet, "USD"), price("30", RETAIL, "GBP"))
    record = placed(prices=SeasonPrices(SS26, prices))

    assert wire_form(product_to_wire(record))["pricing"] == {
        "EUR": {"wholesale": "100", "retail": None},
        "USD": {"wholesale": "80", "retail": None},
    }
    assert codes(product_findings(record)) == ["currencies_without_wholesale"]


def test_a_price_of_0_is_no_price() -> None:
    record = placed(prices=SeasonPrices(SS26, (price("0"),)))

    [said] = product_findings(record)

    assert said.reason is reasons.NO_PRICE
    assert "SS26" in said.says
    assert "SS26" in said.fix


def test_a_product_visible_nowhere_is_blocked_with_that_reason() -> None:
    assert codes(product_findings(placed(prices=None))) == ["not_visible"]


def test_sizes_without_a_barcode_are_left_out_and_named() -> None:
    record = placed(skus=(SKU(size="S", barcode="4000000000011"), SKU(size="M")))

    [said] = product_findings(record)

    assert said.reason.severity is Severity.WARNING
    assert "without M" in said.says
    assert product_to_wire(record).sizes == (SizeWire("S", "4000000000011"),)


def test_what_the_books_no_longer_have_is_sent_empty() -> None:
    undated = Season(name="SS26", starts_on=datetime.date(2026, 1, 1))
    record = placed(
        prices=SeasonPrices(undated, (price("100"),)), last_custom={"fit": "wide", "tags": ["new"], "care": "dry"}
    )
    record.product.custom = {"care": "wash"}

    sent = product_to_wire(record)

    words = plain(sent)
    assert {words[field] for field in ("available_from", "available_until", "order_closing", "description")} == {""}
    assert words["pricing"] == {"EUR": {"wholesale": Decimal("100"), "retail": ""}}
    assert (words["fit"], words["tags"], words["care"]) == ("", [], "wash")
    assert msgspec.convert(wire_form(sent), ProductWire, strict=False) == sent


def test_a_product_without_any_barcode_is_blocked() -> None:
    assert codes(product_findings(placed(skus=(SKU(size="S"),)))) == ["no_barcode"]


def test_a_product_must_stand_in_a_category() -> None:
    [said] = product_findings(placed(paths=(("SS26", "Women"),)))

    assert said.reason is reasons.PLACED_TOO_HIGH
    assert "SS26 > Women" in said.says


def test_a_product_that_nuorder_would_take_for_another_is_blocked_and_names_it() -> None:
    [said] = product_findings(placed(same_as="COAT-WOOL-BLK"))

    assert "COAT-WOOL-BLK" in said.says
    assert "Colour text" in said.fix


def test_a_withdrawn_product_that_nuorder_has_goes_out_cancelled_whatever_it_lacks() -> None:
    record = placed(fields={"withdrawn": True}, linked=True, prices=None, skus=())

    assert product_findings(record) == []
    sent = plain(product_to_wire(record))
    assert (sent["active"], sent["cancelled"]) == (True, True)
    assert not {"sizes", "pricing", "available_from"} & sent.keys()


def test_an_inactive_product_that_nuorder_never_had_is_not_worth_publishing() -> None:
    assert codes(product_findings(placed(fields={"active": False}))) == ["not_on_offer"]


def test_the_place_in_the_most_recent_season_counts() -> None:
    ranks = {"aw25": 0, "ss26": 1}
    places = [("SS26", "A", "B"), ("Carry-over", "A", "B"), ("AW25", "A", "B")]

    assert counting_first(places, ranks)[0][0] == "SS26"
    assert [path[0] for path in counting_first(places, ranks)[1:]] == ["Carry-over", "AW25"]


def test_where_no_section_names_a_season_the_last_place_counts() -> None:
    assert counting_first([("Core", "A", "B"), ("New", "A", "B")], {})[0][0] == "New"


def test_a_customers_name_is_its_name_and_its_code() -> None:
    hold = HoldStatus(name="Pay first")
    customer = Customer(name="Maison Rive", currency="EUR", payment_terms="30 days", hold_status=hold)

    sent = wire_form(customer_to_wire(customer, ()))

    assert sent == {
        "name": "Maison Rive",
        "code": "Maison Rive",
        "currency_code": "EUR",
        "active": True,
        "payment_terms": "30 days",
        "credit_status": "Pay first",
    }


def test_delivery_addresses_ship_accounts_addresses_bill_and_one_of_each_is_the_default() -> None:
    customer = Customer(name="Maison Rive", currency="EUR")
    given = {"line_1": "1 Rue", "country": "FR"}
    addresses = [
        Address(pk=1, kind=1, code="D1", is_default=True, **given),
        Address(pk=2, kind=1, code="D2", is_default=True, **given),
        Address(pk=3, kind=2, code="A1", region="Rhône", postcode="69001", **given),
        Address(pk=4, kind=3, code="S1", **given),
    ]

    sent = wire_form(customer_to_wire(customer, addresses))["addresses"]

    assert [(each["type"], each["shipping_code"], each["billing_code"]) for each in sent] == [
        ("shipping", "D1", ""),
        ("shipping", "D2", ""),
        ("billing", "", "A1"),
    ]
    assert [each["default_shipping"] for each in sent] == [True, False, False]
    assert (sent[2]["state"], sent[2]["zip"]) == ("Rhône", "69001")


def test_an_address_without_a_country_is_left_out_and_said() -> None:
    customer = Customer(name="Maison Rive", currency="EUR")
    address = Address(pk=1, kind=1, line_1="1 Rue", city="Lyon")

    [said] = customer_findings(customer, [address])

    assert said.says == "Maison Rive goes out without its delivery address 1 Rue, Lyon: it has no country."
    assert "addresses" not in wire_form(customer_to_wire(customer, [address]))


def test_the_last_address_goes_from_nuorder_only_when_it_came_from_the_books() -> None:
    customer = Customer(name="Maison Rive", currency="EUR")

    assert wire_form(customer_to_wire(customer, (), had_addresses=True))["addresses"] == []
    assert "addresses" not in wire_form(customer_to_wire(customer, ()))


def test_a_customer_without_a_currency_is_blocked() -> None:
    assert codes(customer_findings(Customer(name="Maison Rive"), ())) == ["customer_without_currency"]


def test_a_picture_goes_out_by_its_content() -> None:
    image = Image(content_hash="ab" * 32, format="jpg", width=400, height=900, bytes=6_000_000)
    product = Product(code="COAT-BLK")

    assert image_to_wire(product, image, "65f0").image == "ab" * 32 + ".jpg"
    assert codes(image_findings(product, image, published=True)) == ["image_heavy", "image_small"]
    assert codes(image_findings(product, None, published=True)) == ["no_image"]
    assert codes(image_findings(product, image, published=False)) == ["not_published"]


def stock(**given: Any) -> StockOf:
    defaults: dict[str, Any] = {
        "product": Product(code="COAT-BLK"),
        "skus": (SKU(pk=1, size="S", barcode="4000000000011"), SKU(pk=2, size="M", barcode="4000000000028")),
        "published": frozenset({"S", "M"}),
        "product_id": "65f0",
        "warehouses": ("default",),
        "now": {("default", 1): 5},
        "coming": {},
    }
    return StockOf(**{**defaults, **given})


def test_stock_now_and_later_goes_out_together() -> None:
    record = stock(coming={("default", IN_MAY, 2): 7, ("default", TODAY, 1): -3})

    assert stock_findings(record) == []
    assert wire_form(stock_to_wire(record)) == {
        "brand_id": "COAT-BLK",
        "product_id": "65f0",
        "inventory": [
            {
                "warehouse": "default",
                "prebook": False,
                "wip": [
                    {
                        "name": "immediate",
                        "sizes": [
                            {"size": "S", "upc": "4000000000011", "quantity": 5},
                            {"size": "M", "upc": "4000000000028", "quantity": 0},
                        ],
                    },
                    {"name": "2026-05-01", "sizes": [{"size": "M", "upc": "4000000000028", "quantity": 7}]},
                ],
            }
        ],
    }


def test_stock_below_0_goes_out_as_0_and_the_raw_figure_is_said() -> None:
    record = stock(now={("default", 1): -4})

    [said] = stock_findings(record)

    assert "size S in default (-4)" in said.says
    assert stock_to_wire(record).inventory[0].wip[0].sizes[0].quantity == 0


def test_sizes_nuorder_does_not_know_are_left_out_and_said() -> None:
    record = stock(published=frozenset({"M"}))

    assert codes(stock_findings(record)) == ["sizes_not_published"]
    assert [size.size for size in stock_to_wire(record).inventory[0].wip[0].sizes] == ["M"]
    assert codes(stock_findings(stock(published=frozenset()))) == ["no_size_published"]
    assert codes(stock_findings(stock(published=None))) == ["not_published"]
    assert codes(stock_findings(stock(skus=(SKU(pk=1, size="S"),)))) == ["no_barcode"]


def test_a_product_is_held_however_the_portal_normalises_it() -> None:
    sent = product_to_wire(placed(fields={"custom": {"fit": "wide"}}))
    remote = {
        "_id": "65f0",
        "brand_id": "coat-blk",
        "style_number": "COAT",
        "season": "ss26",
        "color": "BLACK",
        "name": "wool coat",
        "color_code": None,
        "department": "WOMEN",
        "category": "Coats",
        "active": True,
        "available_from": "2026-02-01T00:00:00.000Z",
        "available_until": "2026/3/31",
        "order_closing": "03/31/2026",
        "sizes": [{"_id": "b1", "size": "S", "upc": 4000000000011}, {"size": "M", "upc": "4000000000028"}],
        "pricing": {"EUR": {"wholesale": "100.00", "retail": 250, "disabled": False}},
        "__inventory": [],
    }

    assert holds_product(remote, sent)
    for change in (
        {"active": False},
        {"description": "Other."},
        {"available_from": ""},
        {"order_closing": None},
        {"sizes": remote["sizes"][:1]},
        {"pricing": {"EUR": {"wholesale": 99}}},
        {"fit": "narrow"},
    ):
        assert not holds_product(remote | change, sent), change


def test_what_was_cleared_is_held_only_once_it_is_gone() -> None:
    undated = Season(name="SS26", starts_on=datetime.date(2026, 1, 1))
    sent = product_to_wire(placed(prices=SeasonPrices(undated, (price("100"),))))
    as_sent = msgspec.json.decode(encoded(plain(sent)))
    gone = {**as_sent, "available_from": None, "pricing": {"EUR": {"wholesale": 100}}}

    assert holds_product(as_sent, sent)
    assert holds_product(gone, sent)
    assert not holds_product(gone | {"available_from": "2026-02-01T00:00:00.000Z"}, sent)
    assert not holds_product(gone | {"pricing": {"EUR": {"wholesale": 100, "retail": 250}}}, sent)


def test_a_company_is_held_only_under_exactly_its_code() -> None:
    sent = customer_to_wire(Customer(name="Maison Rive", currency="EUR"), ())
    remote = {"name": "Maison Rive", "code": "Maison Rive", "currency_code": "EUR", "active": True}

    assert holds_company(remote, sent)
    assert not holds_company(remote | {"code": "MAISON RIVE"}, sent)


def test_stock_is_held_only_as_a_whole() -> None:
    sent = stock_to_wire(stock(coming={("default", IN_MAY, 2): 7}))
    [remote] = wire_form(sent)["inventory"]

    assert holds_stock([remote], sent)
    assert not holds_stock([{**remote, "wip": remote["wip"][:1]}], sent)
    assert not holds_stock([{**remote, "warehouse": "other"}], sent)
    assert not holds_stock([{**remote, "wip": [None]}], sent)


def test_every_reason_names_its_record_and_a_remedy() -> None:
    assert len({reason.code for reason in reasons.REASONS}) == len(reasons.REASONS)
    declared = {value for value in vars(reasons).values() if isinstance(value, type(reasons.NO_PRICE))}
    assert declared == set(reasons.REASONS)
    for reason in reasons.REASONS:
        assert reason.fix.endswith("."), reason.code
        assert "{record}" in reason.says or "{order}" in reason.says or "{" not in reason.says, reason.code


def test_a_payload_kept_as_json_reads_back_as_it_was() -> None:
    sent = product_to_wire(placed(fields={"custom": {"fit": "wide"}}))

    assert msgspec.convert(wire_form(sent), ProductWire, strict=False) == sent
