"""ORDRE's pages, as a person uses them: whom it calls, a buyer's order, and what it is to do wrong."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from tests.sandbox.ordre_client import KEY, MadeUpHub, barcode, problem
from tests.sandbox.running import Control, Reply, exchange


def post(ordre: Control, path: str, headers: dict[str, str] | None = None, **fields: object) -> Reply:
    return exchange(ordre.url, "POST", path, urlencode(fields).encode(), headers)


def page(ordre: Control, path: str = "/") -> str:
    reply = exchange(ordre.url, "GET", path)
    assert reply.status == 200
    return reply.body.decode()


def test_the_hub_is_entered_on_the_page_and_collected_from_at_once(ordre: Control, hub: MadeUpHub):
    post(ordre, "/hub", disconnect="yes")
    assert "Address of Linesheet" in page(ordre)

    wrong = post(ordre, "/hub", url=hub.url, key="not the key")
    assert (wrong.status, b"Linesheet did not let us in: 401" in wrong.body) == (400, True)
    assert post(ordre, "/hub", url=hub.url, key=KEY).status == 303

    assert f"Calls {hub.url}/api/ordre/v1" in page(ordre)
    assert "Held: 3 products in 2 looks of 1 collection, 1 customer, 0 of 0 pictures." in page(ordre)
    assert KEY not in page(ordre)


def test_a_buyer_orders_a_look_edits_the_order_and_submits_it_again(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    written = post(ordre, "/orders", customer="Maison Exemple", look="A", quantity=2, po_number="PO-7")
    here = written.headers["location"]
    assert "Coat 1 Navy, S" in page(ordre, here)

    post(ordre, here, then="submit", po_number="PO-7")
    assert "SO-00001 in the books" in page(ordre, here)
    fields = {"quantity-1": 0, "quantity-2": 5, "quantity-new": 1, "barcode-new": "123", "price-new": "9.50"}
    post(ordre, here, then="submit", po_number="PO-8", **fields)

    first, second = hub.orders
    assert first["customer"] == {"id": "c_31", "name": "Maison Exemple"}
    assert [line["quantity"] for line in first["lines"]] == [2, 2, 2, 2]
    assert [(line["barcode"], line["quantity"]) for line in second["lines"]] == [
        (barcode(1, 2), 5),
        (barcode(2, 1), 2),
        (barcode(2, 2), 2),
        ("123", 1),
    ]
    assert (first["po_number"], second["po_number"]) == ("PO-7", "PO-8")
    assert "SO-00002 in the books" in page(ordre, here)
    assert ">SO-00002<" in page(ordre)


def test_an_order_that_is_left_as_it_was_is_no_edit(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    here = post(ordre, "/orders", customer="A new shop", look="B", quantity=1).headers["location"]
    post(ordre, here, then="submit")

    post(ordre, here, po_number="")

    assert ordre.get("/orders")[0]["status"] == "submitted"
    assert b"no whole number" in post(ordre, here, **{"quantity-1": "many"}).body


def test_what_goes_wrong_next_is_chosen_on_the_page(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    here = post(ordre, "/orders", customer="A new shop", look="B", quantity=1).headers["location"]

    post(ordre, "/slips", kind="wrong_key")
    assert "The next time: call with a wrong key." in page(ordre)
    post(ordre, here, then="submit")
    post(ordre, here, then="submit", slip="twice")

    assert "401 unauthorised" in page(ordre, here)
    assert "the same answer again" in page(ordre, here)
    assert "The next time:" not in page(ordre)


def test_a_refusal_is_read_on_the_orders_page(ordre: Control, hub: MadeUpHub):
    ordre.post("/collect")
    here = post(ordre, "/orders", customer="A new shop", look="B", quantity=1).headers["location"]
    hub.before = lambda asked: problem(422, "no_valid_lines")

    post(ordre, here, then="submit")

    assert "422 no_valid_lines" in page(ordre, here)
    assert "422 no_valid_lines" in page(ordre)


def test_a_page_of_somebody_else_can_send_no_form(ordre: Control):
    assert post(ordre, "/collect", {"Origin": "http://elsewhere.example"}).status == 403
    assert ordre.get("/collects") == []


def test_there_is_no_page_of_an_order_that_is_not_there(ordre: Control):
    assert exchange(ordre.url, "GET", "/orders/7").status == 404


def test_it_keeps_what_it_is_told_and_takes_what_is_signed_alone(ordre: Control):
    ordre.post("/events/secret", {"secret": "whsec_one"})
    body = json.dumps({"type": "order.approved", "data": {"connection": {"id": 1}, "order": {"order_number": "7"}}})

    def tell(secret: str, at: float, delivery: str) -> int:
        stamp = str(int(at))
        sign = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Linesheet-Timestamp": stamp,
            "Linesheet-Signature": f"v1={sign},v1=0",
            "Linesheet-Delivery": delivery,
        }
        return exchange(ordre.url, "POST", "/events", body.encode(), headers).status

    now = time.time()
    assert tell("whsec_one", now, "a") == tell("whsec_one", now, "a") == 204
    assert tell("whsec_two", now, "b") == tell("whsec_one", now - 3600, "c") == 401

    assert [(each["type"], each["signed"]) for each in ordre.get("/events")] == [
        ("order.approved", True),
        ("order.approved", False),
        ("order.approved", False),
    ]
    assert "order_number 7" in page(ordre)
    assert "whsec_one" not in page(ordre)
