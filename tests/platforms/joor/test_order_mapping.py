"""A JOOR order in the hub's words, and that no payload at all makes the reading fail."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linesheet.books.reasons import Said
from linesheet.platforms.joor.order_figures import Negative, price_of, units_of
from linesheet.platforms.joor.order_lines import barcode_of
from linesheet.platforms.joor.order_mapping import order_from_wire
from linesheet.platforms.joor.order_wire import LineWire, Told, with_told
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.tolerant import Unfit


def order(**changes: Any) -> dict[str, Any]:
    """The order of sheet 8.5, with changes; a field changed to `...` is missing."""
    shape = {
        "order_id": 481001,
        "order_type": "4",
        "order_season_code": "AW26",
        "order_delivery_name": "Outerwear",
        "order_currency": "EUR",
        "order_currency_name": "WS EUR",
        "order_total": 475,
        "customer_name": "Rue Douze",
        "customer_code": "C0042",
        "customer_purchase_order": "PO-77",
        "date_approved": "2026-03-02T10:15:00.000000+00:00",
        "date_ship_start": "2026-08-01",
        "date_ship_end": "2026-08-31",
        "shipping_code": "C0042-D1",
        "billing_code": "C0042-A1",
        "order_doors": "",
        "order_divisions": "",
        "line_items": [line()],
    }
    return {key: value for key, value in {**shape, **changes}.items() if value is not ...}


def line(**changes: Any) -> dict[str, Any]:
    shape = {
        "item_number": "COAT1",
        "item_style_id": 900001,
        "item_color": "Black",
        "item_color_code": "BLK",
        "item_size": "S",
        "item_upc": "5060000000017",
        "item_price": 95.0,
        "item_quantity": 5,
        "item_price_extended": 475,
        "style_tags": "",
    }
    return {key: value for key, value in {**shape, **changes}.items() if value is not ...}


def read(payload: Any) -> IncomingOrder:
    meaning = order_from_wire(payload)
    assert isinstance(meaning, IncomingOrder), meaning
    return meaning


def refused(payload: Any) -> str:
    meaning = order_from_wire(payload)
    assert isinstance(meaning, Said), meaning
    return meaning.reason.code


def test_the_order_of_the_sheet_is_read_into_the_hubs_words() -> None:
    assert read(order()) == IncomingOrder(
        remote_id="481001",
        number="481001",
        customer_name="Rue Douze",
        customer_code="C0042",
        by_code_only=True,
        currency="EUR",
        price_label="WS EUR",
        customer_reference="PO-77",
        season_name="AW26",
        ships_from=datetime.date(2026, 8, 1),
        ships_until=datetime.date(2026, 8, 31),
        addresses={"delivery": {"code": "C0042-D1"}, "accounts": {"code": "C0042-A1"}},
        total=Decimal(475),
        lines=(
            IncomingLine(
                barcode="5060000000017",
                described_as="COAT1 Black S",
                quantity=5,
                price=Decimal(95),
                product_id="900001",
                style="COAT1",
                colour="Black",
                size="S",
            ),
        ),
    )


def test_an_order_with_nothing_but_the_necessary_is_read() -> None:
    bare = {"order_id": 1, "order_currency": "eur", "line_items": {"item_quantity": "2", "item_price": "10.50"}}

    meaning = read(bare)

    assert (meaning.number, meaning.currency, meaning.customer_code, meaning.addresses) == ("1", "EUR", "", {})
    assert [(each.quantity, each.price, each.barcode) for each in meaning.lines] == [(2, Decimal("10.5"), "")]
    assert (meaning.total, meaning.comments) == (None, "")


def test_a_purchase_order_that_is_only_the_orders_number_is_none() -> None:
    assert read(order(customer_purchase_order="481001")).customer_reference == ""
    assert read(order(customer_purchase_order=481001)).customer_reference == ""
    assert read(order(customer_purchase_order="")).customer_reference == ""


def test_the_season_goes_by_its_name_then_by_what_the_account_calls_the_code_then_by_the_code() -> None:
    told = Told(season="AUTUMN/WINTER 26")

    assert read(with_told(order(order_season_name="Autumn/Winter 26"), told)).season_name == "Autumn/Winter 26"
    assert read(with_told(order(), told)).season_name == "AUTUMN/WINTER 26"
    assert read(order()).season_name == "AW26"
    assert read(order(order_season_code="")).season_name == ""


def test_a_code_of_the_customer_is_taken_without_the_spaces_around_it() -> None:
    assert read(order(customer_code=" C0042 ")).customer_code == "C0042"
    assert read(order()).customer_keys == ("code:C0042",)
    assert read(order(customer_code="")).customer_keys == ("name:rue douze",)


@pytest.mark.parametrize(
    ("upc", "barcode"),
    [
        ("0060000000017", "0060000000017"),
        (" 5060000000017 ", "5060000000017"),
        ("5060000000017::3", "5060000000017"),
        ("0012345678905::88123", "0012345678905"),
        ("N/A", ""),
        ("", ""),
    ],
)
def test_barcodes_are_text_with_their_zeros_and_without_what_makes_doubles_unique(upc: str, barcode: str) -> None:
    assert barcode_of(upc) == barcode
    assert read(order(line_items=[line(item_upc=upc)])).lines[0].barcode == barcode


def test_addresses_are_read_by_part_and_a_country_by_name_or_code() -> None:
    shipping = {
        "shipping_code": "D1",
        "shipping_name": "Rue Douze depot",
        "shipping_address_1": "3 quai Sud",
        "shipping_address_2": "Hall 2",
        "shipping_city": "Lyon",
        "shipping_region": "ARA",
        "shipping_postal_code": 69002,
        "shipping_country": "France",
        "shipping_country_iso_two": "FR",
    }
    billing = {"billing_code": "", "billing_address_1": "12 rue Haute", "billing_country_iso_two": "FR"}

    found = read(order(**shipping, **billing)).addresses

    assert found["delivery"] == {
        "code": "D1",
        "company_name": "Rue Douze depot",
        "line_1": "3 quai Sud",
        "line_2": "Hall 2",
        "city": "Lyon",
        "region": "ARA",
        "postcode": "69002",
        "country": "France",
    }
    assert found["accounts"] == {"line_1": "12 rue Haute", "country": "FR"}
    assert "store" not in found


def test_comments_keep_what_people_wrote_and_what_the_books_have_no_place_for() -> None:
    meaning = read(
        order(
            order_comments="Please ship early.<eop>Call first. <EOP> ",
            order_internal_comments="Good customer",
            order_shipping_total=12.5,
            order_total=487.5,
            order_divisions=[{"division_code": "W", "division_name": "Women"}, {"division_name": "Men"}],
            order_doors=[
                {"door_id": 1, "door_name": "Paris", "door_code": "P1"},
                {"door_id": 2, "door_name": "Lyon", "door_code": None},
                {"door_id": 3, "door_name": "Gone", "door_deleted": True},
            ],
            order_type_name="Post-Market",
            payment_method_name="Net 30",
        )
    )

    assert meaning.comments.splitlines() == [
        "Please ship early.",
        "Call first.",
        "Internal: Good customer",
        "Shipping: 12.50 EUR",
        "Divisions: Women (W), Men",
        "Doors: Paris (P1), Lyon",
        "Order type: Post-Market",
        "Payment: Net 30",
    ]


def test_a_line_says_for_which_door_it_is_and_what_was_noted_of_it() -> None:
    doors = [{"door_id": 1, "door_name": "Paris", "door_code": "P1"}]
    lines = [
        line(item_door_id=1, item_comment="Gift wrap", item_color_comment="Dark"),
        line(item_door_id="9", item_comment="same", item_color_comment="same"),
        line(item_door_id=0),
    ]

    comments = [each.comment for each in read(order(order_doors=doors, line_items=lines)).lines]

    assert comments == ["Door: Paris; Gift wrap; Dark", "Door: 9; same", ""]


def test_lines_without_a_quantity_are_passed_over() -> None:
    lines = [line(item_quantity=0, item_price=...), line(item_quantity=""), line()]

    assert len(read(order(line_items=lines)).lines) == 1
    assert refused(order(line_items=lines[:2])) == "joor_order_empty"
    assert refused(order(line_items="")) == "joor_order_empty"


@pytest.mark.parametrize(
    ("given", "units", "price"),
    [
        ({"item_quantity": 5, "item_price": 95, "item_price_extended": 475}, 5, "95"),
        ({"item_quantity": 5, "item_price": 95, "item_multiplier": 1}, 5, "95"),
        # Case packs of six: priced by the piece, or by the pack.
        ({"item_quantity": 2, "item_multiplier": 6, "item_price": 10, "item_price_extended": 120}, 12, "10"),
        ({"item_quantity": 2, "item_multiplier": 6, "item_price": 60, "item_price_extended": 120}, 12, "10"),
        (
            {"item_quantity": 2, "item_multiplier": 6, "item_price": 60, "item_unit_price": 10},
            12,
            "10",
        ),
        # A quantity of pieces, though the style comes in case packs.
        (
            {"item_quantity": 12, "item_multiplier": 6, "item_unit_price": 10, "item_price_extended": 120},
            12,
            "10",
        ),
        # An adjusted price: the sum of the line is what counts.
        ({"item_quantity": 5, "item_price": 100, "item_price_adjustment": -5, "item_price_extended": 475}, 5, "95"),
        ({"item_quantity": 3, "item_price": 100, "item_price_extended": 100}, 3, "33.3333"),
        # A sum that is missing is not a gift.
        ({"item_quantity": 5, "item_price": 95, "item_price_extended": 0}, 5, "95"),
    ],
)
def test_units_and_net_prices_make_the_sum_of_the_line(given: dict[str, Any], units: int, price: str) -> None:
    shape = {"item_price": ..., "item_price_extended": ..., **given}

    [found] = read(order(line_items=[line(**shape)])).lines

    assert (found.quantity, found.price) == (units, Decimal(price))


def test_the_price_before_it_was_reduced_is_kept() -> None:
    [reduced] = read(order(line_items=[line(item_unit_price=100)])).lines

    assert (reduced.price, reduced.original_price) == (95, 100)


@pytest.mark.parametrize(
    ("figures", "percent", "comment"),
    [
        ({"order_discount_percent": 10}, "10", ""),
        ({"order_discount_percent": "10.5", "order_discount": 49.875}, "10.5", ""),
        ({"order_discount": 47.5}, "10", ""),
        ({"order_discount": 10}, "2.105", ""),
        ({"order_discount": 20, "order_discount_percent": 10}, "10", "Discount: 20.00 EUR"),
        ({"order_discount": "", "order_discount_percent": ""}, "0", ""),
    ],
)
def test_a_discount_is_a_percent_and_an_amount_is_told_where_the_percent_is_not_exact(
    figures: dict[str, Any], percent: str, comment: str
) -> None:
    meaning = read(order(**figures))

    assert (meaning.discount_percent, meaning.comments) == (Decimal(percent), comment)


def test_an_amount_of_discount_that_no_percent_of_three_decimals_makes_is_told() -> None:
    # 10 of 4,750.00 is 0.211 %, which comes to 10.02.
    meaning = read(order(line_items=[line(item_quantity=50, item_price_extended=4750)], order_discount=10))

    assert (meaning.discount_percent, meaning.comments) == (Decimal("0.211"), "Discount: 10.00 EUR")


@pytest.mark.parametrize("total", [475, 487.5])
def test_a_total_agrees_whether_or_not_joor_adds_the_charge_for_shipping(total: float) -> None:
    assert read(order(order_total=total, order_shipping_total=12.5)).total == 475


def test_a_total_that_does_not_agree_is_told_as_it_is() -> None:
    assert read(order(order_total=300)).total == 300


def test_an_order_that_is_not_approved_any_more_says_so() -> None:
    assert refused(order(order_type="3")) == "joor_order_not_approved"
    assert read(order(order_type=5)).cancelled is False


def test_a_cancelled_order_needs_no_sense_but_its_number() -> None:
    assert read(order(order_type="6")).cancelled
    assert read(with_told(order(), Told(cancelled=True))).cancelled
    assert read({"order_id": 7, "order_type": "6", "order_currency": ""}).cancelled
    assert read(with_told({"order_id": 7, "line_items": 3}, Told(cancelled=True))).cancelled


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_id": ""}, "joor_order_not_readable"),
        ({"order_currency": "Euro"}, "joor_order_not_readable"),
        ({"order_currency": ""}, "joor_order_not_readable"),
        ({"order_total": "much"}, "joor_order_not_readable"),
        ({"order_total": -1}, "joor_order_negative"),
        ({"order_discount_percent": 101}, "joor_order_not_readable"),
        ({"order_discount": -5}, "joor_order_not_readable"),
        ({"order_shipping_total": -5}, "joor_order_negative"),
        ({"date_ship_start": "soon"}, "joor_order_not_readable"),
        ({"line_items": "none"}, "joor_order_not_readable"),
        ({"line_items": [line(item_quantity=-1)]}, "joor_order_negative"),
        ({"line_items": [line(item_quantity=1.5)]}, "joor_order_not_readable"),
        ({"line_items": [line(item_quantity=2**31)]}, "joor_order_not_readable"),
        ({"line_items": [line(item_price=-1, item_price_extended=...)]}, "joor_order_negative"),
        ({"line_items": [line(item_price=10**11, item_price_extended=...)]}, "joor_order_not_readable"),
        ({"line_items": [line(item_price=..., item_price_extended=...)]}, "joor_order_not_readable"),
    ],
)
def test_an_order_that_makes_no_sense_says_why(changes: dict[str, Any], code: str) -> None:
    assert refused(order(**changes)) == code


def test_only_what_an_order_means_tells_its_versions_apart() -> None:
    first = read(order())
    later = order(order_type="5", date_modified="2026-04-01T00:00:00+00:00", export_status="SUCCESS")

    assert read(later).content_hash() == first.content_hash()
    assert read(order(line_items=[line(item_quantity=6)])).content_hash() != first.content_hash()
    assert read(order(customer_purchase_order="PO-78")).content_hash() != first.content_hash()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(payload=anything)
@settings(max_examples=200)
def test_any_payload_is_read_or_refused(payload: Any) -> None:
    assert isinstance(order_from_wire(payload), IncomingOrder | Said)


@given(data=st.data())
@settings(max_examples=300)
def test_an_order_with_any_field_gone_wild_is_read_or_refused(data: st.DataObject) -> None:
    shape = order(order_divisions=[{}], order_doors=[{}], order_season_name="", linesheet={})
    shape[data.draw(st.sampled_from(sorted(shape)))] = data.draw(anything)
    wild = line(item_multiplier=1, item_unit_price=95)
    wild[data.draw(st.sampled_from(sorted(wild)))] = data.draw(anything)
    if isinstance(shape["line_items"], list):
        shape["line_items"] = [*shape["line_items"], wild]

    assert isinstance(order_from_wire(shape), IncomingOrder | Said)


money = st.decimals(min_value=0, max_value=10_000, places=2)


@given(
    quantity=st.integers(1, 10_000),
    multiplier=st.sampled_from([0, 1, 6, 12]),
    price=st.none() | money,
    unit_price=st.none() | money,
    extended=st.none() | money,
)
def test_a_line_keeps_the_sum_that_joor_states(
    quantity: int, multiplier: int, price: Decimal | None, unit_price: Decimal | None, extended: Decimal | None
) -> None:
    wire = LineWire(
        quantity=Decimal(quantity),
        multiplier=Decimal(multiplier),
        price=price,
        unit_price=unit_price,
        extended=extended,
    )
    try:
        units = units_of(wire, "it")
        found = price_of(wire, units, "it")
    except (Unfit, Negative):
        assert (price, unit_price) == (None, None)
        return
    assert units in (quantity, quantity * (multiplier or 1))
    if extended:
        assert abs(found * units - extended) <= max(Decimal("0.005"), units * Decimal("0.00005"))
