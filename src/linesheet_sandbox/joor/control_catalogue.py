"""Control: the catalogue as JOOR holds it, and what people change in it by hand (sheet 12)."""

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.control_setup import ControlHandler
from linesheet_sandbox.joor.envelopes import RefusedCallError, records
from linesheet_sandbox.joor.fields import filled_in
from linesheet_sandbox.joor.holdings import collection_held, product_held, shared_upcs
from linesheet_sandbox.joor.matching import check_unknown
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.product_record import KEYS, merged_product
from linesheet_sandbox.joor.sku_creation import check_upc_is_free
from linesheet_sandbox.joor.skus import sku_by_id, skus_of

_SWITCHES = ("archived", "is_custom", "made_to_order", "visibility")


def _list_products(portal: JoorPortal, call: Call) -> Answer:
    return json_answer([product_held(portal, product) for product in portal.products.all()])


def _read_product(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(product_held(portal, _product(portal, call)))


def _edit_product(portal: JoorPortal, call: Call) -> Answer:
    """Change fields of a product by hand, by the names v4 has for them."""
    product, body = _product(portal, call), control_body(call)
    merged = merged_product(portal, product, body) | {"modified": portal.clock.stamp()}
    check_unknown(portal.products, "product", body, KEYS, product["id"])
    return json_answer(product_held(portal, portal.products.put(product["id"], merged)))


def _delete_product(portal: JoorPortal, call: Call) -> Answer:
    """Delete a style everywhere. Lines of orders stay, and point at a SKU that is gone."""
    product = _product(portal, call)
    held = product_held(portal, product)
    for sku in skus_of(portal, product["id"]):
        _remove_under(portal, sku)
    for kept in (portal.trait_values, portal.assets):
        for key in kept.ids_by("product", product["id"]):
            kept.remove(key)
    for collection in records(map(portal.collections.get, portal.collections.ids_by("product", product["id"]))):
        items = [item for item in collection["items"] if item["product_id"] != product["id"]]
        portal.collections.put(collection["id"], {**collection, "items": items})
    portal.products.remove(product["id"])
    return json_answer(held)


def _remove_under(portal: JoorPortal, sku: Record) -> None:
    for kept in (portal.prices, portal.stock):
        for key in kept.ids_by("sku", sku["id"]):
            kept.remove(key)
    portal.skus.remove(sku["number"])


def _edit_sku(portal: JoorPortal, call: Call) -> Answer:
    """`{upc}`: give a SKU another barcode by hand; "" takes it away."""
    reference = call.parts["ref"]
    sku = sku_by_id(portal, reference) or portal.skus.by("upc", reference) or portal.skus.by("external_id", reference)
    if sku is None:
        raise RefusedCallError(404, "SKU not found")
    body = control_body(call)
    upc = filled_in(body, "upc") if body.get("upc") else ""
    others = [one for one in sku["identifiers"] if one["type"] != "upc"]
    changed = {**sku, "identifiers": [*others, *([{"type": "upc", "value": upc}] if upc else [])]}
    check_upc_is_free(portal, changed)
    return json_answer(portal.skus.put(sku["number"], changed))


def _list_shared_upcs(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(shared_upcs(portal))


def _list_collections(portal: JoorPortal, call: Call) -> Answer:
    return json_answer([collection_held(portal, collection) for collection in portal.collections.all()])


def _edit_collection(portal: JoorPortal, call: Call) -> Answer:
    """Switches of the portal that v4 only tells: `archived`, `is_custom`, `made_to_order`, `visibility`."""
    collection, body = _collection(portal, call), control_body(call)
    for name, value in body.items():
        if name not in _SWITCHES or type(value) is not type(collection[name]):
            raise RefusedCallError(400, f"{name} cannot be set to {value!r}; there are {', '.join(_SWITCHES)}")
    return json_answer(collection_held(portal, portal.collections.put(collection["id"], {**collection, **body})))


def _delete_collection(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(portal.collections.remove(_collection(portal, call)["id"]))


def _list_assets(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(list(portal.assets.all()))


def _list_prices(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(list(portal.prices.all()))


def _product(portal: JoorPortal, call: Call) -> Record:
    reference = call.parts["ref"]
    product = portal.products.get(reference) or portal.products.by("external_id", reference)
    if product is None:
        raise RefusedCallError(404, "product not found")
    return product


def _collection(portal: JoorPortal, call: Call) -> Record:
    reference = call.parts["ref"]
    collection = portal.collections.get(reference) or portal.collections.by("external_id", reference)
    if collection is None:
        raise RefusedCallError(404, "collection not found")
    return collection


ROUTES: list[Route[ControlHandler]] = [
    Route("GET", "/_control/products", _list_products),
    Route("GET", "/_control/products/{ref}", _read_product),
    Route("PATCH", "/_control/products/{ref}", _edit_product),
    Route("DELETE", "/_control/products/{ref}", _delete_product),
    Route("PATCH", "/_control/skus/{ref}", _edit_sku),
    Route("GET", "/_control/duplicate-upcs", _list_shared_upcs),
    Route("GET", "/_control/collections", _list_collections),
    Route("PATCH", "/_control/collections/{ref}", _edit_collection),
    Route("DELETE", "/_control/collections/{ref}", _delete_collection),
    Route("GET", "/_control/assets", _list_assets),
    Route("GET", "/_control/prices", _list_prices),
]
