"""Account check: what of the account does not match the books, before anything is written there (sheet joor.md 9.1)."""

import datetime
from collections.abc import AsyncIterator, Collection, Sequence

from linesheet.books.files.rows import fold
from linesheet.books.kinds import CUSTOMER, SIZE
from linesheet.books.models import SKU, Customer, PriceList, Season
from linesheet.books.stock import selling_locations
from linesheet.platforms.joor.account_findings import (
    LOCATION,
    PRICE_LIST,
    PRICE_TYPE,
    SEASON,
    WAREHOUSE,
    barcode_key,
    customer_findings,
    price_type_findings,
    season_findings,
    size_findings,
    warehouse_findings,
    warehouses_named,
)
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.orders import written
from linesheet.platforms.joor.placed_linesheets import linesheet_sections
from linesheet.platforms.joor.remote import RemoteProduct, RemoteSku
from linesheet.platforms.joor.stock import warehouses_chosen
from linesheet.sync.legs import Compared, Comparison
from linesheet.sync.tolerant import text

PRODUCTS_AT_ONCE = 500
RECENT = datetime.timedelta(days=90)
"""Orders changed in this time are asked which warehouses they name: JOOR does not list warehouses (sheet 14)."""


class AccountSizes(Comparison):
    """The barcodes on JOOR: those the books do not have, have on another size, or that are there twice.

    A style of the books is one product there, so one that is several of JOOR's is told too.
    """

    kind = SIZE

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        products = {each.id: each for each in map(RemoteProduct.of, await _client(self).v4.listed("products"))}
        ids, seen, homes = list(products), dict[str, str](), dict[tuple[str, str], str]()
        for start in range(0, len(ids), PRODUCTS_AT_ONCE):
            part = ids[start : start + PRODUCTS_AT_ONCE]
            skus = [RemoteSku.of(each) for each in await _client(self).v4.listed("skus", product_ids=part)]
            ours = await self.db(_skus, {barcode_key(sku.upc) for sku in skus})
            yield list(size_findings(skus, products, ours, seen, homes))


class AccountCustomers(Comparison):
    """The customers of JOOR, by their codes."""

    kind = CUSTOMER

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        there = await _client(self).v2.customers()
        ours = await self.db(_customers, {text("", each.get("customer_code")) for each in there})
        yield list(customer_findings(there, ours))


class AccountPriceTypes(Comparison):
    """The price types of JOOR, and the price lists that go as them."""

    kind = PRICE_LIST
    also = {PRICE_TYPE: ""}

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        there = [PriceType.of(each) for each in await _client(self).v4.listed("price_types")]
        pairs = self.context.settings["price_types"] or {}
        lists = await self.db(_price_lists, pairs)
        yield list(price_type_findings(lists, pairs, {each.id: each for each in there}))


class AccountSeasons(Comparison):
    """The seasons of JOOR, and those that prices, stock and linesheets go by."""

    kind = SEASON

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        there = [text("", each.get("name")) for each in await _client(self).v4.listed("seasons")]
        wanted, known = await self.db(self._seasons)
        yield list(season_findings(wanted, known, there))

    def _seasons(self) -> tuple[dict[str, str], list[str]]:
        """The seasons that Linesheet is to use, by name with their ids, and the names of all there are."""
        seasons = dict(Season.objects.values_list("name", "pk"))
        sections = linesheet_sections(self.context.connection_id).order_by("position", "pk")
        wanted = {name: f"section-{pk}" for pk, name in sections.values_list("pk", "name")}
        ticked = (*self.context.settings["price_seasons"], *self.context.settings["stock_seasons"])
        wanted |= {season.name: str(season.pk) for season in ticked}
        by_fold = {fold(name): str(pk) for name, pk in seasons.items()}
        return {name: by_fold.get(fold(name), record_id) for name, record_id in wanted.items()}, list(seasons)


class AccountWarehouses(Comparison):
    """The warehouses of JOOR, as far as its customers and recent orders name them, and those that stock goes to."""

    kind = LOCATION
    also = {WAREHOUSE: ""}

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        client = _client(self)
        there = warehouses_named(await client.v2.customers(), [])
        now = datetime.datetime.now(datetime.UTC)
        window = {"date_start": written(now - RECENT), "date_end": written(now + datetime.timedelta(days=1))}
        async for page in client.v2.orders(order_type=4, export_status=1, **window):
            there |= warehouses_named([], page)
        locations = await self.db(lambda: list(selling_locations()))
        yield list(warehouse_findings(locations, warehouses_chosen(self.context, locations), there))


def _client(leg: Comparison) -> JoorClient:
    client: JoorClient = leg.context.client
    return client


def _skus(keys: Collection[str]) -> dict[str, SKU]:
    """Sizes by their barcodes."""
    found = SKU.objects.filter(gtin__in=set(keys) - {""}).exclude(barcode="").select_related("product")
    return {sku.gtin: sku for sku in found}


def _customers(codes: Collection[str]) -> dict[str, Customer]:
    found = Customer.objects.filter(account_code__in=set(codes) - {""})
    return {customer.account_code: customer for customer in found}


def _price_lists(pairs: Collection[int]) -> list[PriceList]:
    """The lists that go to JOOR or should."""
    lists = PriceList.objects.order_by("pk")
    return [each for each in lists if each.pk in pairs or each.kind == PriceList.Kind.WHOLESALE]
