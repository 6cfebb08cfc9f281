"""Benches of what programs ask of us over HTTP: records in bulk, and pages of them."""

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from linesheet.books.barcodes import add_range, give_barcodes
from linesheet.books.models import SKU, Member
from linesheet.cli.bench.apart import apart
from linesheet.cli.bench.made_up import SIZES, brand
from linesheet.cli.bench.served import Served, served
from linesheet.cli.bench.targets import Figures
from linesheet.sync import api_keys

AT_ONCE = 5_000
"""SKUs, or records of stock, in a request."""
PAGE = 500
SCOPES = ("products:read", "products:write", "stock:read", "stock:write")


def upsert_products(skus: int) -> Figures:
    """Products of so many SKUs, five each, with two prices, through the hub's own API; once more; and read in pages."""
    with brand(), served() as server:
        products = list(_products(skus))
        cost, created = _sent(server, "/api/v1/products/bulk", products, AT_ONCE // len(SIZES))
        again, unchanged = _sent(server, "/api/v1/products/bulk", products, AT_ONCE // len(SIZES))
        return {
            **cost,
            "products": len(products),
            "created": created["created"],
            "there": SKU.objects.count(),
            "skus_per_second": round(skus / cost["seconds"]),
            "seconds_unchanged": again["seconds"],
            "unchanged": unchanged["unchanged"],
            **_read(server),
        }


def push_stock(skus: int) -> Figures:
    """The stock of so many SKUs by barcode, as an ERP pushes it: at first, with other figures, and with the same."""
    with brand(), served() as server:
        apart(f"{__name__}:fill", skus)
        barcodes = list(SKU.objects.order_by("pk").values_list("barcode", flat=True))
        figures: Figures = {}
        for name, units, state in (("", 7, "created"), ("_changed", 9, "updated"), ("_unchanged", 9, "unchanged")):
            records = [{"barcode": barcode, "season": "SS26", "quantity": units} for barcode in barcodes]
            cost, told = _sent(server, "/api/v1/stock/bulk", records, AT_ONCE)
            figures |= {f"seconds{name}": cost["seconds"], state: told[state]}
            figures = {**cost, **figures}
        return {**figures, "records": len(barcodes), "records_per_second": round(len(barcodes) / figures["seconds"])}


def fill(skus: int) -> None:
    """Products of so many SKUs, with barcodes."""
    from linesheet.books.files.given import take_rows
    from linesheet.books.files.products import ProductsImporter
    from linesheet.books.models import Company
    from linesheet.books.tenancy import acting_for

    with acting_for(Company.objects.get()):
        rows = [
            {"style": f"S{number // 5:06}", "colour": "Black", "name": "Coat", "size": SIZES[number % 5]}
            for number in range(skus)
        ]
        take_rows(ProductsImporter, rows)
        add_range("400000000000", "400009999999")
        give_barcodes()


def _read(server: Served) -> Figures:
    """What pages of products take, the first with the list that is written down of all, and those after it."""
    key, cursor, spent = _key(), "", []
    for _ in range(10):
        began = time.perf_counter()
        page = server.call(key, "GET", f"/api/v1/products?limit={PAGE}{cursor}")
        spent.append((time.perf_counter() - began) * 1000)
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return {"first_page_ms": round(spent[0]), "page_ms": round(statistics.median(spent[1:] or spent))}


def _sent(server: Served, path: str, records: Sequence[dict[str, Any]], at_once: int) -> tuple[Figures, dict[str, int]]:
    """What it cost to send all records, and how many came to what."""
    key = _key()
    counts = dict.fromkeys(("created", "updated", "unchanged"), 0)
    with server.measured() as cost:
        for start in range(0, len(records), at_once):
            told = server.call(key, "POST", path, {"records": records[start : start + at_once]})
            for name in counts:
                counts[name] += told[name]
    return cost, counts


def _key() -> str:
    """A key that no call was made with yet, so that none is refused for being one too many."""
    member = Member.objects.get()
    for known in api_keys.valid_keys_of(member):
        api_keys.revoke(known)
    return api_keys.make(member, "Bench", SCOPES).secret


def _products(skus: int) -> Iterator[dict[str, Any]]:
    for number, first in enumerate(range(0, skus, len(SIZES))):
        yield {
            "style": f"S{number // 4:06}",
            "fabric": "Wool",
            "colour": f"Colour {number % 4}",
            "name": f"Coat {number}",
            "category": "Coats",
            "composition": "100% wool",
            "seasons": ["SS26"],
            "skus": [{"size": size} for size in SIZES[: skus - first]],
            "prices": [
                {"season": "SS26", "price_list": price_list, "currency": "EUR", "amount": amount}
                for price_list, amount in (("Wholesale", "95.00"), ("Retail", "240.00"))
            ],
        }
