"""The kinds of records that others speak of by a word: what each is, how a person calls it, and how they find one."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from linesheet.books.models import SKU, Customer, Order, Product

CUSTOMER, PRODUCT, SIZE, ORDER = "customer", "product", "sku", "order"

MODELS: Mapping[str, Any] = {CUSTOMER: Customer, PRODUCT: Product, SIZE: SKU, ORDER: Order}
"""What a record of each kind is."""
LABELS: Mapping[str, str] = {CUSTOMER: "Customer", PRODUCT: "Product", SIZE: "Size", ORDER: "Order"}
"""What a person calls each kind."""
MOST_WORDS = 5
"""Words of a search that are looked for."""


def records_of(kind: str, ids: Collection[int]) -> dict[int, Any]:
    """Records of a kind by their ids, with what their names are made of; nothing of a kind there is not. One query."""
    model = MODELS.get(kind)
    if model is None or not ids:
        return {}
    rows = model.objects.filter(pk__in=ids)
    return {row.pk: row for row in (rows.select_related("product") if kind == SIZE else rows)}


def called(kind: str, text: str, most: int) -> list[Any]:
    """Records of a kind whose name or code has the text in it, for a person to choose from: what is just that first."""
    found = _called(kind, text.strip())
    return [] if found is None else list(found[:most])


def ids_called(kind: str, text: str, most: int) -> list[int]:
    """The ids of the same."""
    found = _called(kind, text.strip())
    return [] if found is None else list(found.values_list("pk", flat=True)[:most])


def _called(kind: str, text: str) -> "QuerySet[Any] | None":
    if not text:
        return None
    match kind:
        case "product":
            found = Product.objects.filter(Q(code__icontains=text) | Q(name__icontains=text))
            return _first(found, Q(code__iexact=text), Q(code__istartswith=text), "code")
        case "customer":
            found = Customer.objects.filter(merged_into=None)
            found = found.filter(Q(name__icontains=text) | Q(account_code__istartswith=text))
            just = Q(account_code__iexact=text) | Q(name__iexact=text)
            return _first(found, just, Q(name__istartswith=text), "name")
        case "sku":
            return _skus(text)
        case "order":
            number = text.upper().removeprefix("SO").strip()
            if number.isdecimal() and len(number) < 10:
                orders: QuerySet[Any] = Order.objects.filter(number=int(number)).order_by("pk")
                return orders
    return None


def _skus(text: str) -> "QuerySet[Any]":
    """The sizes whose product, code or size each word of a text is part of."""
    skus: QuerySet[Any] = SKU.objects.select_related("product")
    for word in text.split()[:MOST_WORDS]:
        skus = skus.filter(
            Q(product__code__icontains=word)
            | Q(product__name__icontains=word)
            | Q(size__iexact=word)
            | Q(code__icontains=word)
            | Q(barcode=word)
        )
    just = Q(barcode=text) | Q(code__iexact=text) | Q(product__code__iexact=text.split()[0])
    return _first(skus, just, Q(product__code__istartswith=text.split()[0]), "product__code", "position")


def _first(rows: "QuerySet[Any]", just: Q, begins: Q, *then: str) -> "QuerySet[Any]":
    """The rows, what a text is just the name of before what only begins so, and that before what has it in it."""
    rank = Case(When(just, then=Value(0)), When(begins, then=Value(1)), default=2, output_field=IntegerField())
    return rows.order_by(rank, *then, "pk")
