"""Orders import: which orders are fetched, and what is told to NuORDER."""

import asyncio
import datetime
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.order_pages import MOST_IN_VAIN
from linesheet.platforms.nuorder.orders import PAGE, Orders
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync.errors import Refused, Unauthorised, Unavailable
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Received, Unreadable
from linesheet.sync.transport import Transport
from tests.answering import AnsweringServer
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


def placed_orders(sandbox: NuOrderSandbox, count: int) -> list[str]:
    """The ids of so many new approved orders."""
    return [sandbox.place_order(lines=LINES)["_id"] for _ in range(count)]


def reads(sandbox: NuOrderSandbox) -> list[str]:
    """The paths of the calls that read orders, pages and single ones."""
    paths = [call.removeprefix("GET ") for call in sandbox.calls()]
    return [path for path in paths if path.startswith(("/api/order/", "/api/orders/")) and not path.endswith("/list")]


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
    placed = placed_orders(nuorder_sandbox, PAGE + 3)

    assert [received.remote_id for received in fetched(nuorder_sandbox, books)] == placed
    assert reads(nuorder_sandbox) == ["/api/orders/approved/detail"] * 2


def test_orders_that_fit_a_page_are_read_without_a_query(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    placed = placed_orders(nuorder_sandbox, 2)

    assert [received.remote_id for received in fetched(nuorder_sandbox, books)] == placed
    [query] = {each["query"] for each in nuorder_sandbox.control("GET", "/requests") if "detail" in each["path"]}
    assert query == ""


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 500, "times": 3},
        {"kind": "unauthorized"},
        {"kind": "truncate", "times": 3},
        {"kind": "malformed", "times": 3},
        {"kind": "blank"},
        {"kind": "empty"},
    ],
)
def test_without_pages_orders_are_read_one_by_one(
    nuorder_sandbox: NuOrderSandbox, books: Books, fault: dict[str, Any]
) -> None:
    placed = placed_orders(nuorder_sandbox, PAGE + 3)
    nuorder_sandbox.fault(path="/detail", **fault)

    found = fetched(nuorder_sandbox, books)

    assert [(type(each), each.remote_id) for each in found] == [(Received, order_id) for order_id in placed]
    assert nuorder_sandbox.control("GET", "/stats")["highest_concurrency"] <= 5


@pytest.mark.parametrize("kind", ["duplicate", "reorder"])
def test_pages_in_disorder_lose_and_double_nothing(nuorder_sandbox: NuOrderSandbox, books: Books, kind: str) -> None:
    placed = placed_orders(nuorder_sandbox, PAGE + 3)
    nuorder_sandbox.fault(kind, "/api/orders/approved/", times=None)

    assert [each.remote_id for each in fetched(nuorder_sandbox, books)] == placed


def test_an_order_that_moves_while_pages_are_read_is_not_lost(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    placed = placed_orders(nuorder_sandbox, PAGE + 3)
    context = books.context()

    async def fetch(client: NuOrderClient) -> list[str]:
        found = []
        async for page in Orders(replace(context, client=client)).fetch(lambda _: False):
            found += [each.remote_id for each in page]
            nuorder_sandbox.control("POST", f"/orders/{placed[-1]}/pending")
            nuorder_sandbox.place_order(lines=LINES)
        return found

    assert nuorder_sandbox.use(fetch) == placed


class Portal:
    """A portal with so many approved orders, whose pages a test answers; `asked` counts them."""

    def __init__(self, count: int) -> None:
        self.orders = [
            {"_id": f"{number:04}", "order_number": f"N{number}", "line_items": [{"sizes": []}]}
            for number in range(count)
        ]
        self._server = AnsweringServer("application/json")
        for status in ("cancelled", "edited"):
            self._server.gives(f"/api/orders/{status}/list", b"[]")
        self._server.gives("/api/orders/approved/list", json.dumps([order["_id"] for order in self.orders]).encode())
        for order in self.orders:
            self._server.gives(f"/api/order/{order['_id']}", json.dumps(order).encode())

    def fetched(self, books: Books, page: Callable[[web.Request], bytes]) -> list[Any]:
        """The payloads of what the leg fetches while pages are answered so, in order."""
        self._server.gives("/api/orders/approved/detail", lambda request: web.Response(body=page(request)))
        context = books.context()

        async def fetch() -> list[Any]:
            async with aiohttp.ClientSession() as session:
                client = PLATFORM.client(Transport(self._server.url, session), {}, {})
                leg = Orders(replace(context, client=client))
                return [each.payload async for page in leg.fetch(lambda _: False) for each in page]

        try:
            return asyncio.run(fetch())
        finally:
            self._server.stop()

    def asked(self, start: str) -> int:
        """How many calls there were of paths that start so."""
        return sum(path.startswith(start) for path in self._server.asked)


def test_a_portal_that_gives_all_orders_at_once_is_asked_once(books: Books) -> None:
    portal = Portal(PAGE * 2 + 3)

    found = portal.fetched(books, lambda _: json.dumps(portal.orders).encode())

    assert found == portal.orders
    assert (portal.asked("/api/orders/approved/detail"), portal.asked("/api/order/")) == (1, 0)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda body: body.replace(b"0007", b"000\xff"), id="an id that is no text"),
        pytest.param(lambda body: body.replace(b"N7", b"cut \\ud83d here"), id="half a sign"),
        pytest.param(lambda body: body.replace(b"N7", b"\xff"), id="bytes that are no text"),
        pytest.param(lambda body: body.replace(b'"0007"', b"null"), id="no id"),
    ],
)
def test_one_order_that_makes_no_sense_costs_its_page_at_most(books: Books, spoil: Callable[[bytes], bytes]) -> None:
    portal = Portal(PAGE * 3)

    def page(request: web.Request) -> bytes:
        start = int(request.query.get("__last_id", -1)) + 1
        body = json.dumps(portal.orders[start : start + PAGE]).encode()
        return body if start else spoil(body)

    assert portal.fetched(books, page) == portal.orders
    assert portal.asked("/api/orders/approved/detail") == 3
    assert portal.asked("/api/order/") <= PAGE


def test_a_portal_that_always_gives_the_first_page_is_soon_not_asked_for_more(books: Books) -> None:
    portal = Portal(PAGE * 6)

    assert portal.fetched(books, lambda _: json.dumps(portal.orders[:PAGE]).encode()) == portal.orders
    assert portal.asked("/api/orders/approved/detail") == 1 + MOST_IN_VAIN


def test_a_portal_with_pages_of_its_own_size_spares_the_single_reads_all_the_same(books: Books) -> None:
    portal = Portal(PAGE * 3)

    def page(request: web.Request) -> bytes:
        start = int(request.query.get("__last_id", -1)) + 1
        return json.dumps(portal.orders[start : start + PAGE + 50]).encode()

    assert portal.fetched(books, page) == portal.orders
    assert portal.asked("/api/order/") == 0


def test_a_page_of_summaries_is_not_taken_for_orders(books: Books) -> None:
    portal = Portal(3)
    summaries = [{key: value for key, value in order.items() if key != "line_items"} for order in portal.orders]

    assert portal.fetched(books, lambda _: json.dumps(summaries).encode()) == portal.orders


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
    nuorder_sandbox.fault("status", "/detail", status=400)
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
