"""Product CSV download: the catalogue as the file NuORDER's own upload takes (sheet nuorder.md 10.3)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from msgspec import UNSET

from linesheet.books.models import Price, PriceList, Product
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.mapping import product_findings, product_to_wire
from linesheet.platforms.nuorder.placed import PlacedProduct, placed_products
from linesheet.platforms.nuorder.wire import PriceWire, ProductWire, SizeWire
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Download

_BEFORE_PRICES = (
    "Style Number",
    "Season",
    "Color",
    "Name",
    "Brand_ID",
    "Color Code",
    "Size",
    "UPC",
)
_BEHIND_PRICES = (
    "Seasons",
    "Department",
    "Category",
    "Subcategory",
    "Description",
    "Disabled",
    "Available From",
    "Available Until",
    "Order Closing",
    "fabric_description",
    "country_of_origin",
)
_SOLD_BY = (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL)


class ProductFile(Download[PlacedProduct]):
    """One row for each size with a barcode; all other columns are the same for all sizes of a product.

    There is a wholesale and a retail column for each currency in which a placed product may have a price.
    """

    kind = "product"

    def columns(self) -> Sequence[str]:
        found = Price.objects.filter(
            price_list__kind__in=_SOLD_BY, product__placements__section__connection=self.context.connection_id
        )
        currencies = found.order_by("currency").values_list("currency", flat=True).distinct()
        prices = (f"{kind.label} {currency}" for currency in currencies for kind in _SOLD_BY)
        return (*_BEFORE_PRICES, *prices, *_BEHIND_PRICES)

    def select(self) -> "QuerySet[Product]":
        return products_in_catalogue(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[PlacedProduct]:
        return placed_products(self.context, ids)

    def record_id(self, record: PlacedProduct) -> str:
        return str(record.product.pk)

    def label(self, record: PlacedProduct) -> str:
        return record.product.code

    def check(self, record: PlacedProduct) -> Sequence[Said]:
        return product_findings(record)

    def rows(self, record: PlacedProduct) -> Sequence[Mapping[str, str]]:
        return product_rows(product_to_wire(record))


def product_rows(product: ProductWire) -> list[dict[str, str]]:
    """The rows of one product, by column; what it lacks is absent. No currency signs (sheet 10.3)."""
    same = {
        "Style Number": product.style_number,
        "Season": product.season,
        "Color": product.color,
        "Name": product.name,
        "Brand_ID": product.brand_id,
        "Color Code": product.color_code,
        **_price_columns(product.pricing or {}),
        "Seasons": ",".join(product.seasons),
        "Department": product.department,
        "Category": product.category,
        "Subcategory": product.subcategory,
        "Description": product.description,
        "Disabled": "N" if product.active and not product.cancelled else "Y",
        "Available From": _written(product.available_from),
        "Available Until": _written(product.available_until),
        "Order Closing": _written(product.order_closing),
        "fabric_description": _written(product.custom.get("fabric_description")),
        "country_of_origin": _written(product.custom.get("country_of_origin")),
    }
    sizes: Sequence[SizeWire] = product.sizes or ()
    return [{**same, "Size": size.size, "UPC": size.upc} for size in sizes]


def _price_columns(pricing: Mapping[str, PriceWire]) -> dict[str, str]:
    columns = {}
    for currency, price in pricing.items():
        columns[f"Wholesale {currency}"] = _amount(price.wholesale)
        columns[f"Retail {currency}"] = "" if price.retail is None else _amount(price.retail)
    return columns


def _amount(amount: Decimal) -> str:
    """An amount with two decimals, or with as many more as it needs."""
    whole, _, decimals = f"{amount:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def _written(value: Any) -> str:
    return "" if value is UNSET or value is None else str(value)
