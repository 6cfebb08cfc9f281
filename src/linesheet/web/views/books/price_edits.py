"""One price list in one season and currency: its products with their amounts, edited in place; and new lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from linesheet.books.changes import recorded
from linesheet.books.files.amounts import written_amount
from linesheet.books.models import Price, PriceList, Product, Season, Visibility
from linesheet.books.prices import create_price_list, currencies_in
from linesheet.books.product_search import search_products
from linesheet.books.reasons import Refused
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.books import PriceListForm
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.templatetags.show import money
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.cells import cell_of
from linesheet.web.views.books.price_cells import price_cell

Rows = QuerySet[Product]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A price list in one season and currency."""

    price_list: PriceList
    season: Season
    currency: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A product on a sheet, with what it costs there."""

    product: Product
    price: Price | None


@require_safe
def latest(request: MemberRequest, price_list_id: int) -> HttpResponseBase:
    """Lead to a season and currency of a list: those asked for, else the latest with prices, in the company's."""
    price_list: PriceList = get_object_or_404(PriceList.objects, pk=price_list_id)
    seasons = Season.objects.order_by("archived", "-starts_on", "-pk")
    asked = request.GET.get("season", "")
    season = seasons.filter(pk=asked).first() if asked.isdecimal() else None
    season = (
        season or seasons.filter(Exists(Price.objects.filter(season=OuterRef("pk"), price_list=price_list))).first()
    )
    season = season or seasons.first()
    if season is None:
        return redirect("seasons")
    currency = request.GET.get("currency", "").strip().upper()
    known = currency if re.fullmatch(r"[A-Z]{3}", currency) else request.company.currency
    return redirect("prices", price_list.pk, season.pk, known)


def show(request: MemberRequest, price_list_id: int, season_id: int, currency: str) -> HttpResponseBase:
    """The products of a season with their prices in one list and currency."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Http404
    sheet = Sheet(
        get_object_or_404(PriceList.objects, pk=price_list_id),
        get_object_or_404(Season.objects, pk=season_id),
        currency,
    )
    seasons = Season.objects.filter(Q(archived=False) | Q(pk=season_id)).order_by("-starts_on", "-pk")
    currencies = sorted({currency, request.company.currency, *currencies_in(sheet.season, sheet.price_list)})
    return show_list(
        request,
        _sheet_list(request, sheet),
        {"sheet": sheet, "seasons": seasons, "currencies": currencies, "lists": PriceList.objects.all()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only("add price lists")
def add(request: MemberRequest) -> HttpResponseBase:
    """A form for a new price list."""
    form = PriceListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with recorded("price lists", "Added a price list.", by=request.user) as changes:
                price_list = create_price_list(form.cleaned_data["name"], PriceList.Kind(form.cleaned_data["kind"]))
                changes.says = f"Price list {price_list} added."
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            offer_undo(request, changes, changes.says)
            return redirect("price_list", price_list.pk)
    return render(request, "web/prices/add.html", {"form": form}, status=422 if form.errors else 200)


def _sheet_list(request: MemberRequest, sheet: Sheet) -> RecordList:
    return RecordList(
        key="prices",
        one="product",
        many="products",
        rows=lambda request: Product.objects.filter(Q(_visible(sheet)) | Q(_priced(sheet))),
        columns=_columns(sheet, edits=request.may.edit_books),
        filters=(
            Filter(key="q", label="Code, name, style or barcode", narrow=search_products),
            Filter(
                key="price",
                label="Price",
                narrow=lambda rows, value: _with_price(rows, sheet, value),
                choices=lambda: [("none", "none"), ("some", "set"), ("carried", "carried over"), ("zero", "0")],
            ),
        ),
        order="code",
        load=lambda products: _load(products, sheet),
        label=lambda row: row.product.code,
        template="web/prices/sheet.html",
        empty=f"No product is visible in {sheet.season} or has a price there.",
    )


def _columns(sheet: Sheet, *, edits: bool) -> tuple[Column, ...]:
    def cell(row: PriceRow) -> str:
        if edits:
            return cell_of(price_cell(row.product, sheet.season, sheet.price_list, sheet.currency, row.price))
        return money(row.price.amount, sheet.currency) if row.price else ""

    return (
        Column(
            key="code",
            label="Product code",
            value=lambda row: row.product.code,
            cell=lambda row: format_html(
                '<a href="{}">{}</a>', reverse("product", args=[row.product.pk]), row.product.code
            ),
            sort="code",
        ),
        Column(key="name", label="Name", value=lambda row: row.product.name, sort="name"),
        Column(key="category", label="Category", value=lambda row: row.product.category, sort="category"),
        Column(key="season", label="Season", value=lambda row: sheet.season.name, usual=False),
        Column(key="price_list", label="Price list", value=lambda row: sheet.price_list.name, usual=False),
        Column(key="currency", label="Currency", value=lambda row: sheet.currency),
        Column(
            key="amount",
            label="Amount",
            value=lambda row: written_amount(row.price.amount) if row.price else None,
            cell=cell,
            number=True,
        ),
        Column(
            key="carried",
            label="Carried from",
            value=lambda row: str(row.price.carried_from or "") if row.price else "",
            usual=False,
        ),
    )


def _load(products: list[Product], sheet: Sheet) -> Sequence[PriceRow]:
    prices = Price.objects.filter(
        product__in=[product.pk for product in products],
        season=sheet.season,
        price_list=sheet.price_list,
        currency=sheet.currency,
    ).select_related("carried_from")
    by_product = {price.product_id: price for price in prices}
    return [PriceRow(product, by_product.get(product.pk)) for product in products]


def _visible(sheet: Sheet) -> Exists:
    return Exists(Visibility.objects.filter(product=OuterRef("pk"), season=sheet.season))


def _priced(sheet: Sheet, **more: object) -> Exists:
    prices = Price.objects.filter(
        product=OuterRef("pk"), season=sheet.season, price_list=sheet.price_list, currency=sheet.currency, **more
    )
    return Exists(prices)


def _with_price(rows: Rows, sheet: Sheet, value: str) -> Rows:
    match value:
        case "none":
            return rows.filter(~_priced(sheet))
        case "carried":
            return rows.filter(_priced(sheet, carried_from__isnull=False))
        case "zero":
            return rows.filter(_priced(sheet, amount=0))
    return rows.filter(_priced(sheet))
