"""The page of a list: its rows, and what is done to those that are selected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms.utils import flatatt
from django.http import HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import conditional_escape

from linesheet.books.reasons import Refused
from linesheet.web.access import MemberRequest
from linesheet.web.lists.asked import Asked, asked, beyond
from linesheet.web.lists.declared import Action, Column, RecordList, Rows
from linesheet.web.lists.export import FORMATS, file_of
from linesheet.web.lists.saved import views_of

SIZE = 50
NOTHING_SELECTED = "Select the rows first, then choose what to do with them."


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a row, as the page shows it."""

    column: Column
    html: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the page; `row` is what `RecordList.load` made of it."""

    pk: int
    label: str
    row: Any
    cells: list[Cell]
    details: str
    attributes: str


def show(
    request: MemberRequest,
    declared: RecordList,
    context: Mapping[str, Any] | None = None,
    query: QueryDict | None = None,
) -> HttpResponseBase:
    """Answer the page of a list, a file of it, or an action on selected rows.

    `query` is what is asked of the list, where that is not all that the query string says.
    """
    wanted = asked(request, declared, query)
    if request.method == "POST":
        return _act(request, wanted)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if (format := wanted.query.get("export", "")) in FORMATS:
        return file_of(wanted, wanted.rows(declared.rows(request)), format)
    return render(request, declared.template, {**_listed(request, wanted), **(context or {})})


def listed(request: MemberRequest, declared: RecordList, query: QueryDict | None = None) -> dict[str, Any]:
    """What `web/lists/part.html` shows, for pages of which a list is a part; `show` answers all but the page."""
    return _listed(request, asked(request, declared, query))


def _selected(request: MemberRequest, wanted: Asked) -> Rows:
    """The rows that were ticked; with `all`, every row that passes the filters of the address."""
    rows = wanted.declared.rows(request)
    if request.POST.get("all") == "yes":
        return wanted.rows(rows)
    return rows.filter(pk__in=[pk for pk in request.POST.getlist("pick") if pk.isdecimal()])


def _listed(request: MemberRequest, wanted: Asked) -> dict[str, Any]:
    declared = wanted.declared
    at = declared.address  # before the query strings of links; "" where they lead to the page itself
    rows = wanted.rows(declared.rows(request))
    summed = declared.summed(rows) if declared.summary else {}
    count, more = (summed["count"], False) if "count" in summed else _counted(declared, rows)
    ordered, field, falling = wanted.ordered(rows)
    after = wanted.query.get("after", "")
    if after.isdecimal():
        ordered = beyond(ordered, field, falling, after)
    found = list(ordered[: SIZE + 1])
    shown = found[:SIZE]
    loaded = declared.load(shown)
    lines = [_line(wanted, pk, row) for pk, row in zip([one.pk for one in shown], loaded, strict=True)]
    return {
        "list": declared,
        "path": declared.address or request.path,
        "asked": wanted,
        "count": count,
        "more": more,
        "expands": declared.details is not None,
        "summed": summed,
        "lines": lines,
        "headers": [(column, *_sorting(wanted, column)) for column in wanted.columns],
        "actions": [_offer(request, one) for one in declared.actions if one.allowed(request)],
        "views": views_of(request, declared.key, wanted.query),
        "query": wanted.with_(),
        "pages": {
            "next": at + wanted.with_(after=str(shown[-1].pk)) if len(found) > SIZE else "",
            "first": at + wanted.with_() if after else "",
        },
        "as_table": at + wanted.with_(**{"as": None}),
        "as_grid": at + wanted.with_(**{"as": "grid"}),
        "csv": at + wanted.with_(export="csv"),
        "xlsx": at + wanted.with_(export="xlsx"),
    }


def _line(wanted: Asked, pk: int, row: Any) -> Line:
    cells = [] if wanted.grid else [Cell(column, _html(column, row)) for column in wanted.columns]
    details = wanted.declared.details(row) if wanted.declared.details else ""
    return Line(pk, wanted.declared.label(row), row, cells, details, flatatt(dict(wanted.declared.attributes(row))))


def _counted(declared: RecordList, rows: Rows) -> tuple[int, bool]:
    """How many rows there are, and whether there are more than were counted."""
    if not declared.count_most:
        return rows.count(), False
    count = rows.order_by()[: declared.count_most + 1].count()
    return min(count, declared.count_most), count > declared.count_most


def _html(column: Column, row: Any) -> str:
    shown: Any = column.cell(row) if column.cell else column.value(row)
    return conditional_escape("" if shown is None else shown)


def _sorting(wanted: Asked, column: Column) -> tuple[str, str]:
    """Where a click on the column's head leads, and how the list is sorted by it now."""
    if not column.sort:
        return "", ""
    rising, falling = wanted.sort == column.key, wanted.sort == f"-{column.key}"
    leads = wanted.with_(sort=f"-{column.key}" if rising else column.key)
    return wanted.declared.address + leads, "ascending" if rising else "descending" if falling else "none"


def _offer(request: MemberRequest, action: Action) -> dict[str, Any]:
    return {"action": action, **action.context(request)}


def _act(request: MemberRequest, wanted: Asked) -> HttpResponseBase:
    declared = wanted.declared
    rows = _selected(request, wanted)
    chosen = request.POST.get("do", "")
    back = redirect(f"{declared.address or request.path}{wanted.with_()}{declared.anchor}")
    if not rows.exists():
        messages.error(request, NOTHING_SELECTED)
        return back
    if chosen in FORMATS:
        return file_of(wanted, rows, chosen)
    action = next((one for one in declared.actions if one.key == chosen and one.allowed(request)), None)
    if action is None:
        messages.error(request, "That cannot be done here, or not by you.")
        return back
    try:
        return action.do(request, rows) or back
    except Refused as refused:
        messages.error(request, str(refused))
        return back
