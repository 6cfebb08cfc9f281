"""Made-up books for benches, and the running of what is measured."""

import asyncio
import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection as database

from linesheet.books.barcodes import add_range, give_barcodes
from linesheet.books.bulk import look_anew
from linesheet.books.companies import create_company
from linesheet.books.files.importing import import_file
from linesheet.books.models import Company, Customer, Product, Season
from linesheet.books.tenancy import acting_for, company_in_hand
from linesheet.cli.bench.apart import apart
from linesheet.cli.demo.remote import Remote
from linesheet.sync import engine, runs
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
def published_brand(skus: int) -> Iterator[tuple[Connection, Remote]]:
    """A company of so many SKUs, with barcodes, all in the catalogue of a connection to a sandbox of its own."""
    with brand():
        remote = Remote(PLATFORM)
        try:
            connection = Connection.objects.create(
                platform=PLATFORM,
                name="Bench",
                base_url=remote.url,
                credentials=remote.credentials,
                settings={"import_season": Season.objects.get(name="SS26").pk},
            )
            # Apart, so that memory this has needed is not in reach of what is measured.
            apart(f"{__name__}:fill", connection.pk, skus)
            yield connection, remote
        finally:
            remote.stop()


def fill(connection_id: int, skus: int) -> None:
    """Make up a customer, and products of so many SKUs with barcodes, all in the connection's catalogue."""
    connection = Connection.everywhere.get(pk=connection_id)
    with acting_for(connection.company_id), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        import_file("products", path)
        add_range("400000000000", "400009999999")
        give_barcodes()
        Customer.objects.create(name=CUSTOMER, currency="EUR")
        place(add_section(connection, ("SS26", "Women", "Coats")), Product.objects.all())


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


def trade(orders: int, customers: int = 500, lines: int = 5) -> None:
    """Make up customers with addresses, and orders of so many lines each, over the products there are."""
    sql = {
        "customers": """
            INSERT INTO books_customer (company_id, name, account_code, type, active, currency, payment_terms,
                                        shipping_terms, changed_at)
            SELECT %(company)s, 'Shop ' || n, 'C' || n, 'wholesale', n %% 20 > 0, 'EUR', '', '', now()
              FROM generate_series(1, %(customers)s) n
        """,
        "orders": """
            INSERT INTO books_order (company_id, number, customer_id, season_id, type, reference, customer_reference,
                                     currency, discount_percent, addresses, comments, approved, active, locked,
                                     force_closed, short, source_key, created_at)
            SELECT %(company)s, n, c.ids[1 + n %% array_length(c.ids, 1)], %(season)s, 'wholesale', 'N' || 700000 + n,
                   'PO ' || n * 7, (ARRAY['EUR', 'EUR', 'GBP', 'USD'])[1 + n %% 4], n %% 3 * 5, '{}', '', n %% 4 > 0,
                   n %% 50 > 0, n %% 40 = 0, false, n %% 100 = 0, '', now() - n * interval '10 minutes'
              FROM generate_series(1, %(orders)s) n, (SELECT array_agg(id) ids FROM books_customer
                                                       WHERE company_id = %(company)s) c
        """,
        "lines": """
            INSERT INTO books_orderline (company_id, order_id, position, sku_id, barcode, described_as, quantity, price,
                                         comment)
            SELECT %(company)s, o.id, n, CASE WHEN o.short AND n = 1 THEN NULL
                                              ELSE s.ids[1 + (o.number * 13 + n) %% array_length(s.ids, 1)] END,
                   '', 'S000001 Colour 1 42', 1 + (o.number + n) %% 9, 95 + n, ''
              FROM books_order o, generate_series(1, %(lines)s) n,
                   (SELECT array_agg(id) ids FROM books_sku WHERE company_id = %(company)s) s
             WHERE o.company_id = %(company)s
        """,
    }
    given = {
        "company": company_in_hand(),
        "season": Season.objects.get(name="SS26").pk,
        "orders": orders,
        "customers": customers,
        "lines": lines,
    }
    with database.cursor() as cursor:
        for statement in sql.values():
            cursor.execute(statement, given)
    look_anew("books")
