"""Adding stock that is there or coming."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from linesheet.books.changes import recorded
from linesheet.books.models import Location, Season
from linesheet.books.stock_rows import StockRefused, add_coming, add_stock, sku_called, skus_like
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.stock import StockForm
from linesheet.web.undoing import offer_undo

CARRIED = ("location", "season", "day")
"""What is the same for the next one, when several are added."""


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only("add stock")
def add(request: MemberRequest) -> HttpResponseBase:
    """The form; with "Add another" it comes again, with the same place."""
    if request.method != "POST":
        return _page(request, StockForm(initial={name: request.GET.get(name, "") for name in ("sku", *CARRIED)}))
    form = StockForm(request.POST)
    if form.is_valid() and (done := _added(request, form)):
        again = request.POST.get("then") == "another"
        return redirect(_again(request) if again else done)
    return _page(request, form)


@require_safe
@editors_only("add stock")
def skus(request: MemberRequest) -> HttpResponse:
    """SKUs to choose from, by what was typed so far."""
    return render(request, "web/stock/skus.html", {"skus": skus_like(request.GET.get("sku", ""))})


def _added(request: MemberRequest, form: StockForm) -> str:
    """Add what the form says; the list it is in, "" when something is wrong, which the form then says."""
    given = form.cleaned_data
    today = timezone.localdate(timezone=request.company.zone)
    try:
        sku = sku_called(given["sku"])
    except StockRefused as refused:
        form.add_error("sku", str(refused))
        return ""
    place = (sku, given["location"], given["season"], given["units"])
    where = f"{sku} at {given['location']} for {given['season']}"
    try:
        with recorded("stock", "Added stock.", by=request.user, subject="stock") as changes:
            if given["day"]:
                add_coming(*place, given["day"], today=today)
                changes.says = f"{given['units']:,} of {where} added, coming on {given['day']:%d %B %Y}."
            else:
                add_stock(*place)
                changes.says = f"{given['units']:,} of {where} added."
    except StockRefused as refused:
        form.add_error(None, str(refused))
        return ""
    offer_undo(request, changes, changes.says)
    return f"{resolve_url('stock_coming' if given['day'] else 'stock')}?q={sku.product.code}"


def _again(request: MemberRequest) -> str:
    carried = request.POST.copy()
    for name in list(carried):
        if name not in CARRIED or not carried[name]:
            del carried[name]
    return f"{resolve_url('add_stock')}?{carried.urlencode()}"


def _page(request: MemberRequest, form: StockForm) -> HttpResponse:
    lacks = {"locations": not Location.objects.filter(active=True).exists(), "seasons": not Season.objects.exists()}
    return render(request, "web/stock/add.html", {"form": form, **lacks}, status=422 if form.errors else 200)
