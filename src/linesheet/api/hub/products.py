"""Products with their SKUs, barcodes, prices and pictures."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from ninja import Query, Router

from linesheet.books.models import Price, Product, Season, Visibility
from linesheet.sync.collects import Filters, Resource
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.pages import PageOf, Paging, one_of, page_of
from linesheet.sync.serving.values import Money, Shape

router = Router(tags=["Products"], auth=scoped("products:read"))


class SkuOut(Shape):
    """A product in one size."""

    id: int
    size: str
    position: int
    code: str
    barcode: str


class PriceOut(Shape):
    """What a product costs in a season, by a price list, in a currency."""

    season: str
    price_list: str
    kind: str
    currency: str
    amount: Money


class ImageOut(Shape):
    """A picture; the first is the main one. `etag` is the SHA-256 of its file."""

    id: int
    width: int
    height: int
    format: str
    etag: str


class ProductOut(Shape):
    """One style in one fabric and colour."""

    id: int
    code: str
    style: str
    fabric: str
    colour: str
    colour_code: str
    name: str
    description: str
    category: str
    composition: str
    origin: str
    active: bool
    withdrawn: bool
    seasons: list[str]
    skus: list[SkuOut]
    prices: list[PriceOut]
    images: list[ImageOut]
    updated_at: datetime.datetime


class ProductsAsked(Paging):
    """Which products."""

    season_id: int | None = None
    include_inactive: bool = False


def _offered(filters: Filters) -> "QuerySet[Any]":
    products: QuerySet[Any] = Product.objects.all()
    if not filters.get("include_inactive"):
        products = products.filter(active=True)
    if filters.get("season_id") is not None:
        visible = Visibility.objects.filter(season=filters["season_id"])
        products = products.filter(pk__in=visible.values("product"))
    return products


def _shown(products: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, ProductOut]:
    whole = products.prefetch_related(
        "skus",
        "images",
        Prefetch("seasons", Season.objects.all()),
        Prefetch("prices", Price.objects.select_related("season", "price_list").order_by("season__starts_on", "pk")),
    )
    return {product.pk: _shape(product, changed[product.pk]) for product in whole}


def _shape(product: Product, updated_at: datetime.datetime) -> ProductOut:
    return ProductOut(
        id=product.pk,
        code=product.code,
        style=product.style,
        fabric=product.fabric,
        colour=product.colour,
        colour_code=product.colour_code,
        name=product.name,
        description=product.description,
        category=product.category,
        composition=product.composition,
        origin=product.origin,
        active=product.active,
        withdrawn=product.withdrawn,
        seasons=[season.name for season in product.seasons.all()],
        skus=[
            SkuOut(id=sku.pk, size=sku.size, position=sku.position, code=sku.code, barcode=sku.barcode)
            for sku in product.skus.all()
        ],
        prices=[
            PriceOut(
                season=price.season.name,
                price_list=price.price_list.name,
                kind=price.price_list.kind,
                currency=price.currency,
                amount=price.amount,
            )
            for price in product.prices.all()
        ],
        images=[
            ImageOut(id=one.pk, width=one.width, height=one.height, format=one.format, etag=one.content_hash)
            for one in product.images.all()
        ],
        updated_at=updated_at,
    )


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    kept = Product.objects.filter(pk__in=ids).values_list("pk", "active")
    return {pk: "not_in_season" if active else "inactive" for pk, active in kept}


PRODUCTS = Resource(
    name="products",
    kinds=lambda filters: ["product"],
    offered=_offered,
    show=_shown,
    why_gone=_why_gone,
)


@router.get("/products", response=PageOf[ProductOut], summary="Products, page by page")
def list_products(request: ApiRequest, asked: Query[ProductsAsked]) -> Any:
    """Active ones, unless `include_inactive`; with `season_id` those visible in it.

    A product has changed when it, its SKUs, barcodes, prices, pictures or seasons have. Reasons in `removed`: inactive,
    not_in_season, deleted.
    """
    return page_of(request, PRODUCTS, asked, {"season_id": asked.season_id, "include_inactive": asked.include_inactive})


@router.get("/products/{int:product_id}", response=ProductOut, summary="One product")
def get_product(request: ApiRequest, product_id: int) -> Any:
    """By its id, active or not."""
    return one_of(PRODUCTS, product_id, {"include_inactive": True}, "product")
