"""Benches of the way in: orders."""

from linesheet.books.models import SKU
from linesheet.cli.bench.made_up import CUSTOMER, published_brand, run, running_seconds
from linesheet.cli.bench.measuring import measured
from linesheet.cli.bench.targets import Figures
from linesheet.cli.sides.words import Placed, Wanted

LINES = 5
SKUS = 1_000


def import_orders(orders: int) -> Figures:
    """An Orders import of so many approved orders of five lines, over a remote without latency."""
    with published_brand(SKUS) as (connection, remote):
        run(connection, "data-export")
        barcodes = list(SKU.objects.values_list("barcode", flat=True)[:500])
        for number in range(orders):
            chosen = [barcodes[(number + step * 7) % len(barcodes)] for step in range(LINES)]
            lines = [Wanted(barcode=barcode, units=2) for barcode in chosen]
            remote.place_order(Placed(customer=CUSTOMER, lines=lines, po=f"PO-{number}"))
        cost, imported = measured(lambda: run(connection, "orders-import"))
        seconds = running_seconds(imported)
        return {
            **cost,
            "seconds": round(seconds, 2),
            "created": imported.created,
            "orders_per_second": round(imported.created / seconds),
            "cpu_ms_an_order": round(cost["cpu_seconds"] * 1000 / imported.created, 2),
            "calls": imported.calls,
        }
