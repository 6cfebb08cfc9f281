"""Version 4 over HTTP: tokens, lists that half succeed, what is known already, pages, pictures and credits."""

import asyncio
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from linesheet.platforms.joor.auth import Credentials, Tokens
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.client_v4 import MOST_ITEMS
from linesheet.platforms.joor.wire import DUPLICATED, Json, Written
from linesheet.site import hiding
from linesheet.sync.errors import Nonsense, Refused, Unauthorised, Unavailable
from linesheet.sync.transport import Transport
from tests.platforms.joor.conftest import JoorSandbox

PRODUCTS = [{"name": f"Coat {n}", "external_id": f"COAT{n}", "product_identifier": f"COAT{n}"} for n in range(3)]


def skus_of(product_id: str, colours: tuple[str, ...] = ("BLK", "RED"), sizes: tuple[str, ...] = ("S", "M")) -> Any:
    numbers = count(1)
    return [
        {
            "product_id": product_id,
            "external_id": f"{product_id}-{colour}-{size}",
            "trait_values": [
                {"trait_name": "Color", "value": colour.title(), "external_id": colour},
                {"trait_name": "Size", "value": size, "external_id": size},
            ],
            "identifiers": [{"type": "upc", "value": f"{int(product_id) * 100 + next(numbers):013}"}],
        }
        for colour in colours
        for size in sizes
    ]


def log_ins(joor: JoorSandbox) -> int:
    return len([call for call in joor.calls() if "/auth" in call])


def test_a_token_is_asked_for_once_and_costs_nothing(joor: JoorSandbox) -> None:
    async def twice(client: JoorClient) -> None:
        await client.v4.listed("seasons")
        await client.v4.listed("seasons")

    joor.use(twice)

    assert log_ins(joor) == 1
    assert joor.credits() == 2


def test_every_call_names_the_account(joor: JoorSandbox) -> None:
    async def calls(client: JoorClient) -> None:
        await client.v4.listed("products")
        await client.v4.created("seasons", [{"name": "SS26"}])

    joor.use(calls)

    asked = [call for call in joor.calls() if "/v4/" in call]
    assert len(asked) == 2
    assert all(f"account={joor.credentials['account_id']}" in call for call in asked)


def test_a_token_that_ran_out_sooner_than_told_is_replaced(joor: JoorSandbox) -> None:
    async def over_night(client: JoorClient) -> Any:
        await client.v4.listed("seasons")
        joor.later(40_000)
        return await client.v4.listed("seasons")

    assert joor.use(over_night) == []
    assert log_ins(joor) == 2


def test_a_token_is_blotted_out_of_what_is_written_down(joor: JoorSandbox) -> None:
    token = joor.use(lambda client: client.tokens.token())

    assert hiding.hide(f"Who is {token}?") == "Who is ***?"


def tokens_over_time(joor: JoorSandbox, *moments: float) -> list[str]:
    """The token that is used at each moment, in seconds."""

    async def asked() -> list[str]:
        async with aiohttp.ClientSession() as session:
            now = [0.0]
            way = Transport(f"{joor.url}/auth", session, attempts=1)
            tokens = Tokens(way, Credentials.among(joor.credentials), clock=lambda: now[0])
            found = []
            for now[0] in moments:
                found.append(await tokens.token())
            return found

    return asyncio.run(asked())


def grants(joor: JoorSandbox) -> list[tuple[str, int]]:
    """How tokens were asked for, and with which status that was answered."""
    asked = [each for each in joor.control("GET", "/requests") if "/auth" in each["path"]]
    return [(parse_qs(each["body"])["grant_type"][0], each["status"]) for each in asked]


def test_a_token_is_renewed_shortly_before_its_end(joor: JoorSandbox) -> None:
    first, still, renewed = tokens_over_time(joor, 0, 35_000, 35_500)

    assert first == still != renewed
    assert grants(joor) == [("password", 200), ("refresh_token", 200)]


def test_the_password_is_sent_again_when_the_refresh_token_is_refused(joor: JoorSandbox) -> None:
    joor.fault("unauthorized", "/auth", after=1)

    first, second = tokens_over_time(joor, 0, 36_000)

    assert first != second
    assert grants(joor) == [("password", 200), ("refresh_token", 401), ("password", 200)]


