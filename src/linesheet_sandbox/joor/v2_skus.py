"""How API v2 finds a SKU: by UPC, by style, colour and size, or by JOOR's ids (sheet 5).

The style number is the product's own identifier, the style identifier its external id, each standing in for the other.
"""

from collections.abc import Iterator

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid
from linesheet_sandbox.joor.fixed import COLOR, SIZE
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.v2_fields import text


def addressed_sku(portal: JoorPortal, upc: str) -> Record:
    """The SKU of a UPC. Raises ItemError when there is none."""
    sku = portal.skus.by("upc", upc)
    if sku is None:
        raise invalid(f"upc {upc} not found")
    return sku


def style_sku(portal: JoorPortal, row: Record) -> Record:
    """The SKU meant without a UPC. Raises ItemError when there is none."""
    colour_id, size = text(row, "style_color_id"), text(row, "size_code") or text(row, "size")
    for product in _products(portal, row):
        colours = [colour_id] if colour_id else _values(portal, product, COLOR, text(row, "color_code"))
        for colour in colours:
            for size_id in _values(portal, product, SIZE, size):
                if sku := portal.skus.by("pair", (colour, size_id)):
                    return sku
    raise invalid("style, colour and size not found")


def _products(portal: JoorPortal, row: Record) -> Iterator[Record]:
    if style_id := text(row, "style_id"):
        if product := portal.products.get(style_id):
            yield product
        return
    number = text(row, "style_number")
    identifier = text(row, "style_identifier") or text(row, "style_identifer")
    if not number:
        raise invalid("upc or style_number is required")
    ids = {*portal.products.ids_by("identifier", number), *portal.products.ids_by("external_id", number)}
    for key in sorted(ids):
        product = portal.products.get(key)
        if product and (not identifier or identifier in (product["external_id"], product["product_identifier"])):
            yield product


def _values(portal: JoorPortal, product: Record, trait: str, word: str) -> list[str]:
    """Ids of a product's colours or sizes of this code, or else of this name, letter by letter."""
    by_code = portal.trait_values.ids_by("code", (product["id"], trait, word))
    return by_code or portal.trait_values.ids_by("value", (product["id"], trait, word))
