"""`GET /v2/style`: what v4 stored, read by the older API (sheet 4). Styles cannot be written here."""

from typing import Any

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import ApiHandler, RefusedCallError, records, v2_answer
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_record import upcs_in
from linesheet_sandbox.joor.skus import colour_of, size_of, skus_of
from linesheet_sandbox.joor.v2_blanks import blanked
from linesheet_sandbox.joor.v2_bodies import bounds, counts


def list_styles(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/style?count=&start_from=`, oldest first."""
    start, count = bounds(call)
    ids = portal.products.ids()
    page = [_style(portal, product) for product in records(map(portal.products.get, ids[start : start + count]))]
    return v2_answer("styles", blanked(portal, {"style": page}), **counts(start, len(page), len(ids)))


def read_style(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/style/{joor_style_id}`."""
    product = portal.products.get(call.parts["id"])
    if product is None:
        raise RefusedCallError(404, f"there is no style {call.parts['id']}")
    return v2_answer("styles", blanked(portal, {"style": [_style(portal, product)]}))


def _style(portal: JoorPortal, product: Record) -> dict[str, Any]:
    number = product["product_identifier"] or product["external_id"]
    return {
        "style_id": int(product["id"]),
        "style_name": product["name"],
        "style_number": number,
        "style_identifier": product["external_id"] or number,
        "style_description": product["description"],
        "skus": [_sku(portal, sku) for sku in skus_of(portal, product["id"])],
    }


def _sku(portal: JoorPortal, sku: Record) -> dict[str, Any]:
    colour, size = colour_of(portal, sku), size_of(portal, sku)
    return {
        "style_color_id": int(colour["id"]),
        "color_name": colour["value"],
        "color_code": colour["external_id"],
        "size_name": size["value"],
        "size_code": size["external_id"],
        "upc": next(iter(upcs_in(sku)), ""),
    }


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v2/style", list_styles),
    Route("GET", "/v2/style/{id}", read_style),
]
