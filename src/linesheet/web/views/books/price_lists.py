"""Price lists, and how many prices each has."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html

from linesheet.books.models import Customer, Price, PriceList
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Column, RecordList
from linesheet.web.lists import show as show_list


@dataclass(frozen=True, slots=True)
class ListRow:
    """A price list, and what hangs on it."""

    price_list: PriceList
    prices: int
    customers: int


def _load(lists: list[PriceList]) -> Sequence[ListRow]:
    ids = [each.pk for each in lists]
    prices, customers = (
        dict(model.objects.filter(price_list__in=ids).order_by().values_list("price_list_id").annotate(Count("pk")))
        for model in (Price, Customer)
    )
    return [ListRow(each, prices.get(each.pk, 0), customers.get(each.pk, 0)) for each in lists]


PRICE_LISTS = RecordList(
    key="price-lists",
    one="price list",
    many="price lists",
    rows=lambda request: PriceList.objects.all(),
    columns=(
        Column(
            key="name",
            label="Price list",
            value=lambda row: row.price_list.name,
            cell=lambda row: format_html(
                '<a href="{}">{}</a>', reverse("price_list", args=[row.price_list.pk]), row.price_list.name
            ),
            sort="name",
        ),
        Column(key="kind", label="Kind", value=lambda row: row.price_list.get_kind_display(), sort="kind"),
        Column(
            key="prices", label="Prices", value=lambda row: row.prices, cell=lambda row: f"{row.prices:,}", number=True
        ),
        Column(
            key="customers",
            label="Customers",
            value=lambda row: row.customers,
            cell=lambda row: f"{row.customers:,}",
            number=True,
        ),
    ),
    load=_load,
    label=lambda row: row.price_list.name,
    template="web/prices/lists.html",
)


def show(request: MemberRequest) -> HttpResponseBase:
    """The price lists."""
    return show_list(request, PRICE_LISTS)
