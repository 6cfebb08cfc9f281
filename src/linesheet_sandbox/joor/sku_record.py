"""What a client sends about a SKU, read, and a SKU as v4 answers it (sheet 3.2)."""

from dataclasses import dataclass
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.downloads import image_url
from linesheet_sandbox.joor.fields import filled_in, invalid, objects_in, text_in, whole_in
from linesheet_sandbox.joor.fixed import COLOR, SIZE, TRAIT_NAMED
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.product_record import trait_meant
from linesheet_sandbox.joor.skus import ACTIVE, INACTIVE

_KINDS_OF_IDENTIFIER = ("upc", "gtin", "ean", "mpn")
_STATUSES = (ACTIVE, INACTIVE)


@dataclass(frozen=True, slots=True)
class TraitValue:
    """A colour or size as sent: its name, and what is said about it by field."""

    value: str
    said: Record


def read_trait_values(portal: JoorPortal, item: Record) -> tuple[TraitValue, TraitValue]:
    """The one colour and the one size of a SKU. Refuses the item when it has not exactly one of each."""
    found: dict[str, TraitValue] = {}
    for given in objects_in(item, "trait_values"):
        name = trait_meant(portal, given, "SKUTrait")["name"]
        if name in found:
            raise invalid(f"trait_values must have exactly one {name}")
        found[name] = TraitValue(filled_in(given, "value"), _said(given))
    for name in (COLOR, SIZE):
        if name not in found:
            raise invalid(f"trait_values must have exactly one {name}")
    return found[COLOR], found[SIZE]


def read_identifiers(item: Record) -> list[Record]:
    """Barcodes and the like, each kind once."""
    identifiers: dict[str, Record] = {}
    for given in objects_in(item, "identifiers"):
        kind, value = filled_in(given, "type"), filled_in(given, "value")
        if kind not in _KINDS_OF_IDENTIFIER or kind in identifiers:
            raise invalid(f"identifiers must have types of {', '.join(_KINDS_OF_IDENTIFIER)}, each once")
        identifiers[kind] = {"type": kind, "value": value}
    return list(identifiers.values())


def upcs_in(sku: Record) -> set[str]:
    """The UPC of a SKU, if it has one."""
    return {identifier["value"] for identifier in sku["identifiers"] if identifier["type"] == "upc"}


def sku_answer(portal: JoorPortal, sku: Record, base_url: str) -> Record:
    """The SKU as v4 answers it, with what is known of its colour and size."""
    return {
        **{name: sku[name] for name in ("id", "product_id", "external_id", "sku_identifier")},
        "trait_values": [_trait_answer(portal, sku[name], base_url) for name in ("color_id", "size_id")],
        "identifiers": sku["identifiers"],
    }


def _said(given: Record) -> Record:
    said: dict[str, Any] = {}
    if "external_id" in given:
        said["external_id"] = text_in(given, "external_id")
    said |= {name: whole_in(given, name) for name in ("order_minimum", "order_nbr") if name in given}
    if said.get("order_nbr") == 0:
        raise invalid("order_nbr counts from 1")
    if status := text_in(given, "status"):
        if status not in _STATUSES:
            raise invalid(f"status must be {' or '.join(_STATUSES)}")
        said["status"] = status
    return said


def _trait_answer(portal: JoorPortal, key: str, base_url: str) -> Record:
    value = portal.trait_values.get(key) or {}
    shown = [asset for found in portal.assets.ids_by("trait_value", key) if (asset := portal.assets.get(found))]
    swatch = next((asset for asset in shown if asset["type"] == "swatch"), None)
    return {
        "trait": TRAIT_NAMED[value["trait"]],
        **{name: value[name] for name in ("value", "external_id", "order_minimum", "order_nbr", "status")},
        "hexColor": None,
        "swatch": {"id": swatch["id"], "url": image_url(base_url, swatch)} if swatch else None,
        "images": [{"id": a["id"], "url": image_url(base_url, a)} for a in shown if a["type"] == "image"],
    }
