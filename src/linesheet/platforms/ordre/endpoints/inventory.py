"""Stock, where the connection shows it; ORDRE's documented flow has none (sheet ordre.md R2 and 6.2)."""

import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from linesheet.books.models import SKU
from linesheet.books.stock import available_to_sell, future_stock
from linesheet.platforms.ordre.offered import offered
from linesheet.sync.contexts import frugal_context_of
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.pages import MOST
from linesheet.sync.serving.problems import NOT_FOUND, ApiProblem
from linesheet.sync.serving.values import Shape

router = Router(tags=["Stock"], auth=scoped("inventory:read"))


class StockOut(Shape):
    """Units of a size that can be sold, now or from a day on."""

    barcode: str
    available: int
    available_from: datetime.date | None


class Inventory(Shape):
    """The stock of what is in the catalogue: of all of it, or page by page where a `limit` was asked for."""

    data: list[StockOut]
    next_cursor: str | None
    as_of: datetime.datetime


class InventoryAsked(Schema):
    """Pages, if they are wanted. Stock is told as it is when a page is asked for."""

    limit: Annotated[int | None, Field(ge=1, le=MOST, description="Sizes a page; all of them without it.")] = None
    cursor: Annotated[str | None, Field(pattern=r"^\d{1,18}$", description="`next_cursor` of the page before.")] = None


@router.get("/inventory", response=Inventory, openapi_extra=described(NOT_FOUND), summary="Stock")
def list_inventory(request: ApiRequest, asked: Query[InventoryAsked]) -> Any:
    """What is available to sell in the import order season; 404 unless the connection shows stock."""
    connection = request.auth.connection
    settings = frugal_context_of(connection).settings
    if not settings["stock"] or settings["import_season"] is None:
        raise ApiProblem(NOT_FOUND, "Stock is not shown here. It can be switched on in the settings of the connection.")
    as_of = timezone.now()
    skus = SKU.objects.filter(product__in=offered({"connection": connection.pk}).values("pk")).exclude(barcode="")
    after = skus.filter(pk__gt=int(asked.cursor or 0)).order_by("pk")
    found = list(after.values_list("pk", "barcode")[: _one_more(asked)])
    page = found[: asked.limit]
    seasons = [settings["import_season"]]
    ids = [pk for pk, _ in page]
    now, later = available_to_sell(ids, seasons), future_stock(ids, seasons)
    rows = []
    for pk, barcode in page:
        units = max(sum(each.quantity for each in now[pk]), 0)
        rows.append(StockOut(barcode=barcode, available=units, available_from=None))
        rows += [
            StockOut(barcode=barcode, available=each.quantity, available_from=each.available_on) for each in later[pk]
        ]
    return Inventory(data=rows, next_cursor=str(ids[-1]) if len(found) > len(page) else None, as_of=as_of)


def _one_more(asked: InventoryAsked) -> int | None:
    """How many sizes to look for, by which one knows whether there is another page."""
    return None if asked.limit is None else asked.limit + 1
