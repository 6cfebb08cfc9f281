"""Orders as integrations read, create, edit and move them (sheet 8)."""

from typing import Any

import pytest

from tests.sandbox.nuorder_client import Control, NuOrder

S, M = "5000000000011", "5000000000028"


@pytest.fixture(autouse=True)
def catalogue(nuorder: NuOrder, tee: dict[str, Any], shop: dict[str, Any]) -> None:
    nuorder.put("/api/product/new", tee)
    nuorder.put("/api/company/new", shop)
    nuorder.put("/api/company/code/C001/add/buyer", {"name": "Ann Lee", "email": "ann@example.com"})


@pytest.fixture
def wire_order() -> dict[str, Any]:
    """An order as an integration would create it."""
    line = {
        "product": {"brand_id": "ST100-NVY"},
        "ship_start": "2026-02-01",
        "ship_end": "2026/3/3",
        "sizes": [{"size": "S", "quantity": 3, "price": 20}, {"upc": M, "quantity": 1, "price": 18.5}],
    }
    return {
        "order_number": "ERP-1",
        "external_id": "X1",
        "currency_code": "EUR",
        "retailer": {"retailer_code": "C001", "buyer_email": "ann@example.com"},
        "line_items": [line],
    }


def test_a_buyers_order_holds_what_an_erp_needs(nuorder, control):
    placed = control.place_order((S, 3), (M, 1), customer_po_number="PO-7", start_ship="2026-02-01")

    order = nuorder.get(f"/api/order/{placed['_id']}").json
    assert order == nuorder.get(f"/api/order/number/{placed['order_number']}").json
    assert (order["status"], order["customer_po_number"], order["currency_code"]) == ("pending", "PO-7", "EUR")
    assert order["retailer"]["retailer_code"] == "C001"
    assert order["retailer"]["buyer_email"] == "ann@example.com"
    assert order["shipping_address"]["code"] == "S1"
    assert order["billing_address"]["code"] == "B1"
    assert (order["start_ship"], order["end_ship"]) == ("2026-02-01T00:00:00.000Z", "2026-03-03T00:00:00.000Z")
    line = order["line_items"][0]
    assert (line["product"]["brand_id"], line["product"]["season"]) == ("ST100-NVY", "SS26")
    assert [(size["upc"], size["quantity"], size["price"]) for size in line["sizes"]] == [(S, 3, 20), (M, 1, 20)]
    assert (order["total"], order["total_quantity"]) == (80, 4)
    assert "__metadata" not in order


def test_order_numbers_have_nine_digits_and_rise(control):
    numbers = [control.place_order((S, 1))["order_number"] for _ in range(3)]

    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 3
    assert all(len(number) == 9 and number.isdigit() for number in numbers)


def test_an_order_for_an_unknown_barcode_or_company_is_placed_all_the_same(control, nuorder):
    order = control.post("/orders", {"company": "Stranger", "lines": [{"upc": "999", "quantity": 2, "price": 5}]})

    read = nuorder.get(f"/api/order/{order['_id']}").json
    assert read["retailer"]["retailer_name"] == "Stranger"
    assert read["line_items"][0]["sizes"][0]["upc"] == "999"
    assert read["total"] == 10


def test_lines_can_be_placed_by_external_id_or_by_style(control):
    by_style = {"style_number": "st100", "season": "SS26", "color": "navy", "size": "M", "quantity": 1}
    lines = [{"brand_id": "ST100-NVY", "size": "S", "quantity": 2, "price": 15}, by_style]

    order = control.post("/orders", {"company": {"retailer_code": "C001"}, "lines": lines})

    sizes = order["line_items"][0]["sizes"]
    assert [(size["upc"], size["price"]) for size in sizes] == [(S, 15), (M, 20)]


def test_a_placed_order_can_carry_any_raw_field_and_lack_others(control):
    order = control.place_order((S, 1), notes="Rush", gift=True, shipping_address=None, order_number="700")

    assert (order["notes"], order["gift"], order["order_number"]) == ("Rush", True, "700")
    assert "shipping_address" not in order


