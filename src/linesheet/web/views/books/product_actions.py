"""What is done to many products at once, each with a way back."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from linesheet.books.barcodes import give_barcodes
from linesheet.books.changes import recorded
from linesheet.books.models import SKU, Product, Season
from linesheet.books.prices import hide, make_visible
from linesheet.books.products import set_active, set_withdrawn
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, may_edit_books
from linesheet.web.lists import Action
from linesheet.web.undoing import offer_undo

Rows = QuerySet[Product]


def _set_visibility(request: MemberRequest, rows: Rows) -> None:
    chosen = request.POST.get("season", "")
    season: Season = get_object_or_404(Season.objects, pk=chosen if chosen.isdecimal() else 0)
    visible = request.POST.get("visible") != "no"
    doing = f"Made products visible in {season}." if visible else f"Hid products from {season}."
    with recorded("products", doing, by=request.user) as changes:
        number = (make_visible if visible else hide)(rows.only("pk"), season)
        done = f"made visible in {season}" if visible else f"hidden from {season}"
        changes.says = f"{counted(number, 'product')} {done}."
    offer_undo(request, changes, changes.says if number else f"All of them were {done} before.")


_STATES: dict[str, tuple[Any, bool, str]] = {
    "active": (set_active, True, "made active"),
    "inactive": (set_active, False, "made inactive"),
    "withdrawn": (set_withdrawn, True, "withdrawn"),
    "not-withdrawn": (set_withdrawn, False, "no longer withdrawn"),
}


def _set_state(request: MemberRequest, rows: Rows) -> None:
    chosen = _STATES.get(request.POST.get("state", ""))
    if chosen is None:
        messages.error(request, "Choose what the products should be, then try again.")
        return
    change, value, done = chosen
    with recorded("products", "Changed the state of products.", by=request.user) as changes:
        number = change(rows, value)
        changes.says = f"{counted(number, 'product')} {done}."
    offer_undo(request, changes, changes.says if number else "All of them were so before.")


def _give_barcodes(request: MemberRequest, rows: Rows) -> None:
    skus = SKU.objects.filter(product__in=rows.order_by().values("pk"))
    with recorded("barcodes", "Gave barcodes.", by=request.user) as changes:
        given = give_barcodes(skus, include_inactive=request.POST.get("inactive") == "yes")
        changes.says = f"{counted(given.given, 'SKU')} given a barcode."
    if given.given or not given.warnings:
        offer_undo(request, changes, changes.says if given.given else "No SKU among these wants a barcode.")
    for warning in given.warnings:
        messages.error(request, str(warning)) if given.without else messages.info(request, str(warning))


def _seasons(request: MemberRequest) -> dict[str, Any]:
    seasons = Season.objects.filter(archived=False).order_by("-starts_on", "-pk")
    return {"seasons": seasons, "asked_for": request.GET.get("season", "")}


ACTIONS = (
    Action(
        key="visibility",
        label="Set visibility",
        do=_set_visibility,
        allowed=may_edit_books,
        dialog="web/products/visibility.html",
        context=_seasons,
    ),
    Action(
        key="state",
        label="Set state",
        do=_set_state,
        allowed=may_edit_books,
        dialog="web/products/state.html",
    ),
    Action(
        key="barcodes",
        label="Give barcodes",
        do=_give_barcodes,
        allowed=may_edit_books,
        dialog="web/products/give_barcodes.html",
    ),
)
