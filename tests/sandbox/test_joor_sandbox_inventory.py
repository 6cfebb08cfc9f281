"""What can be sold on JOOR, by SKU, warehouse and day, and what orders do to it (sheet joor.md 5)."""

import pytest

from tests.sandbox.joor_trade import BLACK_M, BLACK_S, CAPE_S, Trade


def send(trade: Trade, *items: dict, body=None, **query):
    reply = trade.v2("POST", "/bulk-inventory", body or {"inventory_items": list(items)}, **query)
    assert reply.status == 200, reply.body
    return reply.json["bulk_inventory"]


def statuses(answer: dict) -> list[str]:
    return [entry["status"] for entry in answer["inventory_log"]]


def row(upc: str, units: int, **more) -> dict:
    return {"warehouse": "Default", "upc": upc, "inventory": units, **more}


def test_stock_is_kept_by_sku_warehouse_and_day(trade):
    future = {"inventory_date": "2026-08-01"}

    answer = send(trade, row(BLACK_S, 17), row(BLACK_S, 30, **future), row(BLACK_S, 4, warehouse="London"))

    assert (answer["response"]["code"], answer["sku_count"]) == (0, 3)
    assert statuses(answer) == ["success"] * 3
    assert [entry["sku"] for entry in answer["inventory_log"]] == [BLACK_S] * 3
    assert len({entry["inventory_log_id"] for entry in answer["inventory_log"]}) == 3
    assert trade.held() == {
        (BLACK_S, "Default", ""): 17,
        (BLACK_S, "Default", "2026-08-01"): 30,
        (BLACK_S, "London", ""): 4,
    }


@pytest.mark.parametrize(
    ("written", "kept"),
    [("2026-08-01", "2026-08-01"), ("08-01-2026", "2026-08-01"), ("IMMEDIATE", ""), ("", ""), (None, "")],
)
def test_a_day_may_be_written_in_every_documented_way(trade, written, kept):
    assert statuses(send(trade, row(BLACK_S, 5, inventory_date=written))) == ["success"]
    assert trade.held() == {(BLACK_S, "Default", kept): 5}


@pytest.mark.parametrize(
    "body",
    [
        [row(BLACK_S, 5)],
        {"inventory_items": {"inventory_item": row(BLACK_S, 5)}},
        {"inventory_items": {"inventory_item": [row(BLACK_S, 5)]}},
        {"inventory_items": [{"inventory_item": row(BLACK_S, 5)}]},
    ],
)
def test_the_items_may_come_as_a_list_or_within_nodes(trade, body):
    assert send(trade, body=body)["sku_count"] == 1
    assert trade.held() == {(BLACK_S, "Default", ""): 5}


@pytest.mark.parametrize("spelling", ["style_identifier", "style_identifer"])
def test_without_a_upc_style_colour_and_size_find_the_sku(trade, spelling):
    item = {"style_number": "COAT1", spelling: "COAT1-WOOL", "color_code": "BLK", "size": "M", "inventory": 3}

    assert statuses(send(trade, item)) == ["success"]
    assert trade.held() == {(BLACK_M, "Default", ""): 3}
    assert statuses(send(trade, {**item, "size": "m"})) == ["failed: style, colour and size not found"]


def test_joors_own_ids_find_the_sku(trade):
    styles = trade.v2("GET", "/style").json["styles"]["style"]
    style = next(style for style in styles if style["style_number"] == "COAT9")
    item = {"style_id": style["style_id"], "style_color_id": style["skus"][0]["style_color_id"], "size_code": "S"}

    assert statuses(send(trade, {**item, "inventory": 2})) == ["success"]
    assert trade.held() == {(CAPE_S, "Default", ""): 2}


def test_the_upc_wins_over_the_other_keys(trade):
    send(trade, row(BLACK_S, 1, style_number="COAT9", color_code="CML", size="S"))
    assert trade.held() == {(BLACK_S, "Default", ""): 1}


def test_what_joor_does_not_know_fails_its_item_alone(trade):
    answer = send(
        trade,
        row("999", 1),
        row(BLACK_S, 1, warehouse="Nowhere"),
        row(BLACK_S, 1, inventory_date="soon"),
        {"upc": BLACK_S, "inventory": "many"},
        row(BLACK_M, 8),
    )

    assert answer["sku_count"] == 1
    assert statuses(answer) == [
        "failed: upc 999 not found",
        "failed: warehouse Nowhere does not exist",
        "failed: inventory_date must be YYYY-MM-DD or MM-DD-YYYY",
        "failed: inventory must be a whole number",
        "success",
    ]
    assert trade.held() == {(BLACK_M, "Default", ""): 8}


def test_a_warehouse_may_be_named_by_its_code_and_none_is_the_default_one(trade):
    send(trade, row(BLACK_S, 1, warehouse="LDN"), {"upc": BLACK_S, "inventory": 2})
    assert trade.held() == {(BLACK_S, "London", ""): 1, (BLACK_S, "Default", ""): 2}


