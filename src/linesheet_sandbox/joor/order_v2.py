"""Orders in the words of API v2: every key always there, and empty is "" (sheet 7.2)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.countries import iso_codes
from linesheet_sandbox.joor.order_lines import visible_lines
from linesheet_sandbox.joor.order_money import amounts, decimal, extended, plain
from linesheet_sandbox.joor.order_status import STATUSES
from linesheet_sandbox.joor.portal import JoorPortal

_ADDRESS = ("code", "name", "phone", "address_1", "address_2", "city", "region", "postal_code", "country")


def order_answer(portal: JoorPortal, order: Record) -> Record:
    """One order as `GET /v2/order` shows it. Raw values that the control API gave it come last."""
    lines = visible_lines(portal, order)
    worth = amounts(order, lines)
    status = STATUSES[order["status"]]
    warehouse: Record = portal.warehouses.get(order["warehouse_id"]) or {}
    shown: Record = {
        "order_id": int(order["id"]),
        "customer_purchase_order": order["po_number"] or order["id"],
        "integration_purchase_order": order["integration_po"],
        "order_source": order["source"],
        "is_personal_order": order["personal"],
        "order_type": status.code,
        "order_type_name": status.name,
        "order_type_code": order["type"]["code"],
        "order_event": order["event"]["event"],
        "order_event_code": order["event"]["code"],
        "order_season_code": order["season_code"],
        "order_season_name": order["season_name"],
        "order_delivery_name": order["collection_name"],
        "order_delivery_code": order["collection_code"],
        "order_currency": order["currency"],
        "order_currency_retail": order["currency_retail"],
        "order_currency_name": order["price_label"],
        "order_discount": plain(worth.discount),
        "order_discount_percent": plain(worth.discount_percent),
        "order_shipping_total": plain(worth.shipping),
        "order_total": plain(worth.total),
        "date_created": order["created"],
        "date_approved": order["approved"],
        "date_modified": order["modified"],
        "date_ship_start": order["ship_start"],
        "date_ship_end": order["ship_end"],
        "customer_name": order["customer_name"],
        "customer_code": order["customer_code"],
        "company_name": order["company_name"],
        "company_code": order["company_code"],
        "customer_group_name": order["customer_group_name"],
        "customer_group_code": order["customer_group_code"],
        "customer_buyer_name": order["customer_buyer_name"],
        "sales_representative": order["sales_rep"]["name"],
        "sales_representative_code": order["sales_rep"]["code"],
        "created_by_username": order["created_by"]["username"],
        "created_by_email": order["created_by"]["email"],
        **_address("shipping", order["shipping"]),
        "shipping_email": (order["shipping"] or {}).get("email", ""),
        "shipping_method_name": order["shipping_method"]["name"],
        "shipping_method_code": order["shipping_method"]["code"],
        **_address("billing", order["billing"]),
        "payment_method_name": order["payment_method"]["name"],
        "payment_method_code": order["payment_method"]["code"],
        "tax_id_label": order["tax"]["number"],
        "warehouse_name": warehouse.get("name", ""),
        "warehouse_code": warehouse.get("code", ""),
        "order_comments": order["comments"],
        "order_internal_comments": order["internal_comments"],
        "order_divisions": order["divisions"],
        "order_doors": order["doors"],
        "line_items": [_line(line) for line in lines],
    }
    if not portal.settings.season_name_present:
        del shown["order_season_name"]
    return {**shown, **order["raw"]}


def _line(line: Record) -> Record:
    face = line["face"]
    return {
        "item_name": face["product_name"],
        "item_number": face["product_identifier"] or face["product_external_id"],
        "item_style_id": int(face["product_id"]) if face["product_id"] else "",
        "item_style_identifier": face["product_external_id"] or face["product_identifier"],
        "item_color": face["color"],
        "item_color_code": face["color_code"],
        "item_upc": face["upc"],
        "item_size": face["size"],
        "item_size_code": face["size_code"],
        "item_price": plain(decimal(line["price"])),
        "item_retail_price": plain(decimal(line["retail_price"])),
        "item_unit_price": plain(decimal(line["list_price"])),
        "item_price_adjustment": plain(decimal(line["price"]) - decimal(line["list_price"])),
        "item_quantity": line["quantity"],
        "item_multiplier": line["multiplier"],
        "item_price_extended": plain(extended(line)),
        "item_comment": line["comment"],
        "item_color_comment": line["color_comment"],
        "item_door_id": line["door_id"],
        "style_tags": face["tags"],
        **line["raw"],
    }


def _address(side: str, address: Record | None) -> Record:
    kept: Record = {**(address or {}), "region": (address or {}).get("state", "")}
    two, three = iso_codes(kept.get("country", ""))
    return {
        **{f"{side}_{part}": kept.get(part, "") for part in _ADDRESS},
        f"{side}_country_iso_three": three,
        f"{side}_country_iso_two": two,
    }
