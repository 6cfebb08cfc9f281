"""Control: what is set up on the account beforehand, as price types and warehouses are (sheet 3.3 and 5)."""

from collections.abc import Callable

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.joor.envelopes import RefusedCallError
from linesheet_sandbox.joor.fields import filled_in, text_in
from linesheet_sandbox.joor.portal import JoorPortal, add_price_type, add_warehouse

ControlHandler = Callable[[JoorPortal, Call], Answer]


def _list_price_types(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(list(portal.price_types.all()))


def _add_price_type(portal: JoorPortal, call: Call) -> Answer:
    """`{name, currency_code, retail_currency_code?}`; the pair of label and currency is unique."""
    body = control_body(call)
    name, currency = filled_in(body, "name"), filled_in(body, "currency_code")
    if portal.price_types.by("pair", (name, currency)):
        raise RefusedCallError(409, f"price type {name} in {currency} exists already")
    retail_currency = text_in(body, "retail_currency_code") or currency
    return json_answer(add_price_type(portal, name, currency, retail_currency), 201)


def _list_warehouses(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(list(portal.warehouses.all()))


def _add_warehouse(portal: JoorPortal, call: Call) -> Answer:
    """`{name, code?}`; the name is unique."""
    body = control_body(call)
    name = filled_in(body, "name")
    if portal.warehouses.by("name", name):
        raise RefusedCallError(409, f"warehouse {name} exists already")
    return json_answer(add_warehouse(portal, name, text_in(body, "code")), 201)


def _list_categories(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(list(portal.categories.all()))


def _add_category(portal: JoorPortal, call: Call) -> Answer:
    """`{name, parent_id}`: a word JOOR adds to its tree, below another."""
    body = control_body(call)
    parent = portal.categories.get(filled_in(body, "parent_id"))
    if parent is None:
        raise RefusedCallError(404, "parent_id not found")
    key = portal.new_id("category")
    category = {
        "id": key,
        "name": filled_in(body, "name"),
        "parent_id": parent["id"],
        "parent_name": parent["name"],
        "department": parent["department"],
    }
    return json_answer(portal.categories.put(key, category), 201)


ROUTES: list[Route[ControlHandler]] = [
    Route("GET", "/_control/price-types", _list_price_types),
    Route("POST", "/_control/price-types", _add_price_type),
    Route("GET", "/_control/warehouses", _list_warehouses),
    Route("POST", "/_control/warehouses", _add_warehouse),
    Route("GET", "/_control/categories", _list_categories),
    Route("POST", "/_control/categories", _add_category),
]
