"""Editing stock in place."""

import re

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from linesheet.books.changes import recorded
from linesheet.books.models import Stock
from linesheet.books.stock import MOST_UNITS, set_stock, stock_figures
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.views.books.cells import answer, changed
from linesheet.web.views.books.stock import available_of, stock_cell

FIGURES = ("opening", "adjustments")


@require_POST
@editors_only("change stock")
def set_figure(request: MemberRequest, stock_id: int, figure: str) -> HttpResponseBase:
    """Save opening or adjustments of a row of stock."""
    stock: Stock = get_object_or_404(Stock.objects.select_related("sku__product", "location", "season"), pk=stock_id)
    if figure not in FIGURES:
        raise Http404
    cell = stock_cell(stock, figure)
    text = request.POST.get(cell.name, "").strip()
    written = re.sub(r"[\s,']", "", text).replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", written) or abs(int(written)) > MOST_UNITS:
        return answer(request, changed(cell, text, error="Enter whole units, such as 12 or -3."), reverse("stock"))
    with recorded("stock", f"{cell.label} set to {int(written)}.", by=request.user) as changes:
        stock = set_stock(stock.sku, stock.location, stock.season, **{figure: int(written)})
    available = available_of(stock, stock_figures([stock])[stock.pk], swap=True)
    return answer(request, changed(cell, str(int(written)), saved=True), reverse("stock"), changes, available)
