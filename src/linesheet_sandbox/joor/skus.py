"""SKUs as they are kept: a product's colour in a product's size (sheet 3.2).

A SKU's `id` is opaque, base64 of three numbers: 0, the id of its colour on the product, and its own number, which is
its key here. Colours and sizes belong to the product: a SKU names them by `color_id` and `size_id`, the ids of two
`trait_values`, each `{id, product_id, trait: Color|Size, value, external_id, order_minimum, order_nbr, status}`.
Whatever else points at a SKU does so by `sku_id`, its `id`.
"""

import base64

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.portal import JoorPortal

ACTIVE = "ACTIVE"
INACTIVE = "INACTIVE"


def sku_id(color_id: str, number: str) -> str:
    """The opaque id of a SKU."""
    return base64.b64encode(f"0|{color_id}|{number}".encode()).decode()


def sku_key(sku: str) -> str:
    """The key in `portal.skus` of the SKU of this id; "" when it cannot be one."""
    try:
        return base64.b64decode(sku, validate=True).decode().rpartition("|")[2]
    except ValueError:
        return ""


def sku_by_id(portal: JoorPortal, sku: str) -> Record | None:
    """The SKU of this id."""
    found = portal.skus.get(sku_key(sku))
    return found if found and found["id"] == sku else None


def skus_of(portal: JoorPortal, product_id: str) -> list[Record]:
    """A product's SKUs, oldest first."""
    return [sku for key in portal.skus.ids_by("product", product_id) if (sku := portal.skus.get(key))]


def colour_of(portal: JoorPortal, sku: Record) -> Record:
    """The SKU's colour on its product."""
    return portal.trait_values.get(sku["color_id"]) or {}


def size_of(portal: JoorPortal, sku: Record) -> Record:
    """The SKU's size on its product."""
    return portal.trait_values.get(sku["size_id"]) or {}


def shoppable(portal: JoorPortal, sku: Record) -> bool:
    """Whether neither its colour nor its size is inactive."""
    return all(value["status"] == ACTIVE for value in (colour_of(portal, sku), size_of(portal, sku)))


def sku_label(sku: Record) -> str:
    """What a SKU is called in counts of writes: its own key, else JOOR's."""
    return str(sku.get("external_id") or sku.get("sku_identifier") or sku.get("id", ""))
