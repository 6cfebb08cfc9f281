"""Version 2 over HTTP: the token in both forms, envelopes, stock row by row, customers by jobs, orders unmarked."""

from typing import Any

import pytest
from aiohttp import web

from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.wire import CustomersOutcome, Json
from linesheet.sync.errors import Refused, Unauthorised
from tests.answering import AnsweringServer
from tests.platforms.joor.conftest import JoorSandbox, addresses, used
from tests.platforms.joor.test_client_v4 import PRODUCTS, skus_of

WS_EUR = {"price_type_currency_code": "EUR", "price_type_label": "WS EUR", "price_type_retail_currency_code": "EUR"}


def connection(code: str, name: str = "Rue Douze", **fields: Any) -> Json:
    return {"customer_code": code, "customer_name": name, "price_types": [WS_EUR], **addresses(code), **fields}


def stocked(joor: JoorSandbox) -> list[str]:
    """Barcodes of four SKUs that JOOR has."""

    async def calls(client: JoorClient) -> list[str]:
        created = await client.v4.created("products", PRODUCTS[:1])
        skus = skus_of(created.done[0]["id"])
        await client.v4.created("skus", skus)
        return [sku["identifiers"][0]["value"] for sku in skus]

    return joor.use(calls)


def stock(joor: JoorSandbox) -> dict[tuple[str, str], int]:
    """What JOOR was sent, by barcode and date."""
    return {(row["upc"], row["date"]): row["sent"] for row in joor.control("GET", "/stock")}


async def order_count(client: JoorClient) -> int:
    return await client.v2.order_count(order_type=6)


def test_the_documented_form_of_the_token_is_tried_first(joor: JoorSandbox) -> None:
    assert joor.use(order_count) == 0
    assert joor.credits() == 1


def test_the_other_form_is_tried_when_joor_refuses_one_and_then_kept(joor: JoorSandbox) -> None:
    joor.fault("unauthorized", "/v2/")

    async def three(client: JoorClient) -> None:
        for _ in range(3):
            await order_count(client)

    joor.use(three)

    assert len(joor.calls()) == 4


def test_the_form_of_the_token_may_be_set(joor: JoorSandbox) -> None:
    assert joor.use(order_count, {"v2_scheme": "Bearer"}) == 0
    assert len(joor.calls()) == 1


def test_a_wrong_token_is_tried_in_both_forms_once_only(joor: JoorSandbox) -> None:
    async def twice(client: JoorClient) -> None:
        with pytest.raises(Unauthorised):
            await order_count(client)
        with pytest.raises(Unauthorised, match="401"):
            await order_count(client)

    joor.use(twice, v2_token="wrong")

    assert len(joor.calls()) == 3


def test_stock_is_set_now_and_later_and_a_row_joor_does_not_take_is_told_alone(joor: JoorSandbox) -> None:
    first, second, *_ = stocked(joor)
    rows: list[Json] = [
        {"upc": first, "inventory": 17},
        {"upc": first, "inventory": 30, "inventory_date": "2027-08-01", "warehouse": "Default"},
        {"upc": "999", "inventory": 1},
        {"upc": second, "inventory": 5, "warehouse": "Nowhere"},
        {"upc": second, "inventory": 0},
    ]

    said = joor.use(lambda client: client.v2.put_stock(rows))

    assert [bool(each) for each in said] == [False, False, True, True, False]
    assert stock(joor) == {(first, ""): 17, (first, "2027-08-01"): 30, (second, ""): 0}


def test_stock_costs_five_credits_for_as_many_rows_as_joor_takes(joor: JoorSandbox) -> None:
    [first, *_] = stocked(joor)
    before = joor.credits()

    said = joor.use(lambda client: client.v2.put_stock([{"upc": first, "inventory": n} for n in range(5_001)]))

    assert said == [""] * 5_001
    assert joor.credits() - before == 10


def test_what_is_on_pending_orders_is_left_to_joor_and_the_rest_of_the_stock_alone(joor: JoorSandbox) -> None:
    first, second, *_ = stocked(joor)
    joor.use(lambda client: client.v2.put_stock([{"upc": first, "inventory": 1}]))
    joor.use(lambda client: client.v2.put_stock([{"upc": second, "inventory": 2}]))

    assert stock(joor) == {(first, ""): 1, (second, ""): 2}
    for call in joor.calls():
        assert "inventory" not in call or ("dec_pending=1" in call and "overwrite" not in call)


def test_customers_travel_in_one_job_and_wait_for_joors_matching(joor: JoorSandbox) -> None:
    joor.price_type("WS EUR", "EUR")

    async def calls(client: JoorClient) -> tuple[CustomersOutcome, list[Json]]:
        return await client.v2.put_customers([connection("C1"), connection("C2")]), await client.v2.customers()

    outcome, listed = joor.use(calls)

    assert outcome == CustomersOutcome(finished=True)
    assert listed == [], "none is listed before it is matched"
    joor.control("POST", "/connections/confirm", {"codes": ["C1"]})
    assert [each["customer_code"] for each in joor.use(lambda client: client.v2.customers())] == ["C1"]


