"""Nonsense in stock, customers and orders: whatever is sent, the answer is one of JOOR's (sheet joor.md 2)."""

import pytest

from tests.sandbox.joor_trade import BLACK_S, RUE_DOUZE, Trade

VALUES = [
    None,
    True,
    -1,
    1.5,
    2**40,
    10**400,
    "",
    " ",
    "\u00e9\u4e2d",
    "9" * 5000,
    "\x00",
    "2026-99-99",
    "1e999",
    [],
    [[]],
    [1],
    {},
    {"id": {}},
    [{}],
]
ORDER_FIELDS = [
    *("id", "customer_code", "customer_id", "price_type_name", "price_type_id", "collection_code", "collection_id"),
    *("status", "shipping_address_code", "billing_address_id", "custom_shipping_address", "shipping_price"),
    *("payment_method_code", "sales_rep", "tracking_number", "export_status", "po_number", "comments"),
    *("delivery_window_start", "warehouse", "season", "customer_group", "buyer", "tax", "discount", "event", "type"),
    *("door", "order_id", "sku_id", "quantity", "item_price", "discount_amount", "discount_percentage"),
]


@pytest.fixture(autouse=True)
def _unthrottled(trade: Trade) -> None:
    trade.control.set(throttle=False, matching_delay=0, job_seconds=0)


@pytest.mark.parametrize("field", ["upc", "warehouse", "inventory_date", "inventory", "made_to_order", "style_number"])
def test_any_value_in_a_stock_item_passes_or_fails_alone(trade, field):
    items = [{"upc": BLACK_S, "inventory": 1, field: value} for value in VALUES]

    answer = trade.v2("POST", "/bulk-inventory", items).json["bulk_inventory"]

    assert len(answer["inventory_log"]) == len(items)
    assert answer["sku_count"] == [entry["status"] for entry in answer["inventory_log"]].count("success")


@pytest.mark.parametrize("field", [*RUE_DOUZE, "warehouses", "payment_methods", "customer_alias"])
def test_any_value_in_a_customer_passes_or_fails_alone(trade, field):
    rows = [{**RUE_DOUZE, field: value} for value in VALUES]

    [job] = trade.v2("POST", "/bulk-connection", rows).json["bulk_connections"]["bulk_connections_jobs"]
    number = job["bulk_connections_job_id"]
    [done] = trade.v2("GET", f"/bulk-connection/{number}").json["bulk_connections"]["bulk_connections_jobs"]

    assert (done["status"], done["connection_record_progress"]) == ("finished", len(rows))
    assert trade.v2("GET", "/connection/", count=100).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/orders/bulk_create",
        "/orders/bulk_update",
        "/orders/sku_line_items/bulk_create",
        "/orders/sku_line_items/bulk_update",
    ],
)
def test_any_value_in_an_order_is_answered_item_by_item(trade, path):
    placed = trade.place((BLACK_S, 1))
    of_lines = "line_items" in path
    good = {"id": placed["line_ids"][0] if of_lines else placed["id"], "quantity": 1}
    good |= {"order_id": placed["id"], "sku_id": trade.sku(BLACK_S)}
    good |= {"customer_code": "C0042", "price_type_name": "WS EUR", "collection_code": "OUT", "status": "PENDING"}

    for field in ORDER_FIELDS:
        items = [{**good, field: value} for value in VALUES]
        reply = trade.v4("POST", path, items)

        assert reply.status in (200, 400)
        assert len(reply.json["data"]) + len(reply.json["errors"]) == len(items)
    assert trade.orders(order_type=8)


@pytest.mark.parametrize("field", ["lines", "linesheet", "discount", "shipping", "doors", "dates", "raw", "quantities"])
def test_any_value_in_a_wish_is_answered(trade, field):
    order = trade.place_id((BLACK_S, 1))
    wish = {"customer_code": "C0042", "linesheet": "Outerwear", "lines": [{"upc": BLACK_S, "quantity": 1}]}

    for value in VALUES:
        assert trade.control.call("POST", "/orders", {**wish, field: value}).status in (201, 400)
        assert trade.control.call("PATCH", f"/orders/{order}", {field: value}).status in (200, 400)
    assert trade.orders(order_type=8)
