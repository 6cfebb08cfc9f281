"""Orders import: which orders are fetched, and what is told to NuORDER."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.orders import Orders
from linesheet.sync.errors import Refused, Unauthorised, Unavailable
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Received, Unreadable
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox

LINES = [{"upc": "4000000000011", "quantity": 2, "price": 100, "style_number": "COAT", "season": "SS26"}]


def fetched(
    sandbox: NuOrderSandbox, books: Books, known: tuple[str, ...] = (), **values: Any
) -> list[Received | Unreadable]:
    context = books.context(**values)

    async def fetch(client: NuOrderClient) -> list[Received | Unreadable]:
        leg = Orders(replace(context, client=client))
        return [record async for page in leg.fetch(known.__contains__) for record in page]

    return sandbox.use(fetch)


def acknowledged(sandbox: NuOrderSandbox, books: Books, order: Any) -> Any:
    context = books.context()
    return sandbox.use(lambda client: Orders(replace(context, client=client)).acknowledge(order["_id"], 1))


def test_approved_orders_are_fetched_and_read(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    order = nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.place_order(lines=LINES, status="pending")

    [received] = fetched(nuorder_sandbox, books)

    assert isinstance(received, Received)
    assert (received.remote_id, received.label) == (order["_id"], order["order_number"])
    meaning = books.leg(Orders).read(received.payload)
    assert isinstance(meaning, IncomingOrder)
    assert (meaning.customer_name, meaning.season_name, meaning.total) == ("Maison Rive", "SS26", 200)
    assert [(line.barcode, line.quantity, line.price) for line in meaning.lines] == [("4000000000011", 2, 100)]


def test_the_statuses_are_those_of_the_settings(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    for status in ("approved", "pending", "review", "draft", "processed"):
        nuorder_sandbox.place_order(lines=LINES, status=status)

    found = fetched(nuorder_sandbox, books, import_statuses=["pending", "review"])

    assert [each.payload["status"] for each in found if isinstance(each, Received)] == ["pending", "review"]


def test_more_orders_than_a_page_are_all_fetched_once(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    placed = [nuorder_sandbox.place_order(lines=LINES)["_id"] for _ in range(60)]

    assert [received.remote_id for received in fetched(nuorder_sandbox, books)] == placed
    assert nuorder_sandbox.control("GET", "/stats")["highest_concurrency"] <= 5


def test_stored_orders_come_again_when_they_were_cancelled_or_edited(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    stored = [nuorder_sandbox.place_order(lines=LINES) for _ in range(3)]
    never_stored = nuorder_sandbox.place_order(lines=LINES, status="cancelled")
    for order in stored:
        acknowledged(nuorder_sandbox, books, order)
    nuorder_sandbox.control("POST", f"/orders/{stored[0]['_id']}/cancelled")
    nuorder_sandbox.control("PATCH", f"/orders/{stored[1]['_id']}", {"notes": "Later, please"})

    found = fetched(nuorder_sandbox, books, tuple(order["_id"] for order in stored))

    assert {received.remote_id for received in found} == {stored[0]["_id"], stored[1]["_id"]}
    assert never_stored["_id"] not in {received.remote_id for received in found}


def test_a_held_order_that_is_no_longer_approved_comes_again_with_its_cancellation(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    held = nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.control("POST", f"/orders/{held['_id']}/cancelled")

    [received] = fetched(nuorder_sandbox, books, (held["_id"],))

    assert isinstance(received, Received)
    meaning = books.leg(Orders).read(received.payload)
    assert isinstance(meaning, IncomingOrder)
    assert meaning.cancelled


def test_a_portal_without_a_list_of_edited_orders_is_fine(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.fault("status", "/api/orders/edited/list", status=400)

    assert len(fetched(nuorder_sandbox, books)) == 1


def test_orders_created_before_the_start_date_stay_there(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    old = nuorder_sandbox.place_order(lines=LINES, created_on="2024-01-01T10:00:00.000Z")
    new = nuorder_sandbox.place_order(lines=LINES)
    since = datetime.date(2024, 1, 2)

    assert [each.remote_id for each in fetched(nuorder_sandbox, books, orders_from=since)] == [new["_id"]]
    known = fetched(nuorder_sandbox, books, (old["_id"],), orders_from=since)
    assert [each.remote_id for each in known] == [old["_id"], new["_id"]]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 500, "times": 3},
        {"kind": "truncate", "times": 3},
        {"kind": "blank", "times": 1},
    ],
)
def test_an_order_that_cannot_be_read_keeps_no_other_from_coming_in(
    nuorder_sandbox: NuOrderSandbox, books: Books, fault: dict[str, Any]
) -> None:
    bad, good = (nuorder_sandbox.place_order(lines=LINES)["_id"] for _ in range(2))
    nuorder_sandbox.fault(path=f"/api/order/{bad}", **fault)

    found = fetched(nuorder_sandbox, books)

    assert [(type(each), each.remote_id) for each in found] == [(Unreadable, bad), (Received, good)]


@pytest.mark.parametrize(("kind", "error"), [("unauthorized", Unauthorised), ("rate_limit", Unavailable)])
def test_what_concerns_all_orders_stops_the_fetch(
    nuorder_sandbox: NuOrderSandbox, books: Books, kind: str, error: type[Exception]
) -> None:
    nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.fault(kind, "/api/order/", times=None, retry_after=0)

    with pytest.raises(error):
        fetched(nuorder_sandbox, books)


def test_an_acknowledged_order_is_processed_once(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    order = nuorder_sandbox.place_order(lines=LINES)

    first = acknowledged(nuorder_sandbox, books, order)
    second = acknowledged(nuorder_sandbox, books, order)

    assert first["status"] == second["status"] == "processed"
    assert nuorder_sandbox.order(order)["status"] == "processed"


def test_an_order_edited_before_the_acknowledgement_comes_back_as_edited(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    order = nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.control("PATCH", f"/orders/{order['_id']}", {"notes": "Later, please"})

    assert acknowledged(nuorder_sandbox, books, order)["notes"] == "Later, please"


def test_an_order_cancelled_before_the_acknowledgement_comes_back_as_cancelled(
    nuorder_sandbox: NuOrderSandbox, books: Books
) -> None:
    order = nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.control("POST", f"/orders/{order['_id']}/cancelled")

    assert acknowledged(nuorder_sandbox, books, order)["status"] == "cancelled"
    assert nuorder_sandbox.order(order)["status"] == "cancelled"


def test_any_other_conflict_is_refused(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    order = nuorder_sandbox.place_order(lines=LINES)
    nuorder_sandbox.fault("status", "/processed", status=409)

    with pytest.raises(Refused):
        acknowledged(nuorder_sandbox, books, order)