def test_customers_that_joor_does_not_take_are_told_by_their_code(joor: JoorSandbox) -> None:
    joor.price_type("WS EUR", "EUR")
    bad = connection("C2", price_types=[{**WS_EUR, "price_type_label": "WS FR"}])

    outcome = joor.use(lambda client: client.v2.put_customers([connection("C1"), bad]))

    assert list(outcome.errors) == ["C2"]
    assert outcome.errors["C2"]
    assert outcome.problems == []
    assert list(joor.customers()) == ["C1"]


def test_a_job_that_stays_in_the_queue_is_not_waited_for_for_ever(joor: JoorSandbox) -> None:
    joor.price_type("WS EUR", "EUR")
    joor.set(job_seconds=None)

    async def calls(client: JoorClient) -> CustomersOutcome:
        client.v2.patience = 2
        return await client.v2.put_customers([connection("C1")])

    outcome = joor.use(calls)

    assert not outcome.finished
    assert joor.credits() <= 5 + 3


def test_one_customer_is_found_by_its_code(joor: JoorSandbox) -> None:
    joor.customer("C/1 é", "Maison Rive")

    async def calls(client: JoorClient) -> tuple[Json | None, Json | None]:
        return await client.v2.customer("C/1 é"), await client.v2.customer("none")

    found, none = joor.use(calls)

    assert found
    assert found["customer_name"] == "Maison Rive"
    assert none is None


async def all_orders(client: JoorClient, **filters: Any) -> list[str]:
    return [str(order["order_id"]) async for page in client.v2.orders(**filters) for order in page]


@pytest.mark.parametrize("empty_list_as_text", [False, True])
def test_orders_are_read_page_by_page_and_none_is_marked(joor: JoorSandbox, empty_list_as_text: bool) -> None:
    joor.set(empty_list_as_text=empty_list_as_text)
    waiting = {"order_type": 6, "export_status": 2}
    assert joor.use(lambda client: all_orders(client, **waiting)) == []
    placed = {str(joor.some_order()["order_id"]) for _ in range(5)}

    for _ in range(2):
        assert set(joor.use(lambda client: all_orders(client, **waiting, count=2))) == placed
    assert joor.use(lambda client: client.v2.order_count(**waiting)) == 5
    assert all("sync=0" in call for call in joor.calls())


def test_no_order_is_passed_over_when_one_before_it_is_modified_while_they_are_read(joor: JoorSandbox) -> None:
    placed = [joor.some_order() for _ in range(5)]
    pages = []

    async def read(client: JoorClient) -> None:
        async for page in client.v2.orders(order_type=4, export_status=1, count=2):
            if not pages:
                joor.later(60)
                joor.control("PATCH", f"/orders/{placed[0]['id']}", {"quantities": {"4000000000000": 3}})
            pages.append([str(order["order_id"]) for order in page])

    joor.use(read)

    assert {order_id for page in pages for order_id in page} == {str(order["order_id"]) for order in placed}


def test_pages_that_are_shorter_than_asked_for_and_tell_nothing_are_all_read() -> None:
    server = AnsweringServer("application/json")
    orders = [{"order_id": number} for number in range(120)]

    def page(request: web.Request) -> web.Response:
        start = int(request.query["start_from"])
        return web.json_response({"orders": orders[start : start + 50]})

    server.gives("/v2/order/", page)
    try:
        read = used(server.url, {"v2_token": "t"}, all_orders)
    finally:
        server.stop()

    assert read == [str(order["order_id"]) for order in orders]


def test_a_read_that_would_mark_orders_cannot_be_asked_for(joor: JoorSandbox) -> None:
    joor.some_order()

    joor.use(lambda client: all_orders(client, sync=1))

    assert len(joor.use(lambda client: all_orders(client, export_status=2))) == 1


def test_one_order_is_read_in_full_and_not_marked(joor: JoorSandbox) -> None:
    order = joor.some_order(upc="0000000000017")

    async def calls(client: JoorClient) -> tuple[Json | None, Json | None, list[str]]:
        found = await client.v2.order(str(order["order_id"]))
        return found, await client.v2.order("1"), await all_orders(client, export_status=2)

    found, none, waiting = joor.use(calls)

    assert found
    assert found["line_items"][0]["item_upc"] == "0000000000017"
    assert none is None
    assert waiting == [str(order["order_id"])]


def test_what_joor_will_not_do_is_told_in_its_words(joor: JoorSandbox) -> None:
    with pytest.raises(Refused) as refused:
        joor.use(lambda client: all_orders(client, date_start="2026-01-01"))

    assert "date_end" in refused.value.says or "date" in refused.value.says
    assert "{" not in refused.value.says


def test_a_used_up_window_and_broken_answers_are_come_over(joor: JoorSandbox) -> None:
    [first, *_] = stocked(joor)
    for kind in ("rate_limit", "disconnect_after", "truncate", "status"):
        joor.fault(kind, "/v2/bulk-inventory", retry_after=0)

        assert joor.use(lambda client: client.v2.put_stock([{"upc": first, "inventory": 3}])) == [""]

    assert stock(joor) == {(first, ""): 3}
