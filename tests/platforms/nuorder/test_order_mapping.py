"""A NuORDER order in the hub's words, and that no payload at all makes the reading fail."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.order_mapping import alike, order_from_wire
from linesheet.sync.incoming import IncomingLine, IncomingOrder

FEBRUARY = datetime.date(2026, 2, 1)
MARCH = datetime.date(2026, 3, 3)


def order(**changes: Any) -> dict[str, Any]:
    """The minimal order of sheet 8.5, with changes; a field changed to `...` is missing."""
    shape = {
        "_id": "65f00000000000000000000e",
        "order_number": "131800001",
        "status": "approved",
        "currency_code": "EUR",
        "customer_po_number": "PO-7",
        "retailer": {"_id": "65f0", "retailer_name": "Demo Store", "retailer_code": "C001", "buyer_email": ""},
        "start_ship": "2026-02-01T00:00:00.000Z",
        "end_ship": "2026-03-03T00:00:00.000Z",
        "billing_address": {"ref": "65f0", "line_1": "1 High St", "city": "Leeds", "zip": "LS1", "country": "GB"},
        "line_items": [line()],
        "discount": 0,
        "additional_percentage": 0,
        "total": 60,
        "notes": "",
        "__exported": False,
    }
    return {key: value for key, value in {**shape, **changes}.items() if value is not ...}


def line(sizes: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    size = {"size": "S", "upc": "5000000000011", "quantity": 3, "price": 20, "original_price": 25.5}
    return {
        "product": {"style_number": "ST100", "color": "Navy", "season": "SS26"},
        "ship_start": "2026-02-01T00:00:00.000Z",
        "ship_end": "2026-03-03T00:00:00.000Z",
        "sizes": [size] if sizes is None else sizes,
        **changes,
    }


def size(**changes: Any) -> dict[str, Any]:
    return {"size": "S", "upc": "5000000000011", "quantity": 3, "price": 20, **changes}


def read(payload: Any) -> IncomingOrder:
    meaning = order_from_wire(payload)
    assert isinstance(meaning, IncomingOrder), meaning
    return meaning


def refused(payload: Any) -> Said:
    meaning = order_from_wire(payload)
    assert isinstance(meaning, Said), meaning
    return meaning


def test_an_order_is_read_into_the_hubs_words() -> None:
    assert read(order()) == IncomingOrder(
        remote_id="65f00000000000000000000e",
        number="131800001",
        customer_name="Demo Store",
        customer_code="C001",
        customer_id="65f0",
        currency="EUR",
        customer_reference="PO-7",
        season_name="SS26",
        ships_from=FEBRUARY,
        ships_until=MARCH,
        addresses={"accounts": {"line_1": "1 High St", "city": "Leeds", "postcode": "LS1", "country": "GB"}},
        total=Decimal(60),
        lines=(
            IncomingLine(
                barcode="5000000000011",
                described_as="ST100 Navy S",
                quantity=3,
                price=Decimal(20),
                original_price=Decimal("25.5"),
                ships_from=FEBRUARY,
                ships_until=MARCH,
                style="ST100",
                colour="Navy",
                size="S",
            ),
        ),
    )


def test_an_order_with_nothing_but_the_necessary_is_read() -> None:
    bare = {
        "_id": "1",
        "order_number": 131800001,
        "currency_code": "eur",
        "retailer": None,
        "billing_address": "",
        "line_items": [{"sizes": [{"quantity": "2", "price": "10.50"}]}],
    }

    meaning = read(bare)

    assert (meaning.number, meaning.currency, meaning.customer_name, meaning.addresses) == ("131800001", "EUR", "", {})
    assert (meaning.lines[0].quantity, meaning.lines[0].price) == (2, Decimal("10.5"))
    assert (meaning.lines[0].barcode, meaning.total) == ("", None)


def test_amounts_are_exact_though_json_gives_floats() -> None:
    assert read(order(line_items=[line([size(price=0.1 + 0.2)])])).lines[0].price == Decimal("0.3")
    assert read(order(total=1234.1)).total == Decimal("1234.1")


def test_sizes_nobody_ordered_are_passed_over() -> None:
    sizes = [size(quantity=0), size(size="M", quantity=""), size(size="L")]

    assert [each.described_as for each in read(order(line_items=[line(sizes)])).lines] == ["ST100 Navy L"]


def test_a_placeholder_for_a_missing_barcode_is_none() -> None:
    assert read(order(line_items=[line([size(upc="N/A")])])).lines[0].barcode == ""
    assert read(order(line_items=[line([size(upc=5000000000011.0)])])).lines[0].barcode == "5000000000011"


def test_the_season_counts_only_when_all_lines_share_it() -> None:
    other = line(product={"style_number": "ST9", "season": "AW26"})

    assert read(order(line_items=[line(), other])).season_name == ""


def test_a_surcharge_is_noted() -> None:
    meaning = read(order(notes="Call first", additional_percentage=2.5, additional_percentage_label="Freight"))

    assert meaning.comments == "Call first\nFreight: 2.5 %"


def test_the_ship_window_is_found_under_either_name() -> None:
    meaning = read(order(start_ship=..., end_ship=..., ship_start="2026/2/1", ship_end="03/03/2026"))

    assert (meaning.ships_from, meaning.ships_until) == (FEBRUARY, MARCH)


def test_a_cancelled_order_says_so_even_without_lines() -> None:
    assert read(order(status="Cancelled", line_items=[])).cancelled


@pytest.mark.parametrize(
    "problem",
    [{"currency_code": ...}, {"order_number": ...}, {"total": "many"}, {"line_items": [line([size(quantity=-1)])]}],
)
def test_of_a_cancelled_order_nothing_else_needs_to_make_sense(problem: dict[str, Any]) -> None:
    assert isinstance(order_from_wire(order(**problem)), Said)

    meaning = read(order(status="cancelled", **problem))

    assert (meaning.remote_id, meaning.cancelled, meaning.lines) == ("65f00000000000000000000e", True, ())


def test_status_and_times_make_no_other_order() -> None:
    assert read(order(status="processed", modified_on="x")).content_hash() == read(order()).content_hash()


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"order_number": ...}, "order_not_readable", "no number"),
        ({"_id": ""}, "order_not_readable", "no id"),
        ({"currency_code": ...}, "order_not_readable", "no currency"),
        ({"currency_code": "EURO"}, "order_not_readable", "EURO"),
        ({"line_items": ...}, "order_empty", "131800001"),
        ({"line_items": []}, "order_empty", "131800001"),
        ({"line_items": {}}, "order_not_readable", "line_items is not a list"),
        ({"line_items": ["x"]}, "order_not_readable", "line_items[0] is not an object"),
        ({"line_items": [line([size(quantity="many")])]}, "order_not_readable", "line_items[0].sizes[0].quantity"),
        ({"line_items": [line([size(quantity=1.5)])]}, "order_not_readable", "ST100 Navy S"),
        ({"line_items": [line([size(quantity=-1)])]}, "order_negative", "ST100 Navy S"),
        ({"line_items": [line([size(price=-1)])]}, "order_negative", "ST100 Navy S"),
        ({"line_items": [line([size(price=None)])]}, "order_not_readable", "has no price"),
        ({"line_items": [line([size(price=10**12)])]}, "order_not_readable", "ST100 Navy S"),
        ({"total": -60}, "order_negative", "total"),
        ({"discount": 120}, "order_not_readable", "discount"),
        ({"start_ship": "soon"}, "order_not_readable", "start_ship"),
    ],
)
def test_an_order_that_makes_no_sense_says_why(changes: dict[str, Any], code: str, named: str) -> None:
    said = refused(order(**changes))

    assert said.reason.code == code
    assert named in said.says


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", "2026-02-01", "1e400"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.data())
def test_no_payload_makes_the_reading_fail(data: st.DataObject) -> None:
    def spoiled(shape: Any) -> Any:
        if data.draw(st.integers(0, 9)) == 0:
            return data.draw(JSON)
        if isinstance(shape, dict):
            kept = {key: value for key, value in shape.items() if data.draw(st.integers(0, 9))}
            return {key: spoiled(value) for key, value in kept.items()}
        return [spoiled(item) for item in shape] if isinstance(shape, list) else shape

    meaning = order_from_wire(spoiled(order()))

    if isinstance(meaning, IncomingOrder):
        assert all(each.quantity > 0 and each.price >= 0 for each in meaning.lines)
        assert meaning.lines or meaning.cancelled
        assert meaning.content_hash()
    else:
        assert meaning.says


@settings(deadline=None)
@given(JSON)
def test_no_json_at_all_makes_the_reading_fail(payload: Any) -> None:
    assert order_from_wire(payload)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"status": "processed", "modified_on": "2026-01-02", "__exported": True}, True),
        ({"notes": "Later, please"}, False),
        ({"status": "Cancelled"}, False),
        ({"line_items": []}, False),
    ],
)
def test_orders_that_differ_in_status_and_times_alone_are_alike(change: dict[str, Any], same: bool) -> None:
    assert alike(order(), order(**change)) is same
