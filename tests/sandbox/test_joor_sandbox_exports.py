"""What reading orders by API v2 does to them, and what keeps them from being exported (sheet joor.md 7.1, 7.2)."""

from typing import Any

import pytest

from tests.sandbox.joor_trade import BLACK_M, BLACK_S, CAPE_S, Trade


def export_states(trade: Trade) -> dict[str, str]:
    return {order["id"]: order["export_state"] for order in trade.control.get("/orders")}


def test_a_plain_read_marks_what_it_returns_as_exported(trade):
    first, second = trade.place_id((BLACK_S, 1)), trade.place_id((BLACK_S, 1))

    reply = trade.v2("GET", "/order/", count=1).json["orders"]

    assert [str(order["order_id"]) for order in reply["orders"]] == [first]
    assert (reply["response"]["count"], reply["response"]["next_start"]) == (2, 1)
    assert export_states(trade) == {first: "exported", second: "not_attempted"}
    assert trade.ids(sync=1) == [second]
    assert trade.ids(sync=1) == []


def test_a_read_with_sync_0_leaves_no_mark(trade):
    order = trade.place_id((BLACK_S, 1))
    modified = trade.orders()[0]["date_modified"]

    assert trade.ids() == [order]
    assert export_states(trade) == {order: "not_attempted"}
    trade.v2("GET", "/order/")
    assert trade.orders()[0]["date_modified"] == modified


def test_the_export_status_asked_for_picks_the_states(trade):
    new, exported, failed, modified = (trade.place_id((BLACK_S, 1)) for _ in range(4))
    updates = [(exported, "SUCCESS"), (failed, "FAILED"), (modified, "SUCCESS")]
    trade.joor.post("/orders/bulk_update", *({"id": key, "export_status": status} for key, status in updates))
    trade.control.patch(f"/orders/{modified}", {"comments": "Later please"})

    found = {number: trade.ids(export_status=number) for number in range(1, 8)}

    assert trade.ids() == found[1] == [new, exported, failed, modified]
    assert (found[2], found[3], found[4]) == ([new, failed], [exported], [modified])
    assert (found[5], found[6], found[7]) == ([new, failed, modified], [new], [new, modified])
    assert trade.ids(sync=1) == [new, failed]


@pytest.mark.parametrize(
    "change",
    [
        {"quantities": {BLACK_S: 2}},
        {"lines": [{"upc": BLACK_M, "quantity": 1}]},
        {"shipping": {"name": "Elsewhere", "line1": "1 New Road", "city": "Nice", "country": "France"}},
        {"po_number": "PO-78"},
    ],
)
def test_any_edit_after_the_export_makes_an_order_modified(trade, change):
    order = trade.place_id((BLACK_S, 1))
    trade.v2("GET", "/order/")

    trade.control.patch(f"/orders/{order}", change)

    assert export_states(trade) == {order: "modified"}
    assert trade.ids(export_status=4) == [order]


def test_a_cancelled_order_is_modified_too_and_found_by_its_type(trade):
    order = trade.place_id((BLACK_S, 1))
    trade.v2("GET", "/order/")

    trade.control.post(f"/orders/{order}/cancel")

    assert trade.ids() == []
    assert trade.ids(order_type=5, export_status=4) == [order]


def test_one_order_is_read_under_the_same_parameters(trade):
    order = trade.place_id((BLACK_S, 1), status="PENDING")

    def read(**query: Any) -> list[Any]:
        return list(trade.v2("GET", f"/order/{order}", **query).json["orders"]["orders"])

    assert [found["order_type"] for found in read(sync=0)] == ["3"]
    assert read(sync=0, order_type=6) == []
    assert len(read()) == 1
    assert export_states(trade) == {order: "exported"}
    assert read() == []
    assert trade.v2("GET", "/order/99").status == 404


def test_an_order_that_lacks_a_required_field_is_left_out_and_failed(trade):
    trade.control.set(required_fields=["order_type_code", "door_codes"])
    doors = [{"door_id": 1, "door_name": "Main", "door_code": "D1", "door_deleted": False}]
    good = trade.place_id((BLACK_S, 1), type={"code": "PRE"}, doors=doors)
    bad = trade.place_id((BLACK_S, 1), doors=[{"door_id": 1, "door_name": "Main", "door_code": None}])

    assert trade.ids() == [good, bad]
    assert trade.ids(sync=0, check=1) == [good]
    assert trade.ids(sync=1) == [good]

    assert export_states(trade) == {good: "exported", bad: "failed"}
    failed = trade.control.get(f"/orders/{bad}")
    assert failed["export_description"] == "required fields are missing: order_type_code, door_codes"
    assert trade.ids(sync=1, check=0) == [bad]


def test_a_deleted_style_or_colour_fails_an_order_when_it_is_checked(trade):
    good, bad = trade.place_id((BLACK_S, 1)), trade.place_id((BLACK_S, 1), (CAPE_S, 1))
    trade.control.delete("/products/COAT9")

    assert trade.ids(check=2) == trade.ids(check=3) == [good]
    assert trade.ids(check=1) == [good, bad]
    assert trade.ids(sync=1, check=2) == [good]
    assert export_states(trade)[bad] == "failed"
