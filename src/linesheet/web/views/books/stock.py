"""Stock: what is there of each SKU, by location and season, and what of it can be sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linesheet.books.changes import recorded
from linesheet.books.models import Location, Product, Season, Stock
from linesheet.books.product_search import search_products
from linesheet.books.stock import Figures, out_of_stock, stock_figures
from linesheet.books.stock_rows import remove_stock
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.templatetags.show import when
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.cells import Cell, cell_of

Rows = QuerySet[Stock]
FEW = 1000


@dataclass(frozen=True, slots=True)
class StockRow:
    """A row of stock, and how it stands."""

    stock: Stock
    figures: Figures

    def cell(self, figure: str) -> Cell:
        """One of its figures, to be edited in place."""
        return stock_cell(self.stock, figure)


def stock_cell(stock: Stock, figure: str) -> Cell:
    """Opening or adjustments of a row of stock, to be edited in place."""
    return Cell(
        name=f"{figure}-{stock.pk}",
        value=str(getattr(stock, figure)),
        label=f"{figure.title()} of {stock.sku} at {stock.location}, {stock.season}",
        address=reverse("stock_figure", args=[stock.pk, figure]),
        column=figure,
        mode="numeric",
    )


def available_of(stock: Stock, figures: Figures, *, swap: bool = False) -> SafeString:
    """What of a row of stock can be sold, as its page shows it; with `swap` for a page that shows it already."""
    units = figures.available
    return format_html(
        '<span id="available-{}" class="{}"{}>{}</span>',
        stock.pk,
        "short" if units is not None and units <= 0 else "",
        SafeString(' hx-swap-oob="true"') if swap else "",
        "not sold here" if units is None else f"{units:,}",
    )


def show(request: MemberRequest) -> HttpResponseBase:
    """The list of stock."""
    return show_list(request, stock_list(request))


def stock_list(request: MemberRequest) -> RecordList:
    """The list; its figures are edited in place by those who may."""
    return RecordList(
        key="stock",
        one="row of stock",
        many="rows of stock",
        rows=lambda request: Stock.objects.select_related("sku__product", "location", "season"),
        columns=_columns(request.may.edit_books),
        filters=(
            *place_filters(),
            Filter(
                key="left",
                label="To sell",
                narrow=lambda rows, value: out_of_stock(rows),
                choices=lambda: [("none", "out of stock")],
            ),
        ),
        actions=(Action(key="remove", label="Remove", do=_remove, allowed=lambda request: request.may.edit_books),),
        order="sku",
        load=_load,
        label=lambda row: str(row.stock),
        template="web/stock/list.html",
        empty="Add what is there, import a file of stock, or have a connection bring it.",
    )


def place_filters() -> tuple[Filter, ...]:
    """Which SKUs, where and for when, of rows with a SKU, a location and a season."""
    return (
        Filter(key="q", label="Code, name, style or barcode", narrow=_search),
        Filter(
            key="season",
            label="Season",
            narrow=lambda rows, value: rows.filter(season_id=value),
            choices=lambda: _named(Season.objects.order_by("-starts_on", "-pk")),
        ),
        Filter(
            key="location",
            label="Location",
            narrow=lambda rows, value: rows.filter(location_id=value),
            choices=lambda: _named(Location.objects.all()),
        ),
    )


def _remove(request: MemberRequest, rows: Rows) -> None:
    with recorded("stock", "Removed stock.", by=request.user, subject="stock") as changes:
        changes.says = f"{counted(remove_stock(rows), 'row')} of stock removed."
    offer_undo(request, changes, changes.says)


def _columns(edits: bool) -> tuple[Column, ...]:
    return (
        Column(
            key="sku",
            label="Product",
            value=lambda row: row.stock.sku.product.code,
            cell=lambda row: format_html(
                '<a href="{}">{}</a>', reverse("product", args=[row.stock.sku.product_id]), row.stock.sku.product.code
            ),
        ),
        Column(key="size", label="Size", value=lambda row: row.stock.sku.size),
        Column(key="barcode", label="Barcode", value=lambda row: row.stock.sku.barcode, usual=False),
        Column(key="code", label="SKU code", value=lambda row: row.stock.sku.code, usual=False),
        Column(key="location", label="Location", value=lambda row: row.stock.location.name),
        Column(key="season", label="Season", value=lambda row: row.stock.season.name),
        *(_figure(figure, edits) for figure in ("opening", "adjustments")),
        Column(key="received", label="Received", value=lambda row: row.stock.received, number=True),
        Column(key="sold", label="Sold", value=lambda row: row.figures.sold, number=True),
        Column(
            key="available",
            label="Available to sell",
            value=lambda row: row.figures.available,
            cell=lambda row: available_of(row.stock, row.figures),
            number=True,
        ),
        Column(
            key="counted",
            label="Counted",
            value=lambda row: row.stock.counted_at,
            cell=lambda row: when(row.stock.counted_at) if row.stock.counted_at else "",
            usual=False,
        ),
        Column(
            key="coming",
            label="Coming",
            value=lambda row: "; ".join(f"{each.quantity} on {each.available_on}" for each in row.figures.coming),
            cell=lambda row: format_html_join(
                SafeString("<br>"),
                '<a class="nowrap" href="{}?q={}">{} on {}</a>',
                (
                    (reverse("stock_coming"), quote(row.stock.sku.product.code), each.quantity, each.available_on)
                    for each in row.figures.coming
                ),
            ),
        ),
    )


def _figure(figure: str, edits: bool) -> Column:
    return Column(
        key=figure,
        label=figure.title(),
        value=lambda row: getattr(row.stock, figure),
        cell=(lambda row: cell_of(row.cell(figure))) if edits else None,
        number=True,
    )


def _load(rows: list[Stock]) -> Sequence[StockRow]:
    figures = stock_figures(rows)
    return [StockRow(row, figures[row.pk]) for row in rows]


def _search(rows: Rows, text: str) -> Rows:
    products = search_products(Product.objects.order_by(), text)
    few = list(products.values_list("pk", flat=True)[: FEW + 1])
    if len(few) > FEW:
        return rows.filter(sku__product__in=products.values("pk"))
    # The database does not foresee how few a search finds, and would read all stock for them.
    return rows.filter(sku__product__in=few)


def _named(rows: Any) -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in rows]
