"""Benches of what programs ask of us: records in bulk."""

from collections.abc import Iterator
from typing import Any

from django.test import Client

from linesheet.books.models import SKU, Member
from linesheet.cli.bench.made_up import SIZES, brand
from linesheet.cli.bench.measuring import measured
from linesheet.cli.bench.targets import Figures
from linesheet.sync import api_keys

PRODUCTS_A_PAGE = 1_000


def upsert_products(skus: int) -> Figures:
    """Products of so many SKUs, five each, with two prices, through the hub's own API in pages; and once more."""
    with brand():
        key = api_keys.make(Member.objects.get(), "Bench", ["products:write"]).secret
        client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {key}"})
        cost, created = measured(lambda: _sent(client, skus))
        again, unchanged = measured(lambda: _sent(client, skus))
        products = -(-skus // len(SIZES))
        return {
            **cost,
            "products": products,
            "created": created["created"],
            "there": SKU.objects.count(),
            "skus_per_second": round(skus / cost["seconds"]),
            "seconds_unchanged": again["seconds"],
            "unchanged": unchanged["unchanged"],
        }


def _sent(client: Client, skus: int) -> dict[str, int]:
    """Send all products; how many came to what."""
    counts: dict[str, int] = {"created": 0, "unchanged": 0}
    products = list(_products(skus))
    for start in range(0, len(products), PRODUCTS_A_PAGE):
        records = products[start : start + PRODUCTS_A_PAGE]
        answer = client.post("/api/v1/products/bulk", {"records": records}, content_type="application/json")
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")
        told = answer.json()
        for name in counts:
            counts[name] += told[name]
    return counts


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
