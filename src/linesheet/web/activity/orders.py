"""The orders a connection brought in as a list: what each shows, what narrows them, and what is done to them."""

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from linesheet.books.models import Customer, Order
from linesheet.books.reasons import BLOCKER
from linesheet.sync import reasons
from linesheet.sync.inbox import InboxRow, rows_of
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.submissions import submitted_again
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists.declared import Rows
from linesheet.web.order_actions import order_actions
from linesheet.web.templatetags import show as shown
from linesheet.web.why import why_link

State = InboxRecord.State
MOST_SAID = 110
CUSTOMER_BADGES = {
    reasons.DEFAULTED_CUSTOMER.code: ("off", "Default"),
    reasons.CUSTOMER_CREATED.code: ("waiting", "New"),
}
"""Notes that say the customer was not simply found in the books, and the tone and word for it."""
SHORT = 12
"""Characters of a purchase order's number that stay on one line; a longer one is broken."""


def orders_of(connection: Connection) -> RecordList:
    """The orders that came in through a connection, newest first; what a newer revision replaced is left out."""
    return RecordList(
        key="connection-orders",
        one="order",
        many="orders",
        rows=lambda request: InboxRecord.objects.filter(connection=connection).exclude(state=State.SUPERSEDED),
        load=rows_of,
        columns=(
            Column(key="number", label="Number", value=lambda row: row.number, cell=_number),
            Column(key="state", label="State", value=lambda row: row.record.get_state_display(), cell=_state),
            Column(key="order", label="In the books", value=lambda row: str(row.order or ""), cell=_order),
            Column(key="reference", label="PO", value=lambda row: row.reference, cell=_reference),
            Column(key="customer", label="Customer", value=lambda row: row.customer, cell=_customer),
            Column(key="season", label="Season", value=lambda row: row.season),
            Column(key="approved", label="Approved", value=lambda row: _yes_no(row.approved)),
            Column(key="units", label="Units", value=lambda row: row.units, cell=_units, number=True),
            Column(key="value", label="Value", value=lambda row: row.value, cell=_value, number=True),
            Column(key="currency", label="Currency", value=lambda row: row.currency if row.value else "", usual=False),
            Column(key="skipped", label="Left out", value=lambda row: row.skipped, cell=_skipped, number=True),
            Column(
                key="received", label="Received", value=lambda row: row.record.received_at, cell=_received, sort="pk"
            ),
        ),
        filters=(
            Filter(key="q", label="Number, PO or customer", narrow=_called),
            Filter(
                key="state",
                label="State",
                narrow=lambda rows, value: rows.filter(state=value),
                choices=lambda: [choice for choice in State.choices if choice[0] != State.SUPERSEDED],
            ),
            Filter(
                key="approved",
                label="Approved",
                narrow=lambda rows, value: rows.filter(order__approved=value == "yes"),
                choices=lambda: [("yes", "Yes"), ("no", "No")],
            ),
            Filter(
                key="active",
                label="Active",
                narrow=lambda rows, value: rows.filter(order__active=value == "yes"),
                choices=lambda: [("yes", "Yes"), ("no", "No")],
            ),
            Filter(
                key="came",
                label="How it came in",
                narrow=_came,
                choices=lambda: [
                    ("new", "With a new customer"),
                    ("short", "With lines left out"),
                    ("again", "Submitted again since"),
                ],
            ),
        ),
        actions=order_actions(_orders),
        order="-pk",
        label=lambda row: row.number,
        details=lambda row: reverse("inbox_record", args=[row.record.pk]),
        template="web/activity/orders.html",
        empty="Run a task that imports orders on the Actions tab; what it brings in is listed here.",
    )


def _called(rows: Rows, text: str) -> Rows:
    # Ids first, each by its own index: a choice between two tables would be looked at for every order there is.
    customers = list(Customer.objects.filter(name__icontains=text).values_list("pk", flat=True))
    known = Order.objects.filter(Q(search__contains=text.lower()) | Q(customer__in=customers)).order_by()
    records = rows.order_by()
    called = records.filter(label__istartswith=text).values("pk")
    return rows.filter(pk__in=called.union(records.filter(order__in=known.values("pk")).values("pk")))


def _came(rows: Rows, value: str) -> Rows:
    match value:
        case "new":
            # Ids first, as few customers are new, whoever else has orders.
            customers = list(Customer.objects.filter(unreviewed=True).order_by().values_list("pk", flat=True))
            return rows.filter(order__in=Order.objects.filter(customer__in=customers).order_by().values("pk"))
        case "again":
            return submitted_again(rows)
    return rows.filter(Q(order__unmatched__gt=0) | Q(order__isnull=False, notes__contains=[{"severity": BLOCKER}]))


def _orders(rows: Rows) -> "tuple[QuerySet[Order], int]":
    orders: QuerySet[Order] = Order.objects.filter(pk__in=rows.order_by().exclude(order=None).values("order"))
    return orders, rows.filter(order=None).count()


def _number(row: InboxRow) -> str:
    again = format_html(' <span class="tag">Revision {}</span>', row.record.revision) if row.record.revision > 1 else ""
    return format_html('<span class="strong">{}</span>{}', row.number, again)


def _state(row: InboxRow) -> str:
    badge = format_html('<span class="badge badge--{tone}">{label}</span>', **shown.badge(row.record))
    asks = why_link("record", row.record.pk, row.number)
    both = format_html('<span class="nowrap">{} {}</span>', badge, asks)
    if not row.record.says:
        return both
    return format_html('{}<p class="quiet why">{}</p>', both, Truncator(row.record.says).chars(MOST_SAID))


def _reference(row: InboxRow) -> str:
    if not row.reference:
        return ""
    return format_html('<span class="{}">{}</span>', "nowrap" if len(row.reference) <= SHORT else "", row.reference)


def _order(row: InboxRow) -> str:
    if row.order is None:
        return ""
    inactive = format_html(' <span class="tag">Inactive</span>') if not row.order.active else ""
    for says, other in (("Again after", row.beside.before), ("Submitted again as", row.beside.after)):
        if other:
            link = format_html('<a class="target nowrap" href="{}">{}</a>', reverse("order", args=[other.pk]), other)
            inactive = format_html('{}<p class="quiet">{} {}</p>', inactive, says, link)
    try:
        link = format_html('<a href="{}">{}</a>', reverse("order", args=[row.order.pk]), row.order)
    except NoReverseMatch:
        link = format_html("{}", row.order)
    return format_html('<span class="nowrap">{}</span>{}', link, inactive)


def _customer(row: InboxRow) -> str:
    words = [CUSTOMER_BADGES[note["code"]] for note in row.record.notes if note["code"] in CUSTOMER_BADGES]
    tags = format_html_join("", ' <span class="badge badge--{}">{}</span>', words)
    if row.order is None or row.customer != row.order.customer.name:
        return format_html("{}{}", row.customer, tags)
    address = reverse("customer", args=[row.order.customer_id])
    return format_html('<a href="{}">{}</a>{}', address, row.customer, tags)


def _yes_no(approved: bool | None) -> str:
    return "" if approved is None else "Yes" if approved else "No"


def _units(row: InboxRow) -> str:
    return shown.number(row.units)


def _value(row: InboxRow) -> SafeString | str:
    return shown.money(row.value, row.currency)


def _skipped(row: InboxRow) -> str:
    if not row.skipped:
        return "" if row.skipped is None else "0"
    return format_html('<span class="count count--warn">{}</span>', shown.number(row.skipped))


def _received(row: InboxRow) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(row.record.received_at))
