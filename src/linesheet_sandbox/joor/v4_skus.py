"""`/v4/skus` (sheet 3.2)."""

from collections.abc import Callable

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.downloads import base_url
from linesheet_sandbox.joor.envelopes import (
    NOT_FOUND,
    ApiHandler,
    ItemError,
    chosen,
    paged,
    records,
    v4_answer,
    v4_written,
)
from linesheet_sandbox.joor.fields import text_in
from linesheet_sandbox.joor.matching import EXTERNAL_ID, Key, check_unknown, known, known_by_external_id
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_creation import check_upc_is_free, create_skus
from linesheet_sandbox.joor.sku_record import read_identifiers, read_trait_values, sku_answer
from linesheet_sandbox.joor.skus import colour_of, size_of, sku_by_id, sku_label
from linesheet_sandbox.joor.trait_values import check_renamed

_KEYS: tuple[Key, ...] = (EXTERNAL_ID, ("sku_identifier", "identifier"))


def list_skus(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/skus`, all or those of `product_ids`."""
    products = chosen(call, "product_ids")
    if products is None:
        ids = portal.skus.ids()
    else:
        ids = [key for product in products for key in portal.skus.ids_by("product", product)]
    base = base_url(call)
    return v4_answer([sku_answer(portal, sku, base) for sku in records(map(portal.skus.get, paged(portal, call, ids)))])


def update_skus(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/skus/bulk_update`."""

    def find(item: Record) -> Record:
        reference = text_in(item, "id")
        if not reference:
            return known(portal, portal.skus, "SKU", item, _KEYS)
        sku = sku_by_id(portal, reference)
        if sku is None:
            raise ItemError(NOT_FOUND, f"there is no SKU with id {reference}")
        return sku

    return _updated(portal, call, find)


def update_skus_by_external_id(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/skus/bulk_update_by_external_id`."""
    return _updated(portal, call, lambda item: known_by_external_id(portal.skus, "SKU", item))


def _updated(portal: JoorPortal, call: Call, find: Callable[[Record], Record]) -> Answer:
    base = base_url(call)
    return v4_written(portal, call, lambda item: sku_answer(portal, _update(portal, find(item), item), base))


def _update(portal: JoorPortal, sku: Record, item: Record) -> Record:
    """A new name, code, order or status of a colour or size holds for all SKUs of the product that have it."""
    check_unknown(portal.skus, "SKU", item, _KEYS, sku["number"])
    changed = sku | {name: text_in(item, name) for name in ("external_id", "sku_identifier") if name in item}
    if "identifiers" in item:
        changed["identifiers"] = read_identifiers(item)
        check_upc_is_free(portal, changed)
    if item.get("trait_values"):
        pairs = list(zip((colour_of(portal, sku), size_of(portal, sku)), read_trait_values(portal, item), strict=True))
        for value, sent in pairs:
            check_renamed(portal, value, sent)
        for value, sent in pairs:
            portal.trait_values.put(value["id"], {**value, "value": sent.value, **sent.said})
    portal.applied("skus", sku_label(changed), "update")
    return portal.skus.put(sku["number"], changed)


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/skus", list_skus),
    Route("POST", "/v4/skus/bulk_create", create_skus),
    Route("POST", "/v4/skus/bulk_update", update_skus),
    Route("POST", "/v4/skus/bulk_update_by_external_id", update_skus_by_external_id),
]
