"""The list of orders: what it shows, how it is narrowed, and what is done to many of them at once."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import FileResponse, HttpResponseBase

from linesheet.books.files.exported import order_rows
from linesheet.books.models import Customer, Order, Season
from linesheet.sync.models import InboxRecord
from linesheet.sync.sources import from_connection, from_no_connection, sources_of, with_changes_waiting
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections
from linesheet.web.downloads import rows_as_file
from linesheet.web.lists import Action, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.order_actions import order_actions
from linesheet.web.views.books.order_columns import COLUMNS, OrderRow


def show(request: MemberRequest) -> HttpResponseBase:
    """All orders, the latest first."""
    held = request.may.only_seen(InboxRecord.objects.filter(state=InboxRecord.State.HELD)).count()
    return show_list(request, order_list(request), {"held": held})


def order_list(request: MemberRequest) -> RecordList:
    """The list as this member sees it."""

    def load(page: list[Order]) -> list[OrderRow]:
        sources = sources_of(page)
        return [
            OrderRow(one, source := sources.get(one.pk), bool(source and request.may.see(source.connection)))
            for one in page
        ]

    def from_source(rows: Rows, value: str) -> Rows:
        if value == "file":
            return from_no_connection(rows)
        return from_connection(rows, connections(request).get(pk=int(value)))

    def in_state(rows: Rows, value: str) -> Rows:
        if value == "changed":
            return with_changes_waiting(rows, connections(request).values("pk"))
        return _in_state(rows, value)

    def source_choices() -> list[tuple[str, str]]:
        return [*((str(one.pk), one.name) for one in connections(request).order_by("name")), ("file", "File")]

    return RecordList(
        key="orders",
        one="order",
        many="orders",
        rows=lambda request: Order.objects.select_related("customer", "season").defer("addresses", "comments"),
        load=load,
        label=lambda row: str(row.order),
        columns=COLUMNS,
        filters=(
            Filter(key="q", label="Number, reference, PO, customer", narrow=_search),
            Filter(key="customer", label="Of one customer", narrow=_of_customer, input="hidden"),
            Filter(key="season", label="Season", narrow=_of_season, choices=_seasons),
            Filter(key="state", label="State", narrow=in_state, choices=lambda: STATES),
            Filter(key="source", label="Source", narrow=from_source, choices=source_choices),
            *days("created_at", "Received from", "to"),
        ),
        actions=(
            *order_actions(),
            Action(key="lines", label="Order file", do=_order_file),
        ),
        order="-number",
        template="web/orders/list.html",
        summary="web/orders/sums.html",
        summed=_sums,
        empty="Run a task of a connection that imports orders, or import a file of them.",
    )


STATES = [
    ("approved", "Approved"),
    ("waiting", "Waiting for approval"),
    ("inactive", "Inactive"),
    ("unmatched", "With unmatched lines"),
    ("changed", "Changed at the source"),
]


def _search(rows: Rows, text: str) -> Rows:
    wanted = text.lower().removeprefix("so ").strip()
    # Ids first: an OR over both tables would be joined for every order there is.
    customers = list(Customer.objects.filter(name__icontains=text).values_list("pk", flat=True))
    return rows.filter(Q(search__contains=wanted) | Q(customer__in=customers))


def _of_customer(rows: Rows, value: str) -> Rows:
    return rows.filter(customer=int(value) if value.isdecimal() else 0)


def _seasons() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Season.objects.order_by("-starts_on").values_list("pk", "name")]


def _of_season(rows: Rows, value: str) -> Rows:
    return rows.filter(season=int(value))


def _in_state(rows: Rows, value: str) -> Rows:
    match value:
        case "approved":
            return rows.filter(active=True, approved=True)
        case "waiting":
            return rows.filter(active=True, approved=False)
        case "inactive":
            return rows.filter(active=False)
    return rows.filter(unmatched__gt=0)


def _sums(rows: Rows) -> dict[str, Any]:
    """Units of all orders that pass the filters, and their value by currency, the most orders first."""
    by_currency = list(
        rows.select_related(None)
        .order_by()
        .values("currency")
        .annotate(orders=Count("*"), units_sum=Sum("units"), value=Sum("total"))
        .order_by("-orders", "currency")
    )
    values: list[tuple[str, Decimal]] = [(each["currency"], each["value"]) for each in by_currency]
    return {
        "count": sum(each["orders"] for each in by_currency),
        "units": sum(each["units_sum"] for each in by_currency),
        "values": values,
    }


def _order_file(request: MemberRequest, rows: Rows) -> FileResponse:
    """The orders with their lines as the file that can be imported again."""
    return rows_as_file("orders", order_rows(rows))
