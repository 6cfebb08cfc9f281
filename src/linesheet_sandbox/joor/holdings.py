"""What JOOR holds, put together for reading: products with their SKUs, prices, stock and assets, and linesheets."""

from collections.abc import Iterable
from typing import Any

from linesheet_sandbox.common.store import Collection, Record
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_record import upcs_in
from linesheet_sandbox.joor.skus import colour_of, shoppable, size_of, sku_by_id, skus_of
from linesheet_sandbox.joor.v4_collections import sku_ids_on

_ASSET = ("id", "type", "filename", "external_id", "sha256", "bytes", "width", "height", "display_order", "source_url")


def product_held(portal: JoorPortal, product: Record) -> dict[str, Any]:
    """A product with everything that hangs on it."""
    categories = [portal.categories.get(key) or {} for key in product["category_ids"]]
    return {
        **product,
        "categories": [f"{one['department']} > {one['name']}" for one in categories],
        "collections": [c["external_id"] for c in _under(portal.collections, "product", product["id"])],
        "skus": [sku_held(portal, sku) for sku in skus_of(portal, product["id"])],
        "assets": [_asset_held(portal, asset) for asset in _under(portal.assets, "product", product["id"])],
    }


def sku_held(portal: JoorPortal, sku: Record) -> dict[str, Any]:
    """A SKU with its barcode, colour, size, prices by price type, and stock."""
    colour, size = colour_of(portal, sku), size_of(portal, sku)
    return {
        **{name: sku[name] for name in ("id", "external_id", "sku_identifier", "identifiers")},
        "upc": next(iter(upcs_in(sku)), ""),
        "color": _value_held(colour),
        "size": _value_held(size),
        "shoppable": shoppable(portal, sku),
        "prices": dict(_price_held(portal, price) for price in _under(portal.prices, "sku", sku["id"])),
        "stock": list(_under(portal.stock, "sku", sku["id"])),
    }


def collection_held(portal: JoorPortal, collection: Record) -> dict[str, Any]:
    """A linesheet with the keys of its season, and of its products and SKUs in order of display."""
    season = portal.seasons.get(collection["season_id"] or "")
    rows = sorted(collection["items"], key=lambda item: (item["order_number"] is None, item["order_number"] or 0))
    return {
        **collection,
        "season": season["name"] if season else None,
        "items": [_item_held(portal, item) for item in rows],
    }


def sku_told(portal: JoorPortal, sku: Record) -> dict[str, Any]:
    """In words what a SKU has by id: its product's key, barcode, colour and size."""
    product = portal.products.get(sku["product_id"]) or {}
    return {
        "product": product.get("external_id"),
        "upc": next(iter(upcs_in(sku)), ""),
        "color": colour_of(portal, sku)["value"],
        "size": size_of(portal, sku)["value"],
    }


def price_told(portal: JoorPortal, price: Record) -> dict[str, Any]:
    """In words what a price has by id: the barcode of its SKU, and its price type."""
    sku = sku_by_id(portal, price["sku_id"])
    upc = next(iter(upcs_in(sku)), "") if sku else ""
    return {"upc": upc, "price_type": portal.price_types.get(price["price_type_id"])}


def shared_upcs(portal: JoorPortal) -> dict[str, list[str]]:
    """UPCs that several SKUs have, which should be none."""
    return {str(upc): list(keys) for upc, keys in portal.skus.keys_of("upc").items() if len(keys) > 1}


def _item_held(portal: JoorPortal, item: Record) -> dict[str, Any]:
    product = portal.products.get(item["product_id"]) or {}
    skus = [sku for key in sku_ids_on(portal, item) if (sku := sku_by_id(portal, key))]
    return {
        **item,
        "external_id": product["external_id"],
        "upcs": sorted(upc for sku in skus for upc in upcs_in(sku)),
    }


def _price_held(portal: JoorPortal, price: Record) -> tuple[str, dict[str, Any]]:
    price_type = portal.price_types.get(price["price_type_id"]) or {}
    shown = {name: price[name] for name in ("id", "price_type_id", "wholesale_value", "retail_value")}
    return f"{price_type['name']} {price_type['currency_code']}", shown


def _asset_held(portal: JoorPortal, asset: Record) -> dict[str, Any]:
    value = portal.trait_values.get(asset["trait_value_id"])
    return {**{name: asset[name] for name in _ASSET}, "of": value["value"] if value else None}


def _value_held(value: Record) -> dict[str, Any]:
    return {name: value[name] for name in ("id", "value", "external_id", "order_nbr", "status")}


def _under(kept: Collection, index: str, key: str) -> Iterable[Record]:
    return (record for found in kept.ids_by(index, key) if (record := kept.get(found)))
