"""Order calls (sheet 3 and 8)."""

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.dates import parse_day
from linesheet_sandbox.nuorder.errors import RefusedError, conflict, invalid, missing
from linesheet_sandbox.nuorder.listing import page
from linesheet_sandbox.nuorder.order_record import CORE_ORDER_FIELDS, new_order, updated_order
from linesheet_sandbox.nuorder.order_status import move, status_named
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.schemas import custom_fields
from linesheet_sandbox.nuorder.stock import settle_claims

_SETTABLE = ("external_id", "notes", "customer_po_number")


def read_order(portal: Portal, call: Call) -> Answer:
    """`GET /api/order/{id}` and `GET /api/order/number/{number}`."""
    return json_answer(_answered(addressed_order(portal, call), call))


def create_order(portal: Portal, call: Call) -> Answer:
    """`PUT /api/order/new`: 201, 409 when the number exists, 404 for an unknown retailer; stock unasked."""
    body = json_object(call)
    if existing := portal.orders.by("number", str(body.get("order_number"))):
        conflict("order already exists", existing["_id"])
    order = portal.orders.put((order := new_order(portal, body))["_id"], order)
    settle_claims(portal, order)
    portal.applied("orders", order["order_number"], "created")
    return json_answer(order, 201)


def update_order(portal: Portal, call: Call) -> Answer:
    """`POST /api/order/{id}` and `POST /api/order/number/{number}`, partial bodies allowed."""
    body = json_object(call)
    order = addressed_order(portal, call)
    _check_editable(order)
    changed = updated_order(portal, order, body)
    status = status_named(str(body["status"])) if "status" in body else order["status"]
    portal.orders.put(order["_id"], changed)
    if status != order["status"]:
        changed = move(portal, changed, status)
    settle_claims(portal, changed, lines_changed="line_items" in body)
    portal.applied("orders", order["order_number"], "updated")
    return json_answer(changed)


def change_status(portal: Portal, call: Call) -> Answer:
    """`POST` or `PUT /api/order/{id}/{status}`, also under `/number/{number}`: by verb or by status name."""
    status = status_named(call.parts["status"])
    order = move(portal, addressed_order(portal, call), status)
    portal.applied("orders", order["order_number"], status)
    return json_answer(order)


def set_field(portal: Portal, call: Call) -> Answer:
    """`POST /api/order/{id}/set/{field}/{value}`: three core fields and any custom one."""
    order, field, value = addressed_order(portal, call), call.parts["field"], call.parts["value"]
    declared = {custom["key"] for custom in custom_fields(portal, "order")}
    if field.startswith("__") or (field in CORE_ORDER_FIELDS - declared and field not in _SETTABLE):
        invalid(f"{field} cannot be set")
    _check_editable(order)
    changed = {**order, field: value, "modified_on": portal.clock.stamp()}
    portal.applied("orders", order["order_number"], f"set {field}")
    return json_answer(portal.orders.put(order["_id"], changed))


def lock_order(portal: Portal, call: Call) -> Answer:
    """`POST /api/order/{id}/lock`, an extension (sheet 13)."""
    return _lock(portal, call, locked=True)


def unlock_order(portal: Portal, call: Call) -> Answer:
    """`POST /api/order/{id}/unlock`, an extension (sheet 13)."""
    return _lock(portal, call, locked=False)


def list_order_ids(portal: Portal, call: Call) -> Answer:
    """`GET /api/orders/{status}/list`: ids, oldest first."""
    return json_answer(page(call, _ids_of_status(portal, call.parts["status"])))


def list_orders(portal: Portal, call: Call) -> Answer:
    """`GET /api/orders/{status}/detail`: whole orders, oldest first."""
    found = (portal.orders.get(key) for key in page(call, _ids_of_status(portal, call.parts["status"])))
    return json_answer([_answered(order, call) for order in found if order])


def list_order_ids_by_date(portal: Portal, call: Call) -> Answer:
    """`GET /api/orders/list?start_date&end_date`: ids of orders created then, but for drafts."""
    start, end = _bound(call, "start_date", "0001-01-01"), _bound(call, "end_date", "9999-12-31")
    ids = [
        order["_id"]
        for order in portal.orders.all()
        if start <= order["created_on"][:10] <= end and order["status"] != "draft"
    ]
    return json_answer(page(call, ids))


def addressed_order(portal: Portal, call: Call) -> Record:
    """The order a path names by id or number; 404 when there is none."""
    if "number" in call.parts:
        return portal.orders.by("number", call.parts["number"]) or missing("order")
    return portal.orders.get(call.parts["id"]) or missing("order")


def _answered(order: Record, call: Call) -> Record:
    if "__payments" not in call.query().get("__populate", ""):
        return order
    payments = {
        "credit_card_on_file": False,
        "payment_status": order.get("payment_status", ""),
        "payment_methods_allowed": [],
    }
    return {**order, "__metadata": {"payments": payments}}


def _check_editable(order: Record) -> None:
    if order["status"] == "cancelled":
        conflict("order is cancelled")
    if order["locked"]:
        raise RefusedError(403, "order is locked")


def _lock(portal: Portal, call: Call, *, locked: bool) -> Answer:
    order = addressed_order(portal, call)
    changed = {**order, "locked": locked, "modified_on": portal.clock.stamp()}
    portal.applied("orders", order["order_number"], "locked" if locked else "unlocked")
    return json_answer(portal.orders.put(order["_id"], changed))


def _ids_of_status(portal: Portal, word: str) -> list[str]:
    """`edited` means edited since last processed (sheet 8.1)."""
    if word.lower() != "edited":
        return portal.orders.ids_by("status", status_named(word))
    drafts = portal.orders.keys_of("status").get("draft", {})
    return [order_id for order_id in portal.orders.ids_by("edited", True) if order_id not in drafts]


def _bound(call: Call, name: str, default: str) -> str:
    text = call.query().get(name)
    if not text:
        return default
    day = parse_day(text) or invalid(f"{name} must be a date")
    return day.isoformat()
