"""Sales orders: placing, revising, approving and locking them, and what they come to."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import DecimalField, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from linesheet.books.bulk import insert, save_new
from linesheet.books.customers import address_snapshot, may_approve, may_order
from linesheet.books.models import SKU, Address, Company, Customer, Location, Order, OrderLine, Season, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand

ORDER_EXISTS = Reason(
    code="order_exists",
    says="This order is in the books already, as {order}.",
    fix="Open {order}; revise it when something has changed.",
)
ORDER_LOCKED = Reason(
    code="order_locked",
    says="{order} is locked.",
    fix="Unlock it first, if it really is to change.",
)
ORDER_INACTIVE = Reason(
    code="order_inactive",
    says="{order} is inactive.",
    fix="Make it active again first.",
)
ORDER_WITHOUT_LINES = Reason(
    code="order_without_lines",
    says="The order of {customer} has no lines.",
    fix="Add at least one line with its units.",
)
ORDER_UNFIT = Reason(
    code="order_unfit",
    says="The order of {customer} cannot be kept: {problem}",
    fix="Correct it where it comes from.",
)
CUSTOMER_MAY_NOT_ORDER = Reason(
    code="customer_may_not_order",
    says="{customer} is on hold ({hold_status}), so no new orders are taken.",
    fix="Change the hold status of {customer}.",
)
CUSTOMER_MAY_NOT_BE_APPROVED = Reason(
    code="customer_may_not_be_approved",
    says="{customer} is on hold ({hold_status}), so {order} cannot be approved.",
    fix="Change the hold status of {customer}.",
)

REASONS: tuple[Reason, ...] = (
    ORDER_EXISTS,
    ORDER_LOCKED,
    ORDER_INACTIVE,
    ORDER_WITHOUT_LINES,
    ORDER_UNFIT,
    CUSTOMER_MAY_NOT_ORDER,
    CUSTOMER_MAY_NOT_BE_APPROVED,
)

_MONEY: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=20, decimal_places=4)
_PRICE_STEP = Decimal("0.0001")
_KINDS = {
    Address.Kind.DELIVERY: "delivery",
    Address.Kind.ACCOUNTS: "accounts",
    Address.Kind.STORE: "store",
}


_LINE = (
    "position",
    "sku",
    "barcode",
    "described_as",
    "quantity",
    "price",
    "original_price",
    "ships_from",
    "ships_until",
    "comment",
)
Line: TypeAlias = tuple[Any, ...]
"""A line as its columns keep it, in the order of `_LINE`. To make a model of it would take longer than to save it."""


class OrderRefused(Refused):
    """This cannot be done to the order."""


class OrderExists(Refused):
    """The record this order comes from has become `order` before."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(ORDER_EXISTS, order=order)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """Units of one SKU at one price in the order's currency.

    A line whose SKU is not known needs a barcode or `described_as` to be told by.
    """

    sku: SKU | None
    quantity: int
    price: Decimal
    original_price: Decimal | None = None
    barcode: str = ""
    described_as: str = ""
    ships_from: datetime.date | None = None
    ships_until: datetime.date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order before it is in the books.

    `addresses` are snapshots keyed `delivery`, `accounts` and `store`; those left out are the customer's
    defaults. Without dates the season's delivery dates hold, and without a currency the customer's or else
    the company's.
    `source_key` names the record it comes from; `short` says that record had more than the lines here.
    """

    customer: Customer
    season: Season
    lines: Sequence[LineDraft]
    currency: str = ""
    reference: str = ""
    customer_reference: str = ""
    owner: User | None = None
    location: Location | None = None
    approved: bool = False
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    discount_percent: Decimal = Decimal(0)
    ships_from: datetime.date | None = None
    ships_until: datetime.date | None = None
    comments: str = ""
    source_key: str = ""
    short: bool = False


