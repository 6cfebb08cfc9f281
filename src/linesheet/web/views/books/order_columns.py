"""What the list of orders tells of each."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linesheet.books.models import Order
from linesheet.sync.sources import Source
from linesheet.web.lists import Column
from linesheet.web.templatetags.show import money, number, when
from linesheet.web.why import why_mark


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


def state_badges(order: Order) -> SafeString:
    """The state of an order in a word, and what else is to know of it."""
    if not order.active:
        state = ("off", "Inactive")
    elif order.approved:
        state = ("good", "Approved")
    else:
        state = ("waiting", "Waiting for approval")
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
    asks = why_mark("order", row.order.pk, str(row.order))
    return format_html('<span class="nowrap">{} {}</span>', state_badges(row.order), asks)


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
    Column(key="price_label", label="Price list there", value=lambda row: row.order.price_label, usual=False),
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
