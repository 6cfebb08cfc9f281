"""What is measured. Each bench takes a number of SKUs and of orders, and returns its figures."""

import asyncio
import csv
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SIZES = ("36", "38", "40", "42", "44")
LATENCY_MS = 50
Figures = dict[str, Any]


def import_skus(skus: int, orders: int) -> Figures:
    """A product file of so many SKUs into empty books, then again unchanged."""
    from linesheet.books.files.importing import import_file

    with brand(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        seconds, report = timed(lambda: import_file("products", path))
        again, second = timed(lambda: import_file("products", path))
        return {
            "skus": skus,
            "seconds": round(seconds, 2),
            "skus_per_second": round(skus / seconds),
            "created": report.created,
            "seconds_unchanged": round(again, 2),
            "unchanged": second.unchanged,
        }


def plan(skus: int, orders: int) -> Figures:
    """The plan of a Data export: of products that are new, unchanged and changed."""
    from linesheet.books.models import Product

    with published_brand(skus) as (connection, _):
        first = run(connection, "data-export")
        unchanged = run(connection, "data-export")
        Product.objects.update(name="Another name")
        changed_seconds, changed = timed(lambda: run(connection, "data-export", preview=True, look=False))
        return {
            "skus": skus,
            "products": first.created,
            "unchanged_seconds": seconds_of(unchanged),
            "unchanged_calls": unchanged.calls,
            "changed_seconds": round(changed_seconds, 2),
            "changed": changed.selected - changed.unchanged - changed.blocked,
        }


def push(skus: int, orders: int) -> Figures:
    """A Data export over a remote that takes 50 ms a call, against calls x latency / concurrency."""
    with published_brand(skus) as (connection, control):
        control("/settings", {"latency_ms": LATENCY_MS})
        pushed = run(connection, "data-export")
        sending = (pushed.finished_at - pushed.planned_at).total_seconds()
        least = math.ceil(pushed.created / 5) * LATENCY_MS / 1000
        return {
            "products": pushed.created,
            "sending_seconds": round(sending, 2),
            "least_seconds": round(least, 2),
            "ratio": round(sending / least, 3),
            "state": pushed.state,
        }


def import_orders(skus: int, orders: int) -> Figures:
    """An Orders import of so many orders of five lines over a remote without latency."""
    from linesheet.books.models import SKU, Customer

    with published_brand(min(skus, 1000)) as (connection, control):
        run(connection, "data-export")
        barcodes = list(SKU.objects.values_list("barcode", flat=True)[:500])
        customer = Customer.objects.get().name
        for number in range(orders):
            lines = [{"upc": barcodes[(number + step * 7) % len(barcodes)], "quantity": 2} for step in range(5)]
            control("/orders", {"company": customer, "status": "approved", "currency_code": "EUR", "lines": lines})
        imported = run(connection, "orders-import")
        seconds = seconds_of(imported)
        return {
            "orders": imported.created,
            "seconds": seconds,
            "orders_per_second": round(imported.created / seconds),
            "calls": imported.calls,
        }


BENCHES: dict[str, Callable[[int, int], Figures]] = {
    "import_skus": import_skus,
    "plan": plan,
    "push": push,
    "import_orders": import_orders,
}


@contextmanager
def brand() -> Iterator[Any]:
    """A company with one season, in hand."""
    from linesheet.books.companies import create_company
    from linesheet.books.models import Season
    from linesheet.books.tenancy import acting_for

    company = create_company("Bench", owner_email="bench@linesheet.example")
    with acting_for(company):
        Season.objects.create(name="SS26", starts_on="2026-01-15")
        yield company


@contextmanager
def published_brand(skus: int) -> Iterator[tuple[Any, Callable[[str, Any], Any]]]:
    """A company whose products are placed in the catalogue of a connection to a sandbox of its own."""
    from linesheet.books.barcodes import add_range, give_barcodes
    from linesheet.books.files.importing import import_file
    from linesheet.books.models import Customer, Product, Season
    from linesheet.cli.demo.remote import Remote
    from linesheet.sync.catalogue import add_section, place
    from linesheet.sync.models import Connection

    with brand(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        import_file("products", path)
        add_range("400000000000", "400009999999")
        give_barcodes()
        Customer.objects.create(name="Maison Rive", currency="EUR")
        remote = Remote("nuorder")
        try:
            connection = Connection.objects.create(
                platform="nuorder",
                name="Bench",
                base_url=remote.url,
                credentials=remote.credentials,
                settings={"import_season": Season.objects.get(name="SS26").pk},
            )
            place(add_section(connection, ("SS26", "Women", "Coats")), Product.objects.all())
            yield connection, lambda path, body: remote.control("POST", path, body)
        finally:
            remote.stop()


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


def run(connection: Any, task: str, *, preview: bool = False, look: bool = True) -> Any:
    """Run a task of the connection in this process."""
    from linesheet.sync import engine, outbound, runs

    if not look:
        # Reading every record there is the platform's time, not the plan's.
        outbound.look_at_remote = _nothing
    started, _ = runs.start(connection, task, preview=preview)
    asyncio.run(engine.execute(started.pk, started.company_id))
    started.refresh_from_db()
    if started.state == "failed":
        raise SystemExit(f"{task} failed: {started.says}")
    return started


async def _nothing(*_: Any) -> None:
    return None


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that the work took, and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def seconds_of(finished: Any) -> float:
    """Seconds from a run's start to its end."""
    return round((finished.finished_at - finished.started_at).total_seconds(), 2)
