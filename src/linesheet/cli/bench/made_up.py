"""Made-up books for benches, and the running of what is measured."""

import asyncio
import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linesheet.books.barcodes import add_range, give_barcodes
from linesheet.books.companies import create_company
from linesheet.books.files.importing import import_file
from linesheet.books.models import SKU, Company, Customer, Location, Product, Season, Stock
from linesheet.books.tenancy import acting_for
from linesheet.cli.bench.apart import apart
from linesheet.cli.sides.listed import side_of
from linesheet.cli.sides.side import Side
from linesheet.demo.connecting import connect, pair, section_path
from linesheet.sync import engine, registry, runs
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.models import Connection, Run

PLATFORM = "nuorder"
SIZES = ("36", "38", "40", "42", "44")
CUSTOMER = "Maison Rive"


@contextmanager
def brand() -> Iterator[Company]:
    """A company with one season, in hand."""
    company = create_company("Bench", owner_email="bench@linesheet.example")
    with acting_for(company):
        Season.objects.create(name="SS26", starts_on="2026-01-15")
        yield company


@contextmanager
def published_brand(skus: int, platform: str = PLATFORM) -> Iterator[tuple[Connection, Side]]:
    """A company of so many SKUs, with barcodes, all in the catalogue of a connection to a sandbox of its own."""
    with brand():
        remote = side_of(platform)
        try:
            connection = connect("Bench", registry.platform(platform), remote.url, remote.credentials)
            # Apart, so that memory this has needed is not in reach of what is measured.
            apart(f"{__name__}:fill", connection.pk, skus)
            yield connection, remote
        finally:
            remote.stop()


def fill(connection_id: int, skus: int) -> None:
    """Make up a customer, and products of so many SKUs with barcodes and stock, all in the connection's catalogue."""
    connection = Connection.everywhere.get(pk=connection_id)
    with acting_for(connection.company_id), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        import_file("products", path)
        add_range("400000000000", "400009999999")
        give_barcodes()
        Customer.objects.create(name=CUSTOMER, currency="EUR")
        platform = registry.platform(connection.platform)
        pair(connection, platform)
        assert platform.catalogue
        place(
            add_section(connection, section_path(platform.catalogue, "SS26", "Women", "Coats")), Product.objects.all()
        )


def stock_up(units: int) -> None:
    """Have so many units of every SKU in a warehouse."""
    at = {"location": Location.objects.get(), "season": Season.objects.get(name="SS26")}
    rows = [Stock(sku_id=pk, opening=units, **at) for pk in SKU.objects.values_list("pk", flat=True)]
    Stock.objects.bulk_create(
        rows, batch_size=5_000, update_conflicts=True, update_fields=["opening"],
        unique_fields=["sku", "location", "season"],
    )  # fmt: skip


def publish(connection_id: int) -> int:
    """Run a Data export; how many records it created there."""
    connection = Connection.everywhere.get(pk=connection_id)
    with acting_for(connection.company_id):
        return run(connection, "data-export").created


def write_products(path: Path, skus: int) -> None:
    """A product file of so many SKUs, five to a product, with prices in one season."""
    header = ("Style", "Fabric", "Colour", "Name", "Category", "Composition", "Size", "Seasons", "Season",
              "Wholesale EUR", "Retail EUR")  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number in range(skus):
            product = number // len(SIZES)
            own = (f"S{product // 4:06}", "Wool", f"Colour {product % 4}", f"Coat {product}", "Coats", "100% wool")
            writer.writerow((*own, SIZES[number % len(SIZES)], "SS26", "SS26", "95.00", "240.00"))


def run(connection: Connection, task: str, *, preview: bool = False) -> Run:
    """Run a task of the connection in this process. Raises SystemExit with the reason when it fails."""
    started, _ = runs.start(connection, task, preview=preview)
    asyncio.run(engine.execute(started.pk, started.company_id))
    started.refresh_from_db()
    if started.state == Run.State.FAILED:
        raise SystemExit(f"{task} failed: {started.says}")
    return started


def running_seconds(finished: Run) -> float:
    """From a run's start to its end."""
    assert finished.started_at
    assert finished.finished_at
    return (finished.finished_at - finished.started_at).total_seconds()


def planning_seconds(finished: Run) -> float:
    """From a run's start to its plan."""
    assert finished.started_at
    assert finished.planned_at
    return (finished.planned_at - finished.started_at).total_seconds()


def sending_seconds(finished: Run) -> float:
    """From a run's plan to its end."""
    assert finished.planned_at
    assert finished.finished_at
    return (finished.finished_at - finished.planned_at).total_seconds()
