"""The products one can pick for a section."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from linesheet.books.models import SKU, Image, Price, PriceList, Product, Visibility
from linesheet.sync.models import Placement, Section


class Placed(StrEnum):
    """Where in the catalogue a product is."""

    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the products must have; None and "" ask for nothing.

    `price` is one above 0 for wholesale, in the season asked for or else in the latest active one that the product is
    visible in.
    """

    season_id: int | None = None
    category: str = ""
    text: str = ""
    barcode: bool | None = None
    picture: bool | None = None
    price: bool | None = None
    placed: Placed | None = None
    on_offer: bool = True


def pickable(section: Section, filters: Filters) -> "QuerySet[Product]":
    """The products that the filters leave, by code."""
    found: QuerySet[Product] = Product.objects.order_by(Lower("code"))
    if filters.on_offer:
        found = found.filter(active=True, withdrawn=False)
    if filters.season_id is not None:
        found = found.filter(Exists(Visibility.objects.filter(product=OuterRef("pk"), season_id=filters.season_id)))
    if filters.category:
        found = found.filter(category=filters.category)
    for word in filters.text.replace("\x00", "").split():
        fields = ("code__icontains", "style__icontains", "name__icontains", "colour__icontains")
        any_field = Q()
        for field in fields:
            any_field |= Q(**{field: word})
        found = found.filter(any_field)
    wanted = (
        (filters.barcode, SKU.objects.filter(product=OuterRef("pk")).exclude(barcode="")),
        (filters.picture, Image.objects.filter(product=OuterRef("pk"))),
        (filters.price, _prices(filters.season_id)),
    )
    for has, rows in wanted:
        if has is not None:
            found = found.filter(Exists(rows)) if has else found.exclude(Exists(rows))
    return _by_place(found, section, filters.placed)


def already_in(section: Section, product_ids: Iterable[int]) -> set[int]:
    """Those of these products that are in the section."""
    placed = Placement.objects.filter(section=section, product_id__in=list(product_ids))
    return set(placed.order_by().values_list("product_id", flat=True))


def _prices(season_id: int | None) -> "QuerySet[Price]":
    prices: QuerySet[Price] = Price.objects.filter(
        product=OuterRef("pk"), price_list__kind=PriceList.Kind.WHOLESALE, amount__gt=0
    )
    if season_id is not None:
        return prices.filter(season_id=season_id)
    latest = Visibility.objects.filter(product=OuterRef("product"), season__active=True)
    newest_first = latest.order_by("-season__starts_on", "-season_id")
    return prices.filter(season_id=Subquery(newest_first.values("season_id")[:1]))


def _by_place(products: "QuerySet[Product]", section: Section, placed: Placed | None) -> "QuerySet[Product]":
    of_product = Placement.objects.filter(product=OuterRef("pk"))
    anywhere = of_product.filter(section__connection_id=section.connection_id)
    match placed:
        case Placed.NOWHERE:
            return products.exclude(Exists(anywhere))
        case Placed.ELSEWHERE:
            return products.filter(Exists(anywhere.exclude(section=section)))
        case Placed.HERE:
            return products.filter(Exists(of_product.filter(section=section)))
    return products