def test_a_companys_price_sheet_prices_its_orders(control, nuorder):
    nuorder.put("/api/pricesheet/VIP", {"currency_code": "EUR", "pricing": [{"brand_id": "ST100-NVY", "wholesale": 9}]})
    nuorder.post("/api/company/code/C001", {"pricing_template": "VIP"})

    assert control.place_order((S, 2))["total"] == 18


def test_a_header_discount_comes_off_the_total(control):
    order = control.place_order((S, 3), discount=2.5)

    assert order["total"] == 58.5
    assert order["order_discounts"]["total_order_level_discount"] == "1.50"


def test_orders_are_listed_by_status_in_any_case_oldest_first(nuorder, control):
    first, second = control.place_order((S, 1)), control.place_order((S, 1), status="approved")
    control.post(f"/orders/{first['order_number']}/approve")

    ids = [first["_id"], second["_id"]]
    assert nuorder.get("/api/orders/Approved/list").json == ids
    assert [order["_id"] for order in nuorder.get("/api/orders/approved/detail").json] == ids
    assert nuorder.get("/api/orders/pending/list").json == []
    assert nuorder.get("/api/orders/lost/list").status == 400


def test_orders_are_listed_by_day_without_drafts(nuorder, control):
    control.place_order((S, 1), status="draft")
    order = control.place_order((S, 1), created_on="2024-03-05T22:00:00.000Z")

    days = "/api/orders/list?start_date=2024-03-05&end_date={}"
    assert nuorder.get(days.format("2024-03-05")).json == [order["_id"]]
    assert nuorder.get("/api/orders/list?start_date=2024-03-06&end_date=2024-12-31").json == []
    assert nuorder.get(days.format("soon")).message == "end_date must be a date"


def test_payments_come_only_when_asked_for(nuorder, control):
    order = control.place_order((S, 1), status="approved")

    for path in (f"/api/order/{order['_id']}", "/api/orders/approved/detail"):
        reply = nuorder.get(f"{path}?__populate=__payments").json
        shown = reply[0] if isinstance(reply, list) else reply
        assert shown["__metadata"]["payments"]["payment_status"] == "Not Paid"


@pytest.mark.parametrize("verb", ["POST", "PUT"])
@pytest.mark.parametrize("by", ["{_id}", "number/{order_number}"])
@pytest.mark.parametrize("word", ["process", "processed", "Processed"])
def test_an_order_is_moved_by_verb_or_name_under_either_method(nuorder, control, verb, by, word):
    order = control.place_order((S, 1), status="approved")

    reply = nuorder.call(verb, f"/api/order/{by.format(**order)}/{word}")

    assert (reply.status, reply.json["status"]) == (200, "processed")
    assert reply.json["modified_on"] >= order["modified_on"]


def test_moving_an_order_to_the_status_it_has_changes_nothing(nuorder, control):
    order = control.place_order((S, 1), status="approved")

    first, again = (nuorder.post(f"/api/order/{order['_id']}/processed") for _ in range(2))

    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert control.writes("orders") == {order["order_number"]: {"processed": 1}}


def test_nothing_leaves_cancelled(nuorder, control):
    order = control.place_order((S, 1), status="cancelled")
    path = f"/api/order/{order['_id']}"

    for reply in (nuorder.post(f"{path}/process"), nuorder.post(path, {"notes": "x"})):
        assert (reply.status, reply.message) == (409, "order is cancelled")
    assert nuorder.post(f"{path}/cancel").status == 304


def test_an_unknown_status_word_or_order_is_refused(nuorder, control):
    order = control.place_order((S, 1))

    assert nuorder.post(f"/api/order/{order['_id']}/status").message == "unknown status status"
    assert nuorder.post("/api/order/number/1/processed").message == "order not found"


