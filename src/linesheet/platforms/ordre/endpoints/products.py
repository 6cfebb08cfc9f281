"""Products of the catalogue, as ORDRE collects them (sheet ordre.md 5.4 and 4)."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings as site
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from ninja import Query, Router

from linesheet.books.countries import country_code
from linesheet.books.images import main_images, open_image
from linesheet.books.models import SKU, Image, PriceList, Product, Season
from linesheet.books.prices import SeasonPrices, prices_of
from linesheet.platforms.ordre.endpoints.ids import Page
from linesheet.platforms.ordre.offered import offered, why_gone
from linesheet.sync.collects import Resource
from linesheet.sync.contexts import frugal_context_of
from linesheet.sync.models import Placement
from linesheet.sync.place_versions import kind_of
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.pages import Paging, one_of, page_of
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.values import Money, Shape

router = Router(tags=["Catalogue"], auth=scoped("catalogue:read"))
_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
_BYTES = {type_: {"schema": {"type": "string", "format": "binary"}} for type_ in sorted(set(_TYPES.values()))}


class PlaceOut(Shape):
    """A collection or a look."""

    id: str
    name: str
    position: int


class ImageOut(Shape):
    """The main picture."""

    url: str
    width: int
    height: int
    etag: str


class PriceOut(Shape):
    """What a product costs by a price list in a currency; null where there is no such price, never 0 for none."""

    price_list: str
    currency: str
    wholesale: Money | None
    retail: Money | None
    season: str


class SkuOut(Shape):
    """A product in one size."""

    id: str
    size: str
    size_position: int
    barcode: str
    barcode_type: str


class ProductOut(Shape):
    """One style in one fabric and colour, at its place in the catalogue. Sizes without a barcode are left out."""

    id: str
    style: str
    fabric: str
    colour: str
    description: str
    category: str
    textile_content: str
    country_of_origin: str
    status: str
    seasons: list[str]
    collection: PlaceOut
    look: PlaceOut
    position: int
    image: ImageOut | None
    prices: list[PriceOut]
    skus: list[SkuOut]
    updated_at: datetime.datetime


class ProductsAsked(Paging):
    """Which products."""

    collection_id: int | None = None
    look_id: int | None = None


def products_of(request: ApiRequest) -> Resource[ProductOut]:
    """The products that the connection of a call offers."""
    connection = request.auth.connection
    settings = frugal_context_of(connection).settings
    pictures_at = f"{site.PUBLIC_URL or request.build_absolute_uri('/').rstrip('/')}/api/ordre/v1/products"

    def shown(products: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, ProductOut]:
        whole = list(
            products.prefetch_related(
                Prefetch("skus", SKU.objects.exclude(barcode="")), Prefetch("seasons", Season.objects.all())
            )
        )
        ids = [product.pk for product in whole]
        placed = Placement.objects.filter(section__connection=connection, product__in=ids)
        places = {one.product_id: one for one in placed.select_related("section__parent")}
        prices = prices_of(ids, settings["price_seasons"] or None)
        images = main_images(ids) if settings["images"] else {}
        return {
            product.pk: _shape(
                product,
                changed[product.pk],
                places[product.pk],
                prices.get(product.pk),
                _image(pictures_at, images.get(product.pk)),
            )
            for product in whole
            if product.pk in places
        }

    return Resource(
        name="ordre-products",
        kinds=lambda filters: ["product", kind_of(filters["connection"])],
        offered=offered,
        show=shown,
        why_gone=why_gone,
        once=lambda filters: kind_of(filters["connection"]),
    )


def _shape(
    product: Product,
    updated_at: datetime.datetime,
    place: Placement,
    prices: SeasonPrices | None,
    image: ImageOut | None,
) -> ProductOut:
    look = place.section
    collection = look.parent or look
    return ProductOut(
        id=str(product.pk),
        style=product.style,
        fabric=product.fabric,
        colour=product.colour,
        description=product.description or product.name,
        category=product.category,
        textile_content=product.composition,
        country_of_origin=country_code(product.origin) or product.origin,
        status="active",
        seasons=[season.name for season in product.seasons.all()],
        collection=PlaceOut(id=str(collection.pk), name=collection.name, position=collection.position),
        look=PlaceOut(id=str(look.pk), name=look.name, position=look.position),
        position=place.position,
        image=image,
        prices=_prices(prices) if prices else [],
        skus=[
            SkuOut(
                id=str(sku.pk),
                size=sku.size,
                size_position=sku.position,
                barcode=sku.barcode,
                barcode_type="UPCA" if len(sku.barcode) == 12 else "EAN13",
            )
            for sku in product.skus.all()
        ],
        updated_at=updated_at,
    )


def _image(pictures_at: str, image: Image | None) -> ImageOut | None:
    if image is None:
        return None
    return ImageOut(
        url=f"{pictures_at}/{image.product_id}/image",
        width=image.width,
        height=image.height,
        etag=image.content_hash,
    )


def _prices(held: SeasonPrices) -> list[PriceOut]:
    """By list and currency; what is not a retail price is what a customer of the list pays, and cost is nobody's.

    A price of 0 is none that anybody meant, and is not sent (sheet ordre.md 4).
    """
    return [
        PriceOut(
            price_list=price.price_list.name,
            currency=price.currency,
            wholesale=None if price.price_list.kind == PriceList.Kind.RETAIL else price.amount,
            retail=price.amount if price.price_list.kind == PriceList.Kind.RETAIL else None,
            season=held.season.name,
        )
        for price in held.prices
        if price.price_list.kind != PriceList.Kind.COST and price.amount
    ]


@router.get("/products", response=Page[ProductOut], summary="Products, page by page")
def list_products(request: ApiRequest, asked: Query[ProductsAsked]) -> Any:
    """Products of the catalogue that have a barcode.

    Reasons in `removed`: out_of_catalogue, inactive, withdrawn, no_barcode, deleted.
    """
    connection = request.auth.connection
    filters = {"connection": connection.pk, "collection_id": asked.collection_id, "look_id": asked.look_id}
    return page_of(request, products_of(request), asked, filters)


@router.get("/products/{int:product_id}", response=ProductOut, summary="One product")
def get_product(request: ApiRequest, product_id: int) -> Any:
    """By its id."""
    return one_of(products_of(request), product_id, {"connection": request.auth.connection.pk}, "product")


@router.get(
    "/products/{int:product_id}/image",
    openapi_extra={"responses": {200: {"description": "The picture.", "content": _BYTES}}},
    summary="The main picture of a product",
)
def get_image(request: ApiRequest, product_id: int) -> HttpResponse:
    """Its bytes; with `If-None-Match` nothing while it is the same."""
    connection = request.auth.connection
    shown = offered({"connection": connection.pk}).filter(pk=product_id).exists()
    image = main_images([product_id]).get(product_id) if shown else None
    if image is None or not frugal_context_of(connection).settings["images"]:
        raise not_found("picture")
    headers = {"ETag": f'"{image.content_hash}"'}
    # Pictures are fetched by the thousand: together they are a row in Activity.
    request.call.collected = 1
    return HttpResponse(open_image(image), content_type=_TYPES.get(image.format, "image/jpeg"), headers=headers)
