"""Replenishment calls: stock per warehouse, SKU and period (sheet 5.2)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.dates import epoch_ms, midnight, parse_day
from linesheet_sandbox.nuorder.errors import invalid, missing
from linesheet_sandbox.nuorder.fields import read_day, read_flag, read_objects, read_quantity, read_text
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.products import product_label


def put_replenishments(portal: Portal, call: Call) -> Answer:
    """`PUT /api/v3.0/warehouse/{wid}/replenishments`: all rows or, with one at fault, none."""
    warehouse = _addressed_warehouse(portal, call)
    body = json_object(call)
    if "replenishments" not in body:
        invalid("replenishments is required")
    rows = [
        _read_row(portal, where, warehouse, row)
        for where, row in read_objects("replenishments", body["replenishments"])
    ]
    return json_answer([_answer_row(_store_row(portal, row)) for row in rows])


def post_replenishment(portal: Portal, call: Call) -> Answer:
    """`POST /api/v3.0/warehouse/{wid}/sku/{sku_id}/replenishments`: one row."""
    warehouse, sku_id = _addressed_warehouse(portal, call), _addressed_sku(portal, call)
    row = _read_row(portal, "replenishment", warehouse, {**json_object(call), "sku_id": sku_id})
    return json_answer(_answer_row(_store_row(portal, row)))


def delete_replenishments(portal: Portal, call: Call) -> Answer:
    """`DELETE /api/v3.0/warehouse/{wid}/sku/{sku_id}/replenishments`: the rows removed."""
    warehouse, sku_id = _addressed_warehouse(portal, call), _addressed_sku(portal, call)
    removed = [
        portal.replenishments.remove(key) for key in portal.replenishments.ids_by("sku", (warehouse["id"], sku_id))
    ]
    return json_answer([_answer_row(row) for row in removed if row])


def _addressed_warehouse(portal: Portal, call: Call) -> Record:
    return portal.warehouses.get(call.parts["wid"]) or missing("warehouse")


def _addressed_sku(portal: Portal, call: Call) -> str:
    if not portal.products.by("sku", call.parts["sku_id"]):
        missing("sku")
    return call.parts["sku_id"]


def _read_row(portal: Portal, where: str, warehouse: Record, row: Mapping[str, Any]) -> Record:
    if row.get("warehouse_id", warehouse["id"]) != warehouse["id"]:
        invalid(f"{where}.warehouse_id differs from the path")
    if "sku_id" not in row:
        invalid(f"{where}.sku_id is required")
    sku_id = read_text(f"{where}.sku_id", row["sku_id"])
    product = portal.products.by("sku", sku_id) or invalid(f"{where}.sku_id not found")
    prebook = read_flag(f"{where}.prebook", row.get("prebook", False))
    quantity = row.get("quantity")
    if quantity is None and not prebook:
        invalid(f"{where}.quantity is required")
    start = read_day(f"{where}.period_start", row.get("period_start"))
    return {
        "warehouse_id": warehouse["id"],
        "sku_id": sku_id,
        "product_id": product["_id"],
        "display_name": read_text(f"{where}.display_name", row.get("display_name")),
        "prebook": prebook,
        "period_start": start or midnight(portal.clock.today()),
        "period_end": read_day(f"{where}.period_end", row.get("period_end")),
        "quantity": None if quantity is None else read_quantity(f"{where}.quantity", quantity),
        "active": read_flag(f"{where}.active", row.get("active", True)),
    }


def _store_row(portal: Portal, row: Record) -> Record:
    """Upsert on warehouse, SKU, start and prebook."""
    same = [
        key
        for key in portal.replenishments.ids_by("sku", (row["warehouse_id"], row["sku_id"]))
        if (kept := portal.replenishments.get(key))
        and (kept["period_start"], kept["prebook"]) == (row["period_start"], row["prebook"])
    ]
    key = same[0] if same else portal.new_id()
    product = portal.products.get(row["product_id"])
    if product:
        portal.applied("replenishments", product_label(product), "put")
    return portal.replenishments.put(key, {"id": key, **row})


def _answer_row(row: Record) -> Record:
    quantity = row["quantity"]
    return {
        "id": row["id"],
        "warehouse_id": row["warehouse_id"],
        "sku_id": row["sku_id"],
        "display_name": row["display_name"],
        "prebook": row["prebook"],
        "period_start": _epoch(row["period_start"]),
        "period_end": _epoch(row["period_end"]),
        "quantity": quantity,
        "display_quantity": "" if quantity is None else str(quantity),
        "__key": f"{row['warehouse_id']}_{row['sku_id']}_{row['period_start'][:10]}_{row['prebook']}",
    }


def _epoch(text: str) -> int | None:
    day = parse_day(text)
    return epoch_ms(day) if day else None
