"""The products one can pick for a section."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lower

from linesheet.books.models import SKU, Image, Price, PriceList, Product, Visibility
from linesheet.books.products import ids_by_key
from linesheet.sync.models import Placement, Section


class Placed(StrEnum):
    """Where in the catalogue a product is."""

    NOWHERE = "nowhere"
    NOT_HERE = "not-here"
    ELSEWHERE = "elsewhere"
    HERE = "here"


_DIVIDED = re.compile(r"[\n\r,;\t]+")


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
    for word in filters.text.split():
        fields = ("code__icontains", "style__icontains", "name__icontains", "colour__icontains")
        any_field = Q()
        for field in fields:
            any_field |= Q(**{field: word})
        found = found.filter(any_field)
    wanted = (
        (filters.barcode, Exists(SKU.objects.filter(product=OuterRef("pk")).exclude(barcode=""))),
        (filters.picture, Exists(Image.objects.filter(product=OuterRef("pk")))),
        (filters.price, _priced(filters.season_id)),
    )
    for has, condition in wanted:
        if has is not None:
            found = found.filter(condition) if has else found.exclude(condition)
    return _by_place(found, section, filters.placed)


def first_of(section: Section, filters: Filters, size: int) -> tuple[list[Product], int]:
    """The first so many of the products that the filters leave, and how many these are in all."""
    found = pickable(section, filters)
    if filters.price is None:
        return list(found[:size]), found.order_by().count()
    # What costs a tenth of a second to find out is found out once.
    counted: list[Any] = list(found.annotate(in_all=Window(Count("*")))[:size])
    return counted, counted[0].in_all if counted else 0


def following(section: Section, filters: Filters, code: str, size: int) -> list[Product]:
    """So many of the products that the filters leave, behind the one of that code."""
    found = pickable(section, filters).annotate(folded=Lower("code"))
    return list(found.filter(folded__gt=code.lower())[:size])


@dataclass(frozen=True, slots=True)
class Found:
    """The products that a list of codes stands for, and the codes that no product goes by."""

    codes: int
    ids: list[int]
    unknown: list[str]


def found_by(text: str) -> Found:
    """The products of codes, styles, SKU codes or barcodes in a text, divided by new lines, commas, semicolons or tabs.

    What is not known as a whole is tried word by word, so that spaces may divide codes too.
    """
    entries = list(dict.fromkeys(filter(None, (part.strip() for part in _DIVIDED.split(text)))))
    whole = ids_by_key(entries)
    words = list(dict.fromkeys(word for entry in entries if not whole[entry] for word in entry.split()))
    single = ids_by_key(words)
    found: dict[int, None] = {}
    unknown: list[str] = []
    codes = 0
    for entry in entries:
        tried = [(entry, whole[entry])] if whole[entry] else [(word, single[word]) for word in entry.split()]
        if not any(ids for _, ids in tried):
            tried = [(entry, [])]
        for code, ids in tried:
            codes += 1
            found |= dict.fromkeys(ids)
            if not ids:
                unknown.append(code)
    return Found(codes, list(found), unknown)


def already_in(section: Section, product_ids: Iterable[int]) -> set[int]:
    """Those of these products that are in the section."""
    placed = Placement.objects.filter(section=section, product_id__in=list(product_ids))
    return set(placed.order_by().values_list("product_id", flat=True))


def _priced(season_id: int | None) -> Exists | Q:
    """Whether a product has a price in a season, or else in the one that counts."""
    prices = Price.objects.filter(price_list__kind=PriceList.Kind.WHOLESALE, amount__gt=0)
    if season_id is not None:
        return Exists(prices.filter(product=OuterRef("pk"), season_id=season_id))
    active = Visibility.objects.filter(season__active=True)
    latest = active.order_by("product_id", "-season__starts_on", "-season_id").distinct("product_id")
    there = Exists(prices.filter(product=OuterRef("product"), season=OuterRef("season")))
    return Q(pk__in=Visibility.objects.filter(there, pk__in=latest.values("pk")).values("product_id"))


def _by_place(products: "QuerySet[Product]", section: Section, placed: Placed | None) -> "QuerySet[Product]":
    of_product = Placement.objects.filter(product=OuterRef("pk"))
    anywhere = of_product.filter(section__connection_id=section.connection_id)
    match placed:
        case Placed.NOWHERE:
            return products.exclude(Exists(anywhere))
        case Placed.NOT_HERE:
            return products.exclude(Exists(of_product.filter(section=section)))
        case Placed.ELSEWHERE:
            return products.filter(Exists(anywhere.exclude(section=section)))
        case Placed.HERE:
            return products.filter(Exists(of_product.filter(section=section)))
    return products
