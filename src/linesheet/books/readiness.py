"""What a product still needs before it can be sold, as a question to all of them at once."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from linesheet.books.models import SKU, Image, Price, Product, Season, Visibility


class Readiness(StrEnum):
    """A state of a product; READY is all of it in order."""

    READY = "ready"
    NO_BARCODE = "no-barcode"
    SOME_BARCODE = "some-barcode"
    NO_PICTURE = "no-picture"
    NO_PRICE = "no-price"
    NOT_VISIBLE = "not-visible"
    WITHDRAWN = "withdrawn"
    INACTIVE = "inactive"


def in_state(products: "QuerySet[Product]", state: Readiness, season: Season | None = None) -> "QuerySet[Product]":
    """The products in a state. With a season, visibility and prices are asked about there, else in any season.

    NO_BARCODE are those without one on any size, SOME_BARCODE those that want one on some size. A product is READY
    that is active and not withdrawn, and has a picture, a price, and a barcode on some size, and is visible.
    """
    return products.filter(_STATES[state](season))


def _barcodes() -> Any:
    return Exists(SKU.objects.filter(product=OuterRef("pk")).exclude(barcode=""))


def _without_barcode() -> Any:
    return Exists(SKU.objects.filter(product=OuterRef("pk"), barcode=""))


def _picture() -> Any:
    return Exists(Image.objects.filter(product=OuterRef("pk")))


def _price(season: Season | None) -> Any:
    prices = Price.objects.filter(product=OuterRef("pk"))
    return Exists(prices.filter(season=season) if season else prices)


def _visible(season: Season | None) -> Any:
    visible = Visibility.objects.filter(product=OuterRef("pk"))
    return Exists(visible.filter(season=season) if season else visible)


def _ready(season: Season | None) -> Any:
    return Q(active=True, withdrawn=False) & Q(_visible(season)) & Q(_price(season)) & Q(_picture()) & Q(_barcodes())


_STATES: Mapping[Readiness, Callable[[Season | None], Any]] = {
    Readiness.READY: _ready,
    Readiness.NO_BARCODE: lambda season: ~_barcodes(),
    Readiness.SOME_BARCODE: lambda season: _without_barcode(),
    Readiness.NO_PICTURE: lambda season: ~_picture(),
    Readiness.NO_PRICE: lambda season: ~_price(season),
    Readiness.NOT_VISIBLE: lambda season: ~_visible(season),
    Readiness.WITHDRAWN: lambda season: Q(withdrawn=True),
    Readiness.INACTIVE: lambda season: Q(active=False),
}
