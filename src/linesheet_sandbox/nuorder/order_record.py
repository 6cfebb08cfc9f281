"""What an order sent by an integration must hold, and how it is stored (sheet 8.2 and 8.3)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import invalid, missing
from linesheet_sandbox.nuorder.fields import (
    Reader,
    read_day,
    read_filled,
    read_flag,
    read_known,
    read_list,
    read_moment,
    read_number,
    read_object,
    read_objects,
    read_percentage,
    read_quantity,
    read_text,
    read_texts,
)
from linesheet_sandbox.nuorder.money import with_totals
from linesheet_sandbox.nuorder.order_status import status_named
from linesheet_sandbox.nuorder.portal import BRAND_NAME, Portal
from linesheet_sandbox.nuorder.products import referenced_product
from linesheet_sandbox.nuorder.schemas import check_custom_fields

_REQUIRED = ("order_number", "external_id", "currency_code", "retailer", "line_items")
_COMPUTED = ("total", "total_quantity", "order_discounts")
_OUTPUT_ONLY = ("_id", "schema_id", "modified_on", "edited", "edited_on", *_COMPUTED)
_PRODUCT_KEYS = ("_id", "style_number", "color", "color_code", "brand_id", "season", "department", "division")

_PRINTS = (
    *("existing_pdf_original", "existing_pdf_linesheet", "tech_pdf"),
    *("admin_pdf", "manager_pdf", "rep_pdf", "buyer_pdf"),
)

ORDER_DEFAULTS: Record = {
    "external_id": "",
    "customer_po_number": "",
    "order_type": "",
    "order_flow_type": "",
    "discount": 0,
    "additional_percentage": 0,
    "additional_percentage_label": "",
    "start_ship": "",
    "end_ship": "",
    "rep_name": "",
    "rep_code": "",
    "rep_email": "",
    "notes": "",
    "shipments": [],
    "order_surcharges": [],
    "submitted_by": "web",
    "creator_name": "",
    "buyer_submitted": False,
    "edited": False,
    "edited_on": "",
    "edited_by": "",
    "locked": False,
    "split": False,
    "is_drop_ship": False,
    "collaborative_draft": False,
    "easy_order_ready": False,
    "easy_order_viewed": False,
    "use_advanced_promotions": False,
    "order_tags": [],
    "selected_shipping_locations": [],
    "order_group_id": "",
    "payment_status": "Not Paid",
    "legal_file": "",
    **dict.fromkeys(_PRINTS, ""),
    "__shipment_status": [],
    "__split_overrides": [],
    "__configure_to_order_items": [],
    "__uninitiated_order": False,
    "__includes_cancelled": False,
    "__cancelled_units": 0,
    "__cancelled_total": 0,
    "__is_rtp": False,
    "__lookups": [],
    "__brand_name": BRAND_NAME,
    "__exported": False,
}

LINE_DEFAULTS: Record = {
    "prebook": False,
    "notes": "",
    "discount": 0,
    "customization_split": "",
    "__customizations": [],
}

CORE_ORDER_FIELDS = frozenset(
    {*ORDER_DEFAULTS, *_REQUIRED, *_OUTPUT_ONLY, "status", "created_on", "style_number"}
    | {"billing_address", "shipping_address", "shipping_information", "ship_start", "ship_end"}
)


def new_order(portal: Portal, body: Mapping[str, Any]) -> Record:
    """An order to store, from an integration. Refuses one that names what the portal does not know."""
    for field in _REQUIRED:
        if field not in body:
            invalid(f"{field} is required")
    fields = _clean(body)
    now = portal.clock.stamp()
    order = {
        "_id": portal.new_id(),
        "schema_id": portal.schema_id,
        "status": "pending",
        **ORDER_DEFAULTS,
        "created_on": now,
        "modified_on": now,
        **fields,
        "retailer": _retailer(portal, body["retailer"]),
        "submitted_by": "api",
    }
    order["line_items"] = _lines(portal, order, body["line_items"])
    check_custom_fields(portal, "order", order)
    return with_totals(with_ship_window(order))


def updated_order(portal: Portal, old: Record, body: Mapping[str, Any]) -> Record:
    """The order as edited: fields sent are replaced, and `edited` is set (sheet 8.5)."""
    fields = _clean(body)
    fields.pop("status", None)
    if fields.get("order_number", old["order_number"]) != old["order_number"]:
        invalid("order_number cannot be changed")
    order = {**old, **fields}
    if "retailer" in body:
        order["retailer"] = {**old.get("retailer", {}), **read_object("retailer", body["retailer"])}
    if "line_items" in body:
        order["line_items"] = _lines(portal, order, body["line_items"])
    if "shipments" in fields:
        order["__shipment_status"] = [str(row.get("status", "")) for row in fields["shipments"]]
    check_custom_fields(portal, "order", order)
    return edited(portal, with_totals(order))


def edited(portal: Portal, order: Record) -> Record:
    """The order marked as edited now."""
    now = portal.clock.stamp()
    return {**order, "edited": True, "edited_on": now, "modified_on": now}


def with_ship_window(order: Record) -> Record:
    """The order with a header window spanning its lines' if none was given, and its first line's style."""
    lines = order["line_items"]
    return {
        **order,
        "start_ship": order["start_ship"] or min((line["ship_start"] for line in lines), default=""),
        "end_ship": order["end_ship"] or max((line["ship_end"] for line in lines), default=""),
        "style_number": lines[0]["product"].get("style_number", "") if lines else "",
    }


def line_fields(where: str, row: Mapping[str, Any]) -> Record:
    """The fields of an order line beside product, window and sizes."""
    return read_known(_LINE_READERS, row, f"{where}.")


def line_product(product: Mapping[str, Any]) -> Record:
    """A product as an order line names it; `brand_id` is absent when the product has none."""
    return {key: product[key] for key in _PRODUCT_KEYS if key != "brand_id" or product["brand_id"]}


def line_size(size: Mapping[str, Any]) -> Record:
    """A size row of an order line with what NuORDER adds; `upc` is absent when not known."""
    row = {
        "size": size.get("size", ""),
        "quantity": size["quantity"],
        "price": size["price"],
        "price_precise": size["price"],
        "original_price": size["price"],
        "retail": "",
        "units_per_pack": 1,
        "discounts": {"total_discount": "0.00", "applied": []},
        "surcharges": {"total_surcharge": "0.00", "applied": []},
        **size,
    }
    return row if row.get("upc") else {key: value for key, value in row.items() if key != "upc"}


def _clean(body: Mapping[str, Any]) -> Record:
    """The header fields sent, `ship_start` and `ship_end` under their other names."""
    sent = {key: value for key, value in body.items() if key not in (*_OUTPUT_ONLY, "retailer", "line_items")}
    for other, field in (("ship_start", "start_ship"), ("ship_end", "end_ship")):
        if other in sent:
            sent.setdefault(field, sent.pop(other))
    return read_known(_READERS, sent)


def _retailer(portal: Portal, value: Any) -> Record:
    sent = read_object("retailer", value)
    for field in ("retailer_code", "buyer_email"):
        if field not in sent:
            invalid(f"retailer.{field} is required")
    code = read_filled("retailer.retailer_code", sent["retailer_code"])
    company = portal.companies.by("code", code) or missing("company")
    email = read_text("retailer.buyer_email", sent["buyer_email"])
    buyer = read_text("retailer.buyer_name", sent.get("buyer_name"))
    people = {one["email"].lower(): one["name"] for one in company["user_connections"]}
    return {
        "_id": company["_id"],
        "retailer_name": company["name"],
        "retailer_code": code,
        "buyer_name": buyer or people.get(email.lower(), ""),
        "buyer_email": email,
    }


def _lines(portal: Portal, order: Mapping[str, Any], value: Any) -> list[Record]:
    lines = [_line(portal, order, where, row) for where, row in read_objects("line_items", value)]
    if not lines:
        invalid("line_items is required")
    return lines


def _line(portal: Portal, order: Mapping[str, Any], where: str, row: Mapping[str, Any]) -> Record:
    for field in ("product", "sizes"):
        if field not in row:
            invalid(f"{where}.{field} is required")
    window = {}
    for field, header in (("ship_start", "start_ship"), ("ship_end", "end_ship")):
        window[field] = read_day(f"{where}.{field}", row.get(field)) or order[header][:10]
        window[field] = read_day(f"{where}.{field}", window[field]) or invalid(f"{where}.{field} is required")
    reference = read_object(f"{where}.product", row["product"])
    product = referenced_product(portal, reference) or invalid(f"{where}.product not found")
    sizes = [_size(product, inner, size) for inner, size in read_objects(f"{where}.sizes", row["sizes"])]
    others = {key: value for key, value in row.items() if key not in ("product", "sizes")}
    return {
        **LINE_DEFAULTS,
        **line_fields(where, others),
        **window,
        "id": row.get("id") or portal.new_id(),
        "product": line_product(product),
        "sizes": sizes,
    }


def _size(product: Mapping[str, Any], where: str, row: Mapping[str, Any]) -> Record:
    for field in ("quantity", "price"):
        if row.get(field) in (None, ""):
            invalid(f"{where}.{field} is required")
    fields = read_known(_SIZE_READERS, row, f"{where}.")
    key = "size" if fields.get("size") else "upc"
    known = next((size for size in product["sizes"] if size[key] == fields.get(key)), None)
    if known is None:
        invalid(f"{where}.size not found")
    return line_size({**fields, "size": known["size"], "upc": known["upc"]})


def _read_shipments(field: str, value: Any) -> list[Record]:
    return [read_known({"shipment_date": read_day}, row, f"{where}.") for where, row in read_objects(field, value)]


_READERS: dict[str, Reader] = {
    "order_number": read_filled,
    "external_id": read_filled,
    "currency_code": read_filled,
    "status": lambda field, value: status_named(read_text(field, value)),
    **dict.fromkeys(("customer_po_number", "notes", "order_type"), read_text),
    **dict.fromkeys(("rep_name", "rep_code", "rep_email"), read_text),
    **dict.fromkeys(("discount", "additional_percentage"), read_percentage),
    **dict.fromkeys(("start_ship", "end_ship"), read_day),
    **dict.fromkeys(("locked", "split", "is_drop_ship"), read_flag),
    **dict.fromkeys(("billing_address", "shipping_address", "shipping_information"), read_object),
    "shipments": _read_shipments,
    "order_tags": read_texts,
    "order_surcharges": read_list,
    "created_on": read_moment,
}
_LINE_READERS: dict[str, Reader] = {
    "warehouse": read_text,
    "prebook": read_flag,
    "notes": read_text,
    "discount": read_percentage,
}
_SIZE_READERS: dict[str, Reader] = {
    "size": read_text,
    "upc": read_text,
    "quantity": read_quantity,
    "price": read_number,
    "original_price": read_number,
}
