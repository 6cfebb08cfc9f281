"""What may keep an order from being exported: fields that must be filled, and styles that are gone (sheet 7.2)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.order_lines import lines_of
from linesheet_sandbox.joor.order_v2 import order_answer
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.skus import shoppable, sku_by_id

_IN_LISTS = {
    "door_codes": ("order_doors", "door_code"),
    "door_names": ("order_doors", "door_name"),
    "division_code": ("order_divisions", "division_code"),
}
"""Required fields that every entry of a list must fill, and the list must have entries."""


def unfit(portal: JoorPortal, order: Record, *, fields: bool, styles: bool) -> str:
    """Why the order cannot be exported; "" when it can."""
    if fields and portal.settings.required_fields:
        shown = order_answer(portal, order)
        if missing := [field for field in portal.settings.required_fields if not _filled(shown, field)]:
            return f"required fields are missing: {', '.join(missing)}"
    if styles and (gone := [line for line in lines_of(portal, order["id"]) if _is_gone(portal, line)]):
        return f"styles or colors were deleted: {', '.join(line['face']['product_identifier'] for line in gone)}"
    return ""


def _filled(shown: Record, field: str) -> bool:
    if field not in _IN_LISTS:
        return bool(shown.get(field))
    entries, key = _IN_LISTS[field]
    return bool(shown[entries]) and all(entry.get(key) for entry in shown[entries])


def _is_gone(portal: JoorPortal, line: Record) -> bool:
    sku = sku_by_id(portal, line["sku_id"])
    return sku is None or not shoppable(portal, sku)
