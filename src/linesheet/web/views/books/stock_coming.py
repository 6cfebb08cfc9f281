"""Stock that is coming: units of a SKU that can be sold from a day on."""

import datetime
import re

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from linesheet.books.changes import recorded
from linesheet.books.models import FutureStock
from linesheet.books.stock_rows import StockRefused, change_coming, remove_coming
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.cells import Cell, answer, cell_of, changed
from linesheet.web.views.books.stock import place_filters

Rows = QuerySet[FutureStock]


def show(request: MemberRequest) -> HttpResponseBase:
    """The list of what is coming."""
    return show_list(request, coming_list(request))


def coming_list(request: MemberRequest) -> RecordList:
    """The list; its quantities are edited in place by those who may."""
    edits = request.may.edit_books
    return RecordList(
        key="coming",
        one="row",
        many="rows",
        rows=lambda request: FutureStock.objects.select_related("sku__product", "location", "season"),
        columns=(
            Column(
                key="sku",
                label="Product",
                value=lambda row: row.sku.product.code,
                cell=lambda row: format_html(
                    '<a href="{}">{}</a>', reverse("product", args=[row.sku.product_id]), row.sku.product.code
                ),
            ),
            Column(key="size", label="Size", value=lambda row: row.sku.size),
            Column(key="barcode", label="Barcode", value=lambda row: row.sku.barcode, usual=False),
            Column(key="code", label="SKU code", value=lambda row: row.sku.code, usual=False),
            Column(key="location", label="Location", value=lambda row: row.location.name),
            Column(key="season", label="Season", value=lambda row: row.season.name),
            Column(key="day", label="Available from", value=lambda row: row.available_on, sort="available_on"),
            Column(
                key="units",
                label="Units",
                value=lambda row: row.quantity,
                cell=(lambda row: cell_of(_cell(row))) if edits else None,
                number=True,
            ),
        ),
        filters=(
            *place_filters(),
            Filter(key="from", label="From", narrow=_since, input="date"),
        ),
        actions=(Action(key="remove", label="Remove", do=_remove, allowed=lambda request: request.may.edit_books),),
        order="available_on",
        label=lambda row: f"{row.sku} at {row.location}, {row}",
        template="web/stock/coming.html",
        empty="Add units that will come, or import a file of stock with dates.",
    )


@require_POST
@editors_only("change stock")
def set_units(request: MemberRequest, coming_id: int) -> HttpResponseBase:
    """Save how many units are coming."""
    rows = FutureStock.objects.select_related("sku__product", "location", "season")
    coming: FutureStock = get_object_or_404(rows, pk=coming_id)
    cell = _cell(coming)
    text = request.POST.get(cell.name, "").strip()
    written = re.sub(r"[\s,']", "", text)
    back = reverse("stock_coming")
    if not re.fullmatch(r"[0-9]{1,10}", written):
        return answer(request, changed(cell, text, error="Enter whole units, such as 12."), back)
    try:
        with recorded("stock", f"{cell.label} set to {int(written)}.", by=request.user, subject="stock") as changes:
            change_coming(coming, int(written))
    except StockRefused as refused:
        fix = f"{refused.fix} Select the row to remove it."
        return answer(request, changed(cell, text, error=fix), back)
    return answer(request, changed(cell, str(int(written)), saved=True), back, changes)


def _cell(row: FutureStock) -> Cell:
    return Cell(
        name=f"units-{row.pk}",
        value=str(row.quantity),
        label=f"Units of {row.sku} at {row.location}, {row.season}, coming on {row.available_on:%d %B %Y}",
        address=reverse("coming_units", args=[row.pk]),
        column="units",
        mode="numeric",
    )


def _since(rows: Rows, text: str) -> Rows:
    try:
        return rows.filter(available_on__gte=datetime.date.fromisoformat(text))
    except ValueError:
        return rows.none()


def _remove(request: MemberRequest, rows: Rows) -> None:
    with recorded("stock", "Removed what was coming.", by=request.user, subject="stock") as changes:
        changes.says = f"{counted(remove_coming(rows), 'row')} of coming stock removed."
    offer_undo(request, changes, changes.says)
