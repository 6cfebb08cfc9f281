"""Orders as buyers place them and as people edit them in the portal, broken ones included.

A wish has the fields of v4 orders (see `order_fields.py`) and its own: `lines`, `linesheet` (a name), `ship_start`,
`ship_end`, `shipping` and `billing` (a code, or an address of v4's keys), `discount` (a percentage, when a number),
`doors`, `divisions`, `source`, `created_by`, `personal`, `integration_po`, `dates` (`created`, `approved`, `modified`)
and `raw`, the v2 fields that are to be shown whatever else is known. `unchecked` lets pass what a buyer could not
order.
"""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connections import live_connection
from linesheet_sandbox.joor.fields import invalid, object_in, objects_in, text_in
from linesheet_sandbox.joor.moments import moment_of
from linesheet_sandbox.joor.order_fields import FIELDS, with_fields
from linesheet_sandbox.joor.order_lines import lines_of, remove_line
from linesheet_sandbox.joor.order_parties import assigned_price_types
from linesheet_sandbox.joor.order_record import blank_order, connection_address
from linesheet_sandbox.joor.order_status import edited, status_named
from linesheet_sandbox.joor.orders import in_status, stamp, store_edited, store_order, with_status
from linesheet_sandbox.joor.placing_lines import read_lines, with_quantities
from linesheet_sandbox.joor.portal import DEFAULT_WAREHOUSE, JoorPortal

_SHORT = {"linesheet": "collection_name", "ship_start": "delivery_window_start", "ship_end": "delivery_window_end"}
_USUAL_PAYMENT = {"name": "Net 30", "code": "NET30"}
_AS_GIVEN = ("doors", "divisions")
_SAID = ("source", "integration_po")
_KEYS = frozenset(
    (
        *(*_SHORT, *_AS_GIVEN, *_SAID),
        *("lines", "quantities", "shipping", "billing", "created_by", "personal", "dates", "raw", "unchecked"),
    )
)
"""What a wish may hold besides the fields of v4."""


def place_order(portal: JoorPortal, wish: Record) -> Record:
    """Store an order as a buyer places it: pending, to the customer's first addresses, at JOOR's own prices.

    Raises ItemError when the customer is not live, or could not have ordered a line.
    """
    _check_keys(wish)
    unchecked = bool(wish.get("unchecked"))
    order = {**blank_order("", stamp(portal)), "payment_method": dict(_USUAL_PAYMENT)}
    order = _read(portal, order, _with_usual(portal, wish))
    if not unchecked:
        _check_parties(portal, order)
    order["id"] = portal.new_id("order")
    lines = read_lines(portal, order, wish)
    if not lines:
        raise invalid("an order needs lines")
    status = _status(wish.get("status", "PENDING"))
    order = in_status(portal, order, status) if unchecked else with_status(portal, order, lines, status)
    order = _with_dates(order, wish)
    for line in lines:
        portal.line_items.put(line["id"], line)
    return store_order(portal, order)


def edit_order(portal: JoorPortal, order: Record, changes: Record) -> Record:
    """Store an order as edited: `lines` replace all lines, `quantities` ({UPC or line id: units}) those of some."""
    _check_keys(changes)
    if "status" in changes:
        raise invalid("an order is moved by POST /orders/{id}/{status}")
    if "lines" in changes and "quantities" in changes:
        raise invalid("give lines or quantities")
    changed = _read(portal, order, _translated(changes))
    changed = _with_dates(edited(changed, stamp(portal)), changes)
    lines = [*read_lines(portal, changed, changes), *with_quantities(portal, changed, changes)]
    gone = lines_of(portal, order["id"]) if "lines" in changes else [line for line in lines if not line["quantity"]]
    for line in gone:
        remove_line(portal, line)
    for line in lines:
        if line not in gone:
            portal.line_items.put(line["id"], line)
    return store_order(portal, changed)


def move_order(portal: JoorPortal, order: Record, word: str) -> Record:
    """Give an order another status, as the brand's people do. The same one again changes nothing."""
    status = _status(word)
    if status == order["status"]:
        return order
    moved = with_status(portal, order, lines_of(portal, order["id"]), status, order["status"])
    return store_edited(portal, moved)


