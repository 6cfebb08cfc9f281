"""Orders and their lines in the words of API v4 (sheet 7.3). Lines show no UPC (sheet 14)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fixed import COLOR, SIZE, TRAIT_NAMED
from linesheet_sandbox.joor.order_lines import visible_lines
from linesheet_sandbox.joor.order_money import amounts, decimal, plain
from linesheet_sandbox.joor.order_status import EXPORTED, FAILED, MODIFIED
from linesheet_sandbox.joor.portal import JoorPortal

EXPORT_WORDS = {EXPORTED: "SUCCESS", MODIFIED: "SUCCESS", FAILED: "FAILED"}
"""What v4 calls an export state: how the last attempt ended. That an order was edited since, v2 alone tells."""

ADDRESS_KEYS = {
    "name": "name",
    "company": "company",
    "line1": "address_1",
    "line2": "address_2",
    "city": "city",
    "state": "state",
    "zip": "postal_code",
    "country": "country",
    "phone": "phone",
    "fax": "fax",
    "email": "email",
}
"""The parts of an address, as v4 calls them and as they are kept."""


def export_word(order: Record) -> str:
    """`SUCCESS`, `FAILED`, or `UNDEFINED` for an order nobody tried to export."""
    return EXPORT_WORDS.get(order["export_state"], "UNDEFINED")


def order_answer(portal: JoorPortal, order: Record) -> Record:
    """One order without its lines."""
    worth = amounts(order, visible_lines(portal, order))
    discount = order["discount"]
    warehouse: Record = portal.warehouses.get(order["warehouse_id"]) or {"id": "", "code": "", "name": ""}
    return {
        "id": order["id"],
        "status": order["status"],
        "total": plain(worth.total),
        "quantity": worth.units,
        "retailer_id": order["connection_id"],
        "price_type_id": order["price_type_id"],
        "collection_id": order["collection_id"],
        "customer": {
            "id": order["connection_id"],
            "code": order["customer_code"],
            "name": order["customer_name"],
            "buyer_name": order["customer_buyer_name"],
        },
        "buyer": order["buyer"],
        **_address("shipping", order["shipping"]),
        **_address("billing", order["billing"]),
        "shipping_price": plain(worth.shipping),
        "shipping_method": order["shipping_method"],
        "payment_method": order["payment_method"],
        "sales_rep": order["sales_rep"],
        "season": {"name": order["season_name"], "code": order["season_code"]},
        "warehouse": {key: warehouse[key] for key in ("id", "code", "name")},
        "discount": {
            "discount": plain(worth.discount),
            "details": [discount] if discount["type"] else [],
        },
        "tax": order["tax"],
        "event": order["event"],
        "type": order["type"],
        "delivery_window_start": order["ship_start"],
        "delivery_window_end": order["ship_end"],
        "po_number": order["po_number"],
        "comments": order["comments"],
        "internal_comments": order["internal_comments"],
        "tracking_number": order["tracking_number"],
        "export_status": export_word(order),
        "export_description": order["export_description"],
        "date_created": order["created"],
        "date_approved": order["approved"] or None,
        "last_modified": order["modified"],
    }


def line_answer(line: Record) -> Record:
    """One line of an order."""
    face = line["face"]
    return {
        "id": line["id"],
        "order_id": line["order_id"],
        "quantity": line["quantity"],
        "cancelled": line["cancelled"],
        "line_item_sku": {
            "original_id": line["sku_id"],
            "sku_identifier": face["sku_identifier"],
            "item_price": plain(decimal(line["price"])),
            "wholesale_price": plain(decimal(line["list_price"])),
            "product": {
                "id": face["product_id"],
                "name": face["product_name"],
                "identifier": face["product_identifier"],
                "external_id": face["product_external_id"],
            },
            "trait_values": [
                {
                    "trait": {**TRAIT_NAMED[trait], "type": "SKUTrait"},
                    "value": face[key],
                    "external_id": face[f"{key}_code"],
                }
                for trait, key in ((COLOR, "color"), (SIZE, "size"))
            ],
        },
    }


def _address(side: str, address: Record | None) -> Record:
    """The address under the key of those kept with the customer, or of those typed into the order."""
    if address is None:
        return {f"{side}_address": None, f"custom_{side}_address": None}
    shown = {key: address[part] for key, part in ADDRESS_KEYS.items()}
    if address["custom"]:
        return {f"{side}_address": None, f"custom_{side}_address": shown}
    return {
        f"{side}_address": {"id": address["id"], "code": address["code"], **shown},
        f"custom_{side}_address": None,
    }
