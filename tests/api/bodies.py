"""Bodies that the endpoints take, made of what a company has."""

from collections.abc import Callable
from typing import Any

from tests.api.filled import Named, a_picture, submission

BODIES: dict[str, Callable[[Named], Any]] = {
    "upsert_seasons": lambda named: _records({"name": named["season"][0], "starts_on": "2031-01-01"}),
    "upsert_products": lambda named: _records(
        {
            "code": named["style"][0],
            "style": named["style"][0],
            "name": "Taken over",
            "seasons": named["season"],
            "skus": [{"size": "S", "code": named["sku_code"][0], "barcode": named["barcode"][0]}],
            "prices": [_price(named)],
        }
    ),
    "upsert_prices": lambda named: _records(
        {"barcode": named["barcode"][0], **_price(named)}, {"product_code": named["style"][0], **_price(named)}
    ),
    "upsert_barcodes": lambda named: _records({"sku_code": named["sku_code"][0], "barcode": named["barcode"][0]}),
    "acknowledge_order": lambda named: {"updated_at": "2031-01-01T00:00:00Z"},
    "order_images": lambda named: {"ids": list(reversed(named["image_id"]))},
    "upsert_customers": lambda named: _records(
        {
            "name": named["customer"][0],
            "account_code": named["account_code"][0],
            "price_list": named["price_list"][0],
            "hold_status": named["hold_status"][0],
            "addresses": [{"line_1": "Taken over"}],
        }
    ),
    "set_stock": lambda named: _records({**_place(named), "opening": 1}),
    "move_stock": lambda named: _records({**_place(named), "change": 1}),
    "set_order_status": lambda named: {"approved": True, "closed": True},
    "add_image": lambda named: a_picture(5),
    "submit_order": lambda named: _order(named),
    "validate_order": lambda named: _order(named),
}
"""By operation: a body that names as much as it can of what the books have."""


def _records(*records: dict[str, Any]) -> dict[str, Any]:
    return {"records": list(records)}


def _price(named: Named) -> dict[str, Any]:
    return {"season": named["season"][0], "price_list": named["price_list"][0], "currency": "EUR", "amount": "9.99"}


def _place(named: Named) -> dict[str, Any]:
    return {"barcode": named["barcode"][0], "location": named["location"][0], "season": named["season"][0]}


def _order(named: Named) -> dict[str, Any]:
    order = submission(named["order_number"][0], named)
    return {**order, "customer": {**order["customer"], "id": named["customer_id"][0]}}
