"""Colours and sizes of products (sheet 3.2): shared by all SKUs that have them, so that one switches them all off."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import DUPLICATED, ItemError
from linesheet_sandbox.joor.fixed import COLOR, SIZE
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_record import TraitValue
from linesheet_sandbox.joor.skus import ACTIVE


def value_named(portal: JoorPortal, product_id: str, trait: str, value: str) -> Record | None:
    """A colour or size of a product by its name, case and all."""
    return portal.trait_values.by("value", (product_id, trait, value))


def values_of(portal: JoorPortal, product_id: str) -> tuple[list[Record], list[Record]]:
    """The colours and the sizes of a product, oldest first."""
    keys = portal.trait_values.ids_by("product", product_id)
    values = [value for key in keys if (value := portal.trait_values.get(key))]
    return [value for value in values if value["trait"] == COLOR], [v for v in values if v["trait"] == SIZE]


def stored_value(portal: JoorPortal, product_id: str, trait: str, sent: TraitValue) -> Record:
    """The product's colour or size of this name, made if it is new, with what was said about it."""
    known = value_named(portal, product_id, trait, sent.value) or {
        "id": portal.new_id("trait_value"),
        "product_id": product_id,
        "trait": trait,
        "value": sent.value,
        "external_id": "",
        "order_minimum": None,
        "order_nbr": None,
        "status": ACTIVE,
    }
    return portal.trait_values.put(known["id"], {**known, **sent.said})


def check_renamed(portal: JoorPortal, value: Record, sent: TraitValue) -> None:
    """Refuse to give a colour or size the name another of its product has."""
    other = value_named(portal, value["product_id"], value["trait"], sent.value)
    if other and other["id"] != value["id"]:
        raise ItemError(DUPLICATED, f"the product has a {value['trait']} {sent.value} already")
