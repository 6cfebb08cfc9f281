"""Stock, where the connection shows it; ORDRE's documented flow has none (sheet ordre.md R2 and 6.2)."""

import datetime
from typing import Any

from django.utils import timezone
from ninja import Router

from linesheet.books.models import SKU
from linesheet.books.stock import available_to_sell, future_stock
from linesheet.platforms.ordre.offered import offered
from linesheet.sync.contexts import frugal_context_of
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.problems import NOT_FOUND, ApiProblem
from linesheet.sync.serving.values import Shape

router = Router(tags=["Stock"], auth=scoped("inventory:read"))


class StockOut(Shape):
    """Units of a size that can be sold, now or from a day on."""

    barcode: str
    available: int
    available_from: datetime.date | None


class Inventory(Shape):
    """The stock of all that is in the catalogue."""

    data: list[StockOut]
    as_of: datetime.datetime


@router.get("/inventory", response=Inventory, openapi_extra=described(NOT_FOUND), summary="Stock")
def list_inventory(request: ApiRequest) -> Any:
    """What is available to sell in the import order season; 404 unless the connection shows stock."""
    connection = request.auth.connection
    settings = frugal_context_of(connection).settings
    if not settings["stock"] or settings["import_season"] is None:
        raise ApiProblem(NOT_FOUND, "Stock is not shown here. It can be switched on in the settings of the connection.")
    as_of = timezone.now()
    products = offered({"connection": connection.pk}).values("pk")
    barcodes = dict(SKU.objects.filter(product__in=products).exclude(barcode="").values_list("pk", "barcode"))
    seasons = [settings["import_season"]]
    now, later = available_to_sell(barcodes, seasons), future_stock(barcodes, seasons)
    rows = []
    for pk, barcode in barcodes.items():
        units = max(sum(each.quantity for each in now[pk]), 0)
        rows.append(StockOut(barcode=barcode, available=units, available_from=None))
        rows += [
            StockOut(barcode=barcode, available=each.quantity, available_from=each.available_on) for each in later[pk]
        ]
    return Inventory(data=rows, as_of=as_of)
