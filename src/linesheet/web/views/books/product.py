"""A product: its facts, SKUs, prices and pictures, and where it is published."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linesheet.books.models import SKU, Image, Price, PriceList, Product, Season, Visibility
from linesheet.books.stock import available_to_sell
from linesheet.web.access import MemberRequest
from linesheet.web.forms.books import FactsForm
from linesheet.web.views.books.cells import Cell
from linesheet.web.views.books.price_cells import price_cell
from linesheet.web.views.books.published import published


@dataclass(frozen=True, slots=True)
class SKURow:
    """A SKU as the product's page shows it; `available` adds up the seasons that are not archived."""

    sku: SKU
    barcode: Cell
    available: int


@dataclass(frozen=True, slots=True)
class SeasonPricesRow:
    """A season with the product's prices in it, one cell for each list and currency."""

    season: Season
    visible: bool
    cells: list[Cell]
    prices: list[Price | None]


@require_safe
def show(request: MemberRequest, product_id: int) -> HttpResponseBase:
    """The page of a product."""
    return page(request, product_or_404(product_id))


def product_or_404(product_id: int) -> Product:
    """The product of that id, if it is the company's. Raises Http404."""
    product: Product = get_object_or_404(Product.objects, pk=product_id)
    return product


def page(request: MemberRequest, product: Product, form: FactsForm | None = None) -> HttpResponse:
    """The page of a product, with the form as it was filled in when something is wrong in it."""
    seasons = list(Season.objects.order_by("-starts_on", "-pk"))
    visible = set(Visibility.objects.filter(product=product).values_list("season_id", flat=True))
    columns, rows = _prices(product, seasons, visible)
    return render(
        request,
        "web/products/product.html",
        {
            "product": product,
            "form": form or facts_form(product, visible),
            "skus": _skus(product, [season for season in seasons if not season.archived]),
            "price_columns": columns,
            "price_rows": rows,
            "images": list(Image.objects.filter(product=product)),
            "seasons": [season for season in seasons if season.pk in visible],
            "published": published(request, product),
            "facts": [(label, fact) for label, fact in _facts(product) if fact],
        },
        status=422 if form else 200,
    )


def facts_form(product: Product, visible: set[int]) -> FactsForm:
    """The form as the product stands."""
    return FactsForm(instance=product, initial={"seasons": visible})


def barcode_cell(sku: SKU) -> Cell:
    """The barcode of a SKU, to be edited in place; an empty one is taken off."""
    return Cell(
        name=f"barcode-{sku.pk}",
        value=sku.barcode,
        label=f"Barcode of {sku}",
        address=reverse("sku_barcode", args=[sku.product_id, sku.pk]),
        column="barcode",
        mode="numeric",
        block="cell--text",
    )


def _facts(product: Product) -> list[tuple[str, str]]:
    return [
        ("Name", product.name),
        ("Style", product.style),
        ("Fabric", product.fabric),
        ("Colour", f"{product.colour} ({product.colour_code})" if product.colour_code else product.colour),
        ("Size range", str(product.size_range or "")),
    ]


def _skus(product: Product, seasons: Sequence[Season]) -> list[SKURow]:
    skus = list(SKU.objects.filter(product=product))
    for sku in skus:
        sku.product = product
    available = available_to_sell([sku.pk for sku in skus], seasons)
    return [SKURow(sku, barcode_cell(sku), sum(each.quantity for each in available[sku.pk])) for sku in skus]


def _prices(product: Product, seasons: Sequence[Season], visible: set[int]) -> tuple[list[Any], list[SeasonPricesRow]]:
    """The lists and currencies the product has prices in, and each season's prices there."""
    known: dict[int, dict[tuple[int, str], Price]] = defaultdict(dict)
    for price in Price.objects.filter(product=product).select_related("carried_from"):
        known[price.season_id][price.price_list_id, price.currency] = price
    own = product.company.currency
    currencies = sorted({own, *(currency for each in known.values() for _, currency in each)}, key=lambda it: it != own)
    lists = [(each, currency) for currency in currencies for each in PriceList.objects.all()]
    # Of other currencies only the lists that have prices in them.
    used = {at for each in known.values() for at in each}
    columns = [(each, currency) for each, currency in lists if currency == own or (each.pk, currency) in used]
    shown = [season for season in seasons if season.pk in visible or season.pk in known or not season.archived]
    return columns, [
        SeasonPricesRow(
            season,
            season.pk in visible,
            [
                price_cell(
                    product,
                    season,
                    each,
                    currency,
                    known[season.pk].get((each.pk, currency)),
                    column=f"list-{each.pk}-{currency}",
                )
                for each, currency in columns
            ],
            [known[season.pk].get((each.pk, currency)) for each, currency in columns],
        )
        for season in shown
    ]
