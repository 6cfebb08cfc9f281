"""`/v2/order`: orders with their lines. Reading them with `sync=1`, the default, marks them exported (sheet 7.2)."""

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import ApiHandler, RefusedCallError, v2_answer
from linesheet_sandbox.joor.order_checks import unfit
from linesheet_sandbox.joor.order_status import exported, failed
from linesheet_sandbox.joor.order_v2 import order_answer
from linesheet_sandbox.joor.orders import stamp
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.v2_blanks import blanked
from linesheet_sandbox.joor.v2_bodies import bounds, counts, switch
from linesheet_sandbox.joor.v2_order_filters import APPROVED_AND_SHIPPED, EVERYTHING, check_asked, matching


def list_orders(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/order/`, the longest unmodified first. With `sync=1` the orders of this page are marked exported."""
    sync = switch(call, "sync", default=True)
    start, count = bounds(call)
    found = matching(portal, call, portal.orders.all(), sync=sync, order_type=APPROVED_AND_SHIPPED)
    fit = _fit(portal, call, sorted(found, key=lambda order: (order["modified"], order["id"])), sync=sync)
    page = fit[start : start + count]
    return _shown(portal, page, sync=sync, start=start, total=len(fit))


def read_order(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/order/{order_id}`, under the same parameters, but for all types of orders unless one is asked for.

    An order that the parameters leave out gives an empty list, one that is not there 404.
    """
    sync = switch(call, "sync", default=True)
    order = portal.orders.get(call.parts["id"])
    if order is None:
        raise RefusedCallError(404, f"there is no order {call.parts['id']}")
    found = matching(portal, call, [order], sync=sync, order_type=EVERYTHING)
    fit = _fit(portal, call, found, sync=sync)
    return _shown(portal, fit, sync=sync, start=0, total=len(fit))


def _fit(portal: JoorPortal, call: Call, orders: list[Record], *, sync: bool) -> list[Record]:
    """The orders that pass the checks asked for; with `sync=1` the others are failed (sheet 7.2)."""
    fields, styles = check_asked(call, sync=sync)
    if not styles and not (fields and portal.settings.required_fields):
        return orders
    fit = []
    for order in orders:
        problem = unfit(portal, order, fields=fields, styles=styles)
        if not problem:
            fit.append(order)
        elif sync and portal.settings.sync_marks:
            portal.orders.put(order["id"], failed(order, problem))
    return fit


def _shown(portal: JoorPortal, page: list[Record], *, sync: bool, start: int, total: int) -> Answer:
    shown = blanked(portal, {"orders": [order_answer(portal, order) for order in page]})
    if sync and portal.settings.sync_marks:
        for order in page:
            portal.orders.put(order["id"], exported(order, stamp(portal)))
            portal.applied("orders", order["id"], "export sync")
    return v2_answer("orders", shown, **counts(start, len(page), total))


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v2/order", list_orders),
    Route("GET", "/v2/order/{id}", read_order),
]
