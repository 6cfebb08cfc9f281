"""Benches of the books: files in."""

import tempfile
from pathlib import Path

from linesheet.books.files.importing import import_file
from linesheet.cli.bench.made_up import brand, timed, write_products
from linesheet.cli.bench.targets import Figures


def import_products(skus: int) -> Figures:
    """A product CSV into empty books, validated, and once more unchanged."""
    with brand(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        write_products(path, skus)
        seconds, report = timed(lambda: import_file("products", path))
        again, second = timed(lambda: import_file("products", path))
        return {
            "seconds": round(seconds, 2),
            "created": report.created,
            "seconds_unchanged": round(again, 2),
            "unchanged": second.unchanged,
        }
