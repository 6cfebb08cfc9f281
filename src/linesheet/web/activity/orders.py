"""The orders a connection brought in as a list: what each shows, what narrows them, and what is done to them."""

from collections.abc import Callable, Iterator

from django.contrib import messages
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from linesheet.books import orders as rules
from linesheet.books.changes import recorded
from linesheet.books.models import Order
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import reasons
from linesheet.sync.inbox import InboxRow, rows_of
from linesheet.sync.models import Connection, InboxRecord
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown
from linesheet.web.undoing import offer_undo

State = InboxRecord.State
MOST_AT_ONCE = 500
NAMED = 5
MOST_SAID = 110
CUSTOMER_BADGES = {reasons.DEFAULTED_CUSTOMER.code: "default", "created_customer": "new"}
"""Notes that say the customer was not simply found in the books, and the word for it."""

TOO_MANY_ORDERS = Reason(
    "too_many_orders",
    "More than {most:,} orders are selected.",
    "Do it to fewer of them at once; filters help to choose.",
)


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
            Column(key="reference", label="PO", value=lambda row: row.reference),
            Column(key="customer", label="Customer", value=lambda row: row.customer, cell=_customer),
            Column(key="season", label="Season", value=lambda row: row.season),
            Column(key="approved", label="Approved", value=lambda row: _yes_no(row.approved)),
            Column(key="units", label="Units", value=lambda row: row.units, cell=_units, number=True),
            Column(key="value", label="Value", value=lambda row: row.value, cell=_value, number=True),
            Column(key="currency", label="Currency", value=lambda row: row.currency if row.value else "", usual=False),
            Column(key="skipped", label="Lines skipped", value=lambda row: row.skipped, cell=_skipped, number=True),
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
        ),
        actions=(
            Action(key="approve", label="Approve", do=_bulk("approved", rules.approve), allowed=_may_edit),
            Action(key="inactivate", label="Inactivate", do=_bulk("inactivated", rules.inactivate), allowed=_may_edit),
        ),
        order="-pk",
        label=lambda row: row.number,
        details=lambda row: reverse("inbox_record", args=[row.record.pk]),
        template="web/activity/orders.html",
        empty="Run a task that imports orders on the Actions tab; what it brings in is listed here.",
    )


def _called(rows: Rows, text: str) -> Rows:
    of_order = Order.objects.filter(
        Q(customer_reference__istartswith=text) | Q(customer__name__icontains=text) | Q(reference__istartswith=text)
    )
    return rows.filter(Q(label__istartswith=text) | Q(order__in=of_order.order_by().values("pk")))


def _may_edit(request: MemberRequest) -> bool:
    return request.may.edit_books


def _bulk(done: str, rule: Callable[[Order], None]) -> Callable[[MemberRequest, Rows], None]:
    """Do something to the orders of the selected records by a rule of the books; each refusal is told by itself."""

    def do(request: MemberRequest, rows: Rows) -> None:
        ids = rows.order_by().exclude(order=None).values("order")
        orders = list(Order.objects.filter(pk__in=ids)[: MOST_AT_ONCE + 1])
        if len(orders) > MOST_AT_ONCE:
            raise Refused(TOO_MANY_ORDERS, most=MOST_AT_ONCE)
        refusals = []
        with recorded("orders", f"Orders {done}", by=request.user) as change_set:
            for order in orders:
                try:
                    rule(order)
                except Refused as refused:
                    refusals.append(str(refused))
            count = len(orders) - len(refusals)
            change_set.says = f"{count:,} order{'' if count == 1 else 's'} {done}"
        offer_undo(request, change_set, f"{change_set.says}.{_left_out(rows)}")
        for said in _named(refusals):
            messages.error(request, said)

    return do


def _left_out(rows: Rows) -> str:
    without = rows.filter(order=None).count()
    return f" {without:,} of the selected are not in the books yet." if without else ""


def _named(refusals: list[str]) -> Iterator[str]:
    yield from refusals[:NAMED]
    if len(refusals) > NAMED:
        yield f"{len(refusals) - NAMED:,} more orders stayed as they are, for reasons such as these."


def _number(row: InboxRow) -> str:
    again = format_html(' <span class="tag">Revision {}</span>', row.record.revision) if row.record.revision > 1 else ""
    return format_html('<span class="strong">{}</span>{}', row.number, again)


def _state(row: InboxRow) -> str:
    badge = format_html('<span class="badge badge--{tone}">{label}</span>', **shown.badge(row.record))
    if not row.record.says:
        return badge
    return format_html('{}<p class="quiet why">{}</p>', badge, Truncator(row.record.says).chars(MOST_SAID))


def _order(row: InboxRow) -> str:
    if row.order is None:
        return ""
    inactive = format_html(' <span class="tag">Inactive</span>') if not row.order.active else ""
    try:
        link = format_html('<a href="{}">{}</a>', reverse("order", args=[row.order.pk]), row.order)
    except NoReverseMatch:
        link = format_html("{}", row.order)
    return format_html('<span class="nowrap">{}</span>{}', link, inactive)


def _customer(row: InboxRow) -> str:
    words = [CUSTOMER_BADGES[note["code"]] for note in row.record.notes if note["code"] in CUSTOMER_BADGES]
    tags = format_html_join("", ' <span class="tag">{}</span>', ((word,) for word in words))
    return format_html("{}{}", row.customer, tags)


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
