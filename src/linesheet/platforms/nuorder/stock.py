"""Stock export: what each published product has to sell, now and later."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet

from linesheet.books.models import Company, Location, Product
from linesheet.books.reasons import Said
from linesheet.books.stock import available_to_sell, future_stock, selling_locations
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.compare import holds_stock
from linesheet.platforms.nuorder.placed import PRODUCT, product_links, products_with_sizes
from linesheet.platforms.nuorder.stock_mapping import StockOf, stock_findings, stock_to_wire
from linesheet.platforms.nuorder.wire import StockWire
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Accepted, Context, Outbound, Sending

_NOT_THERE = ("", None)


class Stock(Outbound[StockOf, StockWire]):
    """The whole stock picture of each placed product, in one call, because a later one wipes it (sheet 10.3).

    The figures of the chosen seasons are added up. Stock that was to come on a day that has passed is not in the
    books' stock yet, and goes out as of today (sheet 5.2).
    """

    kind = "stock"
    of = PRODUCT
    wire = StockWire

    def ready(self) -> Sequence[Said]:
        found = []
        if not self.context.settings["stock_seasons"]:
            found.append(reasons.NO_STOCK_SEASONS.about())
        if not selling_locations().exists():
            found.append(reasons.NO_SELLING_LOCATION.about())
        return found

    def select(self) -> "QuerySet[Product]":
        return products_in_catalogue(self.context.connection_id)

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

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        accepted = []
        for sending in batch:
            await self._client.set_inventory(sending.payload.brand_id, sending.payload.inventory)
            accepted.append(Accepted(sending.payload.product_id))
        return accepted

    async def holds(self, sending: Sending) -> Accepted | None:
        found = await self._client.inventory(sending.payload.brand_id)
        if found is None or not holds_stock(found, sending.payload):
            return None
        return Accepted(sending.payload.product_id)

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client


def stock_of(context: Context, ids: Sequence[str]) -> list[StockOf]:
    """What these products have to sell, by warehouse as the settings say. Ten queries, however many."""
    products = products_with_sizes(ids)
    links = product_links(context.connection_id, (product.pk for product in products))
    published = {
        int(pk): (product_id, frozenset(size["size"] for size in sizes or ()))
        for pk, product_id, sizes in links.values_list("record_id", "remote_id", "payload__sizes")
    }
    skus = {product.pk: tuple(product.skus.all()) for product in products}
    sku_ids = [sku.pk for of_product in skus.values() for sku in of_product]
    seasons = context.settings["stock_seasons"]
    locations = list(selling_locations())
    warehouse_of = _warehouses(context, locations)
    today = datetime.datetime.now(Company.objects.get(pk=context.company_id).zone).date()
    now: dict[int, dict[tuple[str, int], int]] = defaultdict(lambda: defaultdict(int))
    coming: dict[int, dict[tuple[str, datetime.date, int], int]] = defaultdict(lambda: defaultdict(int))
    for sku_id, available in available_to_sell(sku_ids, seasons, locations=locations).items():
        for each in available:
            now[sku_id][warehouse_of[each.location_id], sku_id] += each.quantity
    for sku_id, dated in future_stock(sku_ids, seasons, locations=locations).items():
        for row in dated:
            day = max(row.available_on, today)
            coming[sku_id][warehouse_of[row.location_id], day, sku_id] += row.quantity
    return [
        StockOf(
            product=product,
            skus=skus[product.pk],
            published=published.get(product.pk, _NOT_THERE)[1],
            product_id=published.get(product.pk, _NOT_THERE)[0],
            warehouses=tuple(dict.fromkeys(warehouse_of.values())),
            now={key: units for sku in skus[product.pk] for key, units in now[sku.pk].items()},
            coming={key: units for sku in skus[product.pk] for key, units in coming[sku.pk].items()},
        )
        for product in products
    ]


def _warehouses(context: Context, locations: Iterable[Location]) -> Mapping[int, str]:
    """The NuORDER warehouse of each selling location."""
    apart = context.settings["warehouse_per_location"]
    one = context.settings["warehouse"] or "default"
    return {location.pk: _own_warehouse(location) if apart else one for location in locations}


def _own_warehouse(location: Location) -> str:
    return location.code or location.name
