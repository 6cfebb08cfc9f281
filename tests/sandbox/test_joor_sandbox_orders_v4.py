"""Orders as API v4 reads and writes them, and the rules of their statuses (sheet joor.md 7.1 and 7.3)."""

from typing import Any

from tests.sandbox.joor_trade import BLACK_M, BLACK_S, Trade

LINES = "/orders/sku_line_items"


def update(trade: Trade, order: str, **fields: Any) -> dict[str, Any]:
    [updated] = trade.joor.post("/orders/bulk_update", {"id": order, **fields})
    return dict(updated)


def not_updated(trade: Trade, order: str, **fields: Any) -> tuple[str, str]:
    error = trade.joor.refused("/orders/bulk_update", {"id": order, **fields})
    assert error["details"]["id"] == order
    return error["status"], error["message"]


def create(trade: Trade, **fields: Any) -> dict[str, Any]:
    [created] = trade.joor.post("/orders/bulk_create", {**cart(), **fields})
    return dict(created)


def cart() -> dict[str, Any]:
    usual = {"customer_code": "C0042", "price_type_name": "WS EUR", "collection_code": "OUT"}
    return {**usual, "status": "IN_PROGRESS"}


def addressed() -> dict[str, str]:
    return {
        "shipping_address_code": "C0042-D1",
        "billing_address_code": "C0042-A1",
        "payment_method_code": "NET30",
    }


def test_an_order_is_read_without_its_lines(trade):
    order = trade.place_id((BLACK_S, 2), (BLACK_M, 1), po_number="PO-7", shipping_price=5)

    [shown] = trade.joor.get(f"/orders?order_ids={order}")

    assert (shown["id"], shown["status"], shown["total"], shown["quantity"]) == (order, "APPROVED", 290, 3)
    assert (shown["customer"]["name"], shown["customer"]["buyer_name"]) == ("Rue Douze", "A. Morel")
    assert shown["buyer"] == {"id": "", "name": "A. Morel", "email": "buying@ruedouze.example"}
    address = shown["shipping_address"]
    assert (address["line1"], address["zip"], address["email"]) == ("3 quai Sud", "69002", "depot@ruedouze.example")
    assert shown["custom_shipping_address"] is None
    assert (shown["po_number"], shown["shipping_price"], shown["tracking_number"]) == ("PO-7", 5, "")
    assert (shown["export_status"], shown["export_description"]) == ("UNDEFINED", "")
    assert "line_items" not in shown


def test_an_address_typed_into_the_order_is_shown_as_a_custom_one(trade):
    typed = {"name": "Elsewhere", "line1": "1 New Road", "city": "Nice", "zip": "06000", "country": "FR"}
    order = trade.place_id((BLACK_S, 1), shipping=typed)

    [shown] = trade.joor.get(f"/orders?order_ids={order}")

    assert shown["shipping_address"] is None
    assert (shown["custom_shipping_address"]["line1"], shown["custom_shipping_address"]["zip"]) == (
        "1 New Road",
        "06000",
    )
    [older] = trade.orders()
    assert (older["shipping_code"], older["shipping_city"], older["shipping_country_iso_three"]) == ("", "Nice", "FRA")


def test_orders_are_filtered(trade):
    early = trade.place_id((BLACK_S, 1), dates={"approved": "2026-03-02", "modified": "2026-03-02"})
    late = trade.place_id((BLACK_S, 1), dates={"approved": "2026-04-02T10:00:00Z", "modified": "2026-04-02"})
    pending = trade.place_id((BLACK_S, 1), status="PENDING", dates={"modified": "2026-05-01"})
    update(trade, late, export_status="SUCCESS")

    def ids(query: str) -> list[str]:
        return [order["id"] for order in trade.joor.get(f"/orders?{query}")]

    assert ids(f"order_ids={late},{early},99") == [early, late]
    assert ids("status=PENDING") == [pending]
    assert ids("status=PENDING,APPROVED") == [early, late, pending]
    assert ids("date_approved_start=2026-03-15") == [late]
    assert ids("date_approved_end=2026-03-15") == [early]
    assert ids("export_status=UNDEFINED") == [early, pending]
    assert ids("export_status=SUCCESS") == [late]
    assert ids("last_modified=2026-04-01") == [late, pending]


def test_orders_are_sorted_and_come_by_page(trade):
    first, second, third = (trade.place_id((BLACK_S, 1)) for _ in range(3))
    trade.control.patch(f"/orders/{first}", {"comments": "Later please"})

    def ids(query: str) -> list[str]:
        return [order["id"] for order in trade.joor.get(f"/orders?{query}")]

    assert ids("page=2&page_size=2") == [third]
    assert ids("sort_by=last_modified") == [second, third, first]
    assert ids("sort_by=id&sort_order=DESCENDING&page=1&page_size=2") == [third, second]
    assert trade.v4("GET", "/orders", page=1, page_size=201).status == 400
    assert trade.v4("GET", "/orders", sort_by="colour").status == 400


def test_a_cart_needs_retailer_price_type_collection_and_status_only(trade):
    assert create(trade)["status"] == "IN_PROGRESS"

    for name in cart():
        lacking = {key: value for key, value in cart().items() if key != name}
        assert trade.joor.refused("/orders/bulk_create", lacking)["status"] == "VALIDATION_ERROR"
    unknown = trade.joor.refused("/orders/bulk_create", {**cart(), "customer_code": "C9"})
    assert (unknown["status"], unknown["message"]) == ("NOT_FOUND", "customer C9 not found")