def test_a_created_order_is_stored_with_its_totals(nuorder, wire_order):
    reply = nuorder.put("/api/order/new", wire_order)

    order = reply.json
    assert (reply.status, order["status"], order["total"], order["total_quantity"]) == (201, "pending", 78.5, 4)
    assert order["retailer"]["buyer_name"] == "Ann Lee"
    assert (order["start_ship"], order["end_ship"]) == ("2026-02-01T00:00:00.000Z", "2026-03-03T00:00:00.000Z")
    assert [size["upc"] for size in order["line_items"][0]["sizes"]] == [S, M]
    assert nuorder.get("/api/order/number/ERP-1").json == order


@pytest.mark.parametrize("field", ["order_number", "external_id", "currency_code", "retailer", "line_items"])
def test_an_order_without_a_required_field_is_refused_by_name(nuorder, wire_order, field):
    del wire_order[field]

    assert nuorder.put("/api/order/new", wire_order).message == f"{field} is required"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"product": {"brand_id": "none"}}, "line_items[0].product not found"),
        ({"ship_start": None}, "line_items[0].ship_start is required"),
        ({"sizes": [{"size": "XXL", "quantity": 1, "price": 1}]}, "line_items[0].sizes[0].size not found"),
        ({"sizes": [{"size": "S", "price": 1}]}, "line_items[0].sizes[0].quantity is required"),
        ({"sizes": [{"size": "S", "quantity": 1}]}, "line_items[0].sizes[0].price is required"),
    ],
)
def test_an_order_line_at_fault_is_named_and_nothing_is_stored(nuorder, control, wire_order, change, message):
    wire_order["line_items"][0] |= change

    reply = nuorder.put("/api/order/new", wire_order)

    assert (reply.status, reply.message) == (400, message)
    assert control.get("/orders") == []


def test_an_order_of_an_unknown_retailer_is_refused(nuorder, wire_order):
    wire_order["retailer"]["retailer_code"] = "C999"

    reply = nuorder.put("/api/order/new", wire_order)

    assert (reply.status, reply.message) == (404, "company not found")


def test_an_order_number_serves_once(nuorder, wire_order):
    first = nuorder.put("/api/order/new", wire_order).json

    reply = nuorder.put("/api/order/new", wire_order)

    expected = (409, "order already exists", first["_id"])
    assert (reply.status, reply.message, reply.json["_id"]) == expected


def test_an_edit_marks_the_order_edited_until_it_is_processed_again(nuorder, control):
    order = control.place_order((S, 1), status="processed")
    path = f"/api/order/{order['_id']}"

    edited = nuorder.post(path, {"notes": "Later", "discount": "50"}).json

    assert (edited["edited"], edited["notes"], edited["total"]) == (True, "Later", 10)
    assert edited["edited_on"]
    assert nuorder.get("/api/orders/edited/list").json == [order["_id"]]
    nuorder.post(f"{path}/approve")
    nuorder.post(f"{path}/process")
    assert nuorder.get("/api/orders/edited/list").json == []


def test_a_shipment_is_reported_inside_an_update(nuorder, control):
    order = control.place_order((S, 1), status="processed")
    shipment = {"type": "shipment", "status": "All Shipped", "tracking_numbers": ["1Z"], "line_items": []}

    changed = nuorder.post(f"/api/order/number/{order['order_number']}", {"shipments": [shipment]}).json

    assert changed["shipments"] == [shipment]
    assert changed["__shipment_status"] == ["All Shipped"]


@pytest.mark.parametrize("field", ["external_id", "notes", "customer_po_number", "erp_route"])
def test_single_fields_are_set_through_the_path(nuorder, control, field):
    order = control.place_order((S, 1))

    reply = nuorder.post(f"/api/order/{order['_id']}/set/{field}/A%2F1")

    assert (reply.status, reply.json[field], reply.json["edited"]) == (200, "A/1", False)


@pytest.mark.parametrize("field", ["status", "total", "order_number", "__exported"])
def test_other_fields_cannot_be_set(nuorder, control, field):
    order = control.place_order((S, 1))

    assert nuorder.post(f"/api/order/{order['_id']}/set/{field}/x").message == f"{field} cannot be set"


