"""Orders as buyers place them on JOOR and as people edit them there (sheet joor.md 7.1 and 11)."""

import pytest

from tests.sandbox.joor_trade import BLACK_M, BLACK_S, CAPE_S, RUE_DOUZE, Trade


def give_pounds(trade: Trade) -> None:
    """Rue Douze may order in pounds too."""
    pounds = {"price_type_label": "WS GBP", "price_type_currency_code": "GBP"}
    trade.control.patch("/connections/C0042", {"price_types": [*RUE_DOUZE["price_types"], pounds]})


def test_a_buyer_sends_an_order_at_joors_own_prices(trade):
    order = trade.place((BLACK_S, 2), (CAPE_S, 1))

    assert (order["status"], order["export_state"], order["date_approved"]) == ("PENDING", "not_attempted", "")
    assert [(line["item_upc"], line["item_price"]) for line in order["line_items"]] == [(BLACK_S, 95), (CAPE_S, 95)]
    assert (order["order_total"], order["shipping_code"], order["billing_code"]) == (285, "C0042-D1", "C0042-A1")


def test_the_price_type_decides_the_price(trade):
    give_pounds(trade)
    order = trade.place((BLACK_S, 1), price_type_name="WS GBP")
    assert (order["order_total"], order["order_currency"], order["order_currency_name"]) == (80, "GBP", "WS GBP")


def test_a_line_can_be_wished_for_by_sku_id_and_at_another_price(trade):
    wish = {"sku_id": trade.sku(BLACK_M), "quantity": 2, "item_price": "70.50", "comment": "Gift wrap"}

    [line] = trade.place(lines=[wish])["line_items"]

    assert (line["item_upc"], line["item_price"], line["item_unit_price"]) == (BLACK_M, 70.5, 95)
    assert (line["item_price_adjustment"], line["item_price_extended"]) == (-24.5, 141)
    assert line["item_comment"] == "Gift wrap"


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"customer_code": "C9"}, "customer C9 not found"),
        ({"linesheet": "Knitwear"}, "collection Knitwear not found"),
        ({"price_type_name": "RRP"}, "price type RRP not found"),
        ({"lines": [{"upc": "999", "quantity": 1}]}, "999 not found"),
        ({"lines": [{"upc": BLACK_S}]}, "quantity missing"),
        ({"lines": []}, "an order needs lines"),
        ({"lines": [{"upc": BLACK_S, "quantity": 1, "amount": 2}]}, "a line may not hold amount"),
        ({"price_type_name": "WS GBP"}, "the customer has no price type WS GBP GBP"),
        ({"po": "PO-7"}, "an order may not hold po"),
        ({"shipping": "C9"}, "shipping address C9 not found"),
        ({"status": "lost"}, "unknown status lost"),
        ({"lines": [{"upc": BLACK_S, "quantity": 0}]}, "every item needs at least one unit for PENDING"),
        ({"ship_start": "2026-09-01"}, "delivery_window_start must not be after delivery_window_end"),
    ],
)
def test_what_a_buyer_could_not_order_is_refused(trade, wish, problem):
    assert trade.refused(**wish) == problem
    assert trade.control.get("/orders") == []


def test_a_style_without_a_price_in_the_price_type_cannot_be_ordered(trade):
    give_pounds(trade)
    problem = trade.refused(price_type_name="WS GBP", lines=[{"upc": CAPE_S, "quantity": 1}])
    assert problem == f"{CAPE_S} has no price in WS GBP GBP"


def test_a_style_off_the_linesheet_cannot_be_ordered(trade):
    [collection] = trade.joor.get("/collections")
    coat = next(product for product in trade.joor.get("/products") if product["external_id"] == "COAT1-WOOL")
    items = [{"product_id": coat["id"], "sku_ids": [trade.sku(BLACK_S)]}]
    trade.joor.post("/collections/bulk_update", {"id": collection["id"], "items": items})

    assert trade.place((BLACK_S, 1))["order_total"] == 95
    for upc in (BLACK_M, CAPE_S):
        assert trade.refused(lines=[{"upc": upc, "quantity": 1}]) == f"{upc} is not on the linesheet Outerwear"


def test_a_customer_without_addresses_can_have_a_cart_only(trade):
    trade.control.patch("/connections/C0042", {"shipping": ""})

    assert trade.refused() == "a shipping address is needed for PENDING"
    assert trade.place((BLACK_S, 1), status="IN_PROGRESS")["status"] == "IN_PROGRESS"


def test_raw_fields_are_shown_whatever_joor_knows(trade):
    raw = {"order_season_code": "SS30", "order_season_name": "SPRING 30", "customer_code": "NOBODY"}
    line = {"upc": BLACK_S, "quantity": 1, "raw": {"item_upc": "999"}}

    trade.place(lines=[line, {"upc": BLACK_M, "quantity": 1}], raw=raw, status="APPROVED")

    [order] = trade.orders()
    assert {key: order[key] for key in raw} == raw
    assert [line["item_upc"] for line in order["line_items"]] == ["999", BLACK_M]


