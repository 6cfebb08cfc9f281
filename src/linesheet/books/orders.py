"""Sales orders: placing, revising, approving, locking and acknowledging them, and what they come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from linesheet.books import order_drafts
from linesheet.books.bulk import save_new
from linesheet.books.customers import may_approve, may_order
from linesheet.books.models import Company, Customer, Order
from linesheet.books.order_drafts import (
    Line,
    OrderDraft,
    OrderRefused,
    default_addresses,
    fill,
    lines_of,
    put_sums,
    save_lines,
)
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
    *order_drafts.REASONS,
    ORDER_EXISTS,
    ORDER_LOCKED,
    ORDER_INACTIVE,
    CUSTOMER_MAY_NOT_ORDER,
    CUSTOMER_MAY_NOT_BE_APPROVED,
)
"""All that keeps an order from being placed or changed."""


class OrderExists(Refused):
    """The record this order comes from has become `order` before."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(ORDER_EXISTS, order=order)


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

    Its number, source key and flags (approved, active, locked, closed by force) stay as they are, but it is no longer
    acknowledged: the ERP is to take it as it stands now.
    Raises OrderRefused when it is locked, there are no lines, or a value does not fit.
    """
    held = _held(order)
    defaults = default_addresses([draft.customer])
    fill(held, draft, Company.objects.get(pk=company_in_hand()), defaults.get(draft.customer.pk, {}))
    lines = lines_of(draft)
    held.lines.all().delete()
    held.acknowledged_at = None
    held.save()
    save_lines([(held, lines)])
    return held


@transaction.atomic
def approve(order: Order) -> None:
    """Approve an order, so that its units count as sold.

    Raises OrderRefused when it is locked or inactive, or the customer's hold status bars approval.
    """
    if refused := keeps_from_approval(_held(order)):
        raise refused
    _mark(order, approved=True)


def keeps_from_approval(order: Order) -> OrderRefused | None:
    """Why an order that is not locked cannot be approved; None when it can."""
    if not order.active:
        return OrderRefused(ORDER_INACTIVE, order=order)
    if not may_approve(order.customer):
        return OrderRefused(
            CUSTOMER_MAY_NOT_BE_APPROVED,
            customer=order.customer,
            hold_status=order.customer.hold_status,
            order=order,
        )
    return None


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
    """Let an order be edited again. The ERP that has acknowledged it is to take it once more, as it is then."""
    _mark(order, locked=False, acknowledged_at=None)


@transaction.atomic
def acknowledge(order: Order) -> None:
    """Note that the ERP has taken an order as it stands, and lock it. Done again, the time of the first stays."""
    held = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    _mark(order, locked=True, acknowledged_at=held.acknowledged_at or timezone.now())


_STATUS: tuple[tuple[str, bool, str, Callable[[Order], None]], ...] = (
    # Unlocked first, since what is locked does not change, and locked last; approved only once it is active.
    ("locked", False, "locked", unlock),
    ("active", True, "active", activate),
    ("approved", True, "approved", approve),
    ("approved", False, "approved", unapprove),
    ("closed", True, "force_closed", force_close),
    ("closed", False, "force_closed", reopen),
    ("active", False, "active", inactivate),
    ("locked", True, "locked", lock),
)


@transaction.atomic
def set_status(order: Order, wanted: Mapping[str, bool | None]) -> None:
    """Have an order stand as is wanted of `approved`, `active`, `closed` and `locked`; None leaves one as it is.

    For programs: the status of an acknowledged order is theirs to tell, though it is locked, and it stays so. All is
    done or nothing. Raises OrderRefused for any other order that is locked and is not to be unlocked, and as each
    change by itself does.
    """
    held = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    taken_at = held.acknowledged_at if wanted.get("locked") is not False else None
    if taken_at:
        _mark(held, locked=False)
    for name, value, flag, change in _STATUS:
        if wanted.get(name) is value and getattr(held, flag) is not value:
            change(held)
    if taken_at:
        _mark(held, locked=True)


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
    drafts = _of_whom_is_meant(drafts)
    known = {order.source_key: order for order in _from_the_same(drafts)}
    defaults = default_addresses({draft.customer for draft in drafts})
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
    save_lines(zip(new, lines, strict=True))
    return placed


def _of_whom_is_meant(drafts: Sequence[OrderDraft]) -> list[OrderDraft]:
    """The drafts, those of customers that were merged since they were drawn up under whom these were merged into.

    Merging takes the lock that the caller has, so that no order stays behind.
    """
    merged = Customer.objects.filter(pk__in={draft.customer.pk for draft in drafts}, merged_into__isnull=False)
    meant = {one.pk: one.meant for one in merged.select_related("merged_into__hold_status")}
    return [replace(draft, customer=meant.get(draft.customer.pk, draft.customer)) for draft in drafts]


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
    fill(order, draft, company, defaults)
    lines = lines_of(draft)
    put_sums(order, lines)
    return order, lines


def _from_the_same(drafts: Sequence[OrderDraft]) -> "Sequence[Order]":
    """The orders that came from the records the drafts come from."""
    keys = [draft.source_key for draft in drafts if draft.source_key]
    return list(Order.objects.filter(source_key__in=keys))


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


def _mark(order: Order, **values: Any) -> None:
    Order.objects.filter(pk=order.pk).update(**values)
    for name, value in values.items():
        setattr(order, name, value)
