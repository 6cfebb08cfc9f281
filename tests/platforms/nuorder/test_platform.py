"""What NuORDER declares, the test of a connection, and whole runs through the engine."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from django.core.files.storage import default_storage

from linesheet.books.models import Company, Customer, Order
from linesheet.books.prices import set_price
from linesheet.books.tenancy import acting_for
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.download import ProductFile
from linesheet.platforms.nuorder.platform import PLATFORM, check
from linesheet.sync import engine, runs
from linesheet.sync.legs import in_pages
from linesheet.sync.models import Run
from linesheet.sync.platform import CheckResult
from linesheet.sync.registry import platform
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox, filled


async def tried(client: NuOrderClient) -> Sequence[CheckResult]:
    return await check(client, {"warehouse": "default"})


def test_nuorder_is_found_by_its_key() -> None:
    assert platform("nuorder") is PLATFORM


def test_a_connection_that_works_says_so_and_names_the_warehouses(nuorder_sandbox: NuOrderSandbox) -> None:
    credentials, clock, warehouses = nuorder_sandbox.use(tried)

    assert (credentials.ok, clock.ok, warehouses.ok) == (True, True, True)
    assert "default" in warehouses.says


def test_missing_credentials_are_named_without_a_call(nuorder_sandbox: NuOrderSandbox) -> None:
    [found] = nuorder_sandbox.use(tried, consumer_secret="", token="")

    assert not found.ok
    assert found.says == "Consumer secret and Token are missing."
    assert nuorder_sandbox.calls() == []


def test_wrong_credentials_come_with_what_to_compare(nuorder_sandbox: NuOrderSandbox) -> None:
    [found, _] = nuorder_sandbox.use(tried, token_secret="wrong")

    assert not found.ok
    assert "clock" in found.fix


def test_a_warehouse_that_nuorder_does_not_have_is_named(nuorder_sandbox: NuOrderSandbox) -> None:
    async def elsewhere(client: NuOrderClient) -> Sequence[CheckResult]:
        return await check(client, {"warehouse": "London"})

    warehouses = nuorder_sandbox.use(elsewhere)[-1]

    assert (warehouses.ok, "London" in warehouses.says) == (False, True)


def test_a_portal_that_lists_no_warehouses_is_no_fault(nuorder_sandbox: NuOrderSandbox) -> None:
    nuorder_sandbox.fault("status", "/api/v3.0/warehouses", status=404)

    warehouses = nuorder_sandbox.use(tried)[-1]

    assert warehouses.ok
    assert "spelling" in warehouses.fix


def test_the_file_has_one_row_a_size_under_nuorders_labels(books: Books) -> None:
    coat = books.product("COAT-BLACK", price="99.90", description="Warm.", withdrawn=False)
    set_price(coat, books.season, books.retail, coat.prices.get().amount * 2, "USD")
    books.product("HAT-RED", barcodes=False)
    leg = books.leg(ProductFile)

    records = [
        record
        for ids in in_pages(leg.select())
        for record in leg.load(ids)
        if not any(said.reason.severity == "blocker" for said in leg.check(record))
    ]
    rows = [row for record in records for row in leg.rows(record)]

    assert [(row["Brand_ID"], row["Size"], row["Wholesale EUR"], row["Disabled"]) for row in rows] == [
        ("COAT-BLACK", "S", "99.90", "N"),
        ("COAT-BLACK", "M", "99.90", "N"),
    ]
    assert {"Wholesale EUR", "Retail EUR", "Wholesale USD", "Retail USD"} <= set(leg.columns())
    assert set(rows[0]) <= set(leg.columns())


@pytest.fixture
def brand(transactional_db: None, nuorder_sandbox: NuOrderSandbox) -> Iterator[Books]:
    """Books that the engine's own thread can see, connected to the sandbox."""
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        yield filled(company, nuorder_sandbox.url, **nuorder_sandbox.credentials)


def run(books: Books, task: str, *, preview: bool = False) -> Run:
    started, _ = runs.start(books.connection, task, preview=preview)
    return worked(started)


def worked(started: Run) -> Run:
    asyncio.run(engine.execute(started.pk, started.company_id))
    started.refresh_from_db()
    return started


def counted(done: Run) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "blocked", "failed", "not_attempted")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def test_data_and_stock_go_out_once_and_are_unchanged_then(nuorder_sandbox: NuOrderSandbox, brand: Books) -> None:
    brand.product("COAT-BLACK")
    brand.product("COAT-NAVY", barcodes=False)
    Customer.objects.create(name="Maison Rive", currency="EUR")

    assert counted(run(brand, "data-export")) == {"created": 2, "blocked": 1}
    assert counted(run(brand, "data-export")) == {"unchanged": 2, "blocked": 1}
    assert counted(run(brand, "stock-export")) == {"created": 1, "blocked": 1}
    assert counted(run(brand, "stock-export")) == {"unchanged": 1, "blocked": 1}
    assert list(nuorder_sandbox.products()) == ["COAT-BLACK"]


def test_an_approved_update_passes_over_what_was_changed_there(nuorder_sandbox: NuOrderSandbox, brand: Books) -> None:
    Customer.objects.create(name="Maison Rive", currency="EUR")
    coats = [brand.product(code, custom={"fit": "wide"}) for code in ("COAT-BLACK", "COAT-NAVY")]
    run(brand, "data-export")
    Customer.objects.update(payment_terms="30 days")
    for coat in coats:
        coat.description = "Warm."
        coat.save()

    preview = run(brand, "data-export", preview=True)
    nuorder_sandbox.control("PATCH", "/products/COAT-NAVY", {"name": "Changed there"})
    runs.approve(preview)

    assert counted(worked(preview)) == {"updated": 2, "blocked": 1}
    assert nuorder_sandbox.products()["COAT-BLACK"]["description"] == "Warm."
    assert nuorder_sandbox.products()["COAT-NAVY"]["name"] == "Changed there"


def test_an_order_comes_in_once_and_is_processed_there(nuorder_sandbox: NuOrderSandbox, brand: Books) -> None:
    coat = brand.product("COAT-BLACK")
    Customer.objects.create(name="Maison Rive", account_code="C001", currency="EUR")
    run(brand, "data-export")
    barcode = coat.skus.get(size="M").barcode
    placed = nuorder_sandbox.place_order(lines=[{"upc": barcode, "quantity": 3}])

    assert counted(run(brand, "orders-import")) == {"created": 1}
    assert counted(run(brand, "orders-import")) == {}

    [order] = Order.objects.all()
    assert (order.reference, order.customer.name, order.season) == (placed["order_number"], "Maison Rive", brand.season)
    assert [(line.sku.size, line.quantity, line.price) for line in order.lines.all()] == [("M", 3, 100)]
    assert nuorder_sandbox.order(placed)["status"] == "processed"


def test_the_catalogue_is_written_to_a_file(brand: Books) -> None:
    brand.product("COAT-BLACK")

    done = run(brand, "product-csv")

    with default_storage.open(done.file) as file:
        header, *rows = file.read().decode("utf-8-sig").splitlines()
    assert header.startswith("Style Number,Season,Color,Name,Brand_ID,Color Code,Size,UPC,Wholesale EUR")
    assert len(rows) == 2
