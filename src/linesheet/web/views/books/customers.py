"""The list of customers: what it shows, how it is narrowed, and what is said of many of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.books.changes import recorded
from linesheet.books.customers import change_customers, to_review
from linesheet.books.models import Address, Contact, Customer, HoldStatus, Order, PriceList
from linesheet.books.words import counted
from linesheet.sync.models import Connection, Link
from linesheet.sync.sources import made_by, maker_id
from linesheet.web.access import MemberRequest, may_edit_books
from linesheet.web.declared import connections
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists import show as show_list
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags.show import number
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books import customers_shown as shown
from linesheet.web.why import why_mark

NONE = "none"
NEW = "new"
MERGED = "merged"
NEW_BADGE = SafeString('<span class="badge badge--waiting">New</span> ')


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer with what hangs on it, as far as a list tells of it."""

    customer: Customer
    country: str
    orders: int
    linked: Sequence[Connection]
    contact: Contact | None
    maker: Connection | None


def show(request: MemberRequest) -> HttpResponseBase:
    """All customers, by name."""
    return show_list(request, customer_list(request), {"new": to_review().count()})


def customer_list(request: MemberRequest) -> RecordList:
    """The list as this member sees it."""
    seen = {one.pk: one for one in connections(request).order_by("name")}

    def load(page: list[Customer]) -> list[CustomerRow]:
        ids = [one.pk for one in page]
        countries = {
            address.customer_id: address.country
            for address in Address.objects.filter(customer__in=ids, is_default=True).order_by("-kind")
            if address.country
        }
        contacts = {one.customer_id: one for one in Contact.objects.filter(customer__in=ids, is_default=True)}
        counts = Order.objects.filter(customer__in=ids).order_by().values_list("customer").annotate(Count("pk"))
        orders = dict(counts)
        linked: dict[str, list[Connection]] = {}
        links = Link.objects.filter(connection__in=list(seen), kind="customer", record_id__in=map(str, ids))
        for record_id, connection_id in links.order_by("connection_id").values_list("record_id", "connection_id"):
            linked.setdefault(record_id, []).append(seen[connection_id])
        return [
            CustomerRow(
                one,
                countries.get(one.pk, ""),
                orders.get(one.pk, 0),
                linked.get(str(one.pk), ()),
                contacts.get(one.pk),
                seen.get(maker_id(one) or 0),
            )
            for one in page
        ]

    def from_orders(rows: Rows, value: str) -> Rows:
        if value == NEW:
            return rows.filter(unreviewed=True)
        return made_by(rows, seen[int(value)])

    def makers() -> list[tuple[str, str]]:
        return [(NEW, "New, not reviewed"), *((str(pk), f"Brought by {one.name}") for pk, one in seen.items())]

    return RecordList(
        key="customers",
        one="customer",
        many="customers",
        rows=_rows,
        load=load,
        label=lambda row: row.customer.name,
        columns=COLUMNS,
        filters=(
            Filter(key="q", label="Name, code, e-mail, city", narrow=_search),
            Filter(key="from", label="From orders", narrow=from_orders, choices=makers),
            Filter(
                key="active",
                label="Active",
                narrow=_active,
                choices=lambda: [("yes", "Yes"), ("no", "No"), (MERGED, "Merged into another")],
            ),
            Filter(key="hold", label="Hold status", narrow=_by("hold_status"), choices=_hold_statuses),
            Filter(key="prices", label="Price list", narrow=_by("price_list"), choices=_price_lists),
            Filter(
                key="code",
                label="Account code",
                narrow=_coded,
                choices=lambda: [("without", "None"), ("with", "There is one")],
            ),
            *shown.filters(request),
        ),
        actions=(
            Action(key="reviewed", label="Reviewed", do=_reviewed, allowed=may_edit_books),
            Action(key="activate", label="Activate", do=_activate, allowed=may_edit_books),
            Action(key="inactivate", label="Inactivate", do=_inactivate, allowed=may_edit_books),
            Action(
                key="prices",
                label="Price list",
                do=_set_price_list,
                allowed=may_edit_books,
                dialog="web/customers/choose.html",
                context=lambda request: {
                    "choose": {"name": "price_list", "label": "Price list", "choices": _price_lists()}
                },
            ),
            Action(
                key="hold",
                label="Hold status",
                do=_set_hold_status,
                allowed=may_edit_books,
                dialog="web/customers/choose.html",
                context=lambda request: {
                    "choose": {"name": "hold_status", "label": "Hold status", "choices": _hold_statuses()}
                },
            ),
            *shown.actions(request),
        ),
        order="name",
        template="web/customers/list.html",
        empty="Add one, import a file of them, or run a task of a connection that brings their orders.",
    )


def _name_cell(row: CustomerRow) -> str:
    return format_html(
        '<a class="strong" href="{}">{}</a> {}{}',
        reverse("customer", args=[row.customer.pk]),
        row.customer.name,
        new_badge(row.customer),
        why_mark("customer", row.customer.pk, row.customer.name),
    )


def active_badge(customer: Customer) -> SafeString:
    """Whether one deals with the customer, in a word."""
    inactive = "Merged" if customer.merged_into_id else "Inactive"
    state = ("good", "Active") if customer.active else ("off", inactive)
    return format_html('<span class="badge badge--{}">{}</span>', *state)


