"""Products, SKUs, barcodes and prices that programs add and change."""

from decimal import Decimal
from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from linesheet.api.hub.bulk import NAMING, Line, OfProductIn, Outcomes, Sum, brought_in, cells_of, line_of, written
from linesheet.books.files import State
from linesheet.books.files.columns import CUSTOM
from linesheet.books.files.prices import PricesImporter
from linesheet.books.files.product_rows import FLAGS, TEXTS
from linesheet.books.files.products import ProductsImporter
from linesheet.books.files.rows import clean
from linesheet.books.files.sku_barcodes import BarcodesImporter
from linesheet.sync.serving.bodies import MOST_LINES, Body, in_bulk
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described

router = Router(tags=["Products"], auth=scoped("products:write"))

MOST_PARTS = 200
"""SKUs, or prices, of one product."""

PRICE = ("season", "price_list", "currency", "amount")
SKU = {"size": "size", "code": "sku_code", "barcode": "barcode"}
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4)]


class SkuIn(Body):
    """A product in one size, known by that."""

    size: str = Field(min_length=1)
    code: str | None = None
    barcode: str | None = Field(None, description="EAN-13 or UPC-A; null keeps the one there is.")


class PriceIn(Body):
    """What a product costs in a season, by a price list, in a currency."""

    season: str = Field(min_length=1)
    price_list: str = Field(min_length=1)
    currency: str = Field(min_length=3, max_length=3)
    amount: Amount


class ProductIn(Body):
    """A product, known by its code, or else by style, fabric and colour. What is left out stays as it is.

    Null clears a text. `seasons` are all that it is visible in; SKUs and prices that are not named stay.
    """

    code: str | None = None
    style: str | None = None
    fabric: str | None = None
    colour: str | None = None
    colour_code: str | None = None
    name: str | None = None
    description: str | None = None
    category: str | None = None
    composition: str | None = None
    origin: str | None = None
    size_range: str | None = None
    active: bool | None = None
    withdrawn: bool | None = None
    seasons: list[str] | None = None
    custom: dict[Annotated[str, Field(pattern=r"\S", max_length=100)], str] = Field(default_factory=dict)
    skus: list[SkuIn] = Field(default_factory=list, max_length=MOST_PARTS)
    prices: list[PriceIn] = Field(default_factory=list, max_length=MOST_PARTS)


class ProductsIn(Body):
    """Products with their SKUs and prices."""

    records: list[ProductIn] = Field(min_length=1, max_length=MOST_LINES)


class ProductPriceIn(PriceIn, OfProductIn):
    """A price, with the product it is of: by code, by style, fabric and colour, or by a SKU's code or barcode."""

    sku_code: str | None = None
    barcode: str | None = None


class PricesIn(Body):
    """Prices of any products."""

    records: list[ProductPriceIn] = Field(min_length=1, max_length=MOST_LINES)


class BarcodeIn(OfProductIn):
    """The barcode of a SKU, which is named by its code, or by its product and size."""

    size: str | None = None
    sku_code: str | None = None
    barcode: str = Field(min_length=1, description="EAN-13 or UPC-A.")


class BarcodesIn(Body):
    """Barcodes of any SKUs."""

    records: list[BarcodeIn] = Field(min_length=1, max_length=MOST_LINES)


@router.post(
    "/products/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Add and change products"
)
@in_bulk
def upsert_products(request: ApiRequest, body: ProductsIn) -> Any:
    """With their SKUs, barcodes and prices, by the rules of a product file. Each product has an outcome of its own."""

    def bring(summed: Sum) -> None:
        lines = [line for index, record in enumerate(body.records) for line in _sku_lines(index, record)]
        summed.take(ProductsImporter, lines)
        there = {index for index, fates in summed.fates.items() if set(fates) != {State.REFUSED}}
        prices = [line for index in sorted(there) for line in _price_lines(index, body.records[index])]
        summed.take(PricesImporter, prices)

    return brought_in(request, body.records, bring)


@router.post("/prices/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Set prices")
@in_bulk
def upsert_prices(request: ApiRequest, body: PricesIn) -> Any:
    """By the rules of a price file. Each price has an outcome of its own."""
    fields = (*NAMING, "sku_code", "barcode", *PRICE)

    def bring(summed: Sum) -> None:
        lines = [line_of(index, record, fields) for index, record in enumerate(body.records)]
        summed.take(PricesImporter, lines)

    return brought_in(request, body.records, bring)


@router.post("/barcodes/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Set barcodes")
@in_bulk
def upsert_barcodes(request: ApiRequest, body: BarcodesIn) -> Any:
    """By the rules of a barcode file: a number that is replaced is retired. Each SKU has an outcome of its own."""

    def bring(summed: Sum) -> None:
        lines = [
            line_of(index, record, (*NAMING, "size", "sku_code", "barcode"))
            for index, record in enumerate(body.records)
        ]
        summed.take(BarcodesImporter, lines)

    return brought_in(request, body.records, bring)


def _sku_lines(index: int, record: ProductIn) -> list[Line]:
    """A row for each SKU, each with all that is said of the product, as in a file."""
    cells = cells_of(record, ("code", *TEXTS, *FLAGS, "size_range", "seasons"))
    cells |= {f"{CUSTOM}{clean(name)}": written(value) for name, value in record.custom.items()}
    at = {f"{CUSTOM}{clean(name)}": f"custom/{name}" for name in record.custom}
    if not record.skus:
        return [Line(index, cells, at)]
    return [
        Line(index, cells | cells_of(sku, SKU), at | {field: f"skus/{number}/{name}" for name, field in SKU.items()})
        for number, sku in enumerate(record.skus)
    ]


def _price_lines(index: int, record: ProductIn) -> list[Line]:
    naming = cells_of(record, ("code",) if record.code else ("code", "style", "fabric", "colour"))
    return [
        Line(
            index,
            naming | cells_of(price, PRICE),
            {name: f"prices/{number}/{name}" for name in PRICE},
        )
        for number, price in enumerate(record.prices)
    ]
