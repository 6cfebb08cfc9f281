"""Stock as it changes: what is available, and what orders take and give back (sheet 5.3 and 13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from linesheet_sandbox.common.store import Record, copied
from linesheet_sandbox.nuorder.dates import parse_day
from linesheet_sandbox.nuorder.portal import DEFAULT_WAREHOUSE, Portal

_WITHOUT_CLAIM = ("draft", "cancelled")


def recalculate_availability(portal: Portal, product: Record) -> None:
    """Refresh what the product shows as available, from posted stock and replenishments."""
    rows = [*_posted_rows(portal, product), *_replenishment_rows(portal, product)]
    if not rows and product["_id"] not in portal.stock:
        portal.availability.remove(product["_id"])
        return
    portal.availability.put(product["_id"], {"rows": rows, "tracks": bool(rows)})


def settle_claims(portal: Portal, order: Record, *, lines_changed: bool = False) -> None:
    """Take an order's stock once it is submitted; give it back when it is cancelled or a draft again.

    Prebook lines never take stock, and what is not there is not taken.
    """
    claims = order["status"] not in _WITHOUT_CLAIM
    held = order["_id"] in portal.deductions
    if held and (lines_changed or not claims):
        release_claims(portal, order["_id"])
        held = False
    if claims and not held:
        taken = [take for want in _wanted(portal, order) for take in _take(portal, want)]
        portal.deductions.put(order["_id"], {"taken": taken})
        _refresh(portal, taken)


def release_claims(portal: Portal, order_id: str) -> None:
    """Give back exactly what the order took, where it still has a place."""
    deduction = portal.deductions.remove(order_id)
    if not deduction:
        return
    for take in deduction["taken"]:
        if "replenishment" in take:
            row = portal.replenishments.get(take["replenishment"])
            if row:
                portal.replenishments.put(row["id"], {**row, "quantity": row["quantity"] + take["quantity"]})
            continue
        stock = copied(portal.stock.get(take["product"]) or {"inventory": []})
        for bucket, size in _places(portal, stock, take["warehouse"], take["size"]):
            if bucket == take["bucket"]:
                size["quantity"] += take["quantity"]
                portal.stock.put(take["product"], stock)
                break
    _refresh(portal, deduction["taken"])


@dataclass(frozen=True, slots=True)
class _Want:
    product: Record
    warehouse: str
    size: str
    ship: date
    quantity: int


def _wanted(portal: Portal, order: Record) -> Iterator[_Want]:
    for line in order.get("line_items", ()):
        product = portal.products.get(str(line["product"].get("_id")))
        warehouse = portal.warehouse(str(line.get("warehouse") or DEFAULT_WAREHOUSE))
        if line.get("prebook") or not product or not warehouse:
            continue
        ship = parse_day(line.get("ship_start") or order.get("start_ship")) or portal.clock.today()
        for size in line.get("sizes", ()):
            if (units := size.get("quantity", 0)) > 0:
                yield _Want(product, warehouse["id"], str(size.get("size", "")), ship, units)


def _take(portal: Portal, want: _Want) -> Iterator[Record]:
    left = want.quantity
    stock = copied(portal.stock.get(want.product["_id"]) or {"inventory": []})
    places = _places(portal, stock, want.warehouse, want.size)
    for bucket, size in _in_order_of_use(places, want.ship, portal.clock.today()):
        units = min(left, size["quantity"])
        if units > 0:
            size["quantity"] -= units
            left -= units
            yield {
                "product": want.product["_id"],
                "warehouse": want.warehouse,
                "bucket": bucket,
                "size": want.size,
                "quantity": units,
            }
    if left < want.quantity:
        portal.stock.put(want.product["_id"], stock)
    for row in _suitable_replenishments(portal, want):
        units = min(left, row["quantity"])
        if units > 0:
            left -= units
            portal.replenishments.put(row["id"], {**row, "quantity": row["quantity"] - units})
            yield {"product": want.product["_id"], "replenishment": row["id"], "quantity": units}


def _places(portal: Portal, stock: Record, warehouse_id: str, size_text: str) -> Iterator[tuple[str, Record]]:
    """Bucket name and size row of every counted quantity of one size in one warehouse."""
    for entry in stock["inventory"]:
        warehouse = portal.warehouse(entry["warehouse"])
        if not warehouse or warehouse["id"] != warehouse_id:
            continue
        for bucket in entry["wip"]:
            for size in bucket["sizes"]:
                if size["size"] == size_text and size.get("quantity") is not None:
                    yield bucket["name"], size


def _in_order_of_use(places: Iterator[tuple[str, Record]], ship: date, today: date) -> list[tuple[str, Record]]:
    """Stock on hand first for goods shipping now; else the last arrival in time, then earlier ones."""

    def arrival(place: tuple[str, Record]) -> date:
        return parse_day(place[0]) or date.min

    in_time = sorted((place for place in places if arrival(place) <= ship), key=arrival)
    return in_time[::-1] if ship > today else in_time


def _suitable_replenishments(portal: Portal, want: _Want) -> list[Record]:
    sku = next((size["_id"] for size in want.product["sizes"] if size["size"] == want.size), None)
    keys = portal.replenishments.ids_by("sku", (want.warehouse, sku))
    found = (portal.replenishments.get(key) for key in keys)
    rows = [row for row in found if row and not row["prebook"] and row["quantity"] is not None]
    in_time = sorted(
        (row for row in rows if (parse_day(row["period_start"]) or date.min) <= want.ship),
        key=lambda row: str(row["period_start"]),
    )
    return in_time[::-1] if want.ship > portal.clock.today() else in_time


def _refresh(portal: Portal, taken: list[Record]) -> None:
    for product_id in dict.fromkeys(take["product"] for take in taken):
        if product := portal.products.get(product_id):
            recalculate_availability(portal, product)


def _posted_rows(portal: Portal, product: Record) -> Iterator[Record]:
    skus = {size["size"]: size["_id"] for size in product["sizes"]}
    stock = portal.stock.get(product["_id"]) or {"inventory": []}
    for entry in stock["inventory"]:
        warehouse = portal.warehouse(entry["warehouse"])
        for bucket in entry["wip"]:
            for size in bucket["sizes"]:
                if warehouse and size["size"] in skus:
                    sku = skus[size["size"]]
                    yield _availability_row(bucket["name"], warehouse["id"], sku, size.get("quantity"))


def _replenishment_rows(portal: Portal, product: Record) -> Iterator[Record]:
    for key in portal.replenishments.ids_by("product", product["_id"]):
        row = portal.replenishments.get(key)
        if row and row["active"]:
            bucket = row["display_name"] or row["period_start"][:10]
            yield _availability_row(bucket, row["warehouse_id"], row["sku_id"], row["quantity"])


def _availability_row(bucket: str, warehouse_id: str, sku_id: str, quantity: Any) -> Record:
    return {
        "_id": f"{sku_id}{warehouse_id[-6:]}",
        "bucket": bucket,
        "warehouse": warehouse_id,
        "sku_id": sku_id,
        "quantity": quantity,
    }
