"""Lines of orders: what can be ordered at which price, and how lines are added, changed and taken away (sheet 7)."""

from decimal import Decimal

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import records
from linesheet_sandbox.joor.fields import invalid
from linesheet_sandbox.joor.order_money import cents, decimal
from linesheet_sandbox.joor.order_record import BLANK_FACE, blank_line
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_record import upcs_in
from linesheet_sandbox.joor.skus import colour_of, shoppable, size_of, sku_by_id
from linesheet_sandbox.joor.stock import release_line, settle_line


def lines_of(portal: JoorPortal, order_id: str) -> list[Record]:
    """All lines of an order in the order they were added."""
    return records(map(portal.line_items.get, portal.line_items.ids_by("order", order_id)))


def visible_lines(portal: JoorPortal, order: Record) -> list[Record]:
    """The lines but for those of a colour or size made inactive, which is off every order not shipped (sheet 3.2)."""
    lines = lines_of(portal, order["id"])
    if order["status"] == "SHIPPED":
        return lines
    return [line for line in lines if _is_there(portal, line)]


def sku_wanted(portal: JoorPortal, *, upc: str = "", sku_id: str = "") -> Record | None:
    """The SKU of a barcode, or of an id."""
    if upc:
        return portal.skus.by("upc", upc)
    return sku_by_id(portal, sku_id)


def listed_price(portal: JoorPortal, order: Record, sku: Record) -> Record:
    """What the SKU costs on this order. Refuses a SKU that the order's customer could not have ordered.

    It must be on the linesheet (sheet 3.5), active (3.2), and have a price in the order's price type (9.10).
    """
    upc = _upc(sku) or sku["id"]
    if not _on_linesheet(portal.collections.get(order["collection_id"]) or {"items": []}, sku):
        raise invalid(f"{upc} is not on the linesheet {order['collection_name']}")
    if not shoppable(portal, sku):
        raise invalid(f"{upc} is inactive")
    price = portal.prices.by("pair", (sku["id"], order["price_type_id"]))
    if price is None:
        raise invalid(f"{upc} has no price in {order['price_label']} {order['currency']}")
    return price


def priced_line(portal: JoorPortal, order: Record, sku: Record, quantity: int) -> Record:
    """A fresh line at the listed price, not stored yet. Refuses what `listed_price` refuses."""
    price = listed_price(portal, order, sku)
    listed = str(price["wholesale_value"])
    return {
        **blank_line(portal.new_id("line_item"), order["id"]),
        "sku_id": sku["id"],
        "face": face_of(portal, sku),
        "quantity": quantity,
        "price": listed,
        "list_price": listed,
        "retail_price": str(price["retail_value"] or "0"),
    }


def discounted(line: Record, *, amount: Decimal | None = None, percent: Decimal | None = None) -> Record:
    """The line at its listed price less an amount or a percentage. Refuses a price below nothing."""
    listed = decimal(line["list_price"])
    price = listed - (amount or 0) if percent is None else cents(listed * (100 - percent) / 100)
    if price < 0:
        raise invalid("the discount is more than the price")
    return {**line, "price": str(price)}


def store_line(portal: JoorPortal, order: Record, line: Record) -> Record:
    """Store a line, and take its stock or give it back."""
    portal.line_items.put(line["id"], line)
    return settle_line(portal, order, line)


def remove_line(portal: JoorPortal, line: Record) -> None:
    """Take a line off its order and give back its stock."""
    release_line(portal, line)
    portal.line_items.remove(line["id"])


def face_of(portal: JoorPortal, sku: Record) -> Record:
    """What a line says of its SKU."""
    product = portal.products.get(sku["product_id"]) or {}
    colour, size = colour_of(portal, sku), size_of(portal, sku)
    return {
        **BLANK_FACE,
        "product_id": sku["product_id"],
        "product_name": product.get("name", ""),
        "product_identifier": product.get("product_identifier") or "",
        "product_external_id": product.get("external_id") or "",
        "color": colour.get("value", ""),
        "color_code": colour.get("external_id") or "",
        "size": size.get("value", ""),
        "size_code": size.get("external_id") or "",
        "sku_identifier": sku["sku_identifier"] or "",
        "upc": _upc(sku),
        "tags": [_tag(tag) for tag in product.get("tags") or ()],
    }


def _is_there(portal: JoorPortal, line: Record) -> bool:
    sku = sku_by_id(portal, line["sku_id"])
    return sku is None or shoppable(portal, sku)


def _on_linesheet(collection: Record, sku: Record) -> bool:
    for item in collection["items"]:
        if item["product_id"] == sku["product_id"]:
            return item.get("sku_ids") is None or sku["id"] in item["sku_ids"]
    return False


def _upc(sku: Record) -> str:
    return next(iter(upcs_in(sku)), "")


def _tag(tag: Record) -> Record:
    return {
        "style_tag_group": tag.get("parent_id") or "",
        "style_tag_name": tag.get("name") or "",
        "style_tag_value": tag.get("value") or "",
        "style_tag_code": tag.get("code") or "",
    }
