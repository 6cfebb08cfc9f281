"""What ORDRE may be told at an address it gives: of its orders, and products offered no more (sheet ordre.md 6.7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from linesheet.books.models import Order, Product
from linesheet.platforms.ordre.offered import offered, why_gone
from linesheet.platforms.ordre.orders import Orders
from linesheet.sync.endpoints import Event, Watched
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.place_versions import kind_of

APPROVED, UNAPPROVED, INACTIVE, OFFERED = "approved", "unapproved", "inactive", "offered"


def _orders(connection: Connection, ids: Sequence[int] | None) -> "QuerySet[Any]":
    kept = InboxRecord.objects.filter(connection=connection, kind=Orders.kind, order=OuterRef("pk"))
    orders: QuerySet[Any] = Order.objects.filter(Exists(kept))
    return orders if ids is None else orders.filter(pk__in=ids)


def _order_states(connection: Connection, ids: Sequence[int] | None) -> Mapping[int, str]:
    found = _orders(connection, ids).values_list("pk", "active", "approved")
    return {
        pk: INACTIVE if not active else APPROVED if approved else UNAPPROVED
        for pk, active, approved in found.iterator()
    }


def _about_orders(connection: Connection, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    rows = InboxRecord.objects.filter(connection=connection, kind=Orders.kind, order__in=ids).select_related("order")
    return {
        row.order.pk: {
            "order_number": row.label,
            "submission_id": row.payload.get("submission_id"),
            "erp_order_number": str(row.order),
            "order_reference": row.order.reference,
            "approved": row.order.approved,
            "active": row.order.active,
        }
        for row in rows.order_by("pk")
        if row.order
    }


def _product_states(connection: Connection, ids: Sequence[int] | None) -> Mapping[int, str]:
    found = offered({"connection": connection.pk})
    chosen = found if ids is None else found.filter(pk__in=ids)
    return dict.fromkeys(chosen.values_list("pk", flat=True).iterator(), OFFERED)


def _about_products(connection: Connection, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    reasons = why_gone(ids, {"connection": connection.pk})
    named = Product.objects.filter(pk__in=ids).values("pk", "style", "fabric", "colour")
    about = {one["pk"]: {name: one[name] for name in ("style", "fabric", "colour")} for one in named}
    return {one: {**about.get(one, {}), "reason": reasons.get(one, "deleted")} for one in ids}


WATCHED = (
    Watched(
        kind="order",
        events=(
            Event("order.created", "An order that was submitted is in the books", lambda before, now: not before),
            Event(
                "order.approved",
                "An order was approved",
                lambda before, now: now == APPROVED and before not in ("", APPROVED),
            ),
            Event(
                "order.inactivated",
                "An order was inactivated",
                lambda before, now: now == INACTIVE and before not in ("", INACTIVE),
            ),
        ),
        changes=lambda connection: ["order"],
        states=_order_states,
        about=_about_orders,
    ),
    Watched(
        kind="product",
        events=(Event("product.removed", "A product is offered no more", lambda before, now: not now),),
        changes=lambda connection: ["product", kind_of(connection.pk)],
        states=_product_states,
        about=_about_products,
    ),
)