def test_a_locked_order_cannot_be_edited_but_moves(nuorder, control):
    order = control.place_order((S, 1), status="approved")
    path = f"/api/order/{order['_id']}"

    assert nuorder.post(f"{path}/lock").json["locked"] is True
    assert (reply := nuorder.post(path, {"notes": "x"})).status == 403
    assert reply.message == "order is locked"
    assert nuorder.post(f"{path}/process").status == 200
    assert nuorder.post(f"{path}/unlock").json["locked"] is False
    assert nuorder.post(path, {"notes": "x"}).status == 200


def test_a_web_edit_replaces_lines_and_is_marked(nuorder, control: Control):
    order = control.place_order((S, 1), status="processed")

    control.patch(f"/orders/{order['order_number']}", {"lines": [{"upc": M, "quantity": 4}], "notes": "Changed"})

    read = nuorder.get(f"/api/order/{order['_id']}").json
    assert [(size["upc"], size["quantity"]) for size in read["line_items"][0]["sizes"]] == [(M, 4)]
    assert (read["edited"], read["notes"], read["total"], read["status"]) == (True, "Changed", 80, "processed")


def test_a_deleted_draft_is_gone(nuorder, control):
    order = control.place_order((S, 1), status="draft")
    control.delete(f"/orders/{order['order_number']}")

    assert nuorder.get(f"/api/order/{order['_id']}").status == 404


def test_every_header_and_line_key_of_an_order_is_there(control):
    order = control.place_order((S, 1))

    assert {
        *("buyer_submitted", "edited", "locked", "split", "is_drop_ship", "collaborative_draft"),
        *("easy_order_ready", "easy_order_viewed", "use_advanced_promotions", "order_group_id", "legal_file"),
        *("existing_pdf_original", "existing_pdf_linesheet", "tech_pdf", "admin_pdf", "manager_pdf"),
        *("rep_pdf", "buyer_pdf", "__is_rtp", "__lookups", "__exported", "__split_overrides"),
    } <= order.keys()
    assert {"customization_split", "__customizations"} <= order["line_items"][0].keys()


def test_the_date_of_a_shipment_comes_back_as_midnight_utc(nuorder, control):
    order = control.place_order((S, 1))

    reply = nuorder.post(
        f"/api/order/{order['_id']}", {"shipments": [{"status": "Shipped", "shipment_date": "3/9/2026"}]}
    )

    assert reply.json["shipments"][0]["shipment_date"] == "2026-03-09T00:00:00.000Z"


@pytest.mark.parametrize(
    "raw",
    [
        {"line_items": 5},
        {"line_items": [{"product": None, "sizes": []}]},
        {"line_items": [{"product": {}, "sizes": [{"quantity": "many"}]}]},
        {"retailer": "C001"},
        {"created_on": 5},
        {"edited": None},
    ],
)
def test_a_raw_field_the_portal_could_not_work_with_is_refused(control, nuorder, raw):
    order = control.place_order((S, 1))

    assert control.call("PATCH", f"/orders/{order['order_number']}", raw).status == 400
    assert nuorder.get(f"/api/order/{order['_id']}").json == order


def test_an_order_that_lacks_fields_can_still_be_edited(control, nuorder):
    order = control.place_order((S, 1), retailer=None, line_items=None, payment_status=None)

    control.patch(f"/orders/{order['order_number']}", {"notes": "Rush"})
    edited = nuorder.post(f"/api/order/{order['_id']}", {"retailer": {"buyer_email": "ann@example.com"}}).json

    assert (edited["notes"], edited["retailer"]) == ("Rush", {"buyer_email": "ann@example.com"})
    assert nuorder.get(f"/api/order/{order['_id']}?__populate=__payments").status == 200


def test_a_line_with_a_key_nobody_knows_is_refused_and_told_what_it_may_hold(control):
    answer = control.call("POST", "/orders", {"company": "C001", "lines": [{"barcode": M, "quantity": 4}]})

    assert answer.status == 400
    assert "may not hold barcode; a line may hold" in answer.json["message"]
    assert "upc" in answer.json["message"]
    assert control.get("/orders") == []
