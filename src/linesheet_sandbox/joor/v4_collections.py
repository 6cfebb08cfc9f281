"""`/v4/collections`, which are linesheets (sheet 3.5)."""

from collections.abc import Callable
from datetime import date

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import ApiHandler, paged, records, v4_answer, v4_written
from linesheet_sandbox.joor.fields import filled_in, invalid, object_in, objects_in, text_in, texts_in, whole_in
from linesheet_sandbox.joor.matching import EXTERNAL_ID, check_unknown, known, known_by_external_id, referred
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.skus import sku_by_id, skus_of

_DATES = ("start_ship_date", "complete_ship_date", "cancel_date")


def list_collections(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/collections`."""
    found = records(map(portal.collections.get, paged(portal, call, portal.collections.ids())))
    return v4_answer([collection_answer(portal, collection) for collection in found])


def create_collections(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/collections/bulk_create`."""

    def create(item: Record) -> Record:
        blank: Record = {
            "id": "",
            "name": "",
            "external_id": "",
            "season_id": None,
            "delivery": _delivery({}),
            "items": [],
            "visibility": "OWNER",
            "archived": False,
            "is_custom": False,
            "made_to_order": False,
        }
        collection = _merged(portal, blank, item)
        check_unknown(portal.collections, "collection", item, (EXTERNAL_ID,))
        collection["id"] = portal.new_id("collection")
        portal.applied("collections", collection["external_id"], "create")
        return collection_answer(portal, portal.collections.put(collection["id"], collection))

    return v4_written(portal, call, create)


def update_collections(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/collections/bulk_update`."""
    return _updated(portal, call, lambda item: known(portal, portal.collections, "collection", item, (EXTERNAL_ID,)))


def update_collections_by_external_id(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/collections/bulk_update_by_external_id`."""
    return _updated(portal, call, lambda item: known_by_external_id(portal.collections, "collection", item))


def collection_answer(portal: JoorPortal, collection: Record) -> Record:
    """The linesheet as v4 answers it."""
    season = portal.seasons.get(collection["season_id"] or "")
    delivery = collection["delivery"]
    return {
        **collection,
        "season": season,
        "items": [
            {
                "product_id": item["product_id"],
                "order_number": item["order_number"],
                "skus": [{"id": sku, "delivery": delivery} for sku in sku_ids_on(portal, item)],
            }
            for item in collection["items"]
        ],
    }


def sku_ids_on(portal: JoorPortal, item: Record) -> list[str]:
    """Ids of the SKUs a linesheet has by one of its items: those named, else every SKU of the product."""
    if item["sku_ids"] is not None:
        return list(item["sku_ids"])
    return [sku["id"] for sku in skus_of(portal, item["product_id"])]


def _updated(portal: JoorPortal, call: Call, find: Callable[[Record], Record]) -> Answer:
    def update(item: Record) -> Record:
        collection = find(item)
        merged = _merged(portal, collection, item)
        check_unknown(portal.collections, "collection", item, (EXTERNAL_ID,), collection["id"])
        portal.applied("collections", merged["external_id"], "update")
        return collection_answer(portal, portal.collections.put(collection["id"], merged))

    return v4_written(portal, call, update)


def _merged(portal: JoorPortal, collection: Record, item: Record) -> Record:
    """The linesheet with what the item says. `items` and `delivery` replace what was there; absent, they leave it."""
    merged = {**collection}
    for name in ("name", "external_id"):
        merged[name] = filled_in({**collection, **item}, name)
    if "season_id" in item:
        season = text_in(item, "season_id")
        merged["season_id"] = referred(portal.seasons, "season", "season_id", season)["id"] if season else None
    if "delivery" in item:
        merged["delivery"] = _delivery(object_in(item, "delivery"))
    if "items" in item:
        merged["items"] = _items(portal, item)
    return merged


def _delivery(given: Record) -> Record:
    """Ship dates; both blank is immediate delivery."""
    dates = {name: _date(given, name) for name in _DATES}
    start, complete, _ = dates.values()
    if bool(start) != bool(complete):
        raise invalid("start_ship_date and complete_ship_date must be given both or neither")
    if start and complete and start > complete:
        raise invalid("start_ship_date must not be after complete_ship_date")
    return {**dates, "minimum_shipping_window": whole_in(given, "minimum_shipping_window")}


def _date(given: Record, name: str) -> str | None:
    text = text_in(given, name)
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise invalid(f"{name} must be a date such as 2026-08-01") from None


def _items(portal: JoorPortal, given: Record) -> list[Record]:
    items: dict[str, Record] = {}
    for row in objects_in(given, "items"):
        product = referred(portal.products, "product", "product_id", filled_in(row, "product_id"))
        if product["id"] in items:
            raise invalid(f"product {product['id']} is twice in items")
        skus = texts_in(row, "sku_ids") if row.get("sku_ids") is not None else None
        for reference in skus or ():
            sku = sku_by_id(portal, reference)
            if sku is None or sku["product_id"] != product["id"]:
                raise invalid(f"SKU {reference} is not one of product {product['id']}")
        number = whole_in(row, "order_number")
        items[product["id"]] = {"product_id": product["id"], "order_number": number, "sku_ids": skus}
    return list(items.values())


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/collections", list_collections),
    Route("POST", "/v4/collections/bulk_create", create_collections),
    Route("POST", "/v4/collections/bulk_update", update_collections),
    Route("POST", "/v4/collections/bulk_update_by_external_id", update_collections_by_external_id),
]
