"""Seasons: their list, adding and changing them, and putting them away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html

from linesheet.books.models import Order, Price, Season, Visibility
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists import show as show_list


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """A season, and how much hangs on it."""

    season: Season
    products: int
    prices: int
    orders: int


def _load(seasons: list[Season]) -> Sequence[SeasonRow]:
    products, prices, orders = (_counts(model, seasons) for model in (Visibility, Price, Order))
    return [
        SeasonRow(each, products.get(each.pk, 0), prices.get(each.pk, 0), orders.get(each.pk, 0)) for each in seasons
    ]


def _counts(model: Any, seasons: list[Season]) -> dict[int, int]:
    rows = model.objects.filter(season__in=[each.pk for each in seasons]).order_by()
    return dict(rows.values_list("season_id").annotate(Count("pk")))


SEASONS = RecordList(
    key="seasons",
    one="season",
    many="seasons",
    rows=lambda request: Season.objects.select_related("previous"),
    columns=(
        Column(
            key="name",
            label="Season",
            value=lambda row: row.season.name,
            cell=lambda row: format_html(
                '<a href="{}">{}</a>{}',
                reverse("season", args=[row.season.pk]),
                row.season.name,
                format_html(' <span class="tag">Archived</span>') if row.season.archived else "",
            ),
            sort="name",
        ),
        Column(key="starts", label="Starts", value=lambda row: row.season.starts_on, sort="starts_on"),
        Column(key="previous", label="Previous", value=lambda row: str(row.season.previous or "")),
        Column(
            key="products",
            label="Products visible",
            value=lambda row: row.products,
            cell=lambda row: _link("products", row.season, row.products),
            number=True,
        ),
        Column(
            key="prices", label="Prices", value=lambda row: row.prices, cell=lambda row: f"{row.prices:,}", number=True
        ),
        Column(
            key="orders",
            label="Orders",
            value=lambda row: row.orders,
            cell=lambda row: f"{row.orders:,}",
            number=True,
        ),
        Column(key="ships", label="Delivery from", value=lambda row: row.season.delivery_starts_on),
        Column(key="cancels", label="Delivery until", value=lambda row: row.season.delivery_cancels_on),
    ),
    filters=(
        Filter(key="q", label="Name", narrow=lambda rows, text: rows.filter(name__icontains=text)),
        Filter(
            key="archived",
            label="Archived",
            narrow=lambda rows, value: rows.filter(archived=value == "yes"),
            choices=lambda: [("no", "no"), ("yes", "yes")],
        ),
    ),
    order="-starts_on",
    load=_load,
    label=lambda row: row.season.name,
    template="web/seasons/list.html",
)


def show(request: MemberRequest) -> HttpResponseBase:
    """The list of seasons, the latest first."""
    return show_list(request, SEASONS)


def _link(page: str, season: Season, number: int) -> str:
    return format_html('<a href="{}?season={}">{}</a>', reverse(page), season.pk, f"{number:,}")