def _check_keys(wish: Record) -> None:
    """Refuse a slip of the pen, which would make another order than was meant."""
    if unknown := sorted(wish.keys() - FIELDS - _KEYS):
        raise invalid(f"an order may not hold {', '.join(unknown)}")


def _check_parties(portal: JoorPortal, order: Record) -> None:
    """A buyer orders off a linesheet, in a price type that the customer was given (sheet 6)."""
    if not (order["connection_id"] and order["collection_id"] and order["price_type_id"]):
        raise invalid("an order needs customer_code, linesheet and price_type_name")
    assigned = [price_type["id"] for price_type in assigned_price_types(portal, order["connection_id"])]
    if order["price_type_id"] not in assigned:
        raise invalid(f"the customer has no price type {order['price_label']} {order['currency']}")


def _with_usual(portal: JoorPortal, wish: Record) -> Record:
    """The wish with what a buyer need not say: the first price type and the first addresses of the customer."""
    item = _translated(wish)
    connection = live_connection(portal, code=text_in(item, "customer_code"))
    if connection is None:
        return item
    if "price_type_name" not in item and "price_type_id" not in item:
        assigned = assigned_price_types(portal, connection["connection_id"])
        item["price_type_id"] = assigned[0]["id"] if assigned else ""
    for side in ("shipping", "billing"):
        usual = connection_address(connection, side)
        if usual and not any(f"{side}_address{end}" in item for end in ("_id", "_code")):
            item[f"{side}_address_id"] = usual["id"]
    return item


def _translated(wish: Record) -> Record:
    """The wish in the words of v4."""
    item = {_SHORT.get(key, key): value for key, value in wish.items()}
    for side in ("shipping", "billing"):
        given = item.pop(side, None)
        if isinstance(given, dict):
            item[f"custom_{side}_address"] = given
        elif given is not None:
            item[f"{side}_address_code"] = given
    if isinstance(item.get("discount"), int | float | str):
        item["discount"] = {"details": [{"type": "PERCENTAGE", "value": item["discount"]}]}
    return item


def _read(portal: JoorPortal, order: Record, item: Record) -> Record:
    stranger = item.get("unchecked") and "customer_code" in item
    if stranger and live_connection(portal, code=text_in(item, "customer_code")) is None:
        order, item = _of_a_stranger(portal, order, item)
    changed = with_fields(portal, order, item)
    for key in _AS_GIVEN:
        if key in item:
            changed[key] = objects_in(item, key)
    for key in _SAID:
        if key in item:
            changed[key] = text_in(item, key)
    if "created_by" in item:
        given = object_in(item, "created_by")
        changed["created_by"] = {part: text_in(given, part) for part in ("username", "email")}
    if "personal" in item:
        changed["personal"] = bool(item["personal"])
    if "raw" in item:
        changed["raw"] = {**changed["raw"], **object_in(item, "raw")}
    return changed


def _with_dates(order: Record, wish: Record) -> Record:
    """The order under other dates than now, where a test wants them."""
    given = object_in(wish, "dates")
    changed = dict(order)
    for key in ("created", "approved", "modified"):
        if key in given:
            changed[key] = moment_of(text_in(given, key)) or _no_date(key)
    return changed


def _no_date(key: str) -> str:
    raise invalid(f"dates.{key} must be a date")


def _of_a_stranger(portal: JoorPortal, order: Record, item: Record) -> tuple[Record, Record]:
    """The order of a customer that JOOR does not know, by the code given, and the rest of the wish."""
    warehouse = portal.warehouses.by("name", DEFAULT_WAREHOUSE) or {"id": ""}
    rest = {key: value for key, value in item.items() if key != "customer_code"}
    named = dict.fromkeys(("customer_code", "customer_name"), text_in(item, "customer_code"))
    return {**order, **named, "warehouse_id": warehouse["id"]}, rest


def _status(word: object) -> str:
    status = status_named(str(word))
    if status is None:
        raise invalid(f"unknown status {word}")
    return status
