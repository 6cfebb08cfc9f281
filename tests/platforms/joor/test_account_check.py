"""Account check: what of an account in use does not match the books, told before anything is written there."""

import asyncio
import contextvars
from typing import Any

import pytest

from linesheet.books.models import SKU, Customer, Location, PriceList, Product, Season
from linesheet.platforms.joor.account_findings import (
    barcode_key,
    customer_findings,
    price_type_findings,
    season_findings,
    size_findings,
    warehouse_findings,
    warehouses_named,
)
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.remote import RemoteProduct, RemoteSku
from linesheet.sync import engine, runs
from linesheet.sync.legs import Compared
from linesheet.sync.models import Run
from tests.platforms.joor.conftest import Books, JoorSandbox, counted

TASK = "account-check"
COAT = Product(code="COAT-BLACK", style="COAT", colour="Black")


def told(found: Any) -> dict[str, str]:
    """The code of what is said of each record, "" where it agrees."""
    rows: list[Compared] = list(found)
    return {row.label: row.said.reason.code if row.said else "" for row in rows}


def sku(upc: str, product_id: str = "1", size: str = "S", id: str = "x") -> RemoteSku:
    return RemoteSku(id, product_id, "", "Black", "BLK", 1, size, 1, upc)


def product(key: str, id: str = "1") -> RemoteProduct:
    return RemoteProduct(id, key, "", "Coat", "", frozenset(), {})


@pytest.mark.parametrize(
    ("upc", "key"),
    [
        ("012345678905", "0012345678905"),
        ("0012345678905", "0012345678905"),
        ("5060000000017::9", "5060000000017"),
        ("ABC", "ABC"),
        ("", ""),
    ],
)
def test_barcodes_are_compared_by_what_they_mean(upc: str, key: str) -> None:
    assert barcode_key(upc) == key


@pytest.mark.parametrize(
    ("there", "size", "code"),
    [
        ("COAT", "s", "joor_barcode_on_another"),
        ("coat-Wool", "S", ""),
        ("COAT-BLACK", "S", ""),
        ("", "S", ""),
        ("HAT", "S", "joor_barcode_on_another"),
        ("COAT", "M", "joor_barcode_on_another"),
    ],
)
def test_a_barcode_is_on_the_same_style_and_size_on_both_sides(there: str, size: str, code: str) -> None:
    ours = {"5060000000017": SKU(pk=7, product=COAT, size="S", barcode="5060000000017")}

    found = size_findings([sku("5060000000017", size=size)], {"1": product(there)}, ours, {}, {})

    assert told(found) == {"COAT-BLACK S": code}


def test_a_barcode_that_is_there_only_or_twice_is_told() -> None:
    skus = [sku("5060000000017"), sku("5060000000017::2", size="M"), sku("")]

    found = list(size_findings(skus, {"1": product("COAT")}, {}, {}, {}))

    assert [row.said.reason.code for row in found if row.said] == ["joor_barcode_not_in_books", "joor_barcode_twice"]
    assert {row.of for row in found} == {"-"}


def test_a_style_that_is_a_product_a_colour_there_is_told() -> None:
    ours = {
        upc: SKU(pk=at, product=Product(code=f"COAT-{at}", style="COAT"), size="S", barcode=upc)
        for at, upc in enumerate(("5060000000017", "5060000000024"))
    }
    products = {"1": product("COAT-BLACK"), "2": product("COAT-RED", "2")}

    found = size_findings([sku("5060000000017"), sku("5060000000024", "2")], products, ours, {}, {})

    assert told(found) == {"COAT-0 S": "", "COAT-1 S": "joor_style_in_parts"}


def test_customers_are_compared_by_code_and_told_when_they_can_hardly_be_the_same() -> None:
    there = [
        {"customer_code": "C1", "customer_name": "RUE DOUZE (Paris)"},
        {"customer_code": "C2", "customer_name": "Harrods"},
        {"customer_code": "C9", "customer_name": "Nobody's"},
        {"customer_code": "", "customer_name": "Codeless"},
    ]
    ours = {"C1": Customer(pk=1, name="Rue Douze SARL"), "C2": Customer(pk=2, name="Maison Rive")}

    assert told(customer_findings(there, ours)) == {
        "Rue Douze SARL": "",
        "Maison Rive": "joor_customer_named_otherwise",
        "Nobody's": "joor_customer_not_in_books",
        "Codeless": "joor_customer_codeless",
    }


def test_price_lists_are_compared_with_the_price_types_they_go_as() -> None:
    wholesale, retail, outlet = (
        PriceList(pk=pk, name=name, kind=kind)
        for pk, name, kind in ((1, "Wholesale", "wholesale"), (2, "Retail", "retail"), (3, "Outlet", "wholesale"))
    )
    there = {each: PriceType(each, f"WS {each}", "EUR", "EUR") for each in ("22", "23")}

    assert told(price_type_findings([wholesale, retail, outlet], {1: ["22", "99"], 2: ["22"]}, there)) == {
        "Wholesale": "price_type_gone",
        "Retail": "",
        "Outlet": "joor_price_list_unpaired",
        "WS 22 (EUR)": "",
        "WS 23 (EUR)": "joor_price_type_unused",
    }


