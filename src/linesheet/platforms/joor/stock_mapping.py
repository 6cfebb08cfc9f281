"""Books to wire: what a product has to sell, in JOOR's words (sheet joor.md 5 and 9.7). Pure functions."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from linesheet.books.models import SKU, Product
from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons, trade_reasons
from linesheet.platforms.joor.wire import Json

DEFAULT = ""
"""The account's default warehouse, which has stock that names none (sheet 5)."""


class RowWire(msgspec.Struct, frozen=True):
    """Units of one barcode in one warehouse: to be sold now, or from a day on. `size` is for people.

    `taken_back`: JOOR took it earlier and the books no longer say it, so that it is 0.
    """

    upc: str
    size: str
    inventory: int
    warehouse: str = DEFAULT
    inventory_date: datetime.date | None = None
    taken_back: bool = False

    @property
    def place(self) -> tuple[str, str, datetime.date | None]:
        """What JOOR keeps one quantity of."""
        return self.upc, self.warehouse, self.inventory_date


class StockWire(msgspec.Struct, frozen=True):
    """A product's stock. `product_id` is JOOR's id of its style: one made anew there needs its stock again."""

    product_id: str
    rows: tuple[RowWire, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOf:
    """What a product has to sell, in units by warehouse and SKU id; `coming` by day too.

    `product_id` is JOOR's id of its style, "" when it has none, and `published` are the barcodes it has taken.
    `warehouses` are all that are reported, also those with nothing. `last` are the rows that JOOR took last, and
    `barcodes` those of their barcodes that any size of the books has.
    """

    product: Product
    skus: tuple[SKU, ...]
    product_id: str
    published: frozenset[str]
    warehouses: tuple[str, ...]
    now: Mapping[tuple[str, int], int]
    coming: Mapping[tuple[str, datetime.date, int], int]
    last: tuple[RowWire, ...] = ()
    barcodes: frozenset[str] = frozenset()
    today: datetime.date


def stock_findings(stock: StockOf) -> list[Said]:
    """What keeps a product's stock from JOOR, and what to mind about it."""
    record = stock.product.code
    if not stock.product_id:
        return [catalogue_reasons.NOT_PUBLISHED.about(record=record)]
    known = _published_skus(stock)
    if not known:
        return [trade_reasons.STOCK_NO_BARCODE.about(record=record)]
    found = []
    if unknown := [sku.size for sku in stock.skus if sku not in known]:
        found.append(trade_reasons.SIZES_WITHOUT_STOCK.about(record=record, sizes=", ".join(unknown)))
    below = [
        f"size {sku.size} in {warehouse or 'the default warehouse'} ({units})"
        for warehouse in stock.warehouses
        for sku in known
        if (units := stock.now.get((warehouse, sku.pk), 0)) < 0
    ]
    if below:
        found.append(trade_reasons.SOLD_MORE.about(record=record, sizes=", ".join(below)))
    return found


def stock_to_wire(stock: StockOf) -> StockWire:
    """A row for each size and warehouse, at least 0, and one for each day on which more of it comes (sheet 9.9).

    What JOOR took earlier and the books no longer say, a day or a warehouse, goes out as 0, so that it is not sold.
    """
    known = _published_skus(stock)
    rows = [
        RowWire(sku.barcode, sku.size, max(stock.now.get((warehouse, sku.pk), 0), 0), warehouse)
        for sku in known
        for warehouse in stock.warehouses
    ]
    by_id = {sku.pk: sku for sku in known}
    rows += [
        RowWire(by_id[sku_id].barcode, by_id[sku_id].size, units, warehouse, day)
        for (warehouse, day, sku_id), units in sorted(stock.coming.items())
        if sku_id in by_id and units > 0
    ]
    return StockWire(stock.product_id, (*rows, *_taken_back(stock, rows)))


def plain(row: RowWire) -> Json:
    """A row as JOOR's JSON object; the default warehouse and the stock of today go by no name (sheet 5)."""
    named = {"warehouse": row.warehouse} if row.warehouse else {}
    dated = {"inventory_date": row.inventory_date.isoformat()} if row.inventory_date else {}
    return {"upc": row.upc, "inventory": row.inventory, **named, **dated}


def _published_skus(stock: StockOf) -> list[SKU]:
    return [sku for sku in stock.skus if sku.barcode and sku.barcode in stock.published]


def _taken_back(stock: StockOf, rows: Sequence[RowWire]) -> list[RowWire]:
    """The rows that JOOR took last and that are none any more, at 0.

    They go out once, and those of a day to come until it has come, so that the product stays as it was sent. A size
    that has left the books goes with them. Where a size has another barcode now, the old one is left alone, as JOOR
    has it no more; so is one that another size has.
    """
    places = {row.place for row in rows}
    barcodes = {row.upc for row in rows}
    sizes = {sku.size for sku in stock.skus}
    return [
        msgspec.structs.replace(row, inventory=0, taken_back=True)
        for row in stock.last
        if row.place not in places
        if row.upc in barcodes or (row.upc not in stock.barcodes and row.size not in sizes)
        if row.inventory or (row.inventory_date and row.inventory_date > stock.today)
    ]
