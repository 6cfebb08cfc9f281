"""What JOOR declares, what an account offers, and the test of a connection."""

import datetime
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any

import pytest

from linesheet.platforms.joor.addresses import addresses_of
from linesheet.platforms.joor.auth import Credentials
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.offers import CATEGORIES, PRICE_TYPES, SEASONS, PriceType, price_types_offered
from linesheet.platforms.joor.platform import PLATFORM, check
from linesheet.sync.platform import CheckResult
from linesheet.sync.registry import platform
from tests.answering import AnsweringServer
from tests.platforms.joor.conftest import JoorSandbox, used

SETTINGS: dict[str, Any] = {"images": False}


async def tried(client: JoorClient) -> Sequence[CheckResult]:
    return await check(client, SETTINGS)


def by_name(results: Sequence[CheckResult]) -> dict[str, CheckResult]:
    return {result.name: result for result in results}


def test_joor_is_found_by_its_key() -> None:
    assert platform("joor") is PLATFORM


def test_orders_have_a_page_on_joors_own_portals() -> None:
    assert PLATFORM.page(PLATFORM.base_urls[0].value, "order", "481001") == (
        "https://www.jooraccess.com/ra/orders/review/481001?tab=overview"
    )
    assert PLATFORM.page("http://127.0.0.1:1", "order", "481001") == ""
    assert PLATFORM.page(PLATFORM.base_urls[0].value, "product", "7") == ""


@pytest.mark.parametrize("environment", [choice.value for choice in PLATFORM.base_urls])
def test_the_addresses_of_joors_own_environments_are_known(environment: str) -> None:
    found = addresses_of(environment, {})

    assert found.v2 == f"{environment}/v2"
    assert found.v4 == f"{environment}/v4"
    assert found.auth == environment.replace("apisandbox", "atlas-sandbox").replace("api.", "atlas.") + "/auth/"


def test_another_address_has_all_three_below_it_unless_they_are_given() -> None:
    given = {"v2_url": "http://elsewhere/old/"}

    found = addresses_of("http://127.0.0.1:80/", given)

    assert (found.auth, found.v4, found.v2) == (
        "http://127.0.0.1:80/auth/",
        "http://127.0.0.1:80/v4",
        "http://elsewhere/old",
    )


def test_a_connection_that_works_says_so_and_what_the_account_has(joor: JoorSandbox) -> None:
    joor.price_type("WS EUR", "EUR")
    joor.price_type("WS USD", "USD")

    results = joor.use(tried)

    assert [result.ok for result in results] == [True] * len(results)
    assert "WS EUR (EUR), WS USD (USD)" in by_name(results)["Price types"].says


def test_the_test_of_a_connection_marks_no_order_and_costs_two_credits(joor: JoorSandbox) -> None:
    joor.use(tried)

    assert joor.credits() == 2
    assert [call for call in joor.calls() if "/order" in call]
    assert all("sync=0" in call for call in joor.calls() if "/order" in call)


def test_missing_credentials_are_named_without_a_call(joor: JoorSandbox) -> None:
    [found] = joor.use(tried, client_secret="", password="", account_id="")

    assert not found.ok
    assert found.says == "Client secret, Password and Account ID are missing."
    assert joor.calls() == []


def test_a_wrong_password_does_not_keep_the_token_from_being_tried(joor: JoorSandbox) -> None:
    results = by_name(joor.use(tried, password="wrong"))

    assert not results["Log-in"].ok
    assert "Password" in results["Log-in"].fix
    assert "Account" not in results
    assert results["Stock, customers and orders"].ok


def test_another_account_is_told_from_a_wrong_password(joor: JoorSandbox) -> None:
    results = by_name(joor.use(tried, account_id="1"))

    assert results["Log-in"].ok
    assert not results["Account"].ok
    assert "Account ID" in results["Account"].fix


def test_a_wrong_token_is_told_with_what_to_compare_and_tried_in_both_forms(joor: JoorSandbox) -> None:
    results = by_name(joor.use(tried, v2_token="wrong"))

    assert not results["Stock, customers and orders"].ok
    assert "version 2" in results["Stock, customers and orders"].fix
    assert len([call for call in joor.calls() if "/order" in call]) == 2


def test_a_price_type_that_is_gone_is_named(joor: JoorSandbox) -> None:
    here = joor.price_type()

    async def paired(client: JoorClient) -> Sequence[CheckResult]:
        return await check(client, {**SETTINGS, "price_types": {1: [here.id], 2: ["999"]}})

    found = by_name(joor.use(paired))["Price types"]

    assert not found.ok
    assert "999" in found.says
    assert "Price types" in found.fix


def test_an_account_without_price_types_is_a_problem(joor: JoorSandbox) -> None:
    assert not by_name(joor.use(tried))["Price types"].ok


def test_pictures_need_a_public_address(joor: JoorSandbox, settings: Any) -> None:
    async def with_pictures(client: JoorClient) -> Sequence[CheckResult]:
        return await check(client, {"images": True})

    settings.PUBLIC_URL = ""
    assert not by_name(joor.use(with_pictures))["Pictures"].ok
    settings.PUBLIC_URL = "https://hub.example.com"
    assert by_name(joor.use(with_pictures))["Pictures"].ok


@pytest.mark.parametrize(("hours", "ok"), [(0, True), (2, False), (-2, False)])
def test_a_clock_that_is_far_off_is_told(hours: int, ok: bool) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    server = AnsweringServer("application/json")
    server.gives("/v2/order/", b"{}", headers={"Date": format_datetime(moment, usegmt=True)})
    try:
        found = by_name(used(server.url, dict.fromkeys(Credentials.__slots__, "x"), tried))["Clock"]
    finally:
        server.stop()

    assert found.ok == ok
    assert ok or "120 minutes" in found.says


def test_the_account_offers_price_types_seasons_and_categories(joor: JoorSandbox) -> None:
    first, second = joor.price_type("Wholesale (EU)", "EUR", "GBP"), joor.price_type("WS", "USD")

    async def asked(client: JoorClient) -> Any:
        await client.v4.created("seasons", [{"name": "SS26", "year": 2026}])
        return await PLATFORM.offers(client, {}) if PLATFORM.offers else None

    offered = joor.use(asked)

    assert price_types_offered(offered) == {first.id: first, second.id: second}
    assert first == PriceType(first.id, "Wholesale (EU)", "EUR", "GBP")
    assert [choice.label for choice in offered[SEASONS]] == ["SS26"]
    assert "WOMEN > Outerwear > Coats" in {choice.label for choice in offered[CATEGORIES]}
    assert len(offered[PRICE_TYPES]) == 2
