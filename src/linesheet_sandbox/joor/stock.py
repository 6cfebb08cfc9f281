"""Stock as JOOR keeps it: what was sent per SKU, warehouse and day, less what orders took since (sheet 5, 11)."""

from collections.abc import Iterable

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.order_status import CLAIMING
from linesheet_sandbox.joor.portal import JoorPortal


def put_position(portal: JoorPortal, sku_id: str, warehouse_id: str, day: str, units: int) -> None:
    """Set what can be sold of a SKU in a warehouse from a day on ("" is now). What orders took is forgotten."""
    key = _key(sku_id, warehouse_id, day)
    _forget_takes(portal, sku_id, {key})
    position = {"sku_id": sku_id, "warehouse_id": warehouse_id, "date": day, "sent": units, "taken": 0}
    portal.stock.put(key, position)


def clear_sku(portal: JoorPortal, sku_id: str) -> None:
    """Drop all positions of a SKU, which makes it made to order (sheet 5)."""
    keys = set(portal.stock.ids_by("sku", sku_id))
    _forget_takes(portal, sku_id, keys)
    for key in keys:
        portal.stock.remove(key)


def clear_all(portal: JoorPortal) -> None:
    """Drop the stock of the whole account."""
    portal.stock.clear()
    for line in list(portal.line_items.all()):
        if line["taken"]:
            portal.line_items.put(line["id"], {**line, "taken": {}})


def sellable(position: Record) -> int:
    """What is left of a position."""
    return max(0, int(position["sent"]) - int(position["taken"]))


def settle_order(portal: JoorPortal, order: Record) -> None:
    """Take what the order's lines ask for, or give it back, by the order's status; see `settle_line`."""
    for key in portal.line_items.ids_by("order", order["id"]):
        if line := portal.line_items.get(key):
            settle_line(portal, order, line)


def settle_line(portal: JoorPortal, order: Record, line: Record) -> Record:
    """Take a line's units, of what can be sold now before what comes by the ship date, and no more than there is.

    Lines of made-to-order linesheets take nothing, nor do carts, notes and cancelled orders.
    """
    claims = order["status"] in CLAIMING and not order["made_to_order"] and not line["cancelled"]
    wanted = line["quantity"] * line["multiplier"] if claims else 0
    if line["claimed"] == wanted:
        return line
    release_line(portal, line)
    taken, left = {}, wanted
    for key, position in _places(portal, order, line["sku_id"]):
        units = min(left, sellable(position))
        if units > 0:
            portal.stock.put(key, {**position, "taken": position["taken"] + units})
            taken[key], left = units, left - units
    return portal.line_items.put(line["id"], {**line, "taken": taken, "claimed": wanted})


def release_line(portal: JoorPortal, line: Record) -> None:
    """Give back what a line took, where the position is still there."""
    for key, units in line["taken"].items():
        if position := portal.stock.get(key):
            portal.stock.put(key, {**position, "taken": max(0, position["taken"] - units)})


def subtract_pending(portal: JoorPortal, sku_ids: Iterable[str]) -> None:
    """Take anew what pending orders ask for of these SKUs (sheet 5, `dec_pending`)."""
    for sku_id in sku_ids:
        for key in portal.line_items.ids_by("sku", sku_id):
            line = portal.line_items.get(key)
            order = portal.orders.get(line["order_id"]) if line else None
            if line and order and order["status"] == "PENDING":
                release_line(portal, line)
                settle_line(portal, order, {**line, "taken": {}, "claimed": 0})


def _places(portal: JoorPortal, order: Record, sku_id: str) -> list[tuple[str, Record]]:
    latest = order["ship_start"] or portal.clock.today().isoformat()
    found = ((key, portal.stock.get(key)) for key in portal.stock.ids_by("sku", sku_id))
    fitting = [
        (key, position)
        for key, position in found
        if position and position["warehouse_id"] == order["warehouse_id"] and position["date"] <= latest
    ]
    return sorted(fitting, key=lambda place: str(place[1]["date"]))


def _forget_takes(portal: JoorPortal, sku_id: str, positions: set[str]) -> None:
    for key in portal.line_items.ids_by("sku", sku_id):
        line = portal.line_items.get(key)
        if line and positions & line["taken"].keys():
            kept = {place: units for place, units in line["taken"].items() if place not in positions}
            portal.line_items.put(key, {**line, "taken": kept})


def _key(sku_id: str, warehouse_id: str, day: str) -> str:
    return f"{sku_id}|{warehouse_id}|{day}"
