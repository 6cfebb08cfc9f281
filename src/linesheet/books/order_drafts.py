"""Drafts of sales orders: what an order is before it is in the books, and the header and lines it comes to."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import models

from linesheet.books.addresses import address_snapshot
from linesheet.books.bulk import insert
from linesheet.books.models import SKU, Address, Company, Customer, Location, Order, OrderLine, Season, User
from linesheet.books.reasons import Reason, Refused

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

REASONS: tuple[Reason, ...] = (ORDER_WITHOUT_LINES, ORDER_UNFIT)

_PRICE_STEP = Decimal("0.0001")
KINDS = {
    Address.Kind.DELIVERY: "delivery",
    Address.Kind.ACCOUNTS: "accounts",
    Address.Kind.STORE: "store",
}


LINE = (
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
"""What a line keeps of itself, in this order."""
_SKU, _QUANTITY, _PRICE = (LINE.index(name) for name in ("sku", "quantity", "price"))
Line: TypeAlias = tuple[Any, ...]
"""A line as its columns keep it, in the order of `LINE`. To make a model of it would take longer than to save it."""


class OrderRefused(Refused):
    """This cannot be done to the order, or a draft makes no order."""


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
    price_label: str = ""
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


def fill(order: Order, draft: OrderDraft, company: Company, defaults: Mapping[str, dict[str, str]]) -> None:
    """Give an order the header of its draft, with `defaults` for the addresses it leaves out.

    Raises OrderRefused when a value does not fit.
    """
    order.customer = draft.customer
    order.type = draft.customer.type
    order.season = draft.season
    order.location = draft.location
    order.owner = draft.owner
    order.reference = draft.reference
    order.customer_reference = draft.customer_reference
    order.currency = currency_of(draft, company)
    order.price_label = draft.price_label
    order.discount_percent = draft.discount_percent
    order.ships_from = draft.ships_from or draft.season.delivery_starts_on
    order.ships_until = draft.ships_until or draft.season.delivery_cancels_on
    order.addresses = {**defaults, **{kind: dict(address) for kind, address in draft.addresses.items()}}
    order.comments = draft.comments
    order.short = draft.short
    _check(order, draft.customer, "")


def currency_of(draft: OrderDraft, company: Company) -> str:
    """The currency of the order that a draft becomes."""
    return (draft.currency or draft.customer.currency or company.currency).upper()


def default_addresses(customers: Iterable[Customer]) -> dict[int, dict[str, dict[str, str]]]:
    """Snapshots of default addresses, by primary key of the customer and kind (`delivery`, `accounts`, `store`)."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    for address in Address.objects.filter(customer__in=customers, is_default=True).order_by("-pk"):
        found.setdefault(address.customer_id, {})[KINDS[Address.Kind(address.kind)]] = address_snapshot(address)
    return found


def lines_of(draft: OrderDraft) -> list[Line]:
    """The lines of a draft, numbered from 1. Raises OrderRefused when there are none or a value does not fit."""
    if not draft.lines:
        raise OrderRefused(ORDER_WITHOUT_LINES, customer=draft.customer)
    return [_line(position, given, draft.customer) for position, given in enumerate(draft.lines, start=1)]


def put_sums(order: Order, lines: Iterable[Line]) -> None:
    """Give a new order the sums of its lines, as the database will find them; so it need not put them right."""
    order.units, order.unmatched, order.amount = 0, 0, Decimal(0)
    for line in lines:
        order.units += line[_QUANTITY]
        order.unmatched += line[_SKU] is None
        order.amount += line[_QUANTITY] * line[_PRICE]


def save_lines(lines: Iterable[tuple[Order, Sequence[Line]]]) -> None:
    """Put the lines of saved orders in the books, in one query."""
    insert(OrderLine, ("order", *LINE), [(order.pk, *line) for order, of_order in lines for line in of_order])


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
    """The attributes of a line in the order of `LINE`, each with what tells whether a value fits."""
    fields = {field.name: field for field in OrderLine._meta.concrete_fields}
    return [(fields[name].attname, _fits(fields[name])) for name in LINE]


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
