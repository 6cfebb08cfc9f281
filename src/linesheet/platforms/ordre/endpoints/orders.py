"""Submitting orders, and looking up what became of them."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from django.db.models import Exists, OuterRef, QuerySet
from ninja import Query, Router
from pydantic import Field

from linesheet.books.models import Order
from linesheet.platforms.ordre.endpoints.bodies import OrderIn, OrderReport, Submission, Submissions
from linesheet.platforms.ordre.endpoints.ids import Page
from linesheet.platforms.ordre.endpoints.issues import issues_of, lines_skipped
from linesheet.platforms.ordre.endpoints.problems import ALREADY_SUBMITTED, NOT_CONFIGURED, OF_ORDERS
from linesheet.platforms.ordre.endpoints.submitting import Taken
from linesheet.platforms.ordre.findings import submissions
from linesheet.platforms.ordre.orders import Orders
from linesheet.sync import idempotency
from linesheet.sync.collects import Filters, Resource
from linesheet.sync.idempotency import Answer
from linesheet.sync.models import InboxRecord
from linesheet.sync.serving.activity import row_of
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.pages import Paging, page_of
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.repeats import HEADER, as_json, done_once, refusal
from linesheet.sync.serving.values import Moment, Money, Shape

router = Router(tags=["Orders"])
UNTOLD_REPEATS = datetime.timedelta(hours=24)
"""How long the same body without an idempotency key counts as a repeat (sheet ordre.md 6.5)."""
MOST_SUBMISSIONS = 500
_STATES = {"stored": "created", "kept": "held", "held": "held", "superseded": "superseded", "ignored": "ignored"}


@router.post(
    "/orders",
    response={201: OrderReport, 200: OrderReport},
    auth=scoped("orders:write"),
    openapi_extra=described(*OF_ORDERS, ALREADY_SUBMITTED, NOT_CONFIGURED, repeats=True),
    summary="Submit an order",
)
def submit_order(request: ApiRequest, order: OrderIn) -> Any:
    """Lines whose barcode is missing or unknown are left out, and told of in `issues`. What is refused is kept.

    The same order number with another key, or another body, is a new order; `superseded` names those before.
    """

    def work() -> Answer:
        taken = Taken(request.auth.connection, order)
        if taken.record is None:
            raise taken.problem()
        if taken.made is None:
            return refusal(request, taken.problem())
        return Answer(201, as_json(taken.report(row_of(request, 201))))

    told = bool(request.headers.get(HEADER, "").strip())
    kept = idempotency.KEPT if told else UNTOLD_REPEATS
    return done_once(request, work, otherwise=_key_of(order, request.body), kept=kept)


@router.post(
    "/orders/validate",
    response=OrderReport,
    auth=scoped("orders:write"),
    openapi_extra=described(NOT_CONFIGURED),
    summary="Check an order",
)
def validate_order(request: ApiRequest, order: OrderIn) -> Any:
    """What would become of an order. Nothing is stored; `erp_order_number` is the next one as it is now.

    What would be refused is answered with 200 as well: `result` is `refused`, and the first issue says why.
    """
    return Taken.checked(request.auth.connection, order)


class OrdersAsked(Paging):
    """Which orders."""

    status: Literal["approved", "unapproved", "inactive"] | None = None
    received_since: Annotated[Moment | None, Field(description="Only those received then or later.")] = None


class OrderOut(Shape):
    """An order that was submitted, as it is in the books now."""

    id: str
    erp_order_number: str
    order_reference: str
    status: Literal["approved", "unapproved", "inactive"]
    customer: str
    season: str
    currency: str
    units: int
    amount: Money
    received_at: datetime.datetime
    updated_at: datetime.datetime


def _offered(filters: Filters) -> "QuerySet[Any]":
    kept = InboxRecord.objects.filter(connection=filters["connection"], kind=Orders.kind, order=OuterRef("pk"))
    orders: QuerySet[Any] = Order.objects.filter(Exists(kept))
    if filters.get("received_since"):
        orders = orders.filter(created_at__gte=filters["received_since"])
    match filters.get("status"):
        case "inactive":
            orders = orders.filter(active=False)
        case "approved" | "unapproved" as status:
            orders = orders.filter(active=True, approved=status == "approved")
    return orders


def _shown(orders: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, OrderOut]:
    return {order.pk: _shape(order, changed[order.pk]) for order in orders.select_related("customer", "season")}


def _shape(order: Order, updated_at: datetime.datetime) -> OrderOut:
    return OrderOut(
        id=str(order.pk),
        erp_order_number=str(order),
        order_reference=order.reference,
        status="inactive" if not order.active else "approved" if order.approved else "unapproved",
        customer=order.customer.name,
        season=order.season.name,
        currency=order.currency,
        units=order.units,
        amount=order.total,
        received_at=order.created_at,
        updated_at=updated_at,
    )


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    return dict.fromkeys(Order.objects.filter(pk__in=ids).values_list("pk", flat=True), "not_asked_for")


ORDERS = Resource(
    name="ordre-orders", kinds=lambda filters: ["order"], offered=_offered, show=_shown, why_gone=_why_gone
)


@router.get("/orders", response=Page[OrderOut], auth=scoped("orders:read"), summary="Orders, page by page")
def list_orders(request: ApiRequest, asked: Query[OrdersAsked]) -> Any:
    """Orders that were submitted, as they are in the books."""
    since = asked.received_since.isoformat() if asked.received_since else None
    filters = {"connection": request.auth.connection.pk, "status": asked.status, "received_since": since}
    return page_of(request, ORDERS, asked, filters)


@router.get(
    "/orders/{path:order_number}",
    response=Submissions,
    auth=scoped("orders:read"),
    summary="Every submission of an order",
)
def get_order(request: ApiRequest, order_number: str) -> Any:
    """By the number that ORDRE gave it, newest first."""
    rows = submissions(request.auth.connection.pk, order_number)
    found = list(rows.select_related("order").order_by("-pk")[:MOST_SUBMISSIONS])
    if not found:
        raise not_found("order")
    return Submissions(order_number=order_number, data=[_submission(row) for row in found])


def _submission(row: InboxRecord) -> Submission:
    order = row.order
    issues = issues_of(row)
    return Submission(
        received_at=row.received_at,
        submission_id=row.payload.get("submission_id"),
        submitted_at=row.payload.get("submitted_at"),
        status=_STATES[row.state],  # type: ignore[arg-type]  # all states are there
        erp_order_number=str(order) if order else None,
        order_reference=order.reference if order else None,
        approved=bool(order and order.approved),
        active=bool(order and order.active),
        lines_skipped=lines_skipped(issues) if order else len(row.payload["lines"]),
        issues=issues,
    )


def _key_of(order: OrderIn, body: bytes) -> str:
    named = "\n".join((order.order_number, order.po_number or "", order.submission_id or ""))
    return f"body:{hashlib.sha256(named.encode() + body).hexdigest()}"