def place_order(draft: OrderDraft) -> Order:
    """Put a new order in the books, as `place_orders` does. Raises what keeps it out."""
    [placed] = place_orders([draft])
    if isinstance(placed, Refused):
        raise placed
    return placed


@transaction.atomic
def place_orders(drafts: Sequence[OrderDraft]) -> list[Order | Refused]:
    """Put new orders in the books, each with all its lines or not at all (sheet erp.md 2.8).

    For each draft its order, or what keeps it out: OrderExists when an order has the same source key, OrderRefused
    when the hold status bars new orders, there are no lines, or a value does not fit. An order stays unapproved
    when the customer's hold status bars approval. Prices are kept to four decimals. The number of queries does not
    depend on that of the drafts.
    """
    if not drafts:
        return []
    company = _company_numbering()
    try:
        with transaction.atomic():
            return _placed(drafts, company)
    except IntegrityError:
        # A file of orders brought one of the source keys in meanwhile; by now it is seen.
        return _placed(drafts, company)


@transaction.atomic
def revise_order(order: Order, draft: OrderDraft) -> Order:
    """Replace the header and lines of an order by those of the draft.

    Its number, source key and flags (approved, active, locked, closed by force) stay as they are.
    Raises OrderRefused when it is locked, there are no lines, or a value does not fit.
    """
    held = _held(order)
    defaults = _default_addresses([draft.customer])
    _fill(held, draft, Company.objects.get(pk=company_in_hand()), defaults.get(draft.customer.pk, {}))
    lines = _lines(draft)
    held.lines.all().delete()
    held.save()
    _save_lines([(held, lines)])
    return held


@transaction.atomic
def approve(order: Order) -> None:
    """Approve an order, so that its units count as sold.

    Raises OrderRefused when it is locked or inactive, or the customer's hold status bars approval.
    """
    held = _held(order)
    if not held.active:
        raise OrderRefused(ORDER_INACTIVE, order=held)
    if not may_approve(held.customer):
        raise OrderRefused(
            CUSTOMER_MAY_NOT_BE_APPROVED,
            customer=held.customer,
            hold_status=held.customer.hold_status,
            order=held,
        )
    _mark(order, approved=True)


def unapprove(order: Order) -> None:
    """Take the approval back; its units no longer count as sold. Raises OrderRefused when it is locked."""
    _change(order, approved=False)


def inactivate(order: Order) -> None:
    """Take an order out of the books without deleting it. Raises OrderRefused when it is locked."""
    _change(order, active=False)


def activate(order: Order) -> None:
    """Undo `inactivate`. Raises OrderRefused when it is locked."""
    _change(order, active=True)


def force_close(order: Order) -> None:
    """Deliver no more of an order; its units are available again. Raises OrderRefused when it is locked."""
    _change(order, force_closed=True)


def reopen(order: Order) -> None:
    """Undo `force_close`. Raises OrderRefused when it is locked."""
    _change(order, force_closed=False)


def lock(order: Order) -> None:
    """Keep an order from being edited."""
    _mark(order, locked=True)


def unlock(order: Order) -> None:
    """Let an order be edited again."""
    _mark(order, locked=False)


