"""`/v4/orders/sku_line_items`: the lines of orders, read and written (sheet 7.3)."""

from decimal import Decimal

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import NOT_FOUND, ApiHandler, ItemError, chosen, paged, v4_answer, v4_written
from linesheet_sandbox.joor.fields import filled_in, invalid, whole_in
from linesheet_sandbox.joor.order_fields import money_in
from linesheet_sandbox.joor.order_lines import discounted, lines_of, priced_line, store_line, visible_lines
from linesheet_sandbox.joor.order_status import OPEN
from linesheet_sandbox.joor.order_v4 import line_answer
from linesheet_sandbox.joor.orders import store_edited
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.skus import sku_by_id
from linesheet_sandbox.joor.v4_orders import order_of

_PRICES = ("item_price", "discount_amount", "discount_percentage")


def list_lines(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/orders/sku_line_items?order_ids=1,2`."""
    ids = chosen(call, "order_ids")
    orders = list(portal.orders.all()) if ids is None else [portal.orders.get(key) for key in ids]
    found = {line["id"]: line for order in orders if order for line in visible_lines(portal, order)}
    return v4_answer([line_answer(found[key]) for key in paged(portal, call, list(found))])


def create_lines(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/orders/sku_line_items/bulk_create`: a SKU already on the order has its quantity added."""
    return v4_written(portal, call, lambda item: _create(portal, item))


def update_lines(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/orders/sku_line_items/bulk_update`: the quantity is replaced."""
    return v4_written(portal, call, lambda item: _update(portal, item))


def _create(portal: JoorPortal, item: Record) -> Record:
    order = order_of(portal, filled_in(item, "order_id"))
    if order["status"] not in OPEN:
        raise invalid(f"no items can be added to an order that is {order['status']}")
    sku = sku_by_id(portal, filled_in(item, "sku_id"))
    if sku is None:
        raise ItemError(NOT_FOUND, f"sku {item['sku_id']} not found")
    quantity = _quantity(order, item)
    fresh = _repriced(priced_line(portal, order, sku, quantity), item)
    former = next((line for line in lines_of(portal, order["id"]) if line["sku_id"] == sku["id"]), None)
    if former:
        priced = fresh if any(name in item for name in _PRICES) else former
        fresh = {**former, "price": priced["price"], "quantity": former["quantity"] + quantity}
    line = store_line(portal, order, fresh)
    store_edited(portal, order)
    portal.applied("line_items", line["id"], "added to" if former else "created")
    return line_answer(line)


def _update(portal: JoorPortal, item: Record) -> Record:
    line = portal.line_items.get(filled_in(item, "id"))
    if line is None:
        raise ItemError(NOT_FOUND, f"line item {item['id']} not found")
    order = order_of(portal, line["order_id"])
    if order["status"] in ("SHIPPED", "CANCELLED"):
        raise invalid(f"the order is {order['status']}")
    changed = store_line(portal, order, {**line, "quantity": _quantity(order, item)})
    store_edited(portal, order)
    portal.applied("line_items", line["id"], "updated")
    return line_answer(changed)


def _quantity(order: Record, item: Record) -> int:
    """The quantity sent, which only carts and notes may leave at nothing (sheet 7.1)."""
    quantity = whole_in(item, "quantity")
    if quantity is None:
        raise invalid("quantity missing")
    if not quantity and order["status"] not in ("IN_PROGRESS", "NOTES"):
        raise invalid(f"every item needs at least one unit in {order['status']}")
    return quantity


def _repriced(line: Record, item: Record) -> Record:
    """The line at the price sent, or with the discount sent, of which there may be one (sheet 7.3)."""
    sent = [name for name in _PRICES if item.get(name) not in (None, "")]
    if len(sent) > 1:
        raise invalid(f"only one of {', '.join(_PRICES)} may be given")
    if not sent:
        return line
    value = money_in(item, sent[0]) or Decimal(0)
    if sent[0] == "item_price":
        return {**line, "price": str(value)}
    if sent[0] == "discount_amount":
        return discounted(line, amount=value)
    if value > 100:
        raise invalid("discount_percentage must be 100 at most")
    return discounted(line, percent=value)


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/orders/sku_line_items", list_lines),
    Route("POST", "/v4/orders/sku_line_items/bulk_create", create_lines),
    Route("POST", "/v4/orders/sku_line_items/bulk_update", update_lines),
]
