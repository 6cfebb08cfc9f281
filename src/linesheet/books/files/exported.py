"""The rows of exported files: the header first, then one row for each SKU, address, figure or order line."""

from collections.abc import Collection, Iterable, Iterator
from itertools import zip_longest

from django.db.models import CharField, F, Func, Prefetch, QuerySet

from linesheet.books.files.columns import Vocabulary
from linesheet.books.files.customer_rows import ADDRESS_FIELDS, CONTACT_FIELDS
from linesheet.books.files.customer_rows import VOCABULARY as CUSTOMERS
from linesheet.books.files.job import Known
from linesheet.books.files.order_rows import ADDRESSES, address_text
from linesheet.books.files.order_rows import VOCABULARY as ORDERS
from linesheet.books.files.product_rows import VOCABULARY as PRODUCTS
from linesheet.books.files.product_rows import custom_text
from linesheet.books.files.stock import FIGURES, StockImporter
from linesheet.books.models import (
    SKU,
    Address,
    Contact,
    Customer,
    FutureStock,
    Order,
    OrderLine,
    Price,
    Product,
    Season,
    Stock,
)

_AT_A_TIME = 2000
_PRODUCT = ("code", "style", "fabric", "colour", "colour_code", "name", "description", "category", "composition")
_PRODUCT_FLAGS = ("active", "withdrawn")
_ORDER_FLAGS = ("approved", "active", "locked", "force_closed", "short")
_LINE = ("described_as", "quantity", "price", "original_price", "ships_from", "ships_until", "comment")

Cells = list[object]


def product_rows(known: Known, season: Season | None) -> Iterator[Cells]:
    """One row per SKU, and one for a product without any; with the prices of a season where one is given."""
    names = [*_PRODUCT, "origin", "size_range", *_PRODUCT_FLAGS, "seasons", "size", "barcode", "sku_code"]
    customs = sorted(_custom_names())
    priced = _price_columns(season) if season else []
    lists = {each.pk: each.name for each in known.price_lists.values()}
    header: Cells = [*_titles(PRODUCTS, names), *(f"Custom: {name}" for name in customs)]
    if season:
        header += [PRODUCTS.title("season"), *(f"{lists[list_id]} {currency}" for list_id, currency in priced)]
    yield header
    products = Product.objects.select_related("size_range").prefetch_related(
        "seasons", Prefetch("skus", SKU.objects.order_by("position", "id"))
    )
    if season:
        prices = Price.objects.filter(season=season)
        products = products.prefetch_related(Prefetch("prices", prices, to_attr="in_season"))
    for product in products.order_by("code").iterator(chunk_size=_AT_A_TIME):
        own: Cells = [getattr(product, name) for name in (*_PRODUCT, "origin")]
        own += [product.size_range and product.size_range.name, product.active, product.withdrawn]
        own.append("; ".join(each.name for each in product.seasons.all()))
        custom: Cells = [custom_text(product.custom[name]) if name in product.custom else "" for name in customs]
        if season:
            amounts = {(each.price_list_id, each.currency): each.amount for each in product.in_season}
            custom += [season.name, *(amounts.get(column) for column in priced)]
        skus = list(product.skus.all())
        for sku in skus:
            yield [*own, sku.size, sku.barcode, sku.code, *custom]
        if not skus:
            yield [*own, "", "", "", *custom]


def customer_rows(ids: Collection[int] | None = None) -> Iterator[Cells]:
    """One row per address and contact side by side, at least one per customer; of all customers, or of these.

    Those that were merged into another are left out.
    """
    yield list(_titles(CUSTOMERS, CUSTOMERS.fields))
    customers = Customer.objects.select_related("price_list", "hold_status").prefetch_related(
        Prefetch("addresses", Address.objects.order_by("kind", "-is_default", "id")),
        Prefetch("contacts", Contact.objects.order_by("-is_default", "id")),
    )
    customers = customers.filter(merged_into=None) if ids is None else customers.filter(pk__in=ids)
    for customer in customers.order_by("name").iterator(chunk_size=_AT_A_TIME):
        own: Cells = [customer.name, customer.account_code, customer.type, customer.active]
        own += [customer.price_list and customer.price_list.name, customer.currency, customer.payment_terms]
        own += [customer.payment_due_days, customer.shipping_terms]
        own.append(customer.hold_status and customer.hold_status.name)
        pairs = list(zip_longest(customer.addresses.all(), customer.contacts.all())) or [(None, None)]
        for address, contact in pairs:
            yield [*own, *_address_cells(address), *_contact_cells(contact)]