def test_the_password_is_sent_again_when_the_refresh_token_is_too_old(joor: JoorSandbox) -> None:
    tokens_over_time(joor, 0, 7_776_000)

    assert grants(joor) == [("password", 200), ("password", 200)]


def test_a_new_token_that_is_refused_too_ends_it(joor: JoorSandbox) -> None:
    joor.fault("unauthorized", "/v4/", times=None)

    with pytest.raises(Unauthorised):
        joor.use(lambda client: client.v4.listed("seasons"))
    assert len([call for call in joor.calls() if "/v4/" in call]) == 2


def test_a_wrong_password_is_told_in_joors_words(joor: JoorSandbox) -> None:
    with pytest.raises(Unauthorised, match=r"\(401\): \w") as refused:
        joor.use(lambda client: client.v4.listed("seasons"), password="wrong")
    assert "{" not in refused.value.says


def test_a_foreign_account_is_not_let_in(joor: JoorSandbox) -> None:
    with pytest.raises(Unauthorised, match="403"):
        joor.use(lambda client: client.v4.listed("seasons"), account_id="1")
    assert log_ins(joor) == 1


def test_of_a_list_that_half_succeeds_nothing_is_lost(joor: JoorSandbox) -> None:
    async def calls(client: JoorClient) -> Written:
        return await client.v4.created("products", [*PRODUCTS, {"external_id": "NAMELESS"}])

    written = joor.use(calls)

    assert [product["external_id"] for product in written.done] == ["COAT0", "COAT1", "COAT2"]
    [error] = written.errors
    assert error.details["external_id"] == "NAMELESS"
    assert error.status in error.says


def test_of_a_list_that_fails_whole_each_item_is_told(joor: JoorSandbox) -> None:
    written = joor.use(lambda client: client.v4.created("products", [{"external_id": "A"}, {"external_id": "B"}]))

    assert written.done == []
    assert [error.details["external_id"] for error in written.errors] == ["A", "B"]


@pytest.mark.parametrize("status", [200, 400, 422])
def test_with_whatever_status_a_list_fails(joor: JoorSandbox, status: int) -> None:
    joor.set(item_error_status=status)

    written = joor.use(lambda client: client.v4.created("products", [{"external_id": "A"}]))

    assert [error.details["external_id"] for error in written.errors] == ["A"]


def test_what_is_known_comes_back_as_duplicated_and_is_updated_by_its_id(joor: JoorSandbox) -> None:
    async def calls(client: JoorClient) -> tuple[Written, Written, list[Json]]:
        await client.v4.created("products", PRODUCTS)
        again = await client.v4.created("products", PRODUCTS[:1])
        [there] = [each for each in await client.v4.listed("products") if each["external_id"] == "COAT0"]
        changed = await client.v4.updated("products", [{**PRODUCTS[0], "id": there["id"], "name": "Cape"}])
        return again, changed, await client.v4.listed("products")

    again, changed, products = joor.use(calls)

    assert [error.status for error in again.errors] == [DUPLICATED]
    assert [product["name"] for product in changed.done] == ["Cape"]
    assert sorted(product["name"] for product in products) == ["Cape", "Coat 1", "Coat 2"]


def test_an_update_of_what_is_not_there_is_an_error_of_that_item(joor: JoorSandbox) -> None:
    written = joor.use(lambda client: client.v4.updated("products", [{"id": "999", "name": "Cape"}]))

    assert [error.status for error in written.errors] == ["NOT_FOUND"]


def test_a_long_list_goes_in_as_many_calls_as_joor_takes_items(joor: JoorSandbox) -> None:
    seasons = [{"name": f"Season {n}", "external_id": f"S{n}"} for n in range(MOST_ITEMS * 2 + 1)]

    async def calls(client: JoorClient) -> tuple[Written, list[Json]]:
        return await client.v4.created("seasons", seasons), await client.v4.listed("seasons")

    written, listed = joor.use(calls)

    assert len(written.done) == len(listed) == len(seasons)
    assert joor.credits() == 3 * 5 + 1


