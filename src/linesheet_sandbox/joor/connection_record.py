"""A connection, which is a customer as the brand keeps it: what it must hold, and how API v2 shows it (sheet 6)."""

from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid
from linesheet_sandbox.joor.v2_fields import nodes, text

LONGEST: dict[str, int | None] = {
    "customer_name": 100,
    "customer_code": 50,
    "customer_alias": 150,
    "customer_contact_name": 1000,
    "customer_contact_email": 50,
    "customer_email": None,
    "customer_buyer_name": 50,
    "company_number_name": 150,
    "company_number_code": 100,
    "customer_group_name": 150,
    "customer_group_code": 100,
    "sales_rep_code": 100,
}
"""The plain fields of a connection, with the most characters each may have."""

_ADDRESS_PARTS: dict[str, int | None] = {
    "code": 50,
    "name": None,
    "phone": None,
    "address_1": None,
    "address_2": None,
    "city": None,
    "state": None,
    "postal_code": None,
    "country": None,
}
_PRICE_TYPE = ("price_type_currency_code", "price_type_label", "price_type_retail_currency_code")
SIDES = ("billing", "shipping")


def read_connection(row: Record) -> Record:
    """The whole of a connection as sent: what is absent is empty. Raises ItemError."""
    return {**_blank(), **read_changes(row), "customer_name": _name(row), "price_types": _price_types(row)}


def read_changes(row: Record) -> Record:
    """Only the fields sent, clean. Raises ItemError."""
    changes: Record = {field: text(row, field, longest) for field, longest in LONGEST.items() if field in row}
    if "customer_name" in row:
        changes["customer_name"] = _name(row)
    for side in SIDES:
        if side in row:
            changes[side] = _addresses(side, row[side])
    if "price_types" in row:
        changes["price_types"] = _price_types(row)
    for field, (inner, keys) in _NODES.items():
        if field in row:
            changes[field] = [_named(node, keys) for node in nodes(row[field], field, inner)]
    return changes


def connection_answer(connection: Record) -> Record:
    """A connection as API v2 shows it: objects that hold lists."""
    return {
        "customer_account_id": int(connection["connection_id"]),
        **{field: connection[field] for field in LONGEST},
        **{field: {inner: connection[field]} for field, (inner, _) in _NODES.items()},
        **{side: {f"{side}_addresses": connection[side]} for side in SIDES},
        "price_types": {"price_type": connection["price_types"]},
        "date_created": connection["created"],
        "date_modified": connection["modified"],
    }


def _blank() -> Record:
    lists: Record = {field: [] for field in (*SIDES, *_NODES)}
    return {**dict.fromkeys(LONGEST, ""), **lists}


def _name(row: Record) -> str:
    name = text(row, "customer_name", LONGEST["customer_name"])
    if not name:
        raise invalid("customer_name is required")
    return name


def _addresses(side: str, value: Any) -> list[Record]:
    parts = {f"{side}_{part}": longest for part, longest in _ADDRESS_PARTS.items()}
    if side == "shipping":
        parts["shipping_email"] = None
    rows = nodes(value, f"{side}_addresses", f"{side}_address", side)
    addresses: list[Record] = [{part: text(row, part, longest) for part, longest in parts.items()} for row in rows]
    codes = [address[f"{side}_code"] for address in addresses if address[f"{side}_code"]]
    if len(codes) > len(set(codes)):
        raise invalid(f"{side}_code is given to two addresses")
    return addresses


def _price_types(row: Record) -> list[Record]:
    rows = nodes(row.get("price_types"), "price_types", "price_type")
    if not rows:
        raise invalid("price_types is required")
    found: list[Record] = [{key: text(node, key) for key in _PRICE_TYPE} for node in rows]
    for price_type in found:
        for key in _PRICE_TYPE[:2]:
            if not price_type[key]:
                raise invalid(f"{key} is required")
    return found


def _named(row: Record, keys: dict[str, int]) -> Record:
    return {key: text(row, key, longest) for key, longest in keys.items()}


_NODES: dict[str, tuple[str, dict[str, int]]] = {
    "warehouses": ("warehouse", {"warehouse_name": 150, "warehouse_code": 100}),
    "payment_methods": ("payment_method", {"payment_method_name": 150, "payment_method_code": 100}),
    "shipping_methods": ("shipping_method", {"shipping_method_name": 150, "shipping_method_code": 100}),
}
"""Lists of things set up on the account: the node of one, and its fields."""