def test_notes_need_addresses_and_a_payment_method(trade):
    order = create(trade)["id"]
    problems = []
    for name, value in addressed().items():
        problems.append(not_updated(trade, order, status="NOTES")[1])
        update(trade, order, **{name: value})

    assert problems == [
        "a shipping address is needed for NOTES",
        "a billing address is needed for NOTES",
        "a payment method is needed for NOTES",
    ]
    assert update(trade, order, status="NOTES")["status"] == "NOTES"


def test_quantities_may_be_empty_in_notes_but_not_in_pending(trade):
    order = create(trade, **addressed(), status="NOTES")["id"]
    [row] = trade.joor.post(f"{LINES}/bulk_create", trade.line(order, BLACK_S, quantity=0))

    assert not_updated(trade, order, status="PENDING")[1] == "every item needs at least one unit for PENDING"
    trade.joor.post(f"{LINES}/bulk_update", {"id": row["id"], "quantity": 1})
    assert update(trade, order, status="PENDING")["status"] == "PENDING"
    error = trade.joor.refused(f"{LINES}/bulk_update", {"id": row["id"], "quantity": 0})
    assert error["message"] == "every item needs at least one unit in PENDING"


def test_no_order_goes_back_to_the_cart_and_none_is_shipped_by_api(trade):
    order = trade.place_id((BLACK_S, 1))

    assert not_updated(trade, order, status="IN_PROGRESS")[1] == "no order can go back to IN_PROGRESS"
    assert not_updated(trade, order, status="SHIPPED")[1].startswith("status must be one of")
    trade.control.post(f"/orders/{order}/ship")
    assert not_updated(trade, order, status="CANCELLED")[1] == "the order is SHIPPED"
    [shown] = trade.joor.get("/orders?status=SHIPPED")
    assert shown["id"] == order


def test_an_order_created_by_api_is_read_like_any_other(trade):
    fields = {
        "po_number": "PO-9",
        "comments": "Call first",
        "delivery_window_start": "2026-09-01",
        "delivery_window_end": "2026-09-30",
        "discount": {"details": [{"type": "AMOUNT", "value": 15}]},
        "season": {"code": "AW26"},
        "warehouse": {"code": "LDN"},
        "tax": {"amount": 4, "number": "FR 12"},
        "event": {"event": "Paris", "code": "PAR"},
        "type": {"name": "Post-Market", "code": "PM"},
        "custom_shipping_address": {"name": "Elsewhere", "line1": "1 New Road"},
    }
    order = create(trade, **addressed(), **fields)["id"]
    trade.joor.post(f"{LINES}/bulk_create", trade.line(order, BLACK_S, quantity=2))
    update(trade, order, status="APPROVED")

    [shown] = trade.orders()

    assert (shown["order_source"], shown["customer_purchase_order"], shown["order_comments"]) == (
        "API",
        "PO-9",
        "Call first",
    )
    assert (shown["date_ship_start"], shown["date_ship_end"]) == ("2026-09-01", "2026-09-30")
    assert (shown["order_discount"], shown["order_discount_percent"], shown["order_total"]) == (15, 0, 175)
    assert (shown["warehouse_name"], shown["tax_id_label"], shown["order_event_code"]) == ("London", "FR 12", "PAR")
    assert (shown["order_type_code"], shown["shipping_name"], shown["billing_code"]) == ("PM", "Elsewhere", "C0042-A1")


def test_export_status_tells_how_an_import_ended_without_editing_the_order(trade):
    order = trade.place_id((BLACK_S, 1))
    modified = trade.orders()[0]["date_modified"]

    failed = update(trade, order, export_status="FAILED", export_description="Unknown barcode")
    assert (failed["export_status"], failed["export_description"]) == ("FAILED", "Unknown barcode")
    done = update(trade, order, export_status="SUCCESS")
    assert (done["export_status"], done["export_description"]) == ("SUCCESS", "")
    assert trade.orders()[0]["date_modified"] == modified
    assert not_updated(trade, order, export_status="DONE")[0] == "VALIDATION_ERROR"
    assert update(trade, order, export_status="UNDEFINED")["export_status"] == "UNDEFINED"


def test_an_edit_by_api_makes_an_exported_order_modified(trade):
    order = trade.place_id((BLACK_S, 1))
    update(trade, order, export_status="SUCCESS")

    shown = update(trade, order, tracking_number="1Z9", internal_comments="Left today")

    assert (shown["tracking_number"], shown["export_status"]) == ("1Z9", "SUCCESS")
    assert trade.ids(export_status=4) == [order]
    update(trade, order, export_status="SUCCESS")
    assert trade.ids(export_status=4) == []


def test_of_a_list_some_orders_can_fail(trade):
    order = trade.place_id((BLACK_S, 1))
    items = [{"id": order, "export_status": "SUCCESS"}, {"id": "99", "export_status": "SUCCESS"}]

    reply = trade.v4("POST", "/orders/bulk_update", items)

    assert reply.status == 200
    assert [shown["id"] for shown in reply.json["data"]] == [order]
    assert reply.json["errors"] == [{"status": "NOT_FOUND", "message": "order 99 not found", "details": items[1]}]


def test_every_write_of_an_order_is_counted(trade):
    order = trade.place_id((BLACK_S, 1))
    for _ in range(2):
        update(trade, order, export_status="SUCCESS")

    assert trade.control.writes("orders") == {order: {"export SUCCESS": 2}}
