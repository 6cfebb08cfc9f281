"""Who an order is for, in which price type and off which linesheet, and where it goes (sheet 7.1 and 7.3)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connections import live_connection
from linesheet_sandbox.joor.envelopes import NOT_FOUND, ItemError
from linesheet_sandbox.joor.fields import invalid, object_in, text_in
from linesheet_sandbox.joor.order_record import connection_address, custom_address, customer_facts
from linesheet_sandbox.joor.order_v4 import ADDRESS_KEYS
from linesheet_sandbox.joor.portal import DEFAULT_WAREHOUSE, JoorPortal

PARTY_FIELDS = (
    *("customer_id", "customer_code", "retailer_id"),
    *("price_type_id", "price_type_name", "price_type_currency_code"),
    *("collection_id", "collection_code", "collection_name"),
    *(f"{side}_address_{part}" for side in ("shipping", "billing") for part in ("id", "code")),
    *(f"custom_{side}_address" for side in ("shipping", "billing")),
)
"""Every field read here."""


def with_parties(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The order with the customer, price type, linesheet and addresses sent. Raises ItemError for unknown ones."""
    changed = order
    if any(name in item for name in ("customer_id", "customer_code", "retailer_id")):
        changed = _with_customer(portal, changed, item)
    if any(name in item for name in ("price_type_id", "price_type_name")):
        changed = _with_price_type(portal, changed, item)
    if any(name in item for name in ("collection_id", "collection_code", "collection_name")):
        changed = _with_collection(portal, changed, item)
    for side in ("shipping", "billing"):
        changed = _with_address(portal, changed, item, side)
    return changed


def _with_customer(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The customer, with its first warehouse or else the default one."""
    code, key = text_in(item, "customer_code"), text_in(item, "customer_id") or text_in(item, "retailer_id")
    connection = live_connection(portal, code=code, connection_id=key)
    if connection is None:
        raise ItemError(NOT_FOUND, f"customer {code or key} not found")
    named = connection["warehouses"][0] if connection["warehouses"] else {"warehouse_name": DEFAULT_WAREHOUSE}
    warehouse = portal.warehouses.by("name", named["warehouse_name"])
    warehouse = warehouse or portal.warehouses.by("code", named.get("warehouse_code"))
    return {
        **order,
        **customer_facts(connection),
        "connection_id": connection["connection_id"],
        "warehouse_id": warehouse["id"] if warehouse else "",
        "buyer": {
            "id": "",
            "name": connection["customer_buyer_name"] or connection["customer_contact_name"],
            "email": connection["customer_contact_email"] or connection["customer_email"],
        },
        "sales_rep": {"name": "", "code": connection["sales_rep_code"]},
    }


def _with_price_type(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The price type by id or name; of two of one name, that in the currency sent, or else the customer's own."""
    key, name = text_in(item, "price_type_id"), text_in(item, "price_type_name")
    currency = text_in(item, "price_type_currency_code")
    if key:
        found = portal.price_types.get(key)
    elif currency:
        found = portal.price_types.by("pair", (name, currency))
    else:
        assigned = assigned_price_types(portal, order["connection_id"])
        named = [price_type for price_type in [*assigned, *portal.price_types.all()] if price_type["name"] == name]
        found = named[0] if named else None
    if found is None:
        raise ItemError(NOT_FOUND, f"price type {key or name} not found")
    return {
        **order,
        "price_type_id": found["id"],
        "currency": found["currency_code"],
        "currency_retail": found["retail_currency_code"],
        "price_label": found["name"],
    }


def assigned_price_types(portal: JoorPortal, connection_id: str) -> list[Record]:
    """The price types a customer was given, in its own order."""
    connection: Record = portal.connections.get(connection_id) or {"price_types": []}
    pairs = [(row["price_type_label"], row["price_type_currency_code"]) for row in connection["price_types"]]
    return [found for pair in pairs if (found := portal.price_types.by("pair", pair))]


def _with_collection(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The linesheet, with its season and its ship dates."""
    key, code, name = (text_in(item, f"collection_{part}") for part in ("id", "code", "name"))
    found = portal.collections.get(key) if key else portal.collections.by("external_id", code)
    found = found or (portal.collections.by("name", name) if name else None)
    if found is None:
        raise ItemError(NOT_FOUND, f"collection {key or code or name} not found")
    season: Record = portal.seasons.get(str(found.get("season_id") or "")) or {"name": "", "external_id": ""}
    delivery = found.get("delivery") or {}
    return {
        **order,
        "collection_id": found["id"],
        "collection_name": found["name"],
        "collection_code": found["external_id"] or "",
        "season_name": season["name"],
        "season_code": season["external_id"] or "",
        "made_to_order": bool(found.get("made_to_order")),
        "ship_start": delivery.get("start_ship_date") or "",
        "ship_end": delivery.get("complete_ship_date") or "",
    }


def _with_address(portal: JoorPortal, order: Record, item: Record, side: str) -> Record:
    """An address of the customer's, or one typed into the order."""
    custom = object_in(item, f"custom_{side}_address")
    if custom:
        given = {part: text_in(custom, key) for key, part in ADDRESS_KEYS.items()}
        return {**order, side: custom_address({**given, "code": text_in(custom, "code")})}
    reference = text_in(item, f"{side}_address_id") or text_in(item, f"{side}_address_code")
    if not reference:
        return order
    connection = portal.connections.get(order["connection_id"])
    address = connection_address(connection, side, reference) if connection else None
    if address is None:
        raise invalid(f"{side} address {reference} not found")
    return {**order, side: address}
