"""Sales orders with their lines."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from linesheet.books.models import Order, OrderLine
from linesheet.sync.collects import Filters, Resource
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.pages import PageOf, Paging, one_of, page_of
from linesheet.sync.serving.values import Money, Shape

router = Router(tags=["Orders"], auth=scoped("orders:read"))


class OrderLineOut(Shape):
    """Units of one SKU at one price. `sku_id` is null where nobody knows the barcode; then see `described_as`.

    `original_price` is that before a reduction, null where nobody said.
    """

    position: int
    sku_id: int | None
    sku_code: str | None
    product_code: str | None
    size: str | None
    barcode: str
    described_as: str
    quantity: int
    price: Money
    original_price: Money | None
    ships_from: datetime.date | None
    ships_until: datetime.date | None
    comment: str


class OrderedBy(Shape):
    """The customer of an order."""

    id: int
    name: str
    account_code: str


class OrderOut(Shape):
    """A sales order. `amount` is the sum of its lines, `total` that less the order's discount.

    `approved` ones count as sold, `locked` ones are not edited, `closed` ones are delivered no more. `acknowledged_at`
    is when the ERP took it as it stands, null while it has not. `price_label` is what whoever sent it calls the price
    list it was priced by.
    """

    id: int
    number: int
    reference: str
    customer_reference: str
    customer: OrderedBy
    season: str
    location: str | None
    type: str
    currency: str
    price_label: str
    discount_percent: Decimal
    units: int
    amount: Money
    total: Money
    ships_from: datetime.date | None
    ships_until: datetime.date | None
    addresses: dict[str, Any]
    comments: str
    approved: bool
    active: bool
    locked: bool
    closed: bool
    acknowledged_at: datetime.datetime | None
    lines: list[OrderLineOut]
    created_at: datetime.datetime
    updated_at: datetime.datetime


FILTERS = ("number", "reference", "customer_reference", "approved", "acknowledged", "include_inactive")


class OrdersAsked(Paging):
    """Which orders."""

    number: int | None = Field(None, ge=1, le=2**31 - 1, description="The one with this number.")
    reference: str | None = Field(
        None, min_length=1, max_length=120, description="Those whose number elsewhere, on a platform say, is this."
    )
    customer_reference: str | None = Field(
        None, min_length=1, max_length=120, description="Those whose number at the customer's is this."
    )
    approved: bool | None = None
    acknowledged: bool | None = Field(None, description="`false`: those that the ERP has not taken as they stand.")
    include_inactive: bool = False


def _offered(filters: Filters) -> "QuerySet[Any]":
    orders: QuerySet[Any] = Order.objects.all()
    if not filters.get("include_inactive"):
        orders = orders.filter(active=True)
    if filters.get("number") is not None:
        orders = orders.filter(number=filters["number"])
    for name in ("reference", "customer_reference"):
        if filters.get(name):
            orders = orders.filter(**{f"{name}__iexact": filters[name].strip()})
    if filters.get("approved") is not None:
        orders = orders.filter(approved=filters["approved"])
    if filters.get("acknowledged") is not None:
        orders = orders.filter(acknowledged_at__isnull=not filters["acknowledged"])
    return orders


def _shown(orders: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, OrderOut]:
    whole = list(orders.select_related("customer", "season", "location"))
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    # Not prefetched: Django makes a query set of each order's lines, which takes as long as all the rest.
    for line in OrderLine.objects.filter(order__in=[order.pk for order in whole]).select_related("sku__product"):
        lines[line.order_id].append(line)
    return {order.pk: _shape(order, lines[order.pk], changed[order.pk]) for order in whole}


def _shape(order: Order, lines: Sequence[OrderLine], updated_at: datetime.datetime) -> OrderOut:
    return OrderOut(
        id=order.pk,
        number=order.number,
        reference=order.reference,
        customer_reference=order.customer_reference,
        customer=OrderedBy(id=order.customer_id, name=order.customer.name, account_code=order.customer.account_code),
        season=order.season.name,
        location=order.location.name if order.location else None,
        type=order.type,
        currency=order.currency,
        price_label=order.price_label,
        discount_percent=order.discount_percent,
        units=order.units,
        amount=order.amount,
        total=order.total,
        ships_from=order.ships_from,
        ships_until=order.ships_until,
        addresses=order.addresses,
        comments=order.comments,
        approved=order.approved,
        active=order.active,
        locked=order.locked,
        closed=order.force_closed,
        acknowledged_at=order.acknowledged_at,
        lines=[_line(line) for line in lines],
        created_at=order.created_at,
        updated_at=updated_at,
    )


def _line(line: OrderLine) -> OrderLineOut:
    return OrderLineOut(
        position=line.position,
        sku_id=line.sku_id,
        sku_code=line.sku.code if line.sku else None,
        product_code=line.sku.product.code if line.sku else None,
        size=line.sku.size if line.sku else None,
        barcode=line.barcode or (line.sku.barcode if line.sku else ""),
        described_as=line.described_as,
        quantity=line.quantity,
        price=line.price,
        original_price=line.original_price,
        ships_from=line.ships_from,
        ships_until=line.ships_until,
        comment=line.comment,
    )


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    kept = Order.objects.filter(pk__in=ids).only("active", "approved", "acknowledged_at")
    return {order.pk: _why_not(order, filters) for order in kept}


def _why_not(order: Order, filters: Filters) -> str:
    if not order.active and not filters.get("include_inactive"):
        return "inactive"
    if any(filters.get(name) for name in ("number", "reference", "customer_reference")):
        return "another"
    if filters.get("approved") not in (None, order.approved):
        return "other_approval"
    return "acknowledged" if order.acknowledged_at else "not_acknowledged"


ORDERS = Resource(
    name="orders",
    kinds=lambda filters: ["order"],
    offered=_offered,
    show=_shown,
    why_gone=_why_gone,
)


@router.get("/orders", response=PageOf[OrderOut], summary="Orders, page by page")
def list_orders(request: ApiRequest, asked: Query[OrdersAsked]) -> Any:
    """Active ones, unless `include_inactive`; with `approved` only approved or only unapproved ones.

    What an ERP has still to take is `approved=true&acknowledged=false`. An order comes up there again when somebody
    unlocks it or a change of it is stored. Reasons in `removed`: inactive, other_approval, acknowledged,
    not_acknowledged, another (than was asked for by its number or a reference), deleted.
    """
    filters = {name: getattr(asked, name) for name in FILTERS}
    return page_of(request, ORDERS, asked, filters)


@router.get("/orders/{int:order_id}", response=OrderOut, summary="One order")
def get_order(request: ApiRequest, order_id: int) -> Any:
    """By its id, active or not."""
    return one_of(ORDERS, order_id, {"include_inactive": True}, "order")
