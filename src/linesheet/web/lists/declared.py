"""What a list declares of itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase

from linesheet.web.access import MemberRequest

Rows = QuerySet[Any]
Do = Callable[[MemberRequest, Rows], HttpResponseBase | None]
"""What is done to the selected rows of a list."""


def _everybody(request: MemberRequest) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One thing told of every row.

    `value` gives it plain, as it goes into files: text, whole number, Decimal, date or aware time. `cell` gives it as
    a page shows it, as text or safe markup; without one the plain value is shown. `sort` is the field the list can be
    sorted by, never null; `number` puts it to the right. `usual` columns are shown until a person chooses others.
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    cell: Callable[[Any], str] | None = None
    sort: str = ""
    number: bool = False
    usual: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A question that narrows the rows: free text, or one of `choices` as (value, label).

    `input` is the type of the text's field: "search", "date" (as 2026-01-31, or what was typed instead), or "hidden"
    where only links ask it.
    """

    key: str
    label: str
    narrow: Callable[[Rows, str], Rows]
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None
    input: str = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something done to the selected rows.

    `do` gets them with the form that was sent, changes the books through the rules of the floors below, and may answer
    with a page of its own; else the list is shown again. `dialog` names a template with further fields, which is shown
    before it is done, given what `context` returns. What cannot be is raised as Refused and shown as it says.
    """

    key: str
    label: str
    do: Do
    allowed: Callable[[MemberRequest], bool] = _everybody
    dialog: str = ""
    context: Callable[[MemberRequest], dict[str, Any]] = field(default=lambda request: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A list of records of one model.

    `rows` are all that the member may see; `load` makes of a page of them what columns are asked about, with as many
    queries for many rows as for one. `order` is the order of fields it has until a person sorts it ("-" for falling),
    the last of them unique. `grid` names a template for one row, where rows can be seen as cards too. `summary` names a
    template shown above the rows, given what `summed` says of all that pass the filters; where that counts them
    ("count"), they are not counted once more.

    `details` gives the address of what opens below a row when its "+" is pressed. `count_most` is for lists too long to
    be counted on every page: so many rows are counted, and beyond that it says that there are more. `within` is a
    field that all rows have in common; it names the index that gives them in their order.

    `attributes` are those of a row's element, for scripts that work on rows. A `live` list is fetched anew every few
    seconds while nobody is at work on it. `everything` is the query string that asks for all rows, where the page
    shows less until one asks. `anchor` is where a list stands ("#items") that is a part of another page, and
    `address` that page's where the page may be answered under another one too.
    """

    key: str
    one: str
    many: str
    rows: Callable[[MemberRequest], Rows]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    actions: tuple[Action, ...] = ()
    order: str = "pk"
    load: Callable[[list[Any]], Sequence[Any]] = list
    label: Callable[[Any], str] = str
    grid: str = ""
    details: Callable[[Any], str] | None = None
    count_most: int = 0
    within: str = ""
    attributes: Callable[[Any], Mapping[str, str]] = field(default=lambda row: {})
    live: bool = False
    everything: str = ""
    anchor: str = ""
    address: str = ""
    summary: str = ""
    summed: Callable[[Rows], dict[str, Any]] = field(default=lambda rows: {})
    template: str = "web/lists/page.html"
    empty: str = ""
