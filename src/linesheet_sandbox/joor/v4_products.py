"""`/v4/products` (sheet 3.1)."""

from collections.abc import Callable

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.downloads import base_url
from linesheet_sandbox.joor.envelopes import ApiHandler, paged, records, v4_answer, v4_written
from linesheet_sandbox.joor.matching import check_unknown, known, known_by_external_id
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.product_record import KEYS, merged_product, new_product, product_answer


def list_products(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/products`."""
    found = records(map(portal.products.get, paged(portal, call, portal.products.ids())))
    base = base_url(call)
    return v4_answer([product_answer(portal, product, base) for product in found])


def create_products(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/products/bulk_create`."""

    def create(item: Record) -> Record:
        product = merged_product(portal, new_product(), item)
        check_unknown(portal.products, "product", item, KEYS)
        now = portal.clock.stamp()
        product |= {"id": portal.new_id("product"), "created": now, "modified": now}
        portal.applied("products", _label(product), "create")
        return product_answer(portal, portal.products.put(product["id"], product), base_url(call))

    return v4_written(portal, call, create)


def update_products(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/products/bulk_update`."""
    return _updated(portal, call, lambda item: known(portal, portal.products, "product", item, KEYS))


def update_products_by_external_id(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/products/bulk_update_by_external_id`."""
    return _updated(portal, call, lambda item: known_by_external_id(portal.products, "product", item))


def _updated(portal: JoorPortal, call: Call, find: Callable[[Record], Record]) -> Answer:
    def update(item: Record) -> Record:
        product = find(item)
        merged = merged_product(portal, product, item)
        check_unknown(portal.products, "product", item, KEYS, product["id"])
        merged["modified"] = portal.clock.stamp()
        portal.applied("products", _label(merged), "update")
        return product_answer(portal, portal.products.put(product["id"], merged), base_url(call))

    return v4_written(portal, call, update)


def _label(product: Record) -> str:
    return str(product["external_id"] or product["product_identifier"] or product["id"])


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/products", list_products),
    Route("POST", "/v4/products/bulk_create", create_products),
    Route("POST", "/v4/products/bulk_update", update_products),
    Route("POST", "/v4/products/bulk_update_by_external_id", update_products_by_external_id),
]
