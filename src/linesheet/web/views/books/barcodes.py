"""Ranges that barcodes are given from, what is left of them, and the SKUs that wait for one."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books.barcodes import add_range, give_barcodes, ranges_left
from linesheet.books.changes import recorded
from linesheet.books.models import SKU, BarcodeRange
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.books import BarcodeRangeForm
from linesheet.web.undoing import offer_undo


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest) -> HttpResponseBase:
    """The ranges, how many SKUs lack a barcode, and for editors the form for another range."""
    return _add(request) if request.method == "POST" else _page(request, BarcodeRangeForm())


@require_POST
@editors_only("give barcodes")
def give(request: MemberRequest) -> HttpResponseBase:
    """Give a barcode to every SKU on offer that has none."""
    with recorded("barcodes", "Gave barcodes.", by=request.user) as changes:
        given = give_barcodes()
        changes.says = f"{counted(given.given, 'SKU')} given a barcode."
    offer_undo(request, changes, changes.says)
    for warning in given.warnings:
        messages.info(request, str(warning))
    return redirect("barcodes")


@editors_only("add ranges of barcodes")
def _add(request: MemberRequest) -> HttpResponseBase:
    form = BarcodeRangeForm(request.POST)
    if form.is_valid():
        try:
            added = add_range(
                form.cleaned_data["first"],
                form.cleaned_data["last"],
                BarcodeRange.Method(form.cleaned_data["method"]),
                form.cleaned_data["warn_below"],
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"The range {added.range} is added.")
            for warning in added.warnings:
                messages.info(request, str(warning))
            return redirect("barcodes")
    return _page(request, form)


def _page(request: MemberRequest, form: BarcodeRangeForm) -> HttpResponseBase:
    waiting = SKU.objects.filter(barcode="", product__active=True, product__withdrawn=False)
    return render(
        request,
        "web/products/barcodes.html",
        {"ranges": ranges_left(), "waiting": waiting.count(), "form": form},
        status=422 if form.is_bound else 200,
    )