def test_seasons_are_compared_by_name_both_ways() -> None:
    found = season_findings({"SS26": "1", "AW26": "2"}, ["SS26", "AW26"], ["ss26", "PRE 27"])

    assert told(found) == {
        "SS26": "",
        "AW26": "joor_season_not_there",
        "ss26": "",
        "PRE 27": "joor_season_not_in_books",
    }


def test_warehouses_are_those_that_customers_and_orders_name() -> None:
    connections = [
        {"warehouses": {"warehouse": [{"warehouse_name": "Paris"}, {"warehouse_name": "Default"}]}},
        {"warehouses": {"warehouse": {"warehouse_name": "Lyon"}}},
        {"warehouses": ""},
        {},
    ]
    there = warehouses_named(connections, [{"warehouse_name": "Oslo"}, {"warehouse_name": ""}])
    locations = [Location(pk=pk, name=name) for pk, name in ((1, "North"), (2, "South"), (3, "East"))]

    assert there == {"Paris", "Lyon", "Oslo"}
    assert told(warehouse_findings(locations, {1: "Paris", 2: "Rome", 3: ""}, there)) == {
        "North": "",
        "South": "joor_warehouse_not_seen",
        "East": "",
        "Paris": "",
        "Lyon": "joor_warehouse_unknown",
        "Oslo": "joor_warehouse_unknown",
    }


def style(joor: JoorSandbox, key: str, *upcs: str) -> None:
    """A style that was made on JOOR, with a size for each barcode."""

    async def make(client: Any) -> None:
        [made] = (await client.v4.created("products", [{"name": key.title(), "external_id": key}])).done
        traits = [[{"trait_name": "Color", "value": "Black"}, {"trait_name": "Size", "value": size}] for size in "SML"]
        skus = [
            {"product_id": made["id"], "trait_values": trait, "identifiers": [{"type": "upc", "value": upc}]}
            for trait, upc in zip(traits, upcs, strict=False)
        ]
        written = await client.v4.created("skus", skus)
        assert not written.errors, written.errors

    joor.use(make)


def test_an_account_in_use_is_compared_and_nothing_is_written_there(joor: JoorSandbox, brand: Books) -> None:
    brand.product("COAT-BLACK")
    brand.product("HAT-BLACK")
    Customer.objects.create(name="Maison Rive", account_code="C1")
    Season.objects.create(name="AW26", starts_on="2026-07-01")
    style(joor, "COAT", "4000000000000", "4000000000001")
    style(joor, "SCARF", "4000000000002", "4099999999999")
    joor.customer("C1")
    joor.customer("C7", "Somebody")
    joor.some_order()
    joor.forget_calls()

    run = brand.run(TASK)

    assert run.state == Run.State.PROBLEMS, run.says
    items = {item.label: item.reason_code for item in run.items.all()}
    assert items == {
        "HAT-BLACK S": "joor_barcode_on_another",
        "SCARF Black M": "joor_barcode_not_in_books",
        "Somebody": "joor_customer_not_in_books",
        "SS26": "joor_season_not_there",
    }
    assert counted(run)["blocked"] == len(items)
    assert [call for call in joor.calls() if not call.startswith("GET") and "/auth" not in call] == []


def test_exports_of_an_account_in_use_wait_for_the_check(joor: JoorSandbox, brand: Books) -> None:
    Customer.objects.create(name="Maison Rive", account_code="C1")
    brand.set(account="existing")

    waits = brand.run("customers-export")
    brand.run(TASK)
    goes = brand.run("customers-export")

    assert (waits.state, waits.reason_code) == (Run.State.FAILED, "not_ready")
    assert counted(goes)["created"] == 1


def test_a_check_of_one_record_is_none_of_the_account(joor: JoorSandbox, brand: Books) -> None:
    brand.set(account="existing")
    joor.customer("C9")
    joor.fault("status", "/v4/price_types", status=400, times=None)
    broken_off = brand.run(TASK)
    item = broken_off.items.filter(kind="customer").get()
    joor.control("DELETE", "/faults")

    again = brand.run(TASK, only=(item.kind, item.record_id))
    waits = brand.run("customers-export")

    assert (broken_off.state, again.state) == (Run.State.FAILED, Run.State.PROBLEMS)
    assert (waits.state, waits.reason_code) == (Run.State.FAILED, "not_ready")


def test_an_empty_account_agrees_but_for_what_it_lacks(joor: JoorSandbox, brand: Books) -> None:
    run = brand.run(TASK)

    assert {item.reason_code for item in run.items.all()} == {"joor_season_not_there"}


@pytest.mark.parametrize("task", [TASK, "customers-export", "stock-export", "orders-import"])
def test_a_worker_has_no_company_in_hand_of_its_own(joor: JoorSandbox, brand: Books, task: str) -> None:
    brand.product("COAT-BLACK")
    Customer.objects.create(name="Maison Rive", account_code="C1")
    joor.some_order()
    run, _ = runs.start(brand.connection, task)

    contextvars.Context().run(asyncio.run, engine.execute(run.pk, run.company_id))

    run.refresh_from_db()
    assert run.state in (Run.State.DONE, Run.State.PROBLEMS), run.says
