"""One order: its lines and totals, where it came from and what changed there, and what may be done with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from linesheet.books import orders as rules
from linesheet.books.changes import recorded
from linesheet.books.many_orders import inactivate_all
from linesheet.books.models import Order, OrderLine, Product
from linesheet.books.order_drafts import KINDS, OrderRefused
from linesheet.books.reasons import Refused
from linesheet.sync.inbox import left_out
from linesheet.sync.models import InboxRecord
from linesheet.sync.revisions import revisions_of
from linesheet.sync.submissions import Submissions, submissions_of
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.order_columns import state_badges


@dataclass(frozen=True, slots=True)
class Deed:
    """A rule of the books as a button: what it is called, what it did, when it makes sense, and what it means."""

    label: str
    did: str
    do: Callable[[Order], None]
    fits: Callable[[Order], bool]
    means: str = ""


_INACTIVE = "It counts no more, and can be made active again."
_CLOSED = "No more of it is delivered; its units can be sold again."
_LOCKED = "Nobody can change it until it is unlocked."
_UNLOCKED = "It can be changed; an ERP that has taken it takes it again."

DEEDS: Mapping[str, Deed] = {
    "approve": Deed("Approve", "approved", rules.approve, lambda order: not order.approved and order.active),
    "unapprove": Deed("Take approval back", "no longer approved", rules.unapprove, lambda order: order.approved),
    "inactivate": Deed("Inactivate", "inactive", rules.inactivate, lambda order: order.active, _INACTIVE),
    "activate": Deed("Make active", "active again", rules.activate, lambda order: not order.active),
    "close": Deed("Force close", "closed", rules.force_close, lambda order: not order.force_closed, _CLOSED),
    "reopen": Deed("Reopen", "open again", rules.reopen, lambda order: order.force_closed),
    "lock": Deed("Lock", "locked", rules.lock, lambda order: not order.locked, _LOCKED),
    "unlock": Deed("Unlock", "unlocked", rules.unlock, lambda order: order.locked, _UNLOCKED),
}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the page shows it; `discount` is in percent of the original price, None where there is none."""

    line: OrderLine
    amount: Decimal
    discount: Decimal | None


@dataclass(frozen=True, slots=True)
class ProductRows:
    """The lines of one product; of none, those that matched nothing in the books."""

    product: Product | None
    rows: list[LineRow]
    units: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Again:
    """Orders of one number that count side by side: which came after this one, and which before.

    Of those before, `free` ones can be inactivated, and `locked` ones cannot.
    """

    later: Order | None
    earlier: list[Order]
    free: list[Order]
    locked: list[Order]


@require_safe
def show(request: MemberRequest, order_id: int) -> HttpResponse:
    """The page of an order."""
    order = _order_or_404(order_id)
    revisions = revisions_of(order)
    source = revisions[0].record if revisions else None
    seen = source is not None and request.may.see(source.connection)
    waiting = [each for each in revisions if each.waits]
    submissions = submissions_of(order) if seen else Submissions()
    return render(
        request,
        "web/orders/order.html",
        {
            "order": order,
            "state": state_badges(order),
            "groups": _groups(order),
            "addresses": [(kind, order.addresses[kind]) for kind in KINDS.values() if kind in order.addresses],
            "discount": order.total - order.amount,
            "source": source,
            "source_seen": seen,
            "revisions": revisions if seen else [],
            "waiting": waiting if seen else [],
            "stored": (stored := _stored(record.record for record in revisions) if seen else None),
            "left_out": left_out(stored) if stored else [],
            "number": submissions.number,
            "submissions": [(each, state_badges(each.order) if each.order else "") for each in submissions.all],
            "again": _again(order, submissions),
            "deeds": [
                (key, deed.label, deed.means) for key, deed in DEEDS.items() if deed.fits(order) and key != "approve"
            ],
            "approvable": order.active and not order.approved,
            "refused": None if order.approved else _keeps(order),
        },
    )


@require_POST
@editors_only("change orders")
def do(request: MemberRequest, order_id: int, deed: str) -> HttpResponseBase:
    """Do one of `DEEDS`; what the books refuse is said with what helps."""
    order = _order_or_404(order_id)
    if deed not in DEEDS:
        raise Http404
    says = f"{order} is {DEEDS[deed].did}."
    try:
        with recorded("order", says, by=request.user) as changes:
            DEEDS[deed].do(order)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("order", order.pk)
    offer_undo(request, changes, says)
    return redirect("order", order.pk)


@require_POST
@editors_only("change orders")
def inactivate_earlier(request: MemberRequest, order_id: int) -> HttpResponseBase:
    """Take the orders of earlier submissions out of the books, of which this order takes the place."""
    order = _order_or_404(order_id)
    submissions = submissions_of(order)
    record = next((each.record for each in submissions.all if each.order == order), None)
    if record is None or not request.may.see(record.connection_id):
        raise Http404
    earlier = Order.objects.filter(pk__in=[each.order.pk for each in submissions.earlier_than(order) if each.order])
    with recorded("order", "Inactivated.", by=request.user) as changes:
        changed = inactivate_all(earlier)
        left = {refused.pk for refused, _ in changed.refused}
        names = " and ".join(str(one) for one in earlier.order_by("number") if one.pk not in left)
        changes.says = f"{names} made way for {order} and {'is' if changed.done == 1 else 'are'} inactive."
    if changed.done:
        offer_undo(request, changes, changes.says)
    for _, said in changed.refused:
        messages.error(request, str(said))
    return redirect("order", order.pk)


def _again(order: Order, submissions: Submissions) -> Again | None:
    """What is to be decided of an order that was submitted again; None where nothing is."""
    later = [each.order for each in submissions.later_than(order) if each.order and each.order.active]
    earlier = [each.order for each in submissions.earlier_than(order) if each.order and each.order.active]
    if not order.active or not (later or earlier):
        return None
    free = [one for one in earlier if not one.locked]
    return Again(later[-1] if later else None, earlier, free, [one for one in earlier if one.locked])


def _order_or_404(order_id: int) -> Order:
    orders = Order.objects.select_related("customer__hold_status", "season", "location", "owner")
    order: Order = get_object_or_404(orders, pk=order_id)
    return order


def _keeps(order: Order) -> Refused | None:
    """What keeps the order from being approved, as far as the books can tell before it is tried."""
    if order.locked:
        return OrderRefused(rules.ORDER_LOCKED, order=order)
    return rules.keeps_from_approval(order)


def _stored(records: Iterable[InboxRecord]) -> InboxRecord | None:
    """The version that the order was last made from."""
    return next((one for one in reversed(list(records)) if one.state == InboxRecord.State.STORED), None)


def _groups(order: Order) -> list[ProductRows]:
    lines = order.lines.select_related("sku__product").order_by("position")
    rows = [_row(line) for line in lines]
    places: dict[int | None, int] = {}
    for row in rows:
        places.setdefault(_product_id(row), len(places))
    rows.sort(key=lambda row: places[_product_id(row)])
    found = []
    for _, of_product in groupby(rows, key=_product_id):
        together = list(of_product)
        sku = together[0].line.sku
        found.append(
            ProductRows(
                sku.product if sku else None,
                together,
                sum(row.line.quantity for row in together),
                sum((row.amount for row in together), Decimal(0)),
            )
        )
    return found


def _product_id(row: LineRow) -> int | None:
    return row.line.sku.product_id if row.line.sku else None


def _row(line: OrderLine) -> LineRow:
    before = line.original_price
    discount = round((1 - line.price / before) * 100, 1) if before and before != line.price else None
    return LineRow(line, line.quantity * line.price, discount)
