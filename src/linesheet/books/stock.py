"""Stock: what can be sold now and later, per SKU, location and season."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from linesheet.books.arrays import array_text
from linesheet.books.models import SKU, FutureStock, Location, OrderLine, Season, Stock
from linesheet.books.tenancy import company_in_hand

MOST_UNITS = 1_000_000_000
"""Units a figure of stock may have, above or below 0."""


@dataclass(frozen=True, slots=True)
class Available:
    """Units available to sell now at one location; below 0 when more was sold than there is."""

    location_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Dated:
    """Units that will be available to sell at one location from a date on."""

    location_id: int
    available_on: datetime.date
    quantity: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of stock as it stands: units sold from it, units available to sell, and those that come later.

    `available` is None at a location that does not sell.
    """

    sold: int
    available: int | None
    coming: Sequence[Dated]


def selling_locations() -> "QuerySet[Location]":
    """Active locations that fulfil orders, the oldest first (sheet erp.md 2.9)."""
    found: QuerySet[Location] = Location.objects.filter(sells=True, active=True).order_by("pk")
    return found


def available_to_sell(
    sku_ids: Iterable[int], seasons: Sequence[Season], *, locations: Iterable[Location] | None = None
) -> dict[int, list[Available]]:
    """What can be sold now of each SKU, by location (sheet erp.md 2.9).

    Opening + adjustments + received - sold, the figures of all `seasons` added up. Sold are the units on
    approved, active orders; those of an order closed by force are available again. An order without a
    location sells from the first selling location, so that its units are counted, and only once. Told are
    the active locations that sell, narrowed down by `locations`. A SKU nothing is known about has an empty
    list.
    Three queries, however many SKUs.
    """
    ids = list(sku_ids)
    selling = [location.pk for location in selling_locations()]
    units = defaultdict[tuple[int, int], int](int)
    kept = Stock.objects.filter(sku_id__in=ids, season__in=seasons, location_id__in=selling).order_by()
    for sku_id, location_id, quantity in kept.values_list("sku_id", "location_id").annotate(
        units=Sum(F("opening") + F("adjustments") + F("received"))
    ):
        units[sku_id, location_id] += quantity
    sold = _sold_lines().filter(sku_id__in=ids, order__season__in=seasons)
    for sku_id, location_id, quantity in sold.values_list("sku_id", "order__location_id").annotate(
        units=Sum("quantity")
    ):
        sold_from = location_id or next(iter(selling), None)
        if sold_from in selling:
            units[sku_id, sold_from] -= quantity
    asked = _asked(locations, selling)
    available: dict[int, list[Available]] = {sku_id: [] for sku_id in ids}
    for (sku_id, location_id), quantity in sorted(units.items()):
        if location_id in asked:
            available[sku_id].append(Available(location_id, quantity))
    return available


def future_stock(
    sku_ids: Iterable[int], seasons: Sequence[Season], *, locations: Iterable[Location] | None = None
) -> dict[int, list[Dated]]:
    """What can be sold of each SKU later, by date and location; the seasons' figures are added up.

    Only active locations that sell count. Two queries, however many SKUs.
    """
    ids = list(sku_ids)
    asked = _asked(locations, [location.pk for location in selling_locations()])
    rows = FutureStock.objects.filter(sku_id__in=ids, season__in=seasons, location_id__in=asked)
    coming: dict[int, list[Dated]] = {sku_id: [] for sku_id in ids}
    for sku_id, available_on, location_id, quantity in (
        rows.values_list("sku_id", "available_on", "location_id")
        .annotate(units=Sum("quantity"))
        .order_by("sku_id", "available_on", "location_id")
    ):
        coming[sku_id].append(Dated(location_id, available_on, quantity))
    return coming