def test_an_unchecked_order_may_be_of_a_style_that_joor_does_not_know(trade):
    made_by_hand = {"upc": "999", "quantity": 2, "item_price": 12, "style_number": "CAP1", "color": "Red", "size": "U"}

    order = trade.place(lines=[{**made_by_hand, "unchecked": True}, {"upc": BLACK_S, "quantity": 1}])

    [unknown, known] = order["line_items"]
    assert (unknown["item_upc"], unknown["item_number"], unknown["item_style_id"]) == ("999", "CAP1", "")
    assert (unknown["item_color"], unknown["item_size"], known["item_number"]) == ("Red", "U", "COAT1")
    assert order["order_total"] == 119


def test_an_unchecked_order_may_be_of_a_customer_that_joor_does_not_know(trade):
    order = trade.place((BLACK_S, 1), customer_code="NOBODY", price_type_name="WS EUR", unchecked=True)

    assert (order["customer_code"], order["shipping_code"], order["status"]) == ("NOBODY", "", "PENDING")
    assert (order["order_total"], order["warehouse_name"]) == (95, "Default")
    assert trade.ids(order_type=3, customer_code="NOBODY") == [order["id"]]


def test_orders_have_doors_divisions_people_and_dates(trade):
    doors = [{"door_id": 5, "door_name": "Marais", "door_code": "D5", "door_deleted": False}]
    divisions = [{"division_code": "W", "division_name": "Women"}]
    lines = [{"upc": BLACK_S, "quantity": 1, "door_id": "5"}]
    people = {"sales_rep": {"name": "Rita", "code": "R1"}, "buyer": {"name": "Zoe", "email": "z@ruedouze.example"}}
    dates = {"created": "2026-03-01", "approved": "2026-03-02T10:15:00Z", "modified": "2026-03-02T10:15:00Z"}

    order = trade.place(lines=lines, doors=doors, divisions=divisions, dates=dates, **people)

    assert (order["order_doors"], order["order_divisions"]) == (doors, divisions)
    assert (order["line_items"][0]["item_door_id"], order["sales_representative_code"]) == ("5", "R1")
    assert order["date_approved"] == "2026-03-02T10:15:00.000000+00:00"
    assert order["date_created"].startswith("2026-03-01T00:00")


def test_an_order_goes_the_brands_way(trade):
    order = trade.place((BLACK_S, 1))["id"]

    approved = trade.control.post(f"/orders/{order}/approve")
    assert approved["date_approved"]
    assert trade.control.post(f"/orders/{order}/approve")["date_modified"] == approved["date_modified"]
    assert trade.control.post(f"/orders/{order}/SHIPPED")["status"] == "SHIPPED"
    assert trade.control.call("POST", f"/orders/{order}/cancel").message == "the order is SHIPPED"
    assert trade.control.call("POST", f"/orders/{order}/lose").status == 400
    assert trade.control.call("POST", "/orders/99/approve").status == 404


def test_people_edit_orders_of_any_status(trade):
    order = trade.place_id((BLACK_S, 1), (BLACK_M, 1))

    changed = trade.control.patch(
        f"/orders/{order}", {"quantities": {BLACK_S: 3, BLACK_M: 0}, "billing": {"name": "HQ"}}
    )
    assert [(line["item_upc"], line["item_quantity"]) for line in changed["line_items"]] == [(BLACK_S, 3)]
    assert (changed["billing_name"], changed["billing_code"]) == ("HQ", "")
    replaced = trade.control.patch(f"/orders/{order}", {"lines": [{"upc": CAPE_S, "quantity": 2}]})
    assert [(line["item_upc"], line["item_quantity"]) for line in replaced["line_items"]] == [(CAPE_S, 2)]
    reply = trade.control.call("PATCH", f"/orders/{order}", {"quantities": {"999": 1}})
    assert (reply.status, reply.message) == (400, "the order has no line 999")
    assert trade.control.call("PATCH", f"/orders/{order}", {"status": "CANCELLED"}).status == 400


def test_a_deleted_order_is_gone_and_gives_its_stock_back(trade):
    trade.v2("POST", "/bulk-inventory", [{"upc": BLACK_S, "inventory": 4}])
    order = trade.place_id((BLACK_S, 3))
    assert trade.held()[BLACK_S, "Default", ""] == 1

    trade.control.delete(f"/orders/{order}")

    assert trade.held()[BLACK_S, "Default", ""] == 4
    assert trade.orders() == trade.joor.get("/orders") == []


def test_orders_of_a_deleted_style_stay(trade):
    trade.place_id((CAPE_S, 1))
    trade.control.delete("/products/COAT9")
    assert [line["item_upc"] for line in trade.orders()[0]["line_items"]] == [CAPE_S]


def test_an_order_takes_from_the_warehouse_of_its_customer(trade):
    rows = [{"upc": BLACK_S, "inventory": 5, "warehouse": name} for name in ("Default", "London")]
    trade.v2("POST", "/bulk-inventory", rows)
    trade.control.patch("/connections/C0042", {"warehouses": {"warehouse": {"warehouse_code": "LDN"}}})

    trade.place((BLACK_S, 2))

    assert trade.held() == {(BLACK_S, "Default", ""): 5, (BLACK_S, "London", ""): 3}


def test_customers_of_an_account_are_there_before_any_integration(trade):
    shown = trade.control.post("/connections", {**RUE_DOUZE, "customer_code": "C0050"})

    assert (shown["state"], shown["customer_code"]) == ("live", "C0050")
    assert trade.place((BLACK_S, 1), customer_code="C0050")["customer_code"] == "C0050"
    trade.control.delete("/connections/C0050")
    assert trade.refused(customer_code="C0050") == "customer C0050 not found"
