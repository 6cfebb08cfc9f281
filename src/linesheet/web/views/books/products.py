"""The list of products: as a table and as pictures, filtered, and changed many at once."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponseBase

from linesheet.books.models import PriceList, Product, Season, Visibility
from linesheet.books.product_search import search_products
from linesheet.books.readiness import Readiness, in_state
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.views.books.product_actions import ACTIONS
from linesheet.web.views.books.product_rows import COLUMNS, MORE, UPDATED, load_rows, price_column

Rows = QuerySet[Product]
NO_CATEGORY = "-"
MOST_COUNTED = 1000


def show(request: MemberRequest) -> HttpResponseBase:
    """The list of products."""
    return show_list(request, product_list(request))


def product_list(request: MemberRequest) -> RecordList:
    """The list as the season asked for makes it: its prices, and what its products are ready for."""
    asked_for = request.GET.get("season", "")
    offered = Q(archived=False) | Q(pk=asked_for if asked_for.isdecimal() else 0)
    seasons = list(Season.objects.filter(offered).order_by("-starts_on", "-pk"))
    season = next((each for each in seasons if str(each.pk) == asked_for), None)
    return RecordList(
        key="products",
        one="product",
        many="products",
        rows=lambda request: Product.objects.all(),
        columns=(*COLUMNS, *map(price_column, PriceList.objects.all()), UPDATED, *MORE),
        filters=(
            Filter(key="q", label="Code, name, style or barcode", narrow=search_products),
            Filter(
                key="season",
                label="Season",
                narrow=_visible_in,
                choices=lambda: [(str(each.pk), each.name) for each in seasons],
            ),
            Filter(key="category", label="Category", narrow=_in_category, choices=_categories),
            Filter(
                key="state",
                label="Readiness",
                narrow=lambda rows, value: in_state(rows, Readiness(value), season),
                choices=lambda: _states(season),
            ),
        ),
        actions=ACTIONS,
        order="code",
        load=load_rows(season),
        label=lambda row: row.product.code,
        grid="web/products/card.html",
        template="web/products/list.html",
        # Those that have everything are as many as there are products, and each is looked at for all of it.
        count_most=MOST_COUNTED if request.GET.get("state") == Readiness.READY else 0,
        empty="Import a file of products, or take them over from a connection.",
    )


def _visible_in(rows: Rows, season_id: str) -> Rows:
    return rows.filter(Exists(Visibility.objects.filter(product=OuterRef("pk"), season_id=season_id)))


def _in_category(rows: Rows, category: str) -> Rows:
    return rows.filter(category="" if category == NO_CATEGORY else category)


def _categories() -> Sequence[tuple[str, str]]:
    names = Product.objects.order_by("category").values_list("category", flat=True).distinct()
    return [(name, name) if name else (NO_CATEGORY, "none") for name in names]


def _states(season: Season | None) -> Sequence[tuple[str, str]]:
    where = season.name if season else "any season"
    return [
        (Readiness.READY, f"ready for {where}"),
        (Readiness.NO_BARCODE, "no barcode on any size"),
        (Readiness.SOME_BARCODE, "a size without barcode"),
        (Readiness.NO_PICTURE, "no picture"),
        (Readiness.NO_PRICE, f"no price in {where}"),
        (Readiness.NOT_VISIBLE, f"not visible in {where}"),
        (Readiness.WITHDRAWN, "withdrawn"),
        (Readiness.INACTIVE, "inactive"),
    ]
