"""Figures that are edited in place: one field that saves itself, with what is wrong under it."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from linesheet.books.models import ChangeSet
from linesheet.web.access import MemberRequest
from linesheet.web.going_back import way_back
from linesheet.web.undoing import offer_undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A field of a table. `name` is that of its input, unique on the page; `address` is where it is saved.

    Enter leads to the next cell of the same `column`. `note` tells where the value comes from.
    """

    name: str
    value: str
    label: str
    address: str
    column: str
    mode: str = "text"
    block: str = ""
    note: str = ""
    error: str = ""
    saved: bool = False


def cell_of(cell: Cell) -> SafeString:
    """The markup of a cell."""
    return render_to_string("web/parts/cell.html", {"cell": cell})


def changed(cell: Cell, value: str, *, error: str = "", saved: bool = False, note: str = "") -> Cell:
    """The cell after something was entered."""
    return replace(cell, value=value, error=error, saved=saved, note=note)


def answer(
    request: MemberRequest, cell: Cell, back: str, changes: ChangeSet | None = None, also: str = ""
) -> HttpResponseBase:
    """The cell as it stands after it was sent, and a line with the way back; without HTMX, the page it is on.

    `also` is markup to swap in elsewhere on the page.
    """
    if request.htmx and cell.error:
        return HttpResponse(cell_of(cell), status=422)
    if request.htmx:
        return HttpResponse(cell_of(cell) + edited(request, changes) + also)
    if cell.error:
        messages.error(request, cell.error)
    elif changes and changes.pk:
        offer_undo(request, changes, changes.says)
    return redirect(way_back(request, back))


def edited(request: MemberRequest, changes: ChangeSet | None) -> SafeString:
    """The line that tells the last edit on a page (`web/parts/edited.html`), with a button that takes it back."""
    kept = changes if changes and changes.pk else None
    where = request.htmx.current_url_abs_path or "/"
    return render_to_string("web/parts/edited.html", {"changes": kept, "where": where, "swap": True}, request=request)
