"""Stock: what there is, and what programs set and add to."""

import datetime
from typing import Any

from ninja import Query, Router
from pydantic import Field

from linesheet.api.hub.bulk import OfProductIn, Outcomes, Sum, brought_in, line_of
from linesheet.api.hub.listed import LARGEST_ID, Listed, Listing, newest_first
from linesheet.api.hub.products import skus_named
from linesheet.books.files.importer import Importer
from linesheet.books.files.stock import StockImporter, StockMovesImporter
from linesheet.books.models import Stock
from linesheet.books.stock import Figures, stock_figures
from linesheet.sync.serving.bodies import MOST_LINES, Body, in_bulk
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.values import Moment, Shape

router = Router(tags=["Stock"], auth=scoped("stock:write"))


class ComingOut(Shape):
    """Units that come on a day."""

    available_on: datetime.date
    quantity: int


class StockOut(Shape):
    """What there is of a SKU at a location in a season: available are opening + adjustments + received - sold.

    Of a location that does not sell, `available` is null. `counted_at` is when it was counted, `moved_at` when the last
    units that were added since came or went; null where nobody said.
    """

    id: int
    sku_id: int
    sku_code: str
    barcode: str
    product_code: str
    size: str
    location: str
    season: str
    opening: int
    adjustments: int
    received: int
    sold: int
    available: int | None
    counted_at: datetime.datetime | None
    moved_at: datetime.datetime | None
    coming: list[ComingOut]


class StockAsked(Listing):
    """Which stock."""

    sku_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    product_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    season_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    barcode: str | None = Field(None, min_length=1, max_length=40)
    sku_code: str | None = Field(None, min_length=1, max_length=200)


class PlaceIn(OfProductIn):
    """A SKU at a location in a season: by barcode, by SKU code, or by the product and the size.

    The location may be left out where there is only one.
    """

    barcode: str | None = None
    sku_code: str | None = None
    size: str | None = None
    location: str | None = None
    season: str
    as_of: Moment | None = Field(None, description="When it was so, or happened; the time of the request otherwise.")


class StockIn(PlaceIn):
    """Figures of stock. `quantity` is all that was there at `as_of`, or with `available_on` what comes that day.

    It becomes the opening figure, and adjustments and received that are not given beside it are 0: they are in it.
    """

    quantity: int | None = None
    opening: int | None = None
    adjustments: int | None = None
    received: int | None = None
    available_on: datetime.date | None = None


class StockMoveIn(PlaceIn):
    """Units that came, or went where below 0."""

    change: int


class StocksIn(Body):
    """Figures that take the place of those there are."""

    records: list[StockIn] = Field(min_length=1, max_length=MOST_LINES)


class StockMovesIn(Body):
    """Units that are added to those there are."""

    records: list[StockMoveIn] = Field(min_length=1, max_length=MOST_LINES)


@router.get("/stock", response=Listed[StockOut], auth=scoped("stock:read"), summary="Stock, newest first")
def list_stock(request: ApiRequest, asked: Query[StockAsked]) -> Any:
    """As it stands now, by SKU, location and season."""
    rows = Stock.objects.select_related("sku__product", "location", "season")
    for name, field in (("sku_id", "sku"), ("product_id", "sku__product"), ("season_id", "season")):
        if getattr(asked, name) is not None:
            rows = rows.filter(**{field: getattr(asked, name)})
    named = skus_named({"barcode": asked.barcode, "sku_code": asked.sku_code})
    if named is not None:
        rows = rows.filter(sku__in=named)
    page, cursor = newest_first(rows, asked)
    figures = stock_figures(page)
    return Listed[StockOut](data=[_shape(row, figures[row.pk]) for row in page], next_cursor=cursor)


@router.post("/stock/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Set stock")
@in_bulk
def set_stock(request: ApiRequest, body: StocksIn) -> Any:
    """As it was at `as_of`; without a `quantity`, figures that are left out stay. Each record has its own outcome.

    A record does not take the place of what was counted later, or of what units came to or went from later: it is
    `unchanged`, with a warning that tells both times. Times to come are refused.
    """
    return _brought_in(request, StockImporter, body.records)


@router.post("/stock/moves", response=Outcomes, openapi_extra=described(repeats=True), summary="Add to stock")
@in_bulk
def move_stock(request: ApiRequest, body: StockMovesIn) -> Any:
    """Added to the adjustments; records of one SKU add up. Send an idempotency key, so that nothing counts twice.

    What happened at or before the time of the last count is in it already: the record is `unchanged`, with a warning
    that tells both times. Times to come are refused.
    """
    return _brought_in(request, StockMovesImporter, body.records)


def _brought_in(request: ApiRequest, importer_of: type[Importer], records: list[Any]) -> Any:
    def bring(summed: Sum) -> None:
        fields = tuple(type(records[0]).model_fields)
        lines = [line_of(index, record, fields) for index, record in enumerate(records)]
        for line in lines:
            # What comes is of its day. The importer says when now is: once it is this request's turn.
            if not line.cells.get("available_on"):
                line.cells["as_of"] = line.cells.get("as_of") or "now"
        summed.take(importer_of, lines)

    return brought_in(request, records, bring)


def _shape(row: Stock, figures: Figures) -> StockOut:
    return StockOut(
        id=row.pk,
        sku_id=row.sku_id,
        sku_code=row.sku.code,
        barcode=row.sku.barcode,
        product_code=row.sku.product.code,
        size=row.sku.size,
        location=row.location.name,
        season=row.season.name,
        opening=row.opening,
        adjustments=row.adjustments,
        received=row.received,
        sold=figures.sold,
        available=figures.available,
        counted_at=row.counted_at,
        moved_at=row.moved_at,
        coming=[ComingOut(available_on=each.available_on, quantity=each.quantity) for each in figures.coming],
    )
