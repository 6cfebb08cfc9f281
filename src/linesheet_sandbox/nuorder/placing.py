"""Orders as buyers and reps place and edit them in the web interface, unknown barcodes included."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import invalid
from linesheet_sandbox.nuorder.fields import (
    read_day,
    read_flag,
    read_number,
    read_object,
    read_objects,
    read_percentage,
    read_quantity,
    read_text,
)
from linesheet_sandbox.nuorder.money import with_totals
from linesheet_sandbox.nuorder.order_record import (
    LINE_DEFAULTS,
    ORDER_DEFAULTS,
    edited,
    line_fields,
    line_product,
    line_size,
    with_ship_window,
)
from linesheet_sandbox.nuorder.order_status import status_named
from linesheet_sandbox.nuorder.portal import DEFAULT_WAREHOUSE, Portal
from linesheet_sandbox.nuorder.price_sheets import sheet_price
from linesheet_sandbox.nuorder.stock import settle_claims

_ORDER_KEYS = ("company", "lines", "status")
_STAMPS = ("created_on", "edited_on", "__processed_on")
_FLAGS = ("edited", "locked")
_LINE_KEYS = ("warehouse", "prebook", "notes", "discount")
_LINE_IDENTITY = ("ship_start", "ship_end", *_LINE_KEYS)
_REFERENCE_KEYS = ("brand_id", "style_number", "season", "color")
_WISHED = ("upc", "size", "quantity", "price", "original_price", "ship_start", "ship_end")
_KNOWN = frozenset((*_WISHED, *_LINE_KEYS, *_REFERENCE_KEYS))
"""What a line of a wish may hold. A slip of the pen would else be an order whose lines mean nothing."""
_UNKNOWN_PRODUCT = dict.fromkeys(("style_number", "color", "color_code", "season", "department", "division"), "")
_DEFAULT_WINDOW = timedelta(days=30)
_ADDRESS_LINES = ("display_name", "line_1", "line_2", "city", "state", "zip", "country")


def place_order(portal: Portal, wish: Mapping[str, Any]) -> Record:
    """Store an order as a buyer would place it; see the README for the keys of `wish`.

    A barcode that is not in the catalogue and a company that is not known are placed all the same.
    """
    now = portal.clock.stamp()
    company = _company(portal, wish.get("company", ""))
    usual_currency = company["currency_code"] if company else "EUR"
    currency = read_text("currency_code", wish.get("currency_code")) or usual_currency
    today = portal.clock.today()
    start = read_day("start_ship", wish.get("start_ship") or today.isoformat())
    end = read_day("end_ship", wish.get("end_ship")) or read_day("end_ship", _days_after(start))
    order = {
        "_id": portal.new_id(),
        "schema_id": portal.schema_id,
        "order_number": read_text("order_number", wish.get("order_number")) or portal.next_order_number(),
        "status": status_named(read_text("status", wish.get("status", "pending"))),
        **ORDER_DEFAULTS,
        "currency_code": currency,
        "retailer": _retailer(company, wish.get("company", "")),
        **_addresses(company),
        "buyer_submitted": True,
        "start_ship": start,
        "end_ship": end,
        "created_on": now,
        "modified_on": now,
    }
    order["discount"] = read_percentage("discount", wish.get("discount"))
    order["line_items"] = _lines(portal, order, company, wish.get("lines", []))
    return _stored(portal, _overridden(with_totals(with_ship_window(order)), wish))


def edit_order(portal: Portal, order: Record, changes: Mapping[str, Any]) -> Record:
    """Store an order as edited in the web interface: `lines` replace all lines, other keys fields."""
    company = portal.companies.get(str(order.get("retailer", {}).get("_id")))
    changed = dict(order)
    if "company" in changes:
        company = _company(portal, changes["company"])
        changed["retailer"] = _retailer(company, changes["company"])
    for field in ("start_ship", "end_ship"):
        if field in changes:
            changed[field] = read_day(field, changes[field])
    if "currency_code" in changes:
        changed["currency_code"] = read_text("currency_code", changes["currency_code"])
    if "discount" in changes:
        changed["discount"] = read_percentage("discount", changes["discount"])
    if "status" in changes:
        changed["status"] = status_named(read_text("status", changes["status"]))
    if "lines" in changes:
        changed["line_items"] = _lines(portal, changed, company, changes["lines"])
    return _stored(portal, edited(portal, _overridden(with_totals(changed), changes)))


def _stored(portal: Portal, order: Record) -> Record:
    portal.orders.put(order["_id"], order)
    settle_claims(portal, order, lines_changed=True)
    portal.store.commit()
    return order


def _overridden(order: Record, wish: Mapping[str, Any]) -> Record:
    """Raw fields win as given; null takes a field away, since real orders lack fields too."""
    read_above = (*_ORDER_KEYS, "_id", "start_ship", "end_ship", "currency_code", "discount", "order_number")
    raw = {key: value for key, value in wish.items() if key not in read_above}
    _check_workable(raw)
    return {key: value for key, value in {**order, **raw}.items() if value is not None}


def _check_workable(raw: Mapping[str, Any]) -> None:
    """Refuse raw fields that the portal itself could not go on working with."""
    for key in _STAMPS:
        if not isinstance(raw.get(key, ""), str):
            invalid(f"{key} must be text")
    for key in _FLAGS:
        read_flag(key, raw.get(key, False))
    if raw.get("retailer") is not None:
        read_object("retailer", raw["retailer"])
    lines = raw.get("line_items")
    for where, line in read_objects("line_items", [] if lines is None else lines):
        read_object(f"{where}.product", line.get("product"))
        for inner, size in read_objects(f"{where}.sizes", line.get("sizes")):
            read_quantity(f"{inner}.quantity", size.get("quantity"))
            for key in ("price", "original_price"):
                read_number(f"{inner}.{key}", size.get(key, 0))


def _company(portal: Portal, wanted: Any) -> Record | None:
    if isinstance(wanted, Mapping):
        return portal.companies.by("code", str(wanted.get("retailer_code", "")))
    name = read_text("company", wanted)
    return portal.companies.by("code", name) or portal.companies.by("name", name)


def _retailer(company: Record | None, wanted: Any) -> Record:
    given = dict(wanted) if isinstance(wanted, Mapping) else {}
    if company:
        people = company["user_connections"]
        known = {
            "_id": company["_id"],
            "retailer_name": company["name"],
            "retailer_code": company["code"],
            "buyer_name": people[0]["name"] if people else "",
            "buyer_email": people[0]["email"] if people else "",
        }
        return {**known, **given}
    name = "" if given else read_text("company", wanted)
    return {"retailer_name": name, "retailer_code": name, "buyer_name": "", "buyer_email": "", **given}


def _addresses(company: Record | None) -> Record:
    found = {}
    for kind in ("billing", "shipping"):
        for address in company["addresses"] if company else ():
            if address[f"default_{kind}"]:
                lines = {key: address[key] for key in _ADDRESS_LINES}
                found[f"{kind}_address"] = {"ref": address["_id"], "code": address[f"{kind}_code"], **lines}
    return found


def _lines(portal: Portal, order: Record, company: Record | None, value: Any) -> list[Record]:
    """One order line for each product and window, the sizes below it in the order given."""
    lines: dict[tuple[Any, ...], Record] = {}
    for where, wish in read_objects("lines", value):
        if unknown := sorted(wish.keys() - _KNOWN):
            invalid(f"{where} may not hold {', '.join(unknown)}; a line may hold {', '.join(sorted(_KNOWN))}")
        if "quantity" not in wish:
            invalid(f"{where}.quantity is required")
        product, known_size = _resolved(portal, wish)
        line = _line(portal, order, where, wish, product)
        key = (
            *(line["product"].get(key) for key in ("_id", *_REFERENCE_KEYS)),
            *(line.get(key) for key in _LINE_IDENTITY),
        )
        price = _price(portal, order, company, product, wish)
        original = wish.get("original_price", price["original"])
        size = {
            "size": read_text(f"{where}.size", wish.get("size") or known_size.get("size")),
            "upc": read_text(f"{where}.upc", wish.get("upc") or known_size.get("upc")),
            "quantity": read_quantity(f"{where}.quantity", wish["quantity"]),
            "price": read_number(f"{where}.price", price["net"]),
            "original_price": read_number(f"{where}.original_price", original),
            "retail": price["retail"],
        }
        lines.setdefault(key, line)["sizes"].append(line_size(size))
    return list(lines.values())


def _resolved(portal: Portal, wish: Mapping[str, Any]) -> tuple[Record | None, Record]:
    """Product and size of a line: by barcode, else by external id or natural key. A size of {} is none."""
    upc = str(wish.get("upc") or "")
    product = portal.products.by("upc", upc) if upc else None
    if product is None and wish.get("brand_id"):
        product = portal.products.by("brand_id", str(wish["brand_id"]).lower())
    if product is None and wish.get("style_number"):
        keys = tuple(str(wish.get(key) or "").lower() for key in ("style_number", "season", "color"))
        product = portal.products.by("natural", keys)
    for size in product["sizes"] if product else ():
        if (size["upc"] == upc) if upc else (size["size"] == wish.get("size")):
            return product, size
    return product, {}


def _line(portal: Portal, order: Record, where: str, wish: Mapping[str, Any], product: Record | None) -> Record:
    given = {key: str(wish[key]) for key in _REFERENCE_KEYS if wish.get(key)}
    unknown = {"_id": portal.new_id(), **_UNKNOWN_PRODUCT, **given}
    tracked = product is not None and product["_id"] in portal.availability
    fields = line_fields(where, {key: wish[key] for key in _LINE_KEYS if key in wish})
    if tracked:
        fields.setdefault("warehouse", DEFAULT_WAREHOUSE)
    return {
        **LINE_DEFAULTS,
        **fields,
        "id": portal.new_id(),
        "ship_start": read_day(f"{where}.ship_start", wish.get("ship_start")) or order["start_ship"],
        "ship_end": read_day(f"{where}.ship_end", wish.get("ship_end")) or order["end_ship"],
        "product": line_product(product) if product else unknown,
        "sizes": [],
    }


def _price(
    portal: Portal, order: Record, company: Record | None, product: Record | None, wish: Mapping[str, Any]
) -> Record:
    """What the line costs: as wished, else by the company's price sheet, else by the product's own price."""
    own = product["pricing"].get(order["currency_code"], {}) if product else {}
    sheet = None
    if product and company and company["pricing_template"]:
        sheet = sheet_price(portal, company["pricing_template"], product, order["currency_code"])
    listed = sheet or own
    wholesale = listed.get("wholesale", 0)
    net = wish.get("price", wholesale)
    return {"net": net, "original": net if "price" in wish else wholesale, "retail": listed.get("retail", "")}


def _days_after(start: str) -> str:
    return (min(date.fromisoformat(start[:10]), date.max - _DEFAULT_WINDOW) + _DEFAULT_WINDOW).isoformat()
