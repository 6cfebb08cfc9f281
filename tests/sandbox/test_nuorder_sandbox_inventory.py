"""Stock per product and per replenishment window, and what orders do to it (sheet 5)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.nuorder_client import Control, NuOrder

S, M = "5000000000011", "5000000000028"


@pytest.fixture
def product(nuorder: NuOrder, tee: dict[str, Any]) -> dict[str, Any]:
    return dict(nuorder.put("/api/product/new", tee).json)


@pytest.fixture
def warehouse(nuorder: NuOrder) -> str:
    return str(nuorder.get("/api/v3.0/warehouses").json[0]["id"])


def entry(*buckets: tuple[str, int | None], prebook: bool = False, warehouse: str = "default") -> dict[str, Any]:
    wip = [{"name": name, "sizes": [{"size": "S", "upc": S, "quantity": units}]} for name, units in buckets]
    return {"warehouse": warehouse, "prebook": prebook, "wip": wip}


def post(nuorder: NuOrder, *entries: dict[str, Any]):
    return nuorder.post("/api/inventory/external_id/ST100-NVY", {"inventory": list(entries)})


def stock(nuorder: NuOrder) -> list[int]:
    entries = nuorder.get("/api/inventory/external_id/ST100-NVY").json
    return [bucket["sizes"][0]["quantity"] for row in entries for bucket in row["wip"]]


def test_posted_stock_reads_back_as_posted(nuorder, product):
    posted = entry(("immediate", 7), ("2030-01-01", 5))

    assert post(nuorder, posted).json == {"success": True}
    assert nuorder.get(f"/api/inventory/{product['_id']}").json == [posted]


def test_a_later_post_wipes_what_the_former_set(nuorder, product):
    post(nuorder, entry(("immediate", 7), ("2030-01-01", 5)))
    post(nuorder, entry(("2030-02-01", 1)))
    assert stock(nuorder) == [1]

    post(nuorder)
    assert nuorder.get(f"/api/inventory/{product['_id']}").json == []


def test_a_size_the_product_lacks_is_accepted_but_never_available(nuorder, product):
    row = {"name": "immediate", "sizes": [{"size": "Small", "quantity": 4}]}

    reply = post(nuorder, {"warehouse": "default", "prebook": False, "wip": [row]})

    assert reply.json == {"success": True}
    assert nuorder.get(f"/api/product/{product['_id']}").json["__inventory_cache"] == []


def test_available_stock_shows_on_the_product(nuorder, product, warehouse):
    post(nuorder, entry(("immediate", 7)))

    shown = nuorder.get(f"/api/product/{product['_id']}").json

    cache = shown["__inventory_cache"][0]
    assert (cache["bucket"], cache["warehouse"], cache["quantity"]) == ("immediate", warehouse, 7)
    assert cache["sku_id"] == product["sizes"][0]["_id"]
    assert (shown["__tracks_inventory"], shown["__sold_out"]) == (True, False)


def test_stock_for_an_unknown_product_or_warehouse_is_refused(nuorder, product, control):
    assert nuorder.post("/api/inventory/external_id/none", {"inventory": []}).message == "product not found"
    assert (reply := post(nuorder, entry(("immediate", 1), warehouse="LDN"))).status == 400
    assert reply.message == "warehouse not found"

    control.post("/warehouses", {"display_name": "London", "code": "LDN"})
    assert post(nuorder, entry(("immediate", 1), warehouse="LDN")).status == 200


@pytest.mark.parametrize("quantity", [None, "many", 1.5, -1])
def test_a_quantity_that_is_no_count_is_refused_by_name(nuorder, product, quantity):
    reply = post(nuorder, entry(("immediate", quantity)))

    assert reply.status == 400
    assert reply.message.startswith("inventory[0].wip[0].sizes[0].quantity")


def test_prebook_needs_no_quantity(nuorder, product):
    assert post(nuorder, entry(("prebook", None), prebook=True)).status == 200


def test_a_submitted_order_takes_stock_and_a_cancelled_one_gives_it_back(nuorder, control, product):
    post(nuorder, entry(("immediate", 7)))

    order = control.place_order((S, 3), status="draft")
    assert stock(nuorder) == [7]
    control.post(f"/orders/{order['order_number']}/approve")
    assert stock(nuorder) == [4]
    nuorder.post(f"/api/order/{order['_id']}/cancel")
    assert stock(nuorder) == [7]


def test_an_order_takes_no_more_than_there_is_and_gives_back_the_same(nuorder, control, product):
    post(nuorder, entry(("immediate", 2)))

    order = control.place_order((S, 5))
    assert stock(nuorder) == [0]
    assert nuorder.get(f"/api/product/{product['_id']}").json["__sold_out"] is True
    control.post(f"/orders/{order['_id']}/cancel")
    assert stock(nuorder) == [2]


def test_goods_shipping_later_take_the_arrival_first(nuorder, control, product):
    post(nuorder, entry(("immediate", 7), ("2030-01-01", 5), ("2030-06-01", 9)))

    control.place_order((S, 6), start_ship="2030-02-01")

    assert stock(nuorder) == [6, 0, 9]


def test_prebook_lines_take_no_stock(nuorder, control, product):
    post(nuorder, entry(("immediate", 7)))

    control.post("/orders", {"company": "X", "lines": [{"upc": S, "quantity": 3, "prebook": True}]})

    assert stock(nuorder) == [7]


def test_an_edited_order_takes_what_it_now_asks_for(nuorder, control, product):
    post(nuorder, entry(("immediate", 7)))
    order = control.place_order((S, 3))

    control.patch(f"/orders/{order['order_number']}", {"lines": [{"upc": S, "quantity": 1}]})
    assert stock(nuorder) == [6]
    control.delete(f"/orders/{order['order_number']}")
    assert stock(nuorder) == [7]


def replenish(nuorder: NuOrder, warehouse: str, sku: str, **change: Any):
    row = {"warehouse_id": warehouse, "sku_id": sku, "display_name": "future", "prebook": False}
    row |= {"period_start": "03/01/2030", "period_end": None, "quantity": 12, "active": True, **change}
    return nuorder.put(f"/api/v3.0/warehouse/{warehouse}/replenishments", {"replenishments": [row]})


def test_replenishments_answer_with_periods_in_epoch_milliseconds(nuorder, product, warehouse):
    row = replenish(nuorder, warehouse, product["sizes"][0]["_id"], period_end="04/01/2030").json[0]

    start = int(datetime(2030, 3, 1, tzinfo=UTC).timestamp() * 1000)
    assert (row["period_start"], row["quantity"], row["display_quantity"]) == (start, 12, "12")
    assert row["period_end"] > start
    assert "active" not in row


def test_a_replenishment_for_the_same_window_replaces_the_former(nuorder, product, warehouse):
    sku = product["sizes"][0]["_id"]
    first = replenish(nuorder, warehouse, sku).json[0]
    second = replenish(nuorder, warehouse, sku, quantity=5).json[0]
    other = replenish(nuorder, warehouse, sku, period_start="05/01/2030").json[0]

    assert second["id"] == first["id"] != other["id"]
    removed = nuorder.delete(f"/api/v3.0/warehouse/{warehouse}/sku/{sku}/replenishments").json
    assert [row["quantity"] for row in removed] == [5, 12]


def test_replenishments_show_once_the_flags_are_refreshed(nuorder, product, warehouse):
    sku = product["sizes"][0]["_id"]
    replenish(nuorder, warehouse, sku)
    path = f"/api/product/{product['_id']}"
    assert nuorder.get(path).json["__inventory_cache"] == []

    assert nuorder.put("/api/inventory/flags", {"product_ids": [product["_id"]]}).status == 200

    assert [row["quantity"] for row in nuorder.get(path).json["__inventory_cache"]] == [12]


def test_one_unknown_sku_keeps_all_rows_out(nuorder, product, warehouse, control):
    good = {"sku_id": product["sizes"][0]["_id"], "period_start": "03/01/2030", "quantity": 1}
    rows = {"replenishments": [good, {**good, "sku_id": "65f000000000000000000001"}]}

    reply = nuorder.put(f"/api/v3.0/warehouse/{warehouse}/replenishments", rows)

    assert (reply.status, reply.message) == (400, "replenishments[1].sku_id not found")
    assert control.get("/inventory")[0]["replenishments"] == []


def test_a_single_replenishment_can_be_posted_for_a_sku(nuorder, product, warehouse):
    path = f"/api/v3.0/warehouse/{warehouse}/sku/{product['sizes'][1]['_id']}/replenishments"

    row = nuorder.post(path, {"prebook": True, "display_name": "Prebook", "quantity": None}).json

    assert (row["prebook"], row["quantity"], row["period_end"]) == (True, None, None)
    assert nuorder.post(path.replace(warehouse, "nowhere"), {"quantity": 1}).message == "warehouse not found"


def test_orders_take_from_replenishments_too(nuorder, control: Control, product, warehouse):
    replenish(nuorder, warehouse, product["sizes"][0]["_id"])

    order = control.place_order((S, 5), start_ship="2030-03-02")
    assert control.get("/inventory")[0]["replenishments"][0]["quantity"] == 7
    control.post(f"/orders/{order['_id']}/cancel")
    assert control.get("/inventory")[0]["replenishments"][0]["quantity"] == 12
