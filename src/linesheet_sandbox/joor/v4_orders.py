"""`/v4/orders`: orders without their lines, read and written (sheet 7.3)."""

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import (
    NOT_FOUND,
    ApiHandler,
    ItemError,
    RefusedCallError,
    chosen,
    paged,
    records,
    v4_answer,
    v4_written,
)
from linesheet_sandbox.joor.fields import filled_in, invalid, text_in
from linesheet_sandbox.joor.jobs import settle_jobs
from linesheet_sandbox.joor.moments import moment_of
from linesheet_sandbox.joor.order_fields import with_fields
from linesheet_sandbox.joor.order_lines import lines_of
from linesheet_sandbox.joor.order_record import blank_order
from linesheet_sandbox.joor.order_status import STATUSES, edited
from linesheet_sandbox.joor.order_v4 import export_word, order_answer
from linesheet_sandbox.joor.orders import stamp, store_order, with_export_status, with_status
from linesheet_sandbox.joor.portal import JoorPortal

_SORTS = {
    "id": "id",
    "status": "status",
    "date_created": "created",
    "date_approved": "approved",
    "last_modified": "modified",
}
_WRITABLE = tuple(status for status in STATUSES if status != "SHIPPED")


def list_orders(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/orders`, filtered, sorted and by page."""
    found = sorted(_filtered(portal, call), key=lambda order: order["id"])
    query = call.query()
    field = _SORTS.get(query.get("sort_by", "id"))
    direction = query.get("sort_order", "ASCENDING")
    if field is None or direction not in ("ASCENDING", "DESCENDING"):
        raise RefusedCallError(400, f"sort_by must be one of {', '.join(_SORTS)}, sort_order ASCENDING or DESCENDING")
    found.sort(key=lambda order: str(order[field]), reverse=direction == "DESCENDING")
    page = paged(portal, call, [order["id"] for order in found])
    return v4_answer([order_answer(portal, order) for order in records(map(portal.orders.get, page))])


def create_orders(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/orders/bulk_create`: a retailer, a price type, a collection and a status at the least."""
    settle_jobs(portal)
    return v4_written(portal, call, lambda item: _create(portal, item))


def update_orders(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/orders/bulk_update`: the fields sent change; `export_status` is no edit of the order."""
    settle_jobs(portal)
    return v4_written(portal, call, lambda item: _update(portal, item))


def order_of(portal: JoorPortal, order_id: str) -> Record:
    """The order of this id. Raises ItemError when there is none."""
    order = portal.orders.get(order_id)
    if order is None:
        raise ItemError(NOT_FOUND, f"order {order_id} not found")
    return order


def _create(portal: JoorPortal, item: Record) -> Record:
    for names in (("customer_id", "customer_code", "retailer_id"), ("price_type_id", "price_type_name")):
        if not any(text_in(item, name) for name in names):
            raise invalid(f"{names[0]} missing")
    if not text_in(item, "collection_id") and not text_in(item, "collection_code"):
        raise invalid("collection_id missing")
    status = _status_in(item)
    order = {**with_fields(portal, blank_order("", stamp(portal)), item), "source": "API"}
    order = with_status(portal, order, [], status)
    order["id"] = portal.new_id("order")
    store_order(portal, with_export_status(portal, order, item) if "export_status" in item else order)
    portal.applied("orders", order["id"], "created")
    return order_answer(portal, order)


def _update(portal: JoorPortal, item: Record) -> Record:
    order = order_of(portal, filled_in(item, "id"))
    changed = with_fields(portal, order, item)
    if "status" in item:
        changed = with_status(portal, changed, lines_of(portal, order["id"]), _status_in(item), order["status"])
    if changed != order:
        changed = edited(changed, stamp(portal))
        portal.applied("orders", order["id"], "updated")
    if "export_status" in item:
        changed = with_export_status(portal, changed, item)
        portal.applied("orders", order["id"], f"export {text_in(item, 'export_status')}")
    return order_answer(portal, store_order(portal, changed))


def _status_in(item: Record) -> str:
    status = filled_in(item, "status")
    if status not in _WRITABLE:
        raise invalid(f"status must be one of {', '.join(_WRITABLE)}")
    return status


def _filtered(portal: JoorPortal, call: Call) -> list[Record]:
    ids, statuses, exports = (chosen(call, name) for name in ("order_ids", "status", "export_status"))
    approved_from, approved_to = _moment(call, "date_approved_start"), _moment(call, "date_approved_end")
    modified_from = _moment(call, "last_modified")
    return [
        order
        for order in (portal.orders.all() if ids is None else records(map(portal.orders.get, ids)))
        if (statuses is None or order["status"] in statuses)
        and (exports is None or export_word(order) in exports)
        and (approved_from is None or order["approved"] >= approved_from)
        and (approved_to is None or "" < order["approved"] <= approved_to)
        and (modified_from is None or order["modified"] >= modified_from)
    ]


def _moment(call: Call, name: str) -> str | None:
    written = call.query().get(name)
    if not written:
        return None
    moment = moment_of(written, whole_day=name.endswith("_end"))
    if moment is None:
        raise RefusedCallError(400, f"{name} must be a date")
    return moment


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/orders", list_orders),
    Route("POST", "/v4/orders/bulk_create", create_orders),
    Route("POST", "/v4/orders/bulk_update", update_orders),
]
