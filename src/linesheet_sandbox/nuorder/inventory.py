"""Inventory calls per product, availability flags and warehouses (sheet 5.1, 5.2 and 13)."""

from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.errors import invalid, missing
from linesheet_sandbox.nuorder.fields import (
    read_filled,
    read_flag,
    read_known,
    read_list,
    read_objects,
    read_quantity,
    read_text,
)
from linesheet_sandbox.nuorder.listing import page
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.products import addressed_product, product_label
from linesheet_sandbox.nuorder.stock import recalculate_availability


def read_inventory(portal: Portal, call: Call) -> Answer:
    """`GET /api/inventory/{id}`: the warehouse objects as posted, less what orders took since."""
    product = addressed_product(portal, call)
    stock = portal.stock.get(product["_id"])
    return json_answer(stock["inventory"] if stock else [])


def replace_inventory(portal: Portal, call: Call) -> Answer:
    """`POST /api/inventory/{id}`: replaces the product's whole stock picture. Sizes are not checked."""
    body = json_object(call)
    product = addressed_product(portal, call)
    if "inventory" not in body:
        invalid("inventory is required")
    rows = read_objects("inventory", body["inventory"])
    inventory = [_read_warehouse(portal, where, row) for where, row in rows]
    replace_stock(portal, product, inventory)
    portal.applied("inventory", product_label(product), "replaced")
    return json_answer({"success": True})


def replace_stock(portal: Portal, product: Record, inventory: list[Record]) -> None:
    """Put a new stock picture in place of posted stock and replenishments alike."""
    for key in portal.replenishments.ids_by("product", product["_id"]):
        portal.replenishments.remove(key)
    if inventory:
        portal.stock.put(product["_id"], {"inventory": inventory})
    else:
        portal.stock.remove(product["_id"])
    recalculate_availability(portal, product)


def refresh_flags(portal: Portal, call: Call) -> Answer:
    """`PUT /api/inventory/flags`: recalculates availability, which replenishments alone do not."""
    body = json_object(call)
    if "product_ids" not in body:
        invalid("product_ids is required")
    ids = [read_text("product_ids", key) for key in read_list("product_ids", body["product_ids"])]
    products = [portal.products.get(key) or missing(f"product {key}") for key in ids]
    for product in products:
        recalculate_availability(portal, product)
    return json_answer({"success": True})


def list_warehouses(portal: Portal, call: Call) -> Answer:
    """`GET /api/v3.0/warehouses`, an extension (sheet 13)."""
    keys = ("id", "display_name", "code", "active", "sort")
    found = (portal.warehouses.get(key) for key in page(call, portal.warehouses.ids()))
    return json_answer([{key: warehouse[key] for key in keys} for warehouse in found if warehouse])


def _read_warehouse(portal: Portal, where: str, row: dict[str, Any]) -> Record:
    if "warehouse" not in row and len(portal.warehouses) > 1:
        invalid(f"{where}.warehouse is required")
    name = read_text(f"{where}.warehouse", row.get("warehouse", "default"))
    if not portal.warehouse(name):
        invalid("warehouse not found")
    prebook = read_flag(f"{where}.prebook", row.get("prebook", False))
    buckets = read_objects(f"{where}.wip", row.get("wip", []))
    return {
        **{key: value for key, value in row.items() if not key.startswith("__")},
        "warehouse": name,
        "prebook": prebook,
        "wip": [_read_bucket(inner, bucket, prebook) for inner, bucket in buckets],
    }


def _read_bucket(where: str, bucket: dict[str, Any], prebook: bool) -> Record:
    if "name" not in bucket:
        invalid(f"{where}.name is required")
    rows = bucket.get("sizes", bucket.get("size", []))
    return {
        "name": read_filled(f"{where}.name", bucket["name"]),
        "sizes": [_read_size(inner, row, prebook) for inner, row in read_objects(f"{where}.sizes", rows)],
    }


def _read_size(where: str, row: dict[str, Any], prebook: bool) -> Record:
    if "size" not in row:
        invalid(f"{where}.size is required")
    size = read_known({"size": read_text, "upc": read_text}, row, f"{where}.")
    if size.get("quantity") is None:
        if not prebook:
            invalid(f"{where}.quantity is required")
        return {**size, "quantity": None}
    quantity = read_quantity(f"{where}.quantity", size["quantity"])
    if quantity < 0:
        invalid(f"{where}.quantity must not be negative")
    return {**size, "quantity": quantity}
