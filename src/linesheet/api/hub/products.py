"""Products with their SKUs, barcodes, prices and pictures."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from ninja import Query, Router
from pydantic import Field

from linesheet.books.barcodes import gtin
from linesheet.books.files.rows import clean, fold
from linesheet.books.models import SKU, Image, Price, Product, Visibility
from linesheet.books.tenancy import CompanyOwned
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


FILTERS = ("season_id", "code", "barcode", "sku_code", "include_inactive")


class ProductsAsked(Paging):
    """Which products."""

    season_id: int | None = None
    code: str | None = Field(None, min_length=1, max_length=200, description="The one with this code.")
    barcode: str | None = Field(None, min_length=1, max_length=40, description="The one with a SKU of this barcode.")
    sku_code: str | None = Field(None, min_length=1, max_length=200, description="Those with a SKU of this code.")
    include_inactive: bool = False


def _offered(filters: Filters) -> "QuerySet[Any]":
    products: QuerySet[Any] = Product.objects.all()
    if not filters.get("include_inactive"):
        products = products.filter(active=True)
    if filters.get("season_id") is not None:
        visible = Visibility.objects.filter(season=filters["season_id"])
        products = products.filter(pk__in=visible.values("product"))
    if filters.get("code"):
        products = products.alias(its_code=Lower("code")).filter(its_code=fold(clean(filters["code"])))
    named = skus_named(filters)
    if named is not None:
        products = products.filter(pk__in=named.values("product"))
    return products


def _shown(products: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, ProductOut]:
    whole = list(products)
    ids = [product.pk for product in whole]
    # As rows: Django's prefetching makes a query set of each product's SKUs, pictures and so on, and takes three times
    # as long.
    seasons = _rows(Visibility, ids, ("season__name",), order=("season__starts_on", "season_id"))
    skus = _rows(SKU, ids, ("id", "size", "position", "code", "barcode"), order=("position", "id"))
    prices = _rows(
        Price,
        ids,
        ("season__name", "price_list__name", "price_list__kind", "currency", "amount"),
        order=("season__starts_on", "id"),
    )
    images = _rows(Image, ids, ("id", "width", "height", "format", "content_hash"), order=("position", "id"))
    return {
        product.pk: ProductOut(
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
            seasons=[name for (name,) in seasons[product.pk]],
            skus=[
                SkuOut(id=pk, size=size, position=position, code=code, barcode=barcode)
                for pk, size, position, code, barcode in skus[product.pk]
            ],
            prices=[
                PriceOut(season=season, price_list=price_list, kind=kind, currency=currency, amount=amount)
                for season, price_list, kind, currency, amount in prices[product.pk]
            ],
            images=[
                ImageOut(id=pk, width=width, height=height, format=format_, etag=etag)
                for pk, width, height, format_, etag in images[product.pk]
            ],
            updated_at=changed[product.pk],
        )
        for product in whole
    }


def _rows(
    model: type[CompanyOwned], ids: Sequence[int], fields: Sequence[str], order: Sequence[str]
) -> Mapping[int, list[tuple[Any, ...]]]:
    """What belongs to products, by their id: the values of these fields. One query."""
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = model.objects.filter(product__in=ids).order_by(*order).values_list("product_id", *fields)
    for product_id, *values in rows:
        found[product_id].append(tuple(values))
    return found


def skus_named(filters: Filters) -> "QuerySet[Any] | None":
    """The SKUs that have the barcode and the code of the filters; None where these name none."""
    if not (filters.get("barcode") or filters.get("sku_code")):
        return None
    skus: QuerySet[Any] = SKU.objects.order_by()
    if filters.get("barcode"):
        digits = filters["barcode"].strip()
        skus = skus.exclude(barcode="").filter(gtin=gtin(digits)) if digits.isdecimal() else skus.none()
    if filters.get("sku_code"):
        skus = skus.alias(its_code=Lower("code")).filter(its_code=fold(clean(filters["sku_code"])))
    return skus


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    if any(filters.get(name) for name in ("code", "barcode", "sku_code")):
        return dict.fromkeys(Product.objects.filter(pk__in=ids).values_list("pk", flat=True), "another")
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
    not_in_season, another (than was asked for by a code or barcode), deleted.
    """
    return page_of(request, PRODUCTS, asked, {name: getattr(asked, name) for name in FILTERS})


@router.get("/products/{int:product_id}", response=ProductOut, summary="One product")
def get_product(request: ApiRequest, product_id: int) -> Any:
    """By its id, active or not."""
    return one_of(PRODUCTS, product_id, {"include_inactive": True}, "product")
