"""Which products ORDRE is offered, and why one is not any more (sheet ordre.md R3, R15, 6.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from linesheet.books.models import SKU, Product
from linesheet.sync.collects import Filters
from linesheet.sync.models import Placement


def _placed(filters: Filters) -> "QuerySet[Any]":
    placed: QuerySet[Any] = Placement.objects.filter(section__connection=filters["connection"])
    if filters.get("collection_id") is not None:
        placed = placed.filter(section__parent=filters["collection_id"])
    if filters.get("look_id") is not None:
        placed = placed.filter(section=filters["look_id"])
    return placed.order_by()


def offered(filters: Filters) -> "QuerySet[Any]":
    """Active, not withdrawn, placed, and with a barcode at least (sheet ordre.md R3, R15)."""
    barcoded = SKU.objects.filter(product=OuterRef("pk")).exclude(barcode="").order_by()
    products: QuerySet[Any] = Product.objects.filter(active=True, withdrawn=False)
    return products.filter(Exists(_placed(filters).filter(product=OuterRef("pk"))), Exists(barcoded))


def why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    """In a word of the sheet's, for products that are still in the books."""
    placed = set(_placed(filters).filter(product__in=ids).values_list("product_id", flat=True))
    found = Product.objects.filter(pk__in=ids).values_list("pk", "active", "withdrawn")
    return {pk: _reason(pk in placed, active, withdrawn) for pk, active, withdrawn in found}


def _reason(placed: bool, active: bool, withdrawn: bool) -> str:
    if not placed:
        return "out_of_catalogue"
    if not active:
        return "inactive"
    return "withdrawn" if withdrawn else "no_barcode"
