"""Stock export: what each product that JOOR has can be sold of, now and later (sheet joor.md 5 and 9.5)."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from linesheet.books.models import SKU, Company, Location, Product
from linesheet.books.reasons import Said
from linesheet.books.stock import available_to_sell, future_stock, selling_locations
from linesheet.platforms.joor import trade_reasons
from linesheet.platforms.joor.account import not_checked
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.client_v2 import MOST_ROWS
from linesheet.platforms.joor.placed import PRODUCT, product_links, products_with_sizes
from linesheet.platforms.joor.stock_mapping import (
    DEFAULT,
    RowWire,
    StockOf,
    StockWire,
    plain,
    stock_findings,
    stock_to_wire,
)
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Accepted, Context, NotTaken, Outbound, Sending
from linesheet.sync.models import Link
from linesheet.sync.unknown import sent_in_part

STOCK = "stock"
_Place = tuple[str, str, datetime.date | None]
_NOT_THERE: tuple[str, tuple[()]] = ("", ())


class Stock(Outbound[StockOf, StockWire]):
    """The stock of each product in the catalogue, and of those taken out of it that JOOR still has.

    Only the barcodes sent change there, and to send them again does no harm. JOOR takes off what is on pending orders
    (sheet 5). The figures of the chosen seasons are added up.
    """

    kind = STOCK
    of = PRODUCT
    wire = StockWire
    batch_size = MOST_ROWS
    repeatable = True
    shared = True

    def ready(self) -> Sequence[Said]:
        found = [*not_checked(self.context)]
        if not self.context.settings["stock_seasons"]:
            found.append(trade_reasons.NO_STOCK_SEASONS.about())
        if not selling_locations().exists():
            found.append(trade_reasons.NO_SELLING_LOCATION.about())
        return found

    def select(self) -> "QuerySet[Product]":
        connection_id = self.context.connection_id
        links = Link.objects.filter(connection_id=connection_id, kind=PRODUCT)
        published = links.filter(record_id=Cast(OuterRef("pk"), CharField()))
        placed = products_in_catalogue(connection_id).filter(pk=OuterRef("pk"))
        products: QuerySet[Product] = Product.objects.filter(Exists(placed) | Exists(published))
        return products

    def load(self, ids: Sequence[str]) -> Sequence[StockOf]:
        return stock_of(self.context, ids)

    def record_id(self, record: StockOf) -> str:
        return str(record.product.pk)

    def label(self, record: StockOf) -> str:
        return record.product.code

    def check(self, record: StockOf) -> Sequence[Said]:
        return stock_findings(record)

    def map(self, record: StockOf) -> StockWire:
        return stock_to_wire(record)

    def weigh(self, payload: StockWire) -> int:
        return len(payload.rows)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        """All rows of these products in one call; a product is taken when all of its rows are."""
        rows = [row for sending in batch for row in sending.payload.rows]
        said = iter(await self._client.v2.put_stock([plain(row) for row in rows]))
        return [_answer(sending, [next(said) for _ in sending.payload.rows]) for sending in batch]

    @property
    def _client(self) -> JoorClient:
        client: JoorClient = self.context.client
        return client


def stock_of(context: Context, ids: Sequence[str]) -> list[StockOf]:
    """What these products have to sell, by warehouse as the settings say. Fifteen queries at most, however many."""
    products = products_with_sizes([int(pk) for pk in ids])
    published = _published(context, products)
    skus = {product.pk: tuple(product.skus.all()) for product in products}
    sku_ids = [sku.pk for of_product in skus.values() for sku in of_product]
    seasons = context.settings["stock_seasons"]
    locations = list(selling_locations())
    warehouse_of = warehouses_chosen(context, locations)
    last = _last(context, ids, set(warehouse_of.values()))
    upcs = {row.upc for rows in last.values() for row in rows}
    barcodes = frozenset(SKU.objects.filter(barcode__in=upcs).values_list("barcode", flat=True))
    now: dict[int, dict[tuple[str, int], int]] = defaultdict(lambda: defaultdict(int))
    coming: dict[int, dict[tuple[str, datetime.date, int], int]] = defaultdict(lambda: defaultdict(int))
    for sku_id, available in available_to_sell(sku_ids, seasons, locations=locations).items():
        for each in available:
            now[sku_id][warehouse_of[each.location_id], sku_id] += each.quantity
    later = future_stock(sku_ids, seasons, locations=locations) if context.settings["future_stock"] else {}
    for sku_id, dated in later.items():
        for row in dated:
            coming[sku_id][warehouse_of[row.location_id], row.available_on, sku_id] += row.quantity
    today = datetime.datetime.now(Company.objects.get(pk=context.company_id).zone).date()
    return [
        StockOf(
            product=product,
            skus=skus[product.pk],
            product_id=published.get(product.pk, _NOT_THERE)[0],
            published=frozenset(published.get(product.pk, _NOT_THERE)[1]),
            warehouses=tuple(dict.fromkeys(warehouse_of.values())),
            now={key: units for sku in skus[product.pk] for key, units in now[sku.pk].items()},
            coming={key: units for sku in skus[product.pk] for key, units in coming[sku.pk].items()},
            last=last.get(product.pk, ()),
            barcodes=barcodes,
            today=today,
        )
        for product in products
    ]


def _published(context: Context, products: Iterable[Product]) -> dict[int, tuple[str, list[str]]]:
    """By product JOOR's id of its style, and the barcodes that it has taken."""
    links = product_links(context.connection_id, [product.pk for product in products])
    return {
        int(pk): (product_id, [size["upc"] for size in sizes or () if size.get("upc")])
        for pk, product_id, sizes in links.values_list("record_id", "remote_id", "payload__sizes")
    }


