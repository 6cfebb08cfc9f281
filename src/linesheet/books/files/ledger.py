"""The orders and customers a chunk of rows speaks of, taken from the books and put back."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Lower

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.files.importer import Chunk, Stated
from linesheet.books.files.order_rows import WantedOrder
from linesheet.books.files.rows import fold, name_key
from linesheet.books.files.skus import SKUs
from linesheet.books.models import Company, Customer, Member, Order, OrderLine, User
from linesheet.books.order_drafts import LINE
from linesheet.books.tenancy import company_in_hand

_ORDER_FIELDS = (
    "customer",
    "season",
    "location",
    "owner",
    "type",
    "reference",
    "customer_reference",
    "currency",
    "price_label",
    "discount_percent",
    "ships_from",
    "ships_until",
    "addresses",
    "comments",
    "approved",
    "active",
    "locked",
    "force_closed",
    "short",
    "source_key",
)
_LINE_FIELDS = tuple(name for name in LINE if name != "position")


@dataclass(slots=True, eq=False)
class HeldOrder:
    """An order in hand with its lines by position, and what this file has said of it so far."""

    order: Order
    lines: dict[int, OrderLine] = field(default_factory=dict)
    line_rows: dict[int, int] = field(default_factory=dict)
    stated: Stated | None = None
    was_locked: bool = False
    last: int = 0
    changed: bool = False


class Ledger:
    """The orders and customers a chunk of rows speaks of, fetched and saved with a fixed number of queries."""

    def __init__(self, wanted: list[WantedOrder], chunk: Chunk) -> None:
        self.chunk = chunk
        # Whoever gives order numbers meanwhile waits for us.
        self.company = Company.objects.select_for_update(no_key=True).get(pk=company_in_hand())
        self.skus = SKUs(each.named for each in wanted)
        self.new_customers: dict[str, Customer] = {}
        self._fetch_customers(wanted)
        self._fetch_orders(wanted)
        self._touched: dict[int, OrderLine] = {}
        self._new: list[HeldOrder] = []
        emails = {fold(email) for each in wanted if (email := each.row.get("owner"))}
        self.members: dict[str, User] = {}
        if emails:
            members = Member.objects.select_related("user").alias(mail=Lower("user__email"))
            self.members = {fold(each.user.email): each.user for each in members.filter(mail__in=emails)}
        keys = {key for each in wanted if (key := each.values.get("source_key"))}
        sources = Order.objects.filter(source_key__in=keys).order_by().values_list("source_key", "number")
        self.sources: dict[str, int] = dict(sources) if keys else {}

    def add(self, held: HeldOrder) -> None:
        """Take a new order in hand."""
        self.orders[held.order.number] = held
        self._new.append(held)

    def touch(self, line: OrderLine) -> None:
        """Have a line saved."""
        self._touched[id(line)] = line

    def save(self, chunk: Chunk) -> None:
        """Put everything back into the books, and tell the chunk what was said of which order and line."""
        save_new(self.new_customers.values())
        changed = [each.order for each in self.orders.values() if each.changed and each.order.pk]
        for held in self.orders.values():
            if held.changed:
                held.order.customer_id = held.order.customer.pk
        save_new(each.order for each in self._new)
        save_changed(changed, _ORDER_FIELDS)
        lines = list(self._touched.values())
        known = [line for line in lines if line.pk]
        for line in lines:
            if not line.pk:
                line.order_id = line.order.pk
        save_new(line for line in lines if not line.pk)
        save_changed(known, _LINE_FIELDS)
        for held in self.orders.values():
            if held.stated is None:
                continue
            pk = held.order.pk
            chunk.stated[pk] = held.stated
            chunk.rows[_last(pk)] = held.last
            if held.was_locked:
                chunk.rows["locked", pk] = held.stated.row
            for position, row in held.line_rows.items():
                chunk.rows[pk, position] = row

    def _fetch_customers(self, wanted: list[WantedOrder]) -> None:
        names = {fold(each.customer) for each in wanted if each.customer}
        codes = {each.account_code for each in wanted if each.account_code}
        related = ("hold_status", "merged_into__hold_status")
        found = Customer.objects.select_related(*related).alias(folded=Lower("name"))
        customers = list(found.filter(Q(folded__in=names) | Q(account_code__in=codes)))
        meant = {each.meant.pk: each.meant for each in customers}
        self.customers_by_name: dict[str, Customer] = {name_key(each.name): meant[each.meant.pk] for each in customers}
        self.customers_by_code: dict[str, Customer] = {
            each.account_code: meant[each.meant.pk] for each in customers if each.account_code
        }

    def _fetch_orders(self, wanted: list[WantedOrder]) -> None:
        numbers = {each.number for each in wanted}
        found = Order.objects.filter(number__in=numbers).select_related("customer", "season", "location", "owner")
        self.orders: dict[int, HeldOrder] = {}
        by_id: dict[int, HeldOrder] = {}
        for order in found:
            pk = order.pk
            stated = self.chunk.said_of(pk)
            was_locked = order.locked if stated is None else self.chunk.row_of(("locked", pk)) is not None
            held = HeldOrder(order, stated=stated, was_locked=was_locked, last=self.chunk.row_of(_last(pk)) or 0)
            self.orders[order.number] = by_id[pk] = held
        for line in OrderLine.objects.filter(order_id__in=by_id).select_related("sku"):
            held = by_id[line.order_id]
            held.lines[line.position] = line
            if row := self.chunk.row_of((line.order_id, line.position)):
                held.line_rows[line.position] = row


def _last(order_id: int) -> Hashable:
    """Under what the last position of an order in this file is remembered."""
    return ("last", order_id)
