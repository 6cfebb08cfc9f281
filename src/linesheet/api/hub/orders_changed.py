"""What programs say of orders: that they have taken them, and how they stand."""

from collections.abc import Callable
from typing import Any

from ninja import Router

from linesheet.api.hub.orders import ORDERS, OrderOut
from linesheet.books import orders
from linesheet.books.models import Order
from linesheet.sync.idempotency import Answer
from linesheet.sync.serving.bodies import Body
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.pages import one_of
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.repeats import as_json, done_once

router = Router(tags=["Orders"], auth=scoped("orders:write"))


class OrderStatusIn(Body):
    """How an order is to stand; what is left out, or null, stays.

    `approved` ones count as sold, `active` is false of what was taken out of the books, `closed` ones are delivered no
    more, and `locked` ones are not edited.
    """

    approved: bool | None = None
    active: bool | None = None
    closed: bool | None = None
    locked: bool | None = None


_Change = Callable[[Order], None]

# Unlocked first, since what is locked does not change, and locked last; approved only once it is active.
_CHANGES: tuple[tuple[str, bool, str, _Change], ...] = (
    ("locked", False, "locked", orders.unlock),
    ("active", True, "active", orders.activate),
    ("approved", True, "approved", orders.approve),
    ("approved", False, "approved", orders.unapprove),
    ("closed", True, "force_closed", orders.force_close),
    ("closed", False, "force_closed", orders.reopen),
    ("active", False, "active", orders.inactivate),
    ("locked", True, "locked", orders.lock),
)


@router.post(
    "/orders/{int:order_id}/acknowledge",
    response=OrderOut,
    openapi_extra=described(repeats=True),
    summary="Acknowledge an order",
)
def acknowledge_order(request: ApiRequest, order_id: int) -> Any:
    """Say that your system has taken the order: it is locked, so that it does not change in two places.

    What a platform sends of it from then on is held, for people to decide. To acknowledge it again changes nothing.
    """
    return _changed(request, order_id, OrderStatusIn(locked=True))


@router.post(
    "/orders/{int:order_id}/status",
    response=OrderOut,
    openapi_extra=described(repeats=True),
    summary="Say how an order stands",
)
def set_order_status(request: ApiRequest, order_id: int, status: OrderStatusIn) -> Any:
    """All that is said, or nothing of it: a locked order is refused unless it is unlocked in the same request."""
    return _changed(request, order_id, status)


def _changed(request: ApiRequest, order_id: int, status: OrderStatusIn) -> Any:
    def work() -> Answer:
        order = Order.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
        if order is None:
            raise not_found("order")
        for name, value, flag, change in _CHANGES:
            if getattr(status, name) is value and getattr(order, flag) is not value:
                change(order)
        return Answer(200, as_json(one_of(ORDERS, order.pk, {"include_inactive": True}, "order")))

    return done_once(request, work)