def _last(context: Context, ids: Sequence[str], warehouses: Collection[str]) -> dict[int, tuple[RowWire, ...]]:
    """By product the rows that JOOR took last, and those of these warehouses that it may have taken since."""
    links = Link.objects.filter(connection_id=context.connection_id, kind=STOCK, record_id__in=ids)
    taken = links.filter(payload__isnull=False).values_list("record_id", "payload__rows")
    last: dict[int, dict[_Place, RowWire]] = defaultdict(dict)
    for pk, of_product in taken:
        last[int(pk)].update((row.place, row) for row in _rows(of_product))
    for pk, payload in sent_in_part(context.connection_id, STOCK, ids):
        rows = (row for row in _rows(payload["rows"]) if row.warehouse in warehouses and row.inventory)
        last[int(pk)].update((row.place, row) for row in rows)
    return {pk: tuple(rows.values()) for pk, rows in last.items()}


def _rows(payload: Any) -> tuple[RowWire, ...]:
    return msgspec.convert(payload or (), tuple[RowWire, ...], strict=False)


def warehouses_chosen(context: Context, locations: Iterable[Location]) -> Mapping[int, str]:
    """The JOOR warehouse of each selling location; JOOR's own word for the default one is as good as none."""
    chosen: Mapping[int, Sequence[str]] = context.settings["warehouses"] or {}
    named = {location.pk: next(iter(chosen.get(location.pk, ())), DEFAULT).strip() for location in locations}
    return {pk: DEFAULT if name.casefold() == "default" else name for pk, name in named.items()}


def _answer(sending: Sending, said: Sequence[str]) -> Accepted | NotTaken:
    """What became of a product; that JOOR has no more what was to be taken back there is no failure."""
    payload: StockWire = sending.payload
    refused = [(row, f"{_told(row)}: {says}") for row, says in zip(payload.rows, said, strict=True) if says]
    if any(not row.taken_back for row, _ in refused):
        return NotTaken("; ".join(says for _, says in refused))
    rows = "; ".join(says for _, says in refused)
    return Accepted(
        payload.product_id, [trade_reasons.NOT_TAKEN_BACK.about(record=sending.label, rows=rows)] if rows else ()
    )


def _told(row: RowWire) -> str:
    warehouse = f" in {row.warehouse}" if row.warehouse else ""
    day = f" from {row.inventory_date}" if row.inventory_date else ""
    return f"size {row.size} ({row.upc}){warehouse}{day}"
