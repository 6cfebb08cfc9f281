"""Locations: their list, and adding and changing them."""

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from linesheet.books import locations
from linesheet.books.changes import recorded
from linesheet.books.models import Location
from linesheet.books.reasons import Refused
from linesheet.books.stock import selling_locations
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.stock import LocationForm
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.undoing import offer_undo

_YES_NO = (("yes", "yes"), ("no", "no"))
_SELLS_FIRST = SafeString(' <span class="tag" title="Orders without a location sell from it">Sells first</span>')


def _load(rows: list[Location]) -> list[tuple[Location, bool]]:
    """Each with whether it is the one that orders without a location sell from."""
    first = selling_locations().first()
    return [(row, row == first) for row in rows]


def _name(row: tuple[Location, bool]) -> str:
    location, first = row
    return format_html(
        '<a href="{}">{}</a>{}', reverse("location", args=[location.pk]), location, _SELLS_FIRST if first else ""
    )


def _stock(row: tuple[Location, bool]) -> str:
    return format_html(
        '<a href="{}?location={}" aria-label="Stock at {}">Stock</a>', reverse("stock"), row[0].pk, row[0]
    )


LOCATIONS = RecordList(
    key="locations",
    one="location",
    many="locations",
    rows=lambda request: Location.objects.all(),
    load=_load,
    columns=(
        Column(key="name", label="Location", value=lambda row: row[0].name, cell=_name, sort="name"),
        Column(key="code", label="Code", value=lambda row: row[0].code, sort="code"),
        Column(key="sells", label="Sells", value=lambda row: "yes" if row[0].sells else "no"),
        Column(
            key="active",
            label="Active",
            value=lambda row: "yes" if row[0].active else "no",
            cell=lambda row: "yes" if row[0].active else format_html('<span class="badge badge--off">Inactive</span>'),
        ),
        Column(key="stock", label="What is there", value=lambda row: "", cell=_stock),
    ),
    filters=(
        Filter(
            key="q",
            label="Name or code",
            narrow=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(code__icontains=text)),
        ),
        Filter(
            key="sells",
            label="Sells",
            narrow=lambda rows, value: rows.filter(sells=value == "yes"),
            choices=lambda: _YES_NO,
        ),
        Filter(
            key="active",
            label="Active",
            narrow=lambda rows, value: rows.filter(active=value == "yes"),
            choices=lambda: _YES_NO,
        ),
    ),
    label=lambda row: row[0].name,
    template="web/stock/locations.html",
    empty="Add the warehouse or the shop where stock is.",
)


def show(request: MemberRequest) -> HttpResponseBase:
    """The list of locations, the oldest first."""
    return show_list(request, LOCATIONS)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only("add locations")
def add(request: MemberRequest) -> HttpResponseBase:
    """A form for a new location."""
    form = LocationForm(request.POST if request.method == "POST" else None, initial={"sells": True, "active": True})
    if request.method == "POST" and form.is_valid():
        try:
            with recorded("locations", "Added a location.", by=request.user) as changes:
                location = locations.create_location(**form.cleaned_data)
                changes.says = f"Location {location} added."
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            offer_undo(request, changes, changes.says)
            return redirect("locations")
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, location_id: int) -> HttpResponseBase:
    """A location, and the form that changes it."""
    location: Location = get_object_or_404(Location.objects, pk=location_id)
    if request.method != "POST":
        kept = {name: getattr(location, name) for name in LocationForm.base_fields}
        return _page(request, LocationForm(initial=kept), location)
    return _changed(request, location)


@editors_only("change locations")
def _changed(request: MemberRequest, location: Location) -> HttpResponseBase:
    form = LocationForm(request.POST)
    if form.is_valid():
        says = f"Location {location} changed."
        try:
            with recorded("locations", says, by=request.user) as changes:
                locations.change_location(location, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            offer_undo(request, changes, says if changes.pk else "Nothing was changed.")
            return redirect("locations")
    return _page(request, form, Location.objects.get(pk=location.pk))


def _page(request: MemberRequest, form: LocationForm, location: Location | None) -> HttpResponseBase:
    return render(
        request,
        "web/stock/location.html",
        {"form": form, "location": location},
        status=422 if form.errors else 200,
    )
