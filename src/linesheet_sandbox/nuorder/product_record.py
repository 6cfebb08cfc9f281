"""What a product looks like on the way in, in the store and on the way out (sheet 4)."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import invalid
from linesheet_sandbox.nuorder.fields import (
    Reader,
    read_day,
    read_filled,
    read_flag,
    read_known,
    read_number,
    read_number_or_blank,
    read_object,
    read_objects,
    read_text,
    read_texts,
)
from linesheet_sandbox.nuorder.portal import BRAND_NAME, Portal
from linesheet_sandbox.nuorder.schemas import check_custom_fields

_REQUIRED = ("style_number", "season", "color", "name")
_OUTPUT_ONLY = ("_id", "schema_id", "created_on", "modified_on", "warehouses", "external_id")
_DEFAULTS: Record = {
    "color_code": "",
    "brand_id": "",
    "unique_key": "",
    "description": "",
    "department": "",
    "division": "",
    "category": "",
    "subcategory": "",
    "seasons": [],
    "sizes": [],
    "size_groups": [],
    "banners": [],
    "pricing": {},
    "available_now": False,
    "available_from": "",
    "available_until": "",
    "order_closing": "",
    "active": True,
    "archived": False,
    "cancelled": False,
    "images": [],
}


def new_product(portal: Portal, body: Mapping[str, Any]) -> Record:
    """A product to store, with a fresh id. Refuses a body without the four required fields."""
    for field in _REQUIRED:
        if field not in body:
            invalid(f"{field} is required")
    now = portal.clock.stamp()
    fields = _clean(portal, body)
    product = {
        "_id": portal.new_id(),
        "schema_id": portal.schema_id,
        **_DEFAULTS,
        **fields,
        "sizes": _with_ids(portal, fields.get("sizes", []), []),
        "created_on": now,
        "modified_on": now,
    }
    check_custom_fields(portal, "product", product)
    return product


def updated_product(portal: Portal, old: Record, body: Mapping[str, Any]) -> Record:
    """The product with the fields sent replaced; the size list whole, ids kept by size text (sheet 4.2)."""
    fields = _clean(portal, body)
    if "sizes" in fields:
        fields["sizes"] = _with_ids(portal, fields["sizes"], old["sizes"])
    if old["brand_id"]:
        sent = fields.get("brand_id") or old["brand_id"]
        if sent.lower() != old["brand_id"].lower():
            invalid("brand_id cannot be changed")
        fields["brand_id"] = old["brand_id"]
    product = {**old, **fields, "modified_on": portal.clock.stamp()}
    check_custom_fields(portal, "product", product)
    return product


def given_brand_id(body: Mapping[str, Any]) -> str:
    """The external id in a body, under either of its names (sheet 4.2)."""
    return read_text("brand_id", body.get("brand_id") or body.get("external_id"))


def product_answer(portal: Portal, product: Record) -> Record:
    """A product as the API returns it, internal keys included."""
    availability = portal.availability.get(product["_id"]) or {"rows": [], "tracks": False}
    rows, sizes = availability["rows"], product["sizes"]
    warehouses = _warehouses_in(portal, rows)
    key = ",".join((product["style_number"], product["season"], product["color"]))
    return {
        **product,
        "unique_key": product["unique_key"] or key,
        "warehouses": warehouses,
        "__warehouses": warehouses,
        "__inventory_cache": rows,
        "__inventory": [],
        "__inventory_hashes": [],
        "__pack_ids": [],
        "__size_ids": [{"_id": size["_id"], "size": size["size"], "__global_id": size["_id"]} for size in sizes],
        "__sold_out": availability["tracks"] and all(row["quantity"] == 0 for row in rows),
        "__tracks_inventory": availability["tracks"],
        "__pending_initial_pricing": not product["pricing"],
        "__original_composite_keys": False,
        "__brand_name": BRAND_NAME,
        "__barcode": next((size["upc"] for size in sizes if size["upc"]), ""),
        "__size_run": ",".join(size["size"] for size in sizes),
        "__size_range": "-".join(dict.fromkeys(size["size"] for size in (*sizes[:1], *sizes[-1:]))),
        "__cdn": "",
        "__merchandising_order": 0,
    }


def _clean(portal: Portal, body: Mapping[str, Any]) -> Record:
    sent = {key: value for key, value in body.items() if key not in _OUTPUT_ONLY}
    if brand_id := given_brand_id(body):
        sent["brand_id"] = brand_id
    fields = read_known(_READERS, sent)
    if not portal.settings.size_pricing:
        for size in fields.get("sizes", ()):
            size.pop("pricing", None)
    if portal.settings.normalise_2014:
        for key, change in (("style_number", str.upper), ("name", str.lower), ("brand_id", str.lower)):
            if key in fields:
                fields[key] = change(fields[key])
    return fields


def _with_ids(portal: Portal, sizes: list[Record], old: list[Record]) -> list[Record]:
    kept: dict[str, list[str]] = defaultdict(list)
    for size in old:
        kept[size["size"]].append(size["_id"])
    return [{"_id": (kept[size["size"]] or [portal.new_id()]).pop(0), **size} for size in sizes]


def _warehouses_in(portal: Portal, rows: list[Record]) -> list[Record]:
    found = (portal.warehouses.get(key) for key in dict.fromkeys(row["warehouse"] for row in rows))
    return [warehouse for warehouse in found if warehouse]


def _read_sizes(field: str, value: Any) -> list[Record]:
    sizes = []
    seen = set()
    for where, row in read_objects(field, value):
        if "size" not in row:
            invalid(f"{where}.size is required")
        size = read_known(_SIZE_READERS, {k: v for k, v in row.items() if k != "_id"}, f"{where}.")
        key = (size["size"], size.get("size_group"))
        if key in seen:
            invalid(f"{where}.size is given twice")
        seen.add(key)
        sizes.append({"size": size.pop("size"), "upc": size.pop("upc", ""), **size})
    return sizes


def _read_pricing(field: str, value: Any) -> Record:
    prices = {}
    for currency, row in read_object(field, value).items():
        where = f"{field}.{currency}"
        if "wholesale" not in read_object(where, row):
            invalid(f"{where}.wholesale is required")
        prices[currency] = {"retail": "", "disabled": False, **read_known(_PRICE_READERS, row, f"{where}.")}
    return prices


_PRICE_READERS: dict[str, Reader] = {
    "wholesale": read_number,
    "retail": read_number_or_blank,
    "disabled": read_flag,
}
_SIZE_READERS: dict[str, Reader] = {
    "size": read_filled,
    "upc": read_text,
    "size_group": read_text,
    "pricing": _read_pricing,
}
_READERS: dict[str, Reader] = {
    **dict.fromkeys(_REQUIRED, read_filled),
    **dict.fromkeys(
        (
            "color_code",
            "brand_id",
            "unique_key",
            "description",
            "department",
            "division",
            "category",
            "subcategory",
        ),
        read_text,
    ),
    **dict.fromkeys(("seasons", "size_groups", "banners", "images"), read_texts),
    **dict.fromkeys(("available_from", "available_until", "order_closing"), read_day),
    **dict.fromkeys(("available_now", "active", "archived", "cancelled"), read_flag),
    "sizes": _read_sizes,
    "pricing": _read_pricing,
}