def stock_figures(rows: Sequence[Stock]) -> dict[int, Figures]:
    """How each row of stock stands, by its id, as `available_to_sell` counts. Three queries, however many rows."""
    selling = [location.pk for location in selling_locations()]
    ids = {row.sku_id for row in rows}
    sold = defaultdict[tuple[int, int | None, int], int](int)
    lines = _sold_lines().filter(sku_id__in=ids, order__season__in={row.season_id for row in rows})
    for sku_id, location_id, season_id, units in lines.values_list(
        "sku_id", "order__location_id", "order__season_id"
    ).annotate(units=Sum("quantity")):
        sold[sku_id, location_id or next(iter(selling), None), season_id] += units
    coming = defaultdict[tuple[int, int, int], list[Dated]](list)
    for each in FutureStock.objects.filter(sku_id__in=ids).order_by("available_on"):
        coming[each.sku_id, each.location_id, each.season_id].append(
            Dated(each.location_id, each.available_on, each.quantity)
        )
    return {row.pk: _figures(row, sold, coming, row.location_id in selling) for row in rows}


def out_of_stock(rows: "QuerySet[Stock]") -> "QuerySet[Stock]":
    """Those of the rows at selling locations with nothing left to sell, as `available_to_sell` counts.

    Asks at once, and adds up every order: row by row it would take ten times as long.
    """
    selling = [location.pk for location in selling_locations()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT stock.id
            FROM books_stock AS stock LEFT JOIN (
                SELECT sku_id, COALESCE(location_id, %(default)s) AS location_id, season_id, SUM(quantity) AS units
                FROM books_orderline JOIN books_order ON books_order.id = order_id
                WHERE approved AND active AND NOT force_closed AND books_order.company_id = %(company)s
                GROUP BY 1, 2, 3
            ) AS sold USING (sku_id, location_id, season_id)
            WHERE stock.company_id = %(company)s AND stock.location_id = ANY(%(selling)s::bigint[])
              AND opening + adjustments + received <= COALESCE(units, 0)
            """,
            {"default": next(iter(selling), None), "company": company_in_hand(), "selling": selling},
        )
        ids = array_text([pk for (pk,) in cursor.fetchall()])
    return rows.extra(where=["books_stock.id = ANY(%s::bigint[])"], params=[ids])


def set_stock(
    sku: SKU,
    location: Location,
    season: Season,
    *,
    opening: int | None = None,
    adjustments: int | None = None,
    received: int | None = None,
) -> Stock:
    """Set the figures given of a SKU at a location in a season, in units; the others stay, or begin at 0.

    The opening figure is a count of now; the others say that units came or went now.
    """
    figures = {"opening": opening, "adjustments": adjustments, "received": received}
    of = "moved_at" if opening is None else "counted_at"
    stock: Stock
    stock, _ = Stock.objects.update_or_create(
        sku=sku,
        location=location,
        season=season,
        defaults={name: units for name, units in figures.items() if units is not None} | {of: timezone.now()},
    )
    return stock


def set_future_stock(sku: SKU, location: Location, season: Season, available_on: datetime.date, quantity: int) -> None:
    """Set the units that will be available from a date on; 0 takes the date away."""
    key = {"sku": sku, "location": location, "season": season, "available_on": available_on}
    if quantity == 0:
        FutureStock.objects.filter(**key).delete()
    else:
        FutureStock.objects.update_or_create(**key, defaults={"quantity": quantity})


def _sold_lines() -> "QuerySet[OrderLine]":
    """The lines whose units are sold (sheet erp.md 2.9)."""
    found: QuerySet[OrderLine] = OrderLine.objects.filter(
        order__approved=True, order__active=True, order__force_closed=False
    ).order_by()
    return found


def _figures(
    row: Stock,
    sold: Mapping[tuple[int, int | None, int], int],
    coming: Mapping[tuple[int, int, int], Sequence[Dated]],
    sells: bool,
) -> Figures:
    place = (row.sku_id, row.location_id, row.season_id)
    units = sold.get(place, 0)
    return Figures(
        units, row.opening + row.adjustments + row.received - units if sells else None, coming.get(place, ())
    )


def _asked(locations: Iterable[Location] | None, selling: list[int]) -> list[int]:
    if locations is None:
        return selling
    wanted = {location.pk for location in locations}
    return [pk for pk in selling if pk in wanted]
