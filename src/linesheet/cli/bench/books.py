"""Benches of the books: files in."""

import tempfile
from pathlib import Path

from linesheet.books.files.importing import import_file
from linesheet.cli.bench.made_up import brand, write_products
from linesheet.cli.bench.measuring import measured
from linesheet.cli.bench.targets import Figures


def import_products(skus: int) -> Figures:
    """A product CSV into empty books, validated, and once more unchanged."""
    with brand(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        cost, report = measured(lambda: import_file("products", path))
        again, second = measured(lambda: import_file("products", path))
        return {
            **cost,
            "rows": skus,
            "created": report.created,
            "skus_per_second": round(report.created / cost["seconds"]),
            "seconds_unchanged": again["seconds"],
            "unchanged": second.unchanged,
        }