def test_a_filter_of_many_ids_is_asked_in_parts_and_none_asks_nothing(joor: JoorSandbox) -> None:
    async def calls(client: JoorClient) -> list[Json]:
        created = await client.v4.created("products", PRODUCTS[:1])
        product_id = created.done[0]["id"]
        await client.v4.created("skus", skus_of(product_id))
        assert await client.v4.listed("skus", product_ids=[]) == []
        return await client.v4.listed("skus", product_ids=[product_id, *(f"9{n:07}" for n in range(1000))])

    assert len(joor.use(calls)) == 4
    asked = [call for call in joor.calls() if "GET /v4/skus" in call]
    assert len(asked) == 3
    assert max(map(len, asked)) < 5000


def test_a_matrix_with_a_gap_is_an_error_of_its_items(joor: JoorSandbox) -> None:
    async def calls(client: JoorClient) -> Written:
        created = await client.v4.created("products", PRODUCTS[:1])
        return await client.v4.created("skus", skus_of(created.done[0]["id"])[:3])

    written = joor.use(calls)

    assert written.done == []
    assert written.errors


def test_what_a_list_of_another_shape_is_refused_with_is_raised(joor: JoorSandbox) -> None:
    with pytest.raises(Refused):
        joor.use(lambda client: client.v4.listed("nothing_of_the_kind"))


def test_too_many_requests_are_waited_out(joor: JoorSandbox) -> None:
    joor.fault("rate_limit", "/v4/", retry_after=0, times=3)

    assert joor.use(lambda client: client.v4.listed("seasons")) == []


def test_a_used_up_window_is_told_when_it_is_too_long_to_wait(joor: JoorSandbox) -> None:
    joor.set(credits=1, window_seconds=300)

    async def calls(client: JoorClient) -> None:
        await client.v4.listed("seasons")
        await client.v4.listed("seasons")

    with pytest.raises(Unavailable, match="429"):
        joor.use(calls)


@pytest.mark.parametrize("kind", ["disconnect_after", "truncate", "malformed", "timeout_before"])
def test_a_write_whose_answer_got_lost_is_sent_again(joor: JoorSandbox, kind: str) -> None:
    joor.fault(kind, "/v4/products/bulk_create", seconds=0.1)

    async def calls(client: JoorClient) -> tuple[Written, list[Json]]:
        return await client.v4.created("products", PRODUCTS), await client.v4.listed("products")

    written, listed = joor.use(calls)

    assert len(written.done) + len(written.errors) == len(listed) == 3
    assert {error.status for error in written.errors} <= {DUPLICATED}


def test_an_answer_that_says_nothing_of_what_was_written_is_no_success(joor: JoorSandbox) -> None:
    joor.fault("blank", "/v4/products/bulk_create")

    with pytest.raises(Nonsense):
        joor.use(lambda client: client.v4.created("products", PRODUCTS))


def test_an_order_is_said_to_be_exported(joor: JoorSandbox) -> None:
    order = joor.some_order()

    async def calls(client: JoorClient) -> list[Written]:
        failed = await client.v4.set_export_status([order["id"]], "FAILED", "No such customer")
        return [failed, await client.v4.set_export_status([order["id"], "999"], "SUCCESS")]

    failed, done = joor.use(calls)

    assert failed.errors == []
    assert len(done.done) == 1
    assert [error.status for error in done.errors] == ["NOT_FOUND"]
    assert joor.order(order)["export_status"] == "SUCCESS"


def test_orders_are_listed_page_by_page(joor: JoorSandbox) -> None:
    orders = [joor.some_order() for _ in range(3)]

    order_ids = [str(order["id"]) for order in orders]

    async def calls(client: JoorClient) -> tuple[list[Json], list[Json]]:
        return await client.v4.listed("orders", page_size=2), await client.v4.listed(
            "orders/sku_line_items", order_ids=order_ids
        )

    found, lines = joor.use(calls)

    assert sorted(str(each["id"]) for each in found) == order_ids
    assert sorted(str(line["order_id"]) for line in lines) == order_ids


def test_an_answer_that_is_no_json_is_nonsense(joor: JoorSandbox) -> None:
    joor.fault("malformed", "/v4/seasons", times=None)

    with pytest.raises(Nonsense):
        joor.use(lambda client: client.v4.listed("seasons"))
