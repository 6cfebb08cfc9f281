"""Rows of stock and dated units of stock that people add and remove by hand, and how they name a SKU."""

import datetime
from functools import reduce
from operator import or_

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from linesheet.books.barcodes import BarcodeRefused, gtin, read_barcode
from linesheet.books.models import SKU, FutureStock, Location, Product, Season, Stock
from linesheet.books.product_search import search_products
from linesheet.books.reasons import Reason, Refused
from linesheet.books.stock import MOST_UNITS

MOST_FOUND = 12

NO_SUCH_SKU = Reason(
    "stock_no_such_sku",
    "No SKU goes by {text}.",
    "Give a barcode, a SKU code, or a product code and its size, such as COAT-BLACK M.",
)
SEVERAL_SKUS = Reason(
    "stock_several_skus", "Several SKUs go by {text}: {skus}.", "Give the barcode, or the product code and the size."
)
STOCK_THERE = Reason(
    "stock_row_there",
    "{sku} has stock at {location} in {season} already: {units}.",
    "Change its figures in the list of stock.",
)
COMING_THERE = Reason(
    "stock_coming_there",
    "{units} of {sku} are coming to {location} for {season} on {day} already.",
    "Change that quantity in the list of what is coming.",
)
DAY_IS_PAST = Reason("stock_day_past", "{day} is past.", "Give a day to come, or none where the units are there now.")
NOT_UNITS = Reason("stock_not_units", "{units} are no units that can come.", "Give a number from 1 to {most}.")

REASONS = (NO_SUCH_SKU, SEVERAL_SKUS, STOCK_THERE, COMING_THERE, DAY_IS_PAST, NOT_UNITS)


class StockRefused(Refused):
    """The books do not take this stock; nothing was changed."""


def name_of(sku: SKU) -> str:
    """By what a SKU can be named so that no other is meant: the product's code and the size."""
    return f"{sku.product.code} {sku.size}"


def sku_called(text: str) -> SKU:
    """The SKU that a person means by a barcode, a SKU code, or a product code and a size. Raises StockRefused."""
    wanted = " ".join(text.split())
    skus = SKU.objects.select_related("product").order_by("pk")
    for named in (_by_barcode(wanted), _by_code(wanted), _by_product_and_size(wanted)):
        found: list[SKU] = list(skus.filter(named)[:4]) if named else []
        if len(found) == 1:
            return found[0]
        if found:
            raise StockRefused(SEVERAL_SKUS, text=wanted, skus=", ".join(name_of(sku) for sku in found))
    raise StockRefused(NO_SUCH_SKU, text=wanted or "nothing")


def skus_like(text: str) -> list[SKU]:
    """A few SKUs that a person may mean by what they typed so far: of products it finds, or the sizes of one."""
    wanted = " ".join(text.split())
    if not wanted:
        return []
    skus = SKU.objects.select_related("product")
    products = search_products(Product.objects.order_by("code"), wanted)
    if not products.exists() and " " in wanted:
        named = _by_product_and_size(wanted, whole=False)
        return list(skus.filter(named).order_by("product__code", "position", "pk")[:MOST_FOUND]) if named else []
    few = list(products.values_list("pk", flat=True)[:MOST_FOUND])
    found = list(skus.filter(product__in=few).order_by("product__code", "position", "pk")[: MOST_FOUND * 10])
    # Whoever typed the beginning of a SKU's own code or barcode means that one before the other sizes.
    folded = wanted.lower()
    found.sort(key=lambda sku: not (sku.code.lower().startswith(folded) or sku.barcode.startswith(wanted)))
    return found[:MOST_FOUND]


def add_stock(sku: SKU, location: Location, season: Season, units: int) -> Stock:
    """Say what is there of a SKU where nothing was said yet. Raises StockRefused."""
    place = {"sku": sku, "location": location, "season": season}
    there: Stock | None
    made: Stock
    try:
        # The database says whether there is one, as it is the only one that two people at once both ask.
        with transaction.atomic():
            made = Stock.objects.create(**place, opening=units, counted_at=timezone.now())
    except IntegrityError:
        there = Stock.objects.filter(**place).first()
        if there is None:
            raise
        total = there.opening + there.adjustments + there.received
        raise StockRefused(STOCK_THERE, **place, units=f"{total:,}") from None
    return made


def add_coming(
    sku: SKU, location: Location, season: Season, units: int, day: datetime.date, *, today: datetime.date
) -> FutureStock:
    """Say how many units will be there from a day on. Raises StockRefused."""
    if day <= today:
        raise StockRefused(DAY_IS_PAST, day=f"{day:%d %B %Y}")
    _refuse_no_units(units)
    place = {"sku": sku, "location": location, "season": season, "available_on": day}
    there: FutureStock | None
    made: FutureStock
    try:
        with transaction.atomic():
            made = FutureStock.objects.create(**place, quantity=units)
    except IntegrityError:
        there = FutureStock.objects.filter(**place).first()
        if there is None:
            raise
        names = {"sku": sku, "location": location, "season": season, "day": f"{day:%d %B %Y}"}
        raise StockRefused(COMING_THERE, **names, units=f"{there.quantity:,}") from None
    return made


def change_coming(coming: FutureStock, units: int) -> None:
    """Say that another number of units is coming. Raises StockRefused."""
    _refuse_no_units(units)
    coming.quantity = units
    coming.save(update_fields=["quantity"])


def remove_stock(rows: "QuerySet[Stock]") -> int:
    """Forget what is there of these; how many rows. What was sold is told by the orders, and what is coming stays."""
    return int(Stock.objects.filter(pk__in=rows.order_by().values("pk")).delete()[0])


def remove_coming(rows: "QuerySet[FutureStock]") -> int:
    """Take back that these units are coming; how many rows."""
    return int(FutureStock.objects.filter(pk__in=rows.order_by().values("pk")).delete()[0])


def _refuse_no_units(units: int) -> None:
    if not 0 < units <= MOST_UNITS:
        raise StockRefused(NOT_UNITS, units=f"{units:,}", most=f"{MOST_UNITS:,}")


def _by_barcode(text: str) -> Q | None:
    try:
        return Q(gtin=gtin(read_barcode(text)))
    except BarcodeRefused:
        return None


def _by_code(text: str) -> Q:
    found = SKU.objects.order_by().alias(its_code=Lower("code")).filter(its_code=text.lower())
    return Q(pk__in=found.exclude(code="").values("pk"))


def _by_product_and_size(text: str, *, whole: bool = True) -> Q | None:
    """A product's code, then a size or, unless `whole`, its beginning; either may have spaces in it."""
    parts = text.split(" ")
    ways = {" ".join(parts[:at]).lower(): " ".join(parts[at:]) for at in range(1, len(parts))}
    products = Product.objects.order_by().alias(its_code=Lower("code")).filter(its_code__in=ways)
    size = "size__iexact" if whole else "size__istartswith"
    named = [Q(**{"product": pk, size: ways[code.lower()]}) for pk, code in products.values_list("pk", "code")]
    return reduce(or_, named) if named else None
