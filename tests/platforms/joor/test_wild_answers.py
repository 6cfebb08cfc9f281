"""Whatever JOOR answers, a call has a result of its kind or one of the errors of the way, and ends."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.platforms.joor import outcomes
from linesheet.platforms.joor.auth import Credentials
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.offers import PriceType, category_path, offers
from linesheet.platforms.joor.wire import NOT_TOLD, CustomersOutcome, Written
from linesheet.sync.errors import Nonsense, Refused, TravelError, Unauthorised
from tests.answering import AnsweringServer
from tests.platforms.joor.conftest import used
from tests.wild import examples

KEYS = dict.fromkeys(Credentials.__slots__, "x")
NAMES = (
    *("data", "errors", "status", "message", "details", "id", "name", "response", "code", "comment", "count"),
    *("next_start", "orders", "order", "order_id", "connections", "connection", "customer_code", "bulk_connections"),
    *("bulk_connections_jobs", "bulk_connections_job_id", "inventory_log", "sku", "sku_count", "line_items", "\0", ""),
)
WORDS = ("", "0", "7", "-1", "finished", "success", "failed: no", "NaN", "a\0b", "4000000000000", "x" * 300)
SIMPLE = st.sampled_from([*WORDS, None, True, False, 0, 1, -1, 2.5, 1e308, 10**30])
WILD = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)

# What stands around the records in answers that are as they should be, to be filled with what is not.
FRAMES: dict[str, Callable[[Any], Any]] = {
    "bare": lambda wild: wild,
    "v4": lambda wild: {"data": wild, "errors": wild},
    "v4 errors": lambda wild: {"data": [], "errors": [wild, {"status": wild, "message": wild, "details": wild}]},
    "orders": lambda wild: {"orders": {"response": {"code": 0, "next_start": wild, "count": wild}, "orders": wild}},
    "code": lambda wild: {"orders": {"response": {"code": wild, "comment": wild}}},
    "log": lambda wild: {"response": {"code": 0}, "inventory_log": wild},
    "job": lambda wild: {
        "bulk_connections": {
            "bulk_connections_jobs": [{"bulk_connections_job_id": 7, "status": "finished", "errors": wild}]
        }
    },
}


async def stock(client: JoorClient) -> Any:
    said = await client.v2.put_stock([{"upc": "4000000000000", "inventory": 1}, {"upc": "5", "inventory": 2}])
    assert len(said) == 2
    assert all(isinstance(each, str) for each in said)


async def customers(client: JoorClient) -> Any:
    client.v2.patience = 0
    outcome = await client.v2.put_customers([{"customer_code": "C1"}])
    assert all(isinstance(says, str) for says in (*outcome.errors.values(), *outcome.problems))


async def orders(client: JoorClient) -> Any:
    pages: AsyncIterator[Any] = client.v2.orders(order_type=6)
    async for page in pages:
        assert all(isinstance(order, dict) for order in page)


async def written(client: JoorClient) -> Any:
    outcome = await client.v4.created("products", [{"name": "Coat"}])
    assert isinstance(outcome, Written)
    assert all(isinstance(item, dict) for item in outcome.done)
    for error in outcome.errors:
        assert isinstance(error.says, str)
        assert isinstance(error.details, dict)


async def read(client: JoorClient) -> Any:
    assert isinstance(await client.v4.listed("orders"), list)
    await client.v2.customer("C1")
    await client.v2.order_count()
    await offers(client, {})


CALLS: list[Callable[[JoorClient], Awaitable[Any]]] = [stock, customers, orders, written, read]


class WildJoor(AnsweringServer):
    """JOOR whose log-in works, and which answers anything else with `body` and `status`."""

    def __init__(self) -> None:
        super().__init__("application/json")
        self.body = b""
        self.status = 200
        self.calls = 0
        self.gives("/auth/", b'{"access_token": "t", "expires_in": 36000}')

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/auth"):
            return await super()._answer(request)
        self.calls += 1
        assert self.calls < 50, "it does not come to an end"
        return web.Response(body=self.body, status=self.status, content_type="application/json")

    def answers(self, what: Any, status: int = 200) -> None:
        self.body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.status = status
        self.calls = 0


def error_of(joor: WildJoor, call: Callable[[JoorClient], Awaitable[Any]]) -> TravelError | None:
    """The error that a call ends with, if it does."""
    try:
        used(joor.url, KEYS, call, attempts=1)
    except TravelError as error:
        return error
    return None


@pytest.fixture(scope="module")
def joor() -> Iterator[WildJoor]:
    server = WildJoor()
    yield server
    server.stop()


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wild=WILD, frame=st.sampled_from(sorted(FRAMES)), status=st.sampled_from([200, 200, 201, 400, 404, 422]))
def test_any_answer_is_a_result_or_an_error_of_the_way(
    joor: WildJoor, call: Callable[[JoorClient], Awaitable[Any]], wild: Any, frame: str, status: int
) -> None:
    joor.answers(FRAMES[frame](wild), status)

    error = error_of(joor, call)

    assert error is None or ("\0" not in error.says and len(error.says) <= 500)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "body", [b"", b" ", b"<html>", b'{"data": [', b"\xff\xfe", b'{"a":' * 300 + b"1" + b"}" * 300], ids=repr
)
def test_what_is_no_json_is_an_error_of_the_way_or_nothing(
    joor: WildJoor, call: Callable[[JoorClient], Awaitable[Any]], body: bytes
) -> None:
    joor.answers(body)

    assert isinstance(error_of(joor, call), Nonsense | None)


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"access_token": 7}', b'{"access_token": ""}', b"<html>"])
def test_a_log_in_that_gives_no_token_is_nonsense(said: bytes) -> None:
    server = AnsweringServer("application/json")
    server.gives("/auth/", said)
    try:
        with pytest.raises(Nonsense):
            used(server.url, KEYS, lambda client: client.tokens.token())
    finally:
        server.stop()


@pytest.mark.parametrize("told", [None, "", "soon", -1, 0, 1e300, True, [], {}])
def test_a_token_of_unknown_length_is_used_all_the_same(told: Any) -> None:
    server = AnsweringServer("application/json")
    server.gives("/auth/", json.dumps({"access_token": "t", "expires_in": told}).encode())
    try:
        assert used(server.url, KEYS, lambda client: client.tokens.token()) == "t"
    finally:
        server.stop()


ORDER = {"order_id": 1, "line_items": ""}


@pytest.mark.parametrize(
    "answer",
    [
        {"orders": {"response": {"code": 0, "start_from": 0, "next_start": 50, "count": 1}, "orders": [ORDER]}},
        {"orders": {"response": {"code": 0}, "orders": ORDER}},
        {"orders": {"response": {"code": "0"}, "order": [ORDER]}},
        {"orders": {"orders": {"order": ORDER}}},
        {"orders": [ORDER]},
        {"order": ORDER},
        {"response": {"code": 0}, "orders": [ORDER]},
        [ORDER],
        ORDER,
    ],
)
def test_an_order_is_found_in_whatever_it_is_wrapped(joor: WildJoor, answer: Any) -> None:
    async def both(client: JoorClient) -> Any:
        listed = [order async for page in client.v2.orders() for order in page]
        return listed, await client.v2.order("1"), await client.v2.order_count()

    joor.answers(answer)

    assert used(joor.url, KEYS, both) == ([ORDER], ORDER, 1)


@pytest.mark.parametrize(
    "answer", [{"orders": {"response": {"code": 0, "count": 0}, "orders": ""}}, {"orders": ""}, {"orders": []}, "", []]
)
def test_no_orders_are_none_however_that_is_said(joor: WildJoor, answer: Any) -> None:
    joor.answers(answer)

    assert used(joor.url, KEYS, lambda client: client.v2.order_count()) == 0
    used(joor.url, KEYS, orders)
    assert joor.calls == 2


@pytest.mark.parametrize("answer", [{}, {"message": "We are down for maintenance."}, b""])
def test_an_answer_without_a_list_is_not_taken_for_an_empty_one(joor: WildJoor, answer: Any) -> None:
    joor.answers(answer)

    for call in (orders, stock, lambda client: client.v2.customers()):
        with pytest.raises(Nonsense):
            used(joor.url, KEYS, call)
    if answer == {"message": "We are down for maintenance."}:
        with pytest.raises(Nonsense):
            used(joor.url, KEYS, lambda client: client.v4.listed("products"))


@pytest.mark.parametrize(("code", "error"), [(1, Refused), ("3", Refused), (4, Unauthorised), ("odd", Nonsense)])
def test_a_code_that_is_not_zero_is_an_error_with_joors_comment(
    joor: WildJoor, code: Any, error: type[TravelError]
) -> None:
    joor.answers({"orders": {"response": {"code": code, "comment": "Not today."}}})

    with pytest.raises(error, match=r"Not today|no number"):
        used(joor.url, KEYS, orders)


ROWS = [
    {"upc": "10", "inventory": 1},
    {"upc": "10", "inventory": 2, "warehouse": "Nord"},
    {"upc": "20", "inventory": 3},
]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ([{"status": "success"}, {"status": "failed: no Nord"}, {"status": "pass"}], ["", "failed: no Nord", ""]),
        ([{"sku": "COAT-BLK-S|10", "status": "fail"}, {"sku": "20", "status": "Pass"}], ["fail", "fail", ""]),
        ([{"sku": "10", "status": "pass"}], ["", "", NOT_TOLD]),
        (
            [{"sku": "20", "status": "failed"}, {"sku": "10", "status": "pass"}, {"sku": "10", "status": "pass"}],
            ["", "", "failed"],
        ),
        ([{"sku": "10", "status": "odd"}, {"sku": "20"}], ["odd", "odd", NOT_TOLD]),
        ("", ["", "", ""]),
        (None, ["", "", ""]),
    ],
)
def test_what_joor_says_of_stock_is_tied_to_its_row(log: Any, said: list[str]) -> None:
    assert outcomes.stock_outcome(ROWS, log) == said


def test_what_joor_says_of_customers_is_tied_to_their_codes() -> None:
    outcome = CustomersOutcome()
    errors = [
        {"customer_code": "C1", "message": "no such price type"},
        {"details": {"customer_code": 2}, "comment": "no name"},
        {"customer_code": "C3"},
        "the queue was full",
    ]

    outcomes.add_customer_errors(outcome, {"status": "finished", "errors": errors})

    assert outcome.errors == {"C1": "no such price type", "2": "no name", "C3": "JOOR gives no reason."}
    assert outcome.problems == ["the queue was full"]


@given(st.dictionaries(st.sampled_from(["id", "name", "currency_code", "department", "parent_name"]), WILD))
def test_what_an_account_has_is_read_whatever_it_holds(record: Any) -> None:
    price_type = PriceType.of(record)
    assert PriceType.from_choice(price_type.as_choice()).id == price_type.id
    assert all(category_path(record))
