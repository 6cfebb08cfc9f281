"""The same done to many orders at once: all that can be, and why each other cannot."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from linesheet.books.models import Order
from linesheet.books.order_drafts import OrderRefused
from linesheet.books.orders import ORDER_LOCKED, keeps_from_approval
from linesheet.books.reasons import Said


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of many orders: how many were changed, how many were so already, and why each other was not."""

    done: int
    already: int
    refused: list[tuple[Order, Said]]


def approve_all(orders: "QuerySet[Order]") -> Changed:
    """Approve each of these orders that `approve` would, in one transaction and four queries."""
    return _change_all(orders, "approved", True, keeps_from_approval)


def inactivate_all(orders: "QuerySet[Order]") -> Changed:
    """Take each of these orders that `inactivate` would out of the books, in one transaction and four queries."""
    return _change_all(orders, "active", False, lambda order: None)


@transaction.atomic
def _change_all(
    orders: "QuerySet[Order]", flag: str, value: bool, keeps: Callable[[Order], OrderRefused | None]
) -> Changed:
    # Locked in one order, so that two of these cannot wait for each other.
    ids = orders.order_by().values("pk")
    rows = Order.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    rows = rows.select_related("customer__hold_status").defer("addresses", "comments", "search")
    already = 0
    changed: list[int] = []
    refused: list[tuple[Order, Said]] = []
    for order in rows:
        if getattr(order, flag) is value:
            already += 1
        elif why := OrderRefused(ORDER_LOCKED, order=order) if order.locked else keeps(order):
            refused.append((order, why.said))
        else:
            changed.append(order.pk)
    Order.objects.filter(pk__in=changed).update(**{flag: value})
    return Changed(len(changed), already, refused)
