"""The list of orders: what it shows, how it is narrowed, and what is done to many of them at once."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linesheet.books import orders as rules
from linesheet.books.changes import recorded
from linesheet.books.files.exported import order_rows
from linesheet.books.models import Customer, Order, Season
from linesheet.sync.models import InboxRecord
from linesheet.sync.sources import Source, from_connection, from_no_connection, sources_of, with_changes_waiting
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections
from linesheet.web.downloads import rows_as_file
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags.show import money, number, when
from linesheet.web.undoing import offer_undo
from linesheet.web.why import why_link

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with where it came from, as far as the member may see that."""

    order: Order
    source: Source | None
    may_see: bool

    @property
    def source_name(self) -> str:
        """The connection, or what else brought it."""
        if self.source is None:
            return "File"
        return str(self.source.connection) if self.may_see else "A connection"

    @property
    def waiting(self) -> int:
        """Undecided changes of it that the member may see."""
        return self.source.waiting if self.source and self.may_see else 0


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
            Action(key="approve", label="Approve", do=_approve, allowed=_may_edit),
            Action(key="inactivate", label="Inactivate", do=_inactivate, allowed=_may_edit),
            Action(key="lines", label="Order file", do=_order_file),
        ),
        order="-number",
        template="web/orders/list.html",
        summary="web/orders/sums.html",
        summed=_sums,
        empty="Run a task of a connection that imports orders, or import a file of them.",
    )


def _may_edit(request: MemberRequest) -> bool:
    return request.may.edit_books


def state_badges(order: Order) -> SafeString:
    """The state of an order in a word, and what else is to know of it."""
    if not order.active:
        state = ("off", "Inactive")
    elif order.approved:
        state = ("good", "Approved")
    else:
        state = ("waiting", "Waiting")
    flags = [("Locked", order.locked), ("Short", order.short), ("Closed", order.force_closed)]
    tags = format_html_join("", ' <span class="tag">{}</span>', ((label,) for label, on in flags if on))
    return format_html('<span class="badge badge--{}">{}</span>{}', *state, tags)


def _number_cell(row: OrderRow) -> str:
    return format_html('<a class="strong nowrap" href="{}">{}</a>', reverse("order", args=[row.order.pk]), row.order)


def _whole(text: str) -> str:
    """A short text that stays on its line, as a number with a hyphen in it should."""
    return format_html('<span class="nowrap">{}</span>', text) if text and len(text) <= 20 else text


def _customer_cell(row: OrderRow) -> str:
    return format_html(
        '<a href="{}">{}</a>', reverse("customer", args=[row.order.customer_id]), row.order.customer.name
    )


def _source_cell(row: OrderRow) -> str:
    if row.source is None or not row.may_see:
        return format_html('<span class="quiet">{}</span>', row.source_name)
    address = reverse("connection", args=[row.source.connection.pk])
    return format_html('<a href="{}">{}</a>', address, row.source.connection)


def _skipped_cell(row: OrderRow) -> str:
    if not row.order.unmatched:
        return ""
    return format_html('<span class="count count--warn">{}</span>', number(row.order.unmatched))


def _waiting_cell(row: OrderRow) -> str:
    if not row.waiting:
        return ""
    address = f"{reverse('order', args=[row.order.pk])}#revisions"
    return format_html('<a class="count count--warn" href="{}">{}</a>', address, row.waiting)


def _state_text(row: OrderRow) -> str:
    order = row.order
    return "inactive" if not order.active else "approved" if order.approved else "waiting"


def _state_cell(row: OrderRow) -> str:
    return format_html("{} {}", state_badges(row.order), why_link("order", row.order.pk, str(row.order)))


def _units_cell(row: OrderRow) -> str:
    return format_html('<span data-sum="units" data-value="{}">{}</span>', row.order.units, number(row.order.units))


def _value_cell(row: OrderRow) -> str:
    shown = money(row.order.total, row.order.currency)
    return format_html('<span data-sum="{}" data-value="{}">{}</span>', row.order.currency, row.order.total, shown)


COLUMNS = (
    Column(key="number", label="Order", value=lambda row: row.order.number, cell=_number_cell, sort="number"),
    Column(
        key="customer",
        label="Customer",
        value=lambda row: row.order.customer.name,
        cell=_customer_cell,
        sort="customer__name",
    ),
    Column(
        key="reference",
        label="Reference",
        value=lambda row: row.order.reference,
        cell=lambda row: _whole(row.order.reference),
        sort="reference",
    ),
    Column(
        key="po",
        label="Their PO",
        value=lambda row: row.order.customer_reference,
        cell=lambda row: _whole(row.order.customer_reference),
        sort="customer_reference",
    ),
    Column(key="season", label="Season", value=lambda row: row.order.season.name),
    Column(key="source", label="Source", value=lambda row: row.source_name, cell=_source_cell),
    Column(key="state", label="State", value=_state_text, cell=_state_cell),
    Column(
        key="units",
        label="Units",
        value=lambda row: row.order.units,
        cell=_units_cell,
        sort="units",
        number=True,
    ),
    Column(
        key="value",
        label="Value",
        value=lambda row: row.order.total,
        cell=_value_cell,
        sort="total",
        number=True,
    ),
    Column(key="currency", label="Currency", value=lambda row: row.order.currency, usual=False),
    Column(
        key="received",
        label="Received",
        value=lambda row: row.order.created_at,
        cell=lambda row: when(row.order.created_at),
        sort="created_at",
    ),
    Column(
        key="skipped",
        label="Unmatched",
        value=lambda row: row.order.unmatched,
        cell=_skipped_cell,
        sort="unmatched",
        number=True,
    ),
    Column(
        key="waiting",
        label="Changes",
        value=lambda row: row.waiting,
        cell=_waiting_cell,
        number=True,
    ),
    Column(key="ships", label="Ships from", value=lambda row: row.order.ships_from, usual=False),
    Column(key="until", label="Ships until", value=lambda row: row.order.ships_until, usual=False),
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


def _approve(request: MemberRequest, rows: Rows) -> HttpResponse | None:
    return _done(request, rows, rules.approve_all, "approved")


def _inactivate(request: MemberRequest, rows: Rows) -> HttpResponse | None:
    return _done(request, rows, rules.inactivate_all, "inactivated")


def _order_file(request: MemberRequest, rows: Rows) -> FileResponse:
    """The orders with their lines as the file that can be imported again."""
    return rows_as_file("orders", order_rows(rows))


def _done(request: MemberRequest, rows: Rows, do: Callable[[Rows], rules.Changed], did: str) -> HttpResponse | None:
    """Do it, and say what was done; what was not is listed by order with its reason on a page of its own."""
    with recorded("orders", f"Orders {did}.", by=request.user, subject="orders") as change_set:
        changed = do(rows)
        says = f"{changed.done:,} order{'' if changed.done == 1 else 's'} {did}."
        change_set.says = says
    if changed.already:
        says += f" {changed.already:,} {'was' if changed.already == 1 else 'were'} so already."
    offer_undo(request, change_set, says)
    if not changed.refused:
        return None
    told = changed.refused[:MOST_TOLD]
    return render(
        request,
        "web/orders/refused.html",
        {"did": did, "refused": told, "count": len(changed.refused), "more": len(changed.refused) - len(told)},
    )