def test_without_overwrite_only_what_is_sent_changes(trade):
    send(trade, row(BLACK_S, 5), row(BLACK_M, 6))
    send(trade, row(BLACK_S, 4))
    assert trade.held() == {(BLACK_S, "Default", ""): 4, (BLACK_M, "Default", ""): 6}

    send(trade, row(BLACK_S, 3), overwrite=1)
    assert trade.held() == {(BLACK_S, "Default", ""): 3}


def test_made_to_order_clears_the_stock_of_its_sku(trade):
    send(trade, row(BLACK_S, 5), row(BLACK_S, 6, inventory_date="2026-08-01"), row(BLACK_M, 7))
    send(trade, {"upc": BLACK_S, "made_to_order": True})
    assert trade.held() == {(BLACK_M, "Default", ""): 7}


def test_one_position_can_be_put_by_style(trade):
    query = {"color_code": "BLK", "size": "S", "inventory": 9, "inventory_date": "2026-09-01"}

    reply = trade.v2("PUT", "/style-number/COAT1/COAT1-WOOL/inventory/", **query)

    assert reply.json["bulk_inventory"]["sku_count"] == 1
    assert trade.held() == {(BLACK_S, "Default", "2026-09-01"): 9}


def test_a_call_may_hold_5000_items_and_must_hold_one(trade):
    rows = [row(BLACK_S, 1)] * 5001
    assert trade.v2("POST", "/bulk-inventory", {"inventory_items": rows}).status == 400
    assert trade.v2("PUT", "/bulk-inventory", {"inventory_items": rows[:5000]}).status == 200

    refused = trade.v2("POST", "/bulk-inventory", {"inventory_items": []})
    assert (refused.status, refused.json["response"]["code"]) == (400, 3)
    assert trade.v2("POST", "/bulk-inventory", {"inventory_items": rows[:1]}, overwrite="yes").status == 400


def test_a_buyers_order_takes_stock_and_a_cancelled_one_gives_it_back(trade):
    send(trade, row(BLACK_S, 7))

    order = trade.place((BLACK_S, 3), status="NOTES")
    assert trade.held()[BLACK_S, "Default", ""] == 7
    trade.control.post(f"/orders/{order['id']}/submit")
    assert trade.held()[BLACK_S, "Default", ""] == 4
    trade.control.patch(f"/orders/{order['id']}", {"quantities": {BLACK_S: 1}})
    assert trade.held()[BLACK_S, "Default", ""] == 6
    trade.control.post(f"/orders/{order['id']}/cancel")
    assert trade.held()[BLACK_S, "Default", ""] == 7


def test_an_order_takes_what_there_is_now_before_what_comes_by_its_ship_date(trade):
    arrivals = [row(BLACK_S, 5, inventory_date=day) for day in ("2026-07-15", "2026-09-01")]
    send(trade, row(BLACK_S, 2), *arrivals)

    trade.place((BLACK_S, 4))

    assert list(trade.held().values()) == [0, 3, 5]


def test_orders_off_a_made_to_order_linesheet_take_nothing(trade):
    send(trade, row(BLACK_S, 7))
    trade.control.patch("/collections/OUT", {"made_to_order": True})

    trade.place((BLACK_S, 3))

    assert trade.held()[BLACK_S, "Default", ""] == 7


def test_what_is_sent_can_be_sold_unless_pending_orders_are_to_be_subtracted(trade):
    send(trade, row(BLACK_S, 10))
    trade.place((BLACK_S, 3))
    trade.place((BLACK_S, 2), status="APPROVED")

    send(trade, row(BLACK_S, 10))
    assert trade.held()[BLACK_S, "Default", ""] == 10
    send(trade, row(BLACK_S, 10), dec_pending=1)
    assert trade.held()[BLACK_S, "Default", ""] == 7


def test_stock_sent_anew_is_not_raised_by_orders_cancelled_later(trade):
    send(trade, row(BLACK_S, 10))
    order = trade.place((BLACK_S, 3))
    send(trade, row(BLACK_S, 6))

    trade.control.post(f"/orders/{order['id']}/cancel")

    assert trade.held()[BLACK_S, "Default", ""] == 6


def test_a_fault_can_fail_half_of_the_items(trade):
    trade.control.fault("half", match={"path": "bulk-inventory"})

    answer = send(trade, row(BLACK_S, 1), row(BLACK_M, 1))

    assert answer["sku_count"] == 1
    assert sorted(statuses(answer)) == ["failed: the item could not be saved", "success"]


def test_every_position_set_is_counted(trade):
    send(trade, row(BLACK_S, 1), row(BLACK_S, 2))

    assert trade.control.writes("stock") == {f"{BLACK_S}|Default|": {"set": 2}}
