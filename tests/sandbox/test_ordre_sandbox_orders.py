"""Buyers' orders on ORDRE, and how they come to the hub (sheet ordre.md R12, 6.4, 6.5)."""

from threading import Event
from typing import Any

import pytest

from tests.processes import until
from tests.sandbox.ordre_client import MadeUpHub, all_at_once, barcode, kept_waiting, problem
from tests.sandbox.running import Control


@pytest.fixture
def buyer(ordre: Control, hub: MadeUpHub) -> Control:
    """The control API, after a collect."""
    ordre.post("/collect")
    return ordre


def ordered(buyer: Control, **wish: Any) -> str:
    """The number of a new order of look A for a known customer."""
    told = {"customer_id": "c_31", "looks": [{"look_id": "A"}], **wish}
    return str(buyer.post("/orders", told)["number"])


def submitted(buyer: Control, number: str, **slip: Any) -> dict[str, Any]:
    return dict(buyer.post(f"/orders/{number}/submit", {"slip": slip} if slip else None))


def test_a_look_is_ordered_in_every_product_and_size(buyer: Control):
    order = buyer.post("/orders", {"customer_id": "c_31", "po_number": "PO-7", "looks": [{"look_id": "A"}]})

    barcodes = [barcode(1, 1), barcode(1, 2), barcode(2, 1), barcode(2, 2)]
    assert [line["barcode"] for line in order["lines"]] == barcodes
    assert {(line["unit_price"], line["collection"], line["look"]) for line in order["lines"]} == {
        ("125.00", "Winter", "Day")
    }
    assert (order["customer"]["id"], order["currency"], order["units"], order["amount"]) == ("c_31", "EUR", 4, "500.00")


def test_a_look_is_ordered_in_some_sizes_and_another_currency(buyer: Control):
    looks = [{"look_id": "B", "sizes": {"M": 3}}]
    order = buyer.post("/orders", {"customer": "New Shop", "currency": "GBP", "looks": looks})

    assert [(line["quantity"], line["unit_price"]) for line in order["lines"]] == [(3, "110.00")]
    assert order["customer"] == {"name": "New Shop"}


def test_what_is_sent_is_an_order_as_the_sheet_has_it(buyer: Control, hub: MadeUpHub):
    number = ordered(buyer, po_number="PO-7", delivery={"start": "2026-01-15"}, discount_percent="10", notes="Rush")

    told = submitted(buyer, number)

    (body,) = hub.orders
    assert (body["order_number"], body["po_number"], body["currency"]) == (number, "PO-7", "EUR")
    assert (body["customer"], body["notes"]) == ({"id": "c_31", "name": "Maison Exemple"}, "Rush")
    assert body["lines"][0] == {
        "line_id": "1",
        "barcode": barcode(1, 1),
        "quantity": 1,
        "unit_price": "125.00",
        "collection": "Winter",
        "look": "Day",
        "description": "Coat 1 Navy, S",
    }
    assert body["totals"] == {"units": 4, "amount": "450.00"}
    assert (told["outcome"], told["report"]["erp_order_number"]) == ("accepted", "SO-00001")
    assert hub.calls("POST", "/orders")[0].headers["idempotency-key"] == told["idempotency_key"]


def test_an_edited_order_is_submitted_again_under_a_new_key(buyer: Control, hub: MadeUpHub):
    number = ordered(buyer)
    submitted(buyer, number)
    edited = buyer.patch(f"/orders/{number}", {"quantities": {barcode(1, 1): 5, barcode(1, 2): 0}})
    assert (edited["status"], edited["units"]) == ("edited", 7)
    assert len(hub.orders) == 1

    submitted(buyer, number)

    first, second = hub.orders
    assert first["order_number"] == second["order_number"]
    assert first["submission_id"] != second["submission_id"]
    assert [line["quantity"] for line in second["lines"]] == [5, 1, 1]
    assert len({each.headers["idempotency-key"] for each in hub.calls("POST", "/orders")}) == 2
    assert buyer.get(f"/orders/{number}/hub")["answer"]["data"] == hub.orders


def test_posted_twice_it_is_one_order_and_a_replay(buyer: Control, hub: MadeUpHub):
    told = submitted(buyer, ordered(buyer), kind="twice")

    assert [(answer["status"], answer["replayed"]) for answer in told["answers"]] == [(201, False), (200, True)]
    assert len(hub.orders) == 1


def test_in_parallel_the_same_key_goes_out_many_times_at_once(buyer: Control, hub: MadeUpHub):
    hub.before = all_at_once("/orders", 20)

    told = submitted(buyer, ordered(buyer), kind="parallel", count=20)

    assert sorted(answer["status"] for answer in told["answers"]) == [200] * 19 + [201]
    assert (told["outcome"], len(hub.orders)) == ("accepted", 1)
    assert len({each.headers["idempotency-key"] for each in hub.calls("POST", "/orders")}) == 1


def test_given_up_early_it_is_sent_again_as_it_was(buyer: Control, hub: MadeUpHub):
    go_on = Event()
    hub.before = kept_waiting("/orders", go_on)
    number = ordered(buyer)
    told = submitted(buyer, number, kind="give_up", seconds=0.1)
    assert (told["outcome"], told["answers"][0]["status"]) == ("unanswered", None)
    go_on.set()

    again = submitted(buyer, number)

    assert (again["id"], again["outcome"], len(hub.orders)) == (told["id"], "accepted", 1)
    assert len({str(each.body) for each in hub.calls("POST", "/orders")}) == 1


