"""What programs say of orders: that they have taken them, and how they stand."""

import datetime
from collections.abc import Callable
from typing import Any

from ninja import Router
from pydantic import Field

from linesheet.api.hub.orders import ORDERS, OrderOut
from linesheet.books import orders, versions
from linesheet.books.models import Order
from linesheet.sync.idempotency import Answer
from linesheet.sync.serving.bodies import Body
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.pages import one_of
from linesheet.sync.serving.problems import ApiProblem, Code, Issue, not_found
from linesheet.sync.serving.repeats import as_json, done_once
from linesheet.sync.serving.values import Moment

router = Router(tags=["Orders"], auth=scoped("orders:write"))

AS_WRITTEN = datetime.timedelta(milliseconds=1)
"""Answers tell times in whole milliseconds, what is beyond them cut off."""
CHANGED_SINCE = Code("changed_since", 409, "The record has changed since it was read")


class AcknowledgementIn(Body):
    """Which version of the order was taken; it may be left out."""

    updated_at: Moment | None = Field(
        None, description="As the order that was taken has it; then one that has changed since is not acknowledged."
    )


class OrderStatusIn(Body):
    """How an order is to stand; what is left out, or null, stays.

    `approved` ones count as sold, `active` is false of what was taken out of the books, `closed` ones are delivered no
    more, and `locked` ones are not edited.
    """

    approved: bool | None = None
    active: bool | None = None
    closed: bool | None = None
    locked: bool | None = None


@router.post(
    "/orders/{int:order_id}/acknowledge",
    response=OrderOut,
    openapi_extra=described(CHANGED_SINCE, repeats=True),
    summary="Acknowledge an order",
)
def acknowledge_order(request: ApiRequest, order_id: int, acknowledgement: AcknowledgementIn | None = None) -> Any:
    """Say that your system has taken the order as it stands: it is locked, so that it does not change in two places.

    What a platform sends of it from then on is held, for people to decide. To acknowledge it again changes nothing.
    When somebody unlocks it, it is no longer acknowledged, and comes up again in `GET /orders?acknowledged=false`.

    Send the `updated_at` of the order you took: if it has changed since, you get `changed_since` (409), and the order
    comes again as it is now.
    """
    seen = acknowledgement.updated_at if acknowledgement else None

    def acknowledged(order: Order) -> None:
        changed_at = versions.changed_at("order", [order.pk])[order.pk]
        if order.acknowledged_at is None and seen is not None and changed_at - seen >= AS_WRITTEN:
            says = f"{order} has changed at {changed_at.isoformat()}, after {seen.isoformat()}. Take it as it is now."
            raise ApiProblem(CHANGED_SINCE, says, [Issue(code=CHANGED_SINCE.code, message=says, pointer="/updated_at")])
        orders.acknowledge(order)

    return _changed(request, order_id, acknowledged)


@router.post(
    "/orders/{int:order_id}/status",
    response=OrderOut,
    openapi_extra=described(repeats=True),
    summary="Say how an order stands",
)
def set_order_status(request: ApiRequest, order_id: int, status: OrderStatusIn) -> Any:
    """All that is said, or nothing of it.

    Of an order that you have acknowledged you may say so while it is locked, and it stays so. Any other that is locked
    is refused, unless it is unlocked in the same request. As in Linesheet, an order may be closed that is not approved.
    """
    return _changed(request, order_id, lambda order: orders.set_status(order, status.model_dump()))


def _changed(request: ApiRequest, order_id: int, change: Callable[[Order], None]) -> Any:
    def work() -> Answer:
        order = Order.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
        if order is None:
            raise not_found("order")
        change(order)
        return Answer(200, as_json(one_of(ORDERS, order.pk, {"include_inactive": True}, "order")))

    return done_once(request, work)
