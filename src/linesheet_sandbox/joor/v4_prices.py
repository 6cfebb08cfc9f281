"""`/v4/price_types` and `/v4/prices` (sheet 3.3)."""

import re
from functools import partial

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import (
    DUPLICATED,
    NOT_FOUND,
    ApiHandler,
    ItemError,
    chosen,
    paged,
    records,
    v4_answer,
    v4_written,
)
from linesheet_sandbox.joor.fields import filled_in, invalid, text_in
from linesheet_sandbox.joor.matching import referred
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.skus import sku_by_id, sku_label

_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?")


def list_price_types(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/price_types`: what was set up on the account."""
    return v4_answer(records(map(portal.price_types.get, paged(portal, call, portal.price_types.ids()))))


def list_prices(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/prices`, all or those of `sku_ids`."""
    skus = chosen(call, "sku_ids")
    ids = portal.prices.ids() if skus is None else [key for sku in skus for key in portal.prices.ids_by("sku", sku)]
    return v4_answer([_answer(portal, price) for price in records(map(portal.prices.get, paged(portal, call, ids)))])


def create_prices(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/prices/bulk_create`."""
    return v4_written(portal, call, partial(_create, portal))


def update_prices(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/prices/bulk_update`: values alone, of prices named by `id`."""
    return v4_written(portal, call, partial(_update, portal))


def _create(portal: JoorPortal, item: Record) -> Record:
    reference = filled_in(item, "sku_id")
    sku = sku_by_id(portal, reference)
    if sku is None:
        raise ItemError(NOT_FOUND, f"there is no SKU with sku_id {reference}")
    price_type = _price_type(portal, item)
    wholesale, retail = _amount(item, "wholesale_value"), _amount(item, "retail_value")
    if wholesale is None:
        raise invalid("wholesale_value missing")
    if portal.prices.by("pair", (sku["id"], price_type["id"])):
        raise ItemError(DUPLICATED, f"the SKU has a price of price type {price_type['id']} already")
    price: Record = {
        "id": portal.new_id("price"),
        "sku_id": sku["id"],
        "price_type_id": price_type["id"],
        "wholesale_value": wholesale,
        "retail_value": retail,
    }
    portal.applied("prices", _label(portal, price), "create")
    return _answer(portal, portal.prices.put(price["id"], price))


def _update(portal: JoorPortal, item: Record) -> Record:
    price = referred(portal.prices, "price", "id", filled_in(item, "id"))
    changes: Record = {name: _amount(item, name) for name in ("wholesale_value", "retail_value") if name in item}
    if changes.get("wholesale_value", "") is None:
        raise invalid("wholesale_value missing")
    portal.applied("prices", _label(portal, price), "update")
    return _answer(portal, portal.prices.put(price["id"], {**price, **changes}))


def _price_type(portal: JoorPortal, item: Record) -> Record:
    """By id, or by the pair of label and currency, which must match exactly."""
    if key := text_in(item, "price_type_id"):
        return referred(portal.price_types, "price type", "id", key)
    pair = filled_in(item, "price_type_name"), filled_in(item, "price_type_currency_code")
    price_type = portal.price_types.by("pair", pair)
    if price_type is None:
        raise ItemError(NOT_FOUND, f"there is no price type {pair[0]} in {pair[1]}")
    return price_type


def _amount(item: Record, name: str) -> str | None:
    """An amount written as text, with two decimals; None when absent, null or ""."""
    value = item.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise invalid(f'{name} must be text such as "100.00"')
    whole, _, decimals = value.partition(".")
    return f"{int(whole)}.{decimals:0<2}"


def _answer(portal: JoorPortal, price: Record) -> Record:
    answered = {name: price[name] for name in ("id", "sku_id", "wholesale_value", "retail_value")}
    return {**answered, "price_type": portal.price_types.get(price["price_type_id"])}


def _label(portal: JoorPortal, price: Record) -> str:
    price_type = portal.price_types.get(price["price_type_id"]) or {}
    return f"{sku_label(sku_by_id(portal, price['sku_id']) or {})} {price_type['name']} {price_type['currency_code']}"


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/price_types", list_price_types),
    Route("GET", "/v4/prices", list_prices),
    Route("POST", "/v4/prices/bulk_create", create_prices),
    Route("POST", "/v4/prices/bulk_update", update_prices),
]