def with_totals(orders: "QuerySet[Order]") -> "QuerySet[Any]":
    """Orders, each with `.units` and with `.total`: its lines less the discount, to two decimals."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    units = lines.annotate(sum=Sum("quantity")).values("sum")
    amount = lines.annotate(sum=Sum(F("quantity") * F("price"), output_field=_MONEY)).values("sum")
    undiscounted = Coalesce(Subquery(amount), Value(Decimal(0)), output_field=_MONEY)
    return orders.annotate(
        units=Coalesce(Subquery(units), 0, output_field=IntegerField()),
        total=Round(undiscounted * (1 - F("discount_percent") / 100), 2, output_field=_MONEY),
    )


def order_total(order: Order) -> Decimal:
    """What an order comes to in its currency: its lines less the discount, to two decimals, half up."""
    total: Decimal = with_totals(Order.objects.filter(pk=order.pk)).get().total
    return total


def units(order: Order) -> int:
    """The units on all lines of an order."""
    counted: int = with_totals(Order.objects.filter(pk=order.pk)).get().units
    return counted


def _company_numbering() -> Company:
    """The company, locked until the transaction ends so that order numbers have no gaps or doubles.

    A sequence would leave gaps after a rollback. `no_key` because every row inserted for the company takes a
    key share lock on it, and those must not wait.
    """
    return Company.objects.select_for_update(no_key=True).get(pk=company_in_hand())


def _next_number() -> int:
    last: int | None = Order.objects.aggregate(last=models.Max("number"))["last"]
    return (last or 0) + 1


def _placed(drafts: Sequence[OrderDraft], company: Company) -> list[Order | Refused]:
    known = {order.source_key: order for order in _from_the_same(drafts)}
    defaults = _default_addresses({draft.customer for draft in drafts})
    number = _next_number()
    placed: list[Order | Refused] = []
    new: list[Order] = []
    lines: list[Sequence[Line]] = []
    for draft in drafts:
        try:
            if draft.source_key in known:
                raise OrderExists(known[draft.source_key])
            order, of_order = _made(draft, number, company, defaults.get(draft.customer.pk, {}))
        except Refused as refused:
            placed.append(refused)
            continue
        number += 1
        if order.source_key:
            known[order.source_key] = order
        placed.append(order)
        new.append(order)
        lines.append(of_order)
    save_new(new)
    _save_lines(zip(new, lines, strict=True))
    return placed


def _made(
    draft: OrderDraft, number: int, company: Company, defaults: Mapping[str, dict[str, str]]
) -> tuple[Order, list[Line]]:
    if not may_order(draft.customer):
        raise OrderRefused(CUSTOMER_MAY_NOT_ORDER, customer=draft.customer, hold_status=draft.customer.hold_status)
    order = Order(
        number=number,
        approved=draft.approved and may_approve(draft.customer),
        source_key=draft.source_key,
    )
    _fill(order, draft, company, defaults)
    return order, _lines(draft)


def _from_the_same(drafts: Sequence[OrderDraft]) -> "Sequence[Order]":
    """The orders that came from the records the drafts come from."""
    keys = [draft.source_key for draft in drafts if draft.source_key]
    return list(Order.objects.filter(source_key__in=keys))


def _fill(order: Order, draft: OrderDraft, company: Company, defaults: Mapping[str, dict[str, str]]) -> None:
    order.customer = draft.customer
    order.type = draft.customer.type
    order.season = draft.season
    order.location = draft.location
    order.owner = draft.owner
    order.reference = draft.reference
    order.customer_reference = draft.customer_reference
    order.currency = (draft.currency or draft.customer.currency or company.currency).upper()
    order.discount_percent = draft.discount_percent
    order.ships_from = draft.ships_from or draft.season.delivery_starts_on
    order.ships_until = draft.ships_until or draft.season.delivery_cancels_on
    order.addresses = {**defaults, **{kind: dict(address) for kind, address in draft.addresses.items()}}
    order.comments = draft.comments
    order.short = draft.short
    _check(order, draft.customer, "")


def _default_addresses(customers: Iterable[Customer]) -> dict[int, dict[str, dict[str, str]]]:
    """Snapshots of default addresses, by customer and kind."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    for address in Address.objects.filter(customer__in=customers, is_default=True).order_by("-pk"):
        found.setdefault(address.customer_id, {})[_KINDS[Address.Kind(address.kind)]] = address_snapshot(address)
    return found


def _lines(draft: OrderDraft) -> list[Line]:
    if not draft.lines:
        raise OrderRefused(ORDER_WITHOUT_LINES, customer=draft.customer)
    return [_line(position, given, draft.customer) for position, given in enumerate(draft.lines, start=1)]


