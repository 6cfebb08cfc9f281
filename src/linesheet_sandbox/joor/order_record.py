"""An order and its lines as JOOR keeps them, told by both generations of the API each in its own words (sheet 7)."""

from collections.abc import Mapping

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.order_status import NOT_ATTEMPTED

ADDRESS_PARTS = (
    *("code", "name", "company", "phone", "fax", "email"),
    *("address_1", "address_2", "city", "state", "postal_code", "country"),
)

CUSTOMER_KEYS = (
    *("customer_name", "customer_code", "customer_buyer_name"),
    *("company_name", "company_code", "customer_group_name", "customer_group_code"),
)


def blank_order(order_id: str, now: str) -> Record:
    """An order that says nothing yet. `shipping` and `billing` are addresses, or None."""
    return {
        "id": order_id,
        "status": "IN_PROGRESS",
        "export_state": NOT_ATTEMPTED,
        "export_description": "",
        "exported": "",
        **dict.fromkeys(("created", "modified"), now),
        "approved": "",
        "connection_id": "",
        **dict.fromkeys(CUSTOMER_KEYS, ""),
        **dict.fromkeys(("collection_id", "collection_name", "collection_code", "season_name", "season_code"), ""),
        "made_to_order": False,
        **dict.fromkeys(("price_type_id", "currency", "currency_retail", "price_label"), ""),
        **dict.fromkeys(("po_number", "integration_po", "comments", "internal_comments", "tracking_number"), ""),
        "source": "JOOR Web",
        "personal": False,
        "type": {"id": "", "name": "", "code": ""},
        "event": {"event": "", "code": ""},
        "discount": {"type": "", "value": 0},
        "shipping_price": 0,
        "tax": {"amount": 0, "number": ""},
        **dict.fromkeys(("ship_start", "ship_end"), ""),
        "shipping": None,
        "billing": None,
        "shipping_method": {"name": "", "code": ""},
        "payment_method": {"name": "", "code": ""},
        "sales_rep": {"name": "", "code": ""},
        "buyer": {"id": "", "name": "", "email": ""},
        "created_by": {"username": "", "email": ""},
        "warehouse_id": "",
        "divisions": [],
        "doors": [],
        "raw": {},
    }


def customer_facts(connection: Record) -> Record:
    """What an order says of its customer; a change is written through to the orders there are (sheet 6)."""
    return {
        "customer_name": connection["customer_alias"] or connection["customer_name"],
        "customer_code": connection["customer_code"],
        "customer_buyer_name": connection["customer_buyer_name"] or connection["customer_contact_name"],
        "company_name": connection["company_number_name"],
        "company_code": connection["company_number_code"],
        "customer_group_name": connection["customer_group_name"],
        "customer_group_code": connection["customer_group_code"],
    }


def connection_address(connection: Record, side: str, reference: str = "") -> Record | None:
    """An address of a customer by its code or id, or its first one; None when it has no such."""
    for address in connection[side]:
        known = (address[f"{side}_code"], str(address[f"{side}_address_id"]))
        if not reference or reference in known:
            return {
                **{part: str(address.get(f"{side}_{part}", "")) for part in ADDRESS_PARTS},
                "id": known[1],
                "custom": False,
            }
    return None


def custom_address(given: Mapping[str, str]) -> Record:
    """An address typed into the order."""
    return {**{part: given.get(part, "") for part in ADDRESS_PARTS}, "id": "", "custom": True}


def blank_line(line_id: str, order_id: str) -> Record:
    """A line that says nothing yet. `price` is of one unit as agreed, `list_price` as listed."""
    return {
        "id": line_id,
        "order_id": order_id,
        "sku_id": "",
        "quantity": 0,
        "multiplier": 1,
        "cancelled": False,
        **dict.fromkeys(("price", "list_price", "retail_price"), "0"),
        **dict.fromkeys(("comment", "color_comment", "door_id"), ""),
        "face": dict(BLANK_FACE),
        "raw": {},
        "taken": {},
        "claimed": 0,
    }


BLANK_FACE: Record = {
    **dict.fromkeys(("product_id", "product_name", "product_identifier", "product_external_id"), ""),
    **dict.fromkeys(("color", "color_code", "size", "size_code"), ""),
    **dict.fromkeys(("sku_identifier", "upc"), ""),
    "tags": [],
}
"""What a line says of its SKU: as it was when the line was made, since styles may go."""
