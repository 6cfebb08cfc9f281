"""Product calls (sheet 3 and 4)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.errors import conflict, missing
from linesheet_sandbox.nuorder.listing import page
from linesheet_sandbox.nuorder.portal import Portal, natural_key
from linesheet_sandbox.nuorder.product_record import (
    given_brand_id,
    new_product,
    product_answer,
    updated_product,
)
from linesheet_sandbox.nuorder.stock import recalculate_availability


def read_product(portal: Portal, call: Call) -> Answer:
    """`GET /api/product/{id}` and `GET /api/product/external_id/{ext}`."""
    return json_answer(product_answer(portal, addressed_product(portal, call)))


def create_product(portal: Portal, call: Call) -> Answer:
    """`PUT /api/product/new`: 201, or 409 when the product exists."""
    body = json_object(call)
    if existing := matching_product(portal, body):
        conflict("product already exists", existing["_id"])
    return _created(portal, body)


def upsert_product(portal: Portal, call: Call) -> Answer:
    """`PUT /api/product/new/force`: 201 when created, 200 when updated."""
    body = json_object(call)
    existing = matching_product(portal, body)
    return _updated(portal, existing, body) if existing else _created(portal, body)


def update_product(portal: Portal, call: Call) -> Answer:
    """`POST /api/product/{id}` and `POST /api/product/external_id/{ext}`, partial bodies allowed."""
    body = json_object(call)
    return _updated(portal, addressed_product(portal, call), body)


def list_products(portal: Portal, call: Call) -> Answer:
    """`GET /api/products` and `/api/products/detail`: products."""
    return _records(portal, page(call, portal.products.ids()))


def list_product_ids(portal: Portal, call: Call) -> Answer:
    """`GET /api/products/list`: ids."""
    return json_answer(page(call, portal.products.ids()))


def list_season_ids(portal: Portal, call: Call) -> Answer:
    """`GET /api/products/season/{season}/list`: ids of the season's products."""
    return json_answer(page(call, portal.products.ids_by("season", call.parts["season"].lower())))


def list_season_products(portal: Portal, call: Call) -> Answer:
    """`GET /api/products/season/{season}/detail`: the season's products."""
    return _records(portal, page(call, portal.products.ids_by("season", call.parts["season"].lower())))


def addressed_product(portal: Portal, call: Call) -> Record:
    """The product a path names by id or external id; 404 when there is none."""
    if "ext" in call.parts:
        product = portal.products.by("brand_id", call.parts["ext"].lower())
    else:
        product = portal.products.get(call.parts["id"])
    return product or missing("product")


def matching_product(portal: Portal, body: Mapping[str, Any]) -> Record | None:
    """The product a body means: by `_id`, then `brand_id`, then natural key (sheet 4.1).

    Refuses with 409 when the external id and the natural key belong to different products.
    """
    by_id, by_brand_id, by_key = _matches(portal, body)
    if by_id:
        return by_id
    if by_brand_id and by_key and by_brand_id is not by_key:
        conflict("brand_id and style_number, season, color belong to different products", by_key["_id"])
    if by_key and not by_brand_id and given_brand_id(body) and by_key["brand_id"]:
        conflict("style_number, season, color belong to another brand_id", by_key["_id"])
    return by_brand_id or by_key


def referenced_product(portal: Portal, reference: Mapping[str, Any]) -> Record | None:
    """The product an order line or price row refers to, by the same keys in the same order."""
    return next((product for product in _matches(portal, reference) if product), None)


def store_new_product(portal: Portal, body: Mapping[str, Any]) -> Record:
    """Validate and store a product that matched none."""
    product = new_product(portal, body)
    return portal.products.put(product["_id"], product)


def store_product_changes(portal: Portal, old: Record, body: Mapping[str, Any]) -> Record:
    """Validate and store an update. Refuses with 409 to take another product's keys."""
    product = updated_product(portal, old, body)
    others = [portal.products.by("natural", natural_key(product))]
    if product["brand_id"]:
        others.append(portal.products.by("brand_id", product["brand_id"].lower()))
    for other in others:
        if other and other["_id"] != product["_id"]:
            conflict("product already exists", other["_id"])
    portal.products.put(product["_id"], product)
    if "sizes" in body:
        recalculate_availability(portal, product)
    return product


def product_label(product: Record) -> str:
    """How counts name a product: by external id, or by natural key when it has none."""
    return product["brand_id"] or ",".join(natural_key(product))


def _created(portal: Portal, body: Mapping[str, Any]) -> Answer:
    product = store_new_product(portal, body)
    portal.applied("products", product_label(product), "created")
    return json_answer(product_answer(portal, product), 201)


def _updated(portal: Portal, old: Record, body: Mapping[str, Any]) -> Answer:
    product = store_product_changes(portal, old, body)
    portal.applied("products", product_label(product), "updated")
    return json_answer(product_answer(portal, product))


def _matches(portal: Portal, body: Mapping[str, Any]) -> tuple[Record | None, Record | None, Record | None]:
    """Products by `_id`, by external id and by natural key."""
    brand_id = given_brand_id(body).lower()
    key = tuple(str(body.get(field) or "").lower() for field in ("style_number", "season", "color"))
    return (
        portal.products.get(str(body.get("_id"))),
        portal.products.by("brand_id", brand_id) if brand_id else None,
        portal.products.by("natural", key),
    )


def _records(portal: Portal, ids: list[str]) -> Answer:
    found = (portal.products.get(product_id) for product_id in ids)
    return json_answer([product_answer(portal, product) for product in found if product])