def _line(position: int, given: LineDraft, customer: Customer) -> Line:
    line = (
        position,
        given.sku.pk if given.sku else None,
        given.barcode or (given.sku.barcode if given.sku else ""),
        given.described_as,
        given.quantity,
        _rounded(given.price),
        None if given.original_price is None else _rounded(given.original_price),
        given.ships_from,
        given.ships_until,
        given.comment,
    )
    if not all(fits(value) for (_, fits), value in zip(_line_columns(), line, strict=True)):
        named = ((name, value) for (name, _), value in zip(_line_columns(), line, strict=True))
        _check_line(OrderLine(**dict(named)), customer)
    return line


@cache
def _line_columns() -> "list[tuple[str, Callable[[Any], bool]]]":
    """The attributes of a line in the order of `_LINE`, each with what tells whether a value fits."""
    fields = {field.name: field for field in OrderLine._meta.concrete_fields}
    return [(fields[name].attname, _fits(fields[name])) for name in _LINE]


def _fits(field: "models.Field[Any, Any]") -> Callable[[Any], bool]:
    """Tells whether a value is one that nobody can object to; of others `_check_line` says what is wrong, if anything.

    That takes 20 times as long, and hardly any line needs it.
    """
    match field:
        case models.ForeignKey():
            return lambda value: type(value) is int
        case models.IntegerField():
            return lambda value: type(value) is int and 0 <= value < 2**31
        case models.DecimalField(decimal_places=places):
            most = Decimal(10) ** (field.max_digits - places)
            return lambda value: (value is None and field.null) or (value.is_finite() and 0 <= value < most)
        case models.CharField(max_length=int(longest)):
            return lambda value: type(value) is str and len(value) <= longest
        case _:
            return lambda value: value is None or type(value) is datetime.date


def _save_lines(lines: Iterable[tuple[Order, Sequence[Line]]]) -> None:
    insert(OrderLine, ("order", *_LINE), [(order.pk, *line) for order, of_order in lines for line in of_order])


def _rounded(price: Decimal) -> Decimal:
    try:
        return price.quantize(_PRICE_STEP)
    except InvalidOperation:  # too large to round, so also too large to keep, which the check says
        return price


def _check_line(line: OrderLine, customer: Customer) -> None:
    where = f"line {line.position}, "
    _check(line, customer, where)
    problem = None
    if line.quantity < 0:
        problem = f"{where}quantity: {line.quantity} units are less than none."
    elif line.price < 0:
        problem = f"{where}price: {line.price} is less than nothing."
    elif line.sku_id is None and not (line.barcode or line.described_as):
        problem = f"{where}described as: nothing tells what was ordered."
    if problem:
        raise OrderRefused(ORDER_UNFIT, customer=customer, problem=problem)


def _check(row: Order | OrderLine, customer: Customer, where: str) -> None:
    """Refuse what the columns of the row cannot hold."""
    try:
        row.clean_fields(exclude=["company", "customer", "season", "location", "owner", "order", "sku"])
    except ValidationError as error:
        name, problems = next(iter(error.message_dict.items()))
        problem = f"{where}{name.replace('_', ' ')}: {problems[0]}"
        raise OrderRefused(ORDER_UNFIT, customer=customer, problem=problem) from None


def _held(order: Order) -> Order:
    """The order as it is now, locked in the database. Raises OrderRefused when it is locked for people."""
    held: Order = Order.objects.select_for_update(of=("self",)).select_related("customer__hold_status").get(pk=order.pk)
    if held.locked:
        raise OrderRefused(ORDER_LOCKED, order=held)
    return held


@transaction.atomic
def _change(order: Order, **flags: bool) -> None:
    _held(order)
    _mark(order, **flags)


def _mark(order: Order, **flags: bool) -> None:
    Order.objects.filter(pk=order.pk).update(**flags)
    for name, value in flags.items():
        setattr(order, name, value)