def test_what_is_open_still_goes_out_under_its_key_twice_too(buyer: Control, hub: MadeUpHub):
    hub.before = lambda asked: problem(500, "oops") if asked.path == "/orders" else None
    number = ordered(buyer)
    told = submitted(buyer, number)
    assert told["outcome"] == "put_off"
    hub.before = lambda asked: None

    again = submitted(buyer, number, kind="twice")

    assert (again["id"], [answer["status"] for answer in again["answers"]]) == (told["id"], [500, 201, 200])
    assert len(hub.orders) == 1


def test_a_time_out_is_followed_by_a_retry_under_the_same_key(buyer: Control, hub: MadeUpHub):
    late = Event()

    def first_is_late(asked: Any) -> None:
        if asked.path == "/orders" and len(hub.calls("POST", "/orders")) == 1:
            late.wait(20)

    hub.before = first_is_late

    told = submitted(buyer, ordered(buyer), kind="retry", seconds=0.1)
    late.set()

    assert [answer["outcome"] for answer in told["answers"]] == ["unanswered", "accepted"]
    assert len({each.headers["idempotency-key"] for each in hub.calls("POST", "/orders")}) == 1


def test_the_same_key_with_another_body_is_the_hubs_to_refuse(buyer: Control, hub: MadeUpHub):
    number = ordered(buyer)
    submitted(buyer, number)

    told = submitted(buyer, number, kind="other_body")

    assert (told["outcome"], told["answers"][0]["answer"]["code"]) == ("refused", "idempotency_conflict")
    assert len(hub.orders) == 1


def test_without_a_key_none_is_sent(buyer: Control, hub: MadeUpHub):
    buyer.post(f"/orders/{ordered(buyer)}/submit", {"keyless": True})

    assert "idempotency-key" not in hub.calls("POST", "/orders")[0].headers


def test_barcodes_go_wrong_on_the_way(buyer: Control, hub: MadeUpHub):
    for kind in ("unknown_barcode", "empty_barcode"):
        submitted(buyer, ordered(buyer), kind=kind)

    assert [body["lines"][0]["barcode"] for body in hub.orders] == ["0000000000000", ""]
    assert hub.orders[0]["lines"][1]["barcode"] == barcode(1, 2)


def test_a_wrong_key_submits_nothing(buyer: Control, hub: MadeUpHub):
    told = submitted(buyer, ordered(buyer), kind="wrong_key")

    assert (told["outcome"], told["answers"][0]["status"], hub.orders) == ("refused", 401, [])


def test_slips_are_ordered_ahead_and_made_as_often_as_told(buyer: Control, hub: MadeUpHub):
    slip = buyer.post("/slips", {"kind": "twice", "times": 2})
    for _ in range(3):
        submitted(buyer, ordered(buyer))

    assert len(hub.calls("POST", "/orders")) == 5
    assert [(each["id"], each["hits"]) for each in buyer.get("/slips")] == [(slip["id"], 2)]
    assert [call["fault"] for call in buyer.get("/calls")][-5:] == ["twice", "twice", "twice", "twice", None]


def test_a_hub_that_is_not_ready_gets_the_same_submission_later(buyer: Control, hub: MadeUpHub):
    hub.before = lambda asked: problem(503, "not_configured") if asked.path == "/orders" else None
    number = ordered(buyer)
    told = submitted(buyer, number)
    assert (told["outcome"], len(hub.calls("POST", "/orders"))) == ("put_off", 4)

    hub.before = lambda asked: None
    assert submitted(buyer, number)["id"] == told["id"]
    assert len(hub.orders) == 1


def test_what_was_put_off_is_submitted_again_on_the_timer(buyer: Control, hub: MadeUpHub):
    hub.before = lambda asked: problem(503, "not_configured") if asked.path == "/orders" else None
    number = ordered(buyer)
    submitted(buyer, number)
    hub.before = lambda asked: None

    buyer.set(collect_seconds=0.05)
    until(lambda: hub.orders)
    until(lambda: buyer.get(f"/orders/{number}")["submissions"][0]["outcome"] == "accepted")
    buyer.set(collect_seconds=None)

    assert len({each.headers["idempotency-key"] for each in hub.calls("POST", "/orders")}) == 1
    assert len(hub.orders) == 1


def test_the_hub_validates_without_an_order(buyer: Control, hub: MadeUpHub):
    told = buyer.post(f"/orders/{ordered(buyer)}/validate")

    assert (told["status"], told["answer"]["result"], hub.orders) == (200, "created", [])


def test_any_barcode_and_any_field_may_be_sent(buyer: Control, hub: MadeUpHub):
    lines = [{"barcode": "4000000000017", "quantity": 2, "unit_price": "9.50", "description": "Scarf"}]
    number = ordered(buyer, customer_id="c_31", looks=[], lines=lines, raw={"colour": "red", "totals": None})
    submitted(buyer, number)

    assert hub.orders[0]["colour"] == "red"
    assert "totals" not in hub.orders[0]
    assert hub.orders[0]["lines"][0]["unit_price"] == "9.50"


def test_a_buyer_cannot_order_what_ordre_does_not_hold(buyer: Control):
    for status, wish in (
        (404, {"customer": "Shop", "looks": [{"look_id": "Z"}]}),
        (404, {"customer_id": "c_99", "looks": [{"look_id": "A"}]}),
        (400, {"customer": "Shop", "lines": [{"barcode": "4000000000017"}]}),
        (400, {"customer": "Shop", "currency": "JPY", "looks": [{"look_id": "A"}]}),
        (400, {"customer": "Shop"}),
        (400, {"looks": [{"look_id": "A"}]}),
        (400, {"customer": "Shop", "looks": "A"}),
    ):
        assert buyer.call("POST", "/orders", wish).status == status
    assert buyer.get("/orders") == []