def new_badge(customer: Customer) -> SafeString:
    """That an order brought the customer and nobody has looked at it yet; "" of others."""
    return NEW_BADGE if customer.unreviewed else SafeString()


def _hold_cell(row: CustomerRow) -> str:
    if row.customer.hold_status is None:
        return ""
    return format_html('<span class="badge badge--warn">{}</span>', row.customer.hold_status)


def _orders_cell(row: CustomerRow) -> str:
    if not row.orders:
        return "0"
    address = f"{reverse('orders')}?customer={row.customer.pk}"
    return format_html('<a href="{}">{}</a>', address, number(row.orders))


def _contact_cell(row: CustomerRow) -> str:
    if row.contact is None:
        return ""
    if not row.contact.email:
        return row.contact.name
    return format_html('{}<p class="quiet nowrap">{}</p>', row.contact.name, row.contact.email)


def _contact_text(row: CustomerRow) -> str:
    return " ".join(part for part in (row.contact.name, row.contact.email) if part) if row.contact else ""


COLUMNS = (
    Column(key="name", label="Customer", value=lambda row: row.customer.name, cell=_name_cell, sort="name"),
    Column(key="code", label="Account code", value=lambda row: row.customer.account_code, sort="account_code"),
    Column(key="type", label="Type", value=lambda row: row.customer.get_type_display(), sort="type", usual=False),
    Column(key="prices", label="Price list", value=lambda row: str(row.customer.price_list or "")),
    Column(key="currency", label="Currency", value=lambda row: row.customer.currency, sort="currency", usual=False),
    Column(key="country", label="Country", value=lambda row: row.country),
    Column(
        key="active",
        label="Active",
        value=lambda row: "yes" if row.customer.active else "no",
        cell=lambda row: active_badge(row.customer),
    ),
    Column(
        key="hold",
        label="Hold status",
        value=lambda row: str(row.customer.hold_status or ""),
        cell=_hold_cell,
    ),
    Column(key="orders", label="Orders", value=lambda row: row.orders, cell=_orders_cell, number=True),
    Column(key="linked", label="Linked on", value=lambda row: ", ".join(map(str, row.linked))),
    Column(key="contact", label="Contact", value=_contact_text, cell=_contact_cell),
    Column(key="maker", label="Created by", value=lambda row: str(row.maker or ""), usual=False),
)


def _rows(request: MemberRequest) -> Rows:
    """All customers; those that were merged into others only where one asks for them."""
    rows: Rows = Customer.objects.select_related("price_list", "hold_status")
    return rows if request.GET.get("active") == MERGED else rows.filter(merged_into=None)


def _search(rows: Rows, text: str) -> Rows:
    return rows.filter(
        Q(name__icontains=text)
        | Q(account_code__icontains=text)
        | Exists(Contact.objects.filter(customer=OuterRef("pk"), email__icontains=text))
        | Exists(Address.objects.filter(customer=OuterRef("pk"), city__icontains=text))
    )


def _active(rows: Rows, value: str) -> Rows:
    if value == MERGED:
        return rows.filter(merged_into__isnull=False)
    return rows.filter(active=value == "yes")


def _by(field: str) -> Callable[[Rows, str], Rows]:
    return lambda rows, value: rows.filter(**{field: None if value == NONE else int(value)})


def _coded(rows: Rows, value: str) -> Rows:
    return rows.filter(account_code="") if value == "without" else rows.exclude(account_code="")


def _hold_statuses() -> list[tuple[str, str]]:
    found = HoldStatus.objects.order_by("name").values_list("pk", "name")
    return [(NONE, "None"), *((str(pk), name) for pk, name in found)]


def _price_lists() -> list[tuple[str, str]]:
    found = PriceList.objects.order_by("name").values_list("pk", "name")
    return [(NONE, "None"), *((str(pk), name) for pk, name in found)]


def _reviewed(request: MemberRequest, rows: Rows) -> None:
    _change(request, rows, "reviewed", unreviewed=False)


def _activate(request: MemberRequest, rows: Rows) -> None:
    _change(request, rows, "active", active=True)


def _inactivate(request: MemberRequest, rows: Rows) -> None:
    _change(request, rows, "inactive", active=False)


def _set_price_list(request: MemberRequest, rows: Rows) -> None:
    chosen = _chosen(PriceList, request.POST.get("price_list", ""))
    _change(request, rows, f"on the price list {chosen}" if chosen else "without a price list", price_list=chosen)


def _set_hold_status(request: MemberRequest, rows: Rows) -> None:
    chosen = _chosen(HoldStatus, request.POST.get("hold_status", ""))
    _change(request, rows, f"on hold status {chosen}" if chosen else "without a hold status", hold_status=chosen)


def _chosen(model: type[PriceList | HoldStatus], value: str) -> Any:
    return None if value == NONE else get_object_or_404(model.objects, pk=value if value.isdecimal() else 0)


def _change(request: MemberRequest, rows: Rows, now: str, **facts: Any) -> None:
    with recorded("customers", f"Customers are now {now}.", by=request.user, subject="customers") as change_set:
        changed = change_customers(rows, **facts)
        says = f"{counted(changed, 'customer is', 'customers are')} now {now}."
        change_set.says = says
    offer_undo(request, change_set, says)
