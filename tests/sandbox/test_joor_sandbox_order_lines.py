"""Lines of orders as API v4 reads and writes them (sheet joor.md 7.3)."""

from typing import Any

import pytest

from tests.sandbox.joor_trade import BLACK_M, BLACK_S, CAPE_S, Trade

LINES = "/orders/sku_line_items"


def lines(trade: Trade, *orders: str) -> list[dict[str, Any]]:
    return trade.joor.get(f"{LINES}?order_ids={','.join(orders)}")


def test_line_items_name_the_sku_and_no_upc(trade):
    order = trade.place_id((BLACK_S, 2))

    [row] = lines(trade, order)

    sku = row["line_item_sku"]
    assert (row["order_id"], row["quantity"], row["cancelled"]) == (order, 2, False)
    assert sku["original_id"] == trade.sku(BLACK_S)
    assert (sku["sku_identifier"], sku["item_price"], sku["wholesale_price"]) == ("COAT1-WOOL-BLK-S", 95, 95)
    assert (sku["product"]["identifier"], sku["product"]["external_id"]) == ("COAT1", "COAT1-WOOL")
    assert [(trait["trait"]["name"], trait["value"], trait["external_id"]) for trait in sku["trait_values"]] == [
        ("Color", "Black", "BLK"),
        ("Size", "S", "S"),
    ]
    assert BLACK_S not in str(row)


def test_lines_of_several_orders_are_read_at_once(trade):
    first, second, _ = (trade.place_id((BLACK_S, 1), (BLACK_M, 1)) for _ in range(3))
    assert [row["order_id"] for row in lines(trade, second, first)] == [second, second, first, first]


def test_units_of_a_sku_already_on_the_order_are_added(trade):
    order = trade.place_id((BLACK_S, 2), status="PENDING")

    [row] = trade.joor.post(f"{LINES}/bulk_create", trade.line(order, BLACK_S, quantity=3))

    assert row["quantity"] == 5
    assert len(lines(trade, order)) == 1
    [replaced] = trade.joor.post(f"{LINES}/bulk_update", {"id": row["id"], "quantity": 4})
    assert replaced["quantity"] == 4


@pytest.mark.parametrize(
    ("price", "expected"),
    [({}, 95), ({"item_price": "80.00"}, 80), ({"discount_amount": 5}, 90), ({"discount_percentage": 10}, 85.5)],
)
def test_a_line_is_added_at_the_listed_price_or_at_one_of_its_own(trade, price, expected):
    order = trade.place_id((BLACK_S, 1), status="PENDING")

    [row] = trade.joor.post(f"{LINES}/bulk_create", trade.line(order, BLACK_M, **price))

    assert (row["line_item_sku"]["item_price"], row["line_item_sku"]["wholesale_price"]) == (expected, 95)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"item_price": 1, "discount_amount": 1}, "only one of item_price, discount_amount, discount_percentage may"),
        ({"discount_percentage": 101}, "discount_percentage must be 100 at most"),
        ({"discount_amount": 96}, "the discount is more than the price"),
        ({"quantity": None}, "quantity missing"),
        ({"sku_id": "x"}, "sku x not found"),
        ({"order_id": "99"}, "order 99 not found"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(trade, change, problem):
    order = trade.place_id((BLACK_S, 1), status="PENDING")
    error = trade.joor.refused(f"{LINES}/bulk_create", {**trade.line(order, BLACK_M), **change})
    assert error["message"].startswith(problem)


def test_lines_are_added_only_before_an_order_is_approved(trade):
    order = trade.place_id((BLACK_S, 1))

    error = trade.joor.refused(f"{LINES}/bulk_create", trade.line(order, CAPE_S))

    assert error["message"] == "no items can be added to an order that is APPROVED"


def test_lines_changed_by_api_make_an_exported_order_modified_and_take_stock(trade):
    trade.v2("POST", "/bulk-inventory", [{"upc": BLACK_S, "inventory": 10}])
    order = trade.place_id((BLACK_S, 1))
    trade.joor.post("/orders/bulk_update", {"id": order, "export_status": "SUCCESS"})

    [row] = lines(trade, order)
    trade.joor.post(f"{LINES}/bulk_update", {"id": row["id"], "quantity": 4})

    assert trade.ids(export_status=4) == [order]
    assert trade.held()[BLACK_S, "Default", ""] == 6