def stock_rows() -> Iterator[Cells]:
    """One row per SKU, location and season for what is there now, and one per date for what is to come."""
    names = ("code", "size", "sku_code", "barcode", "location", "season", *FIGURES, "quantity", "available_on")
    yield list(_titles(StockImporter.vocabulary, names))
    by = ("sku__product__code", "sku__position", "sku_id", "location_id", "season_id")
    related = ("sku__product", "location", "season")
    for now in Stock.objects.select_related(*related).order_by(*by).iterator(chunk_size=_AT_A_TIME):
        yield [*_at(now), *(getattr(now, name) for name in FIGURES), None, None]
    later = FutureStock.objects.select_related(*related).order_by(*by, "available_on")
    for due in later.iterator(chunk_size=_AT_A_TIME):
        yield [*_at(due), None, None, None, due.quantity, due.available_on]


def order_rows(among: "QuerySet[Order] | None" = None) -> Iterator[Cells]:
    """One row per order line, and one for an order without any; of all orders, or of those `among`."""
    yield list(_titles(ORDERS, ORDERS.fields))
    lines = OrderLine.objects.select_related("sku__product").order_by("position")
    orders = Order.objects.select_related("customer", "season", "location", "owner").prefetch_related(
        Prefetch("lines", lines)
    )
    if among is not None:
        orders = orders.filter(pk__in=among.order_by().values("pk"))
    for order in orders.order_by("number").iterator(chunk_size=500):
        own: Cells = [order.number, order.customer.name, order.customer.account_code]
        own += [order.season.name, order.season.starts_on, order.location and order.location.name]
        own += [order.type, order.owner and order.owner.email, order.reference, order.customer_reference]
        own += [order.currency, order.price_label, order.discount_percent, order.ships_from, order.ships_until]
        own += [address_text(order.addresses.get(kind)) for kind in ADDRESSES]
        own += [order.comments, *(getattr(order, name) for name in _ORDER_FLAGS), order.source_key]
        kept = list(order.lines.all())
        for line in kept:
            yield [*own, *_line_cells(line)]
        if not kept:
            yield own


def _titles(vocabulary: Vocabulary, names: Iterable[str]) -> Iterator[str]:
    return (vocabulary.title(name) for name in names)


def _custom_names() -> set[str]:
    """The names of all custom fields that any product has."""
    keys = Func(F("custom"), function="jsonb_object_keys", output_field=CharField())
    return set(Product.objects.order_by().annotate(key=keys).values_list("key", flat=True).distinct())


def _price_columns(season: Season) -> list[tuple[int, str]]:
    """The price lists, by id, and currencies there are prices in."""
    prices = Price.objects.filter(season=season).order_by("price_list_id", "currency")
    return list(prices.values_list("price_list_id", "currency").distinct())


def _address_cells(address: Address | None) -> Cells:
    if address is None:
        return [""] * (len(ADDRESS_FIELDS) + 2)
    parts = [getattr(address, part) for part in ADDRESS_FIELDS.values()]
    return [address.get_kind_display(), *parts, address.is_default]


def _contact_cells(contact: Contact | None) -> Cells:
    if contact is None:
        return [""] * (len(CONTACT_FIELDS) + 1)
    return [*(getattr(contact, part) for part in CONTACT_FIELDS.values()), contact.is_default]


def _at(stock: Stock | FutureStock) -> Cells:
    sku = stock.sku
    return [sku.product.code, sku.size, sku.code, sku.barcode, stock.location.name, stock.season.name]


def _line_cells(line: OrderLine) -> Cells:
    sku = line.sku
    named: Cells = [""] * 6
    if sku is not None:
        product = sku.product
        named = [product.code, product.style, product.fabric, product.colour, sku.size, sku.code]
    return [line.position, *named, line.barcode, *(getattr(line, name) for name in _LINE)]
