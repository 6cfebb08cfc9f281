"""The portal's schemas: core fields and the custom fields a brand adds (sheet 2.3)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import invalid, missing
from linesheet_sandbox.nuorder.portal import Portal

_CORE: dict[str, list[tuple[str, str, str, bool]]] = {
    "product": [
        ("style_number", "Style Number", "text", True),
        ("season", "Season", "text", True),
        ("color", "Color", "text", True),
        ("name", "Name", "text", True),
        ("color_code", "Color Code", "text", False),
        ("brand_id", "Brand ID", "text", False),
        ("description", "Description", "text", False),
        ("department", "Department", "text", False),
        ("division", "Division", "text", False),
        ("category", "Category", "text", False),
        ("subcategory", "Subcategory", "text", False),
        ("seasons", "Seasons", "multi", False),
        ("available_from", "Available From", "date", False),
        ("available_until", "Available Until", "date", False),
        ("order_closing", "Order Closing", "date", False),
        ("active", "Active", "boolean", False),
    ],
    "company": [
        ("name", "Customer Name", "text", True),
        ("code", "Customer Code", "text", False),
        ("currency_code", "Currency", "text", True),
        ("payment_terms", "Payment Terms", "text", False),
        ("credit_status", "Credit Status", "text", False),
        ("customer_groups", "Customer Groups", "multi", False),
        ("pricing_template", "Price Sheet", "text", False),
        ("warehouse", "Warehouse", "text", False),
    ],
    "order": [
        ("order_number", "Order Number", "text", True),
        ("external_id", "External ID", "text", True),
        ("currency_code", "Currency", "text", True),
        ("customer_po_number", "Customer PO Number", "text", False),
        ("order_type", "Order Type", "text", False),
        ("start_ship", "Start Ship", "date", False),
        ("end_ship", "End Ship", "date", False),
        ("notes", "Notes", "text", False),
    ],
}

SCHEMA_TYPES = tuple(_CORE)


def schema(portal: Portal, kind: str) -> Record:
    """One schema with its core and custom fields."""
    core = [_field(key, name, shape, required) for key, name, shape, required in _CORE[kind]]
    return {
        "_id": portal.schema_id,
        "type": kind,
        "name": kind,
        "fields": core + custom_fields(portal, kind),
        "created_on": "",
        "modified_on": "",
    }


def custom_fields(portal: Portal, kind: str) -> list[Record]:
    """The fields the brand added to one schema."""
    kept = portal.schema_fields.get(kind)
    return list(kept["fields"]) if kept else []


def define_custom_fields(portal: Portal, kind: str, fields: list[dict[str, Any]]) -> Record:
    """Set the brand's own fields of one schema: `{key, name?, type?, required?, allowed_values?}` each."""
    rows = []
    for given in fields:
        key, shape = str(given["key"]), str(given.get("type", "text"))
        name, required = str(given.get("name", key)), bool(given.get("required"))
        rows.append(_field(key, name, shape, required, given.get("allowed_values", [])))
    portal.schema_fields.put(kind, {"fields": rows})
    portal.store.commit()
    return schema(portal, kind)


def check_custom_fields(portal: Portal, kind: str, record: Mapping[str, Any]) -> None:
    """Refuse with 400 a record without a required custom field, or with a value not on its pick list."""
    for field in custom_fields(portal, kind):
        key = field["key"]
        value: Any = record
        for step in key.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value in (None, "", []):
            if field["required"]:
                invalid(f"{key} is required")
            continue
        values = value if isinstance(value, list) else [value]
        allowed = [option["value"] for option in field["details"]["allowed_values"]]
        if field["type"] == "multi" and not isinstance(value, list):
            invalid(f"{key} must be a list")
        if allowed and not all(one in allowed for one in values):
            invalid(f"{key} must be one of: {', '.join(map(str, allowed))}")


def read_schemas(portal: Portal, call: Call) -> Answer:
    """`GET /api/schemas`."""
    return json_answer([schema(portal, kind) for kind in SCHEMA_TYPES])


def read_schema(portal: Portal, call: Call) -> Answer:
    """`GET /api/schemas/{type}`: an array with one schema."""
    if call.parts["type"] not in SCHEMA_TYPES:
        missing("schema")
    return json_answer([schema(portal, call.parts["type"])])


def _field(key: str, name: str, shape: str, required: bool, allowed: list[Any] | None = None) -> Record:
    return {
        "key": key,
        "name": name,
        "type": shape,
        "required": required,
        "details": {"allowed_values": [{"value": value} for value in allowed or []]},
    }
