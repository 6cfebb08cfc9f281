"""`/v2/bulk-inventory` and `/v2/style-number/.../inventory`: what can be sold, by SKU, warehouse and day (sheet 5)."""

from uuid import uuid4

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import ApiHandler, ItemError, v2_answer
from linesheet_sandbox.joor.fields import invalid
from linesheet_sandbox.joor.portal import DEFAULT_WAREHOUSE, JoorPortal
from linesheet_sandbox.joor.stock import clear_all, clear_sku, put_position, subtract_pending
from linesheet_sandbox.joor.v2_bodies import sent_nodes, switch
from linesheet_sandbox.joor.v2_fields import flag, position_day, text, units
from linesheet_sandbox.joor.v2_skus import addressed_sku, style_sku

_KEYS = (
    *("upc", "style_number", "style_identifier", "style_identifer", "style_id", "style_color_id"),
    *("color_code", "size", "size_code"),
)


def send_stock(portal: JoorPortal, call: Call) -> Answer:
    """`POST` or `PUT /v2/bulk-inventory?overwrite=1&dec_pending=1`: each item passes or fails on its own, under 200."""
    rows = sent_nodes(portal, call, "inventory_items", "inventory_item")
    overwrite, dec_pending = switch(call, "overwrite"), switch(call, "dec_pending")
    if overwrite:
        clear_all(portal)
    return _stored(portal, call, rows, dec_pending=dec_pending)


def send_style_stock(portal: JoorPortal, call: Call) -> Answer:
    """`PUT /v2/style-number/{number}/{identifier}/inventory/`: one position, told in query parameters."""
    row = {**call.query(), "style_number": call.parts["number"], "style_identifier": call.parts["identifier"]}
    return _stored(portal, call, [row], dec_pending=switch(call, "dec_pending"))


def _stored(portal: JoorPortal, call: Call, rows: list[Record], *, dec_pending: bool) -> Answer:
    """Store each row; of two for the same SKU, warehouse and day the last counts."""
    touched: dict[str, None] = {}
    log: list[Record] = []
    spoiled = call.spoiled(len(rows))
    for position, row in enumerate(rows):
        status = "success"
        try:
            if position in spoiled:
                raise invalid("the item could not be saved")
            touched[_store(portal, row)] = None
        except ItemError as problem:
            status = f"failed: {problem.message}"
        log.append({"sku": _label(row), "inventory_log_id": str(uuid4()), "status": status})
    if dec_pending:
        subtract_pending(portal, touched)
    passed = sum(entry["status"] == "success" for entry in log)
    return v2_answer("bulk_inventory", {"sku_count": passed, "inventory_log": log})


def _store(portal: JoorPortal, row: Record) -> str:
    """Store one row; the id of its SKU."""
    sku = style_sku(portal, row) if not text(row, "upc") else addressed_sku(portal, text(row, "upc"))
    if flag(row, "made_to_order"):
        clear_sku(portal, sku["id"])
        return str(sku["id"])
    warehouse, day, quantity = _warehouse(portal, row), position_day(row, "inventory_date"), units(row, "inventory")
    put_position(portal, sku["id"], warehouse["id"], day, quantity)
    portal.applied("stock", f"{_label(row)}|{warehouse['name']}|{day}", "set")
    return str(sku["id"])


def _warehouse(portal: JoorPortal, row: Record) -> Record:
    """The warehouse of this name or code; the default one when none is named."""
    name = text(row, "warehouse") or DEFAULT_WAREHOUSE
    found = portal.warehouses.by("name", name) or portal.warehouses.by("code", name)
    if found is None:
        raise invalid(f"warehouse {name} does not exist")
    return found


def _label(row: Record) -> str:
    """The concatenated key by which the reply names an item: the UPC, or else what was sent to find the SKU."""
    return str(row.get("upc") or "-".join(str(row[key]) for key in _KEYS if row.get(key)))


ROUTES: list[Route[ApiHandler]] = [
    Route("POST PUT", "/v2/bulk-inventory", send_stock),
    Route("PUT", "/v2/style-number/{number}/{identifier}/inventory", send_style_stock),
]
