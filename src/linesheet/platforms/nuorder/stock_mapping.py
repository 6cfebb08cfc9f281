"""Books to wire: what a product has to sell, in NuORDER's words. Pure functions."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linesheet.books.models import SKU, Product
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.mapping import listed, with_barcode
from linesheet.platforms.nuorder.wire import BucketWire, QuantityWire, StockWire, WarehouseWire

IMMEDIATE = "immediate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOf:
    """What a product has to sell, in units by warehouse and SKU id; `coming` by day too.

    `published` are the sizes NuORDER has taken, None when it does not have the product, and `product_id` is its
    id there. `warehouses` are all that are reported, also those with nothing.
    """

    product: Product
    skus: tuple[SKU, ...]
    published: frozenset[str] | None
    product_id: str
    warehouses: tuple[str, ...]
    now: Mapping[tuple[str, int], int]
    coming: Mapping[tuple[str, datetime.date, int], int]


def stock_findings(stock: StockOf) -> list[Said]:
    """What keeps a product's stock from NuORDER, and what to mind about it (sheet 5.1)."""
    record = stock.product.code
    if stock.published is None:
        return [reasons.NOT_PUBLISHED.about(record=record)]
    if not with_barcode(stock.skus):
        return [reasons.NO_BARCODE.about(record=record)]
    known = _published_skus(stock)
    if not known:
        return [reasons.NO_SIZE_PUBLISHED.about(record=record)]
    found = []
    if unknown := [sku.size for sku in stock.skus if sku not in known]:
        found.append(reasons.SIZES_NOT_PUBLISHED.about(record=record, sizes=listed(unknown)))
    below = [
        f"size {sku.size} in {warehouse} ({quantity})"
        for warehouse in stock.warehouses
        for sku in known
        if (quantity := stock.now.get((warehouse, sku.pk), 0)) < 0
    ]
    if below:
        found.append(reasons.SOLD_MORE.about(record=record, sizes=listed(below)))
    return found


def stock_to_wire(stock: StockOf) -> StockWire:
    """A product's whole stock picture (sheet 5.1 and 10.3): what can be sold now, then by day of arrival.

    Every published size has an immediate quantity, at least 0, because NuORDER takes no stock for unlimited.
    Only sizes NuORDER knows are named, because it accepts others without a word.
    """
    known = _published_skus(stock)
    return StockWire(
        brand_id=stock.product.code,
        product_id=stock.product_id,
        inventory=tuple(_warehouse_to_wire(stock, warehouse, known) for warehouse in stock.warehouses),
    )


def _published_skus(stock: StockOf) -> list[SKU]:
    return [sku for sku in stock.skus if sku.size in (stock.published or ())]


def _warehouse_to_wire(stock: StockOf, warehouse: str, skus: Sequence[SKU]) -> WarehouseWire:
    now = {sku.pk: max(stock.now.get((warehouse, sku.pk), 0), 0) for sku in skus}
    buckets = [BucketWire(IMMEDIATE, _quantities(skus, now))]
    for day in sorted({day for place, day, _ in stock.coming if place == warehouse}):
        arriving = {sku.pk: quantity for sku in skus if (quantity := stock.coming.get((warehouse, day, sku.pk), 0)) > 0}
        if arriving:
            buckets.append(BucketWire(day.isoformat(), _quantities(skus, arriving)))
    return WarehouseWire(warehouse, tuple(buckets))


def _quantities(skus: Sequence[SKU], units: Mapping[int, int]) -> tuple[QuantityWire, ...]:
    return tuple(QuantityWire(sku.size, sku.barcode, units[sku.pk]) for sku in skus if sku.pk in units)
