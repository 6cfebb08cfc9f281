"""What v4 orders are written with, read onto the order as it is kept (sheet 7.3).

Buyers place orders with the same fields, so that a test knows one vocabulary. Each reader takes the order, what was
sent, and the names it answers for; a field that is not sent leaves the order as it is. All raise ItemError.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid, object_in, objects_in, text_in
from linesheet_sandbox.joor.order_parties import PARTY_FIELDS, with_parties
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.v2_fields import day_of

_TEXTS = ("po_number", "comments", "internal_comments", "tracking_number")
_DAYS = {"delivery_window_start": "ship_start", "delivery_window_end": "ship_end"}
_NAMED = ("shipping_method", "payment_method", "sales_rep")
FIELDS = frozenset(
    (
        *PARTY_FIELDS,
        *(*_TEXTS, *_DAYS, *_NAMED),
        *(f"{name}_{part}" for name in _NAMED for part in ("id", "code")),
        *("buyer", "event", "type", "tax", "customer_group", "company_number", "season", "warehouse"),
        *("shipping_price", "discount", "door", "status"),
    )
)
"""Every field read here."""


def with_fields(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The order with the fields sent."""
    changed = with_parties(portal, order, item)
    for read in _READERS:
        changed = read(portal, changed, item)
    if changed["ship_start"] and changed["ship_end"] and changed["ship_start"] > changed["ship_end"]:
        raise invalid("delivery_window_start must not be after delivery_window_end")
    return changed


def money_in(item: Record, name: str) -> Decimal | None:
    """An amount of 0 or more, as a number or as text; None when absent, null or ""."""
    value = item.get(name)
    if value is None or value == "":
        return None
    try:
        amount = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10**10:
        raise invalid(f"{name} must be an amount of 0 or more")
    return amount


def day_in(item: Record, name: str) -> str:
    """A day as `YYYY-MM-DD`; "" when absent or empty."""
    written = text_in(item, name)
    day = day_of(written) if written else None
    if written and day is None:
        raise invalid(f"{name} must be YYYY-MM-DD")
    return day.isoformat() if day else ""


def _with_texts(portal: JoorPortal, order: Record, item: Record) -> Record:
    return {**order, **{name: text_in(item, name) for name in _TEXTS if name in item}}


def _with_days(portal: JoorPortal, order: Record, item: Record) -> Record:
    return {**order, **{kept: day_in(item, name) for name, kept in _DAYS.items() if name in item}}


def _with_named(portal: JoorPortal, order: Record, item: Record) -> Record:
    """Methods and reps, by code, by id, or as an object of name and code; none of them is set up here, so all pass."""
    changed = dict(order)
    for name in _NAMED:
        if name in item:
            given = object_in(item, name)
            changed[name] = {"name": text_in(given, "name"), "code": text_in(given, "code")}
        elif f"{name}_code" in item or f"{name}_id" in item:
            changed[name] = {"name": "", "code": text_in(item, f"{name}_code") or text_in(item, f"{name}_id")}
    return changed


def _with_objects(portal: JoorPortal, order: Record, item: Record) -> Record:
    changed = dict(order)
    for name, keys in (
        ("buyer", ("id", "name", "email")),
        ("event", ("event", "code")),
        ("type", ("id", "name", "code")),
    ):
        if name in item:
            given = object_in(item, name)
            changed[name] = {key: text_in(given, key) for key in keys}
    if "tax" in item:
        tax = object_in(item, "tax")
        changed["tax"] = {"amount": float(money_in(tax, "amount") or 0), "number": text_in(tax, "number")}
    for name, kept in (("customer_group", "customer_group"), ("company_number", "company")):
        if name in item:
            given = object_in(item, name)
            changed |= {f"{kept}_{part}": text_in(given, part) for part in ("name", "code")}
    return changed


def _with_season(portal: JoorPortal, order: Record, item: Record) -> Record:
    if "season" not in item:
        return order
    given = object_in(item, "season")
    key, code = text_in(given, "id"), text_in(given, "code")
    season = portal.seasons.get(key) if key else portal.seasons.by("external_id", code)
    if season is None:
        raise invalid(f"season {key or code} not found")
    return {**order, "season_name": season["name"], "season_code": season["external_id"] or ""}


def _with_warehouse(portal: JoorPortal, order: Record, item: Record) -> Record:
    if "warehouse" not in item:
        return order
    given = object_in(item, "warehouse")
    key, name, code = (text_in(given, part) for part in ("id", "name", "code"))
    found = portal.warehouses.get(key) if key else portal.warehouses.by("name", name)
    found = found or portal.warehouses.by("code", code)
    if found is None:
        raise invalid(f"warehouse {key or name or code} not found")
    return {**order, "warehouse_id": found["id"]}


def _with_amounts(portal: JoorPortal, order: Record, item: Record) -> Record:
    """Shipping, and one discount: a percentage or an amount."""
    changed = dict(order)
    if "shipping_price" in item:
        changed["shipping_price"] = str(money_in(item, "shipping_price") or 0)
    if "discount" in item:
        details = objects_in(object_in(item, "discount"), "details")
        if len(details) > 1:
            raise invalid("discount takes one entry of details")
        changed["discount"] = _discount(details[0]) if details else {"type": "", "value": "0"}
    return changed


def _discount(given: Record) -> Record:
    kind, value = text_in(given, "type"), money_in(given, "value")
    if kind not in ("PERCENTAGE", "AMOUNT") or value is None:
        raise invalid("discount needs a type of PERCENTAGE or AMOUNT, and a value")
    if kind == "PERCENTAGE" and value > 100:
        raise invalid("discount must be 100 % at most")
    return {"type": kind, "value": str(value)}


def _with_door(portal: JoorPortal, order: Record, item: Record) -> Record:
    """`door`, of updates: the one door of the order."""
    if "door" not in item:
        return order
    given = object_in(item, "door")
    door = {
        "door_id": given.get("id", given.get("door_id", "")),
        "door_name": text_in(given, "name") or text_in(given, "door_name"),
        "door_code": text_in(given, "code") or text_in(given, "door_code") or None,
        "door_deleted": False,
    }
    return {**order, "doors": [door] if given else []}


_READERS: tuple[Callable[[JoorPortal, Record, Record], Record], ...] = (
    _with_texts,
    _with_days,
    _with_named,
    _with_objects,
    _with_season,
    _with_warehouse,
    _with_amounts,
    _with_door,
)
