"""NuORDER's part of the control API: what is done in the brand's web interface, not through the API."""

from collections.abc import Callable
from typing import Any

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder import accounts, handshake
from linesheet_sandbox.nuorder.catalogs import new_catalog
from linesheet_sandbox.nuorder.companies import store_company_changes, store_new_company
from linesheet_sandbox.nuorder.company_record import company_answer
from linesheet_sandbox.nuorder.errors import conflict, missing
from linesheet_sandbox.nuorder.fields import read_filled, read_list, read_object, read_objects, read_text
from linesheet_sandbox.nuorder.order_status import StatusUnchangedError, move, status_named
from linesheet_sandbox.nuorder.placing import edit_order, place_order
from linesheet_sandbox.nuorder.portal import Portal, add_warehouse
from linesheet_sandbox.nuorder.price_sheets import new_price_sheet
from linesheet_sandbox.nuorder.product_record import product_answer
from linesheet_sandbox.nuorder.products import matching_product, store_new_product, store_product_changes
from linesheet_sandbox.nuorder.schemas import SCHEMA_TYPES, define_custom_fields
from linesheet_sandbox.nuorder.stock import release_claims

PortalHandler = Callable[[Portal, Call], Answer]


def _place_order(portal: Portal, call: Call) -> Answer:
    return json_answer(place_order(portal, control_body(call)), 201)


def _list_orders(portal: Portal, call: Call) -> Answer:
    return json_answer(list(portal.orders.all()))


def _read_order(portal: Portal, call: Call) -> Answer:
    return json_answer(_order(portal, call))


def _edit_order(portal: Portal, call: Call) -> Answer:
    return json_answer(edit_order(portal, _order(portal, call), control_body(call)))


def _delete_order(portal: Portal, call: Call) -> Answer:
    order = _order(portal, call)
    release_claims(portal, order["_id"])
    portal.orders.remove(order["_id"])
    return json_answer(order)


def _move_order(portal: Portal, call: Call) -> Answer:
    order = _order(portal, call)
    try:
        return json_answer(move(portal, order, status_named(call.parts["status"])))
    except StatusUnchangedError:
        return json_answer(order)


def _list_products(portal: Portal, call: Call) -> Answer:
    return json_answer([product_answer(portal, product) for product in portal.products.all()])


def _add_product(portal: Portal, call: Call) -> Answer:
    body = control_body(call)
    if existing := matching_product(portal, body):
        conflict("product already exists", existing["_id"])
    return json_answer(product_answer(portal, store_new_product(portal, body)), 201)


def _edit_product(portal: Portal, call: Call) -> Answer:
    changed = store_product_changes(portal, _product(portal, call), control_body(call))
    return json_answer(product_answer(portal, changed))


def _delete_product(portal: Portal, call: Call) -> Answer:
    product = _product(portal, call)
    for key in portal.replenishments.ids_by("product", product["_id"]):
        portal.replenishments.remove(key)
    portal.stock.remove(product["_id"])
    portal.availability.remove(product["_id"])
    portal.products.remove(product["_id"])
    return json_answer(product)


def _list_duplicate_upcs(portal: Portal, call: Call) -> Answer:
    shared = {str(upc): list(ids) for upc, ids in portal.products.keys_of("upc").items() if len(ids) > 1}
    return json_answer(shared)


def _list_companies(portal: Portal, call: Call) -> Answer:
    return json_answer([company_answer(company) for company in portal.companies.all()])


def _add_company(portal: Portal, call: Call) -> Answer:
    body = control_body(call)
    code = read_text("code", body.get("code"))
    if code and (existing := portal.companies.by("code", code)):
        conflict("company already exists", existing["_id"])
    return json_answer(company_answer(store_new_company(portal, body)), 201)


def _edit_company(portal: Portal, call: Call) -> Answer:
    changed = store_company_changes(portal, _company(portal, call), control_body(call))
    return json_answer(company_answer(changed))


def _delete_company(portal: Portal, call: Call) -> Answer:
    company = _company(portal, call)
    portal.companies.remove(company["_id"])
    return json_answer(company)


def _list_inventory(portal: Portal, call: Call) -> Answer:
    return json_answer([_stock_of(portal, product) for product in portal.products.all()])


def _list_warehouses(portal: Portal, call: Call) -> Answer:
    return json_answer(list(portal.warehouses.all()))


def _add_warehouse(portal: Portal, call: Call) -> Answer:
    body = control_body(call)
    name = read_filled("display_name", body.get("display_name"))
    code = read_text("code", body.get("code")) or name
    if existing := portal.warehouse(name) or portal.warehouse(code):
        conflict("warehouse already exists", existing["id"])
    return json_answer(add_warehouse(portal, name, code), 201)


def _add_price_sheet(portal: Portal, call: Call) -> Answer:
    body = control_body(call)
    template = read_filled("template", body.get("template"))
    if existing := portal.price_sheets.get(template):
        conflict("price sheet already exists", existing["_id"])
    sheet = new_price_sheet(portal, template, read_text("currency_code", body.get("currency_code")))
    return json_answer(portal.price_sheets.put(template, sheet), 201)


def _add_catalog(portal: Portal, call: Call) -> Answer:
    return json_answer(new_catalog(portal, control_body(call)), 201)


def _define_custom_fields(portal: Portal, call: Call) -> Answer:
    if call.parts["type"] not in SCHEMA_TYPES:
        missing("schema")
    fields = [field for _, field in read_objects("fields", control_body(call).get("fields", []))]
    for field in fields:
        read_filled("key", field.get("key"))
        field["allowed_values"] = _allowed_values(field)
    return json_answer(define_custom_fields(portal, call.parts["type"], fields))


def _allowed_values(field: Record) -> list[Any]:
    """A pick list, given plainly or in the form schemas are read in."""
    if "allowed_values" in field:
        return read_list("allowed_values", field["allowed_values"])
    details = read_object("details", field.get("details", {}))
    return [option.get("value") for _, option in read_objects("allowed_values", details.get("allowed_values", []))]


def _add_credentials(portal: Portal, call: Call) -> Answer:
    given = {key: read_text(key, value) for key, value in control_body(call).items()}
    name = given.get("application_name", "Further account")
    return json_answer(accounts.new_credentials(portal, name, given), 201)


def _revoke_credentials(portal: Portal, call: Call) -> Answer:
    wanted = read_filled("token", control_body(call).get("token"))
    revoked = accounts.revoke(portal, portal.tokens.get(wanted) or missing("token"))
    return json_answer({"token": revoked["token"], "revoked": True})


def _add_application(portal: Portal, call: Call) -> Answer:
    application = accounts.new_application(portal)
    return json_answer({key: application[key] for key in ("consumer_key", "consumer_secret")}, 201)


def _list_handshakes(portal: Portal, call: Call) -> Answer:
    shown = ("application_name", "token", "callback", "verifier", "created_on")
    return json_answer([{key: pending[key] for key in shown} for pending in portal.handshakes.all()])


def _approve_application(portal: Portal, call: Call) -> Answer:
    approved = handshake.approve(portal, call.parts["name"]) or missing("pending application")
    shown = {key: approved[key] for key in ("application_name", "token", "verifier")}
    return json_answer({**shown, "callback_url": handshake.callback_url(approved)})


def _order(portal: Portal, call: Call) -> Record:
    reference = call.parts["ref"]
    return portal.orders.get(reference) or portal.orders.by("number", reference) or missing("order")


def _product(portal: Portal, call: Call) -> Record:
    reference = call.parts["ref"].lower()
    return portal.products.get(reference) or portal.products.by("brand_id", reference) or missing("product")


def _company(portal: Portal, call: Call) -> Record:
    reference = call.parts["ref"]
    return portal.companies.get(reference) or portal.companies.by("code", reference) or missing("company")


def _stock_of(portal: Portal, product: Record) -> dict[str, Any]:
    stock = portal.stock.get(product["_id"]) or {"inventory": []}
    keys = portal.replenishments.ids_by("product", product["_id"])
    return {
        "product_id": product["_id"],
        "brand_id": product["brand_id"],
        "inventory": stock["inventory"],
        "replenishments": [portal.replenishments.get(key) for key in keys],
    }


CONTROL_ROUTES: RouteTable[PortalHandler] = RouteTable(
    [
        Route("GET", "/_control/orders", _list_orders),
        Route("POST", "/_control/orders", _place_order),
        Route("GET", "/_control/orders/{ref}", _read_order),
        Route("PATCH", "/_control/orders/{ref}", _edit_order),
        Route("DELETE", "/_control/orders/{ref}", _delete_order),
        Route("POST", "/_control/orders/{ref}/{status}", _move_order),
        Route("POST", "/_control/orders/{ref}/status/{status}", _move_order),
        Route("GET", "/_control/products", _list_products),
        Route("POST", "/_control/products", _add_product),
        Route("PATCH", "/_control/products/{ref}", _edit_product),
        Route("DELETE", "/_control/products/{ref}", _delete_product),
        Route("GET", "/_control/duplicate-upcs", _list_duplicate_upcs),
        Route("GET", "/_control/companies", _list_companies),
        Route("POST", "/_control/companies", _add_company),
        Route("PATCH", "/_control/companies/{ref}", _edit_company),
        Route("DELETE", "/_control/companies/{ref}", _delete_company),
        Route("GET", "/_control/inventory", _list_inventory),
        Route("GET", "/_control/warehouses", _list_warehouses),
        Route("POST", "/_control/warehouses", _add_warehouse),
        Route("POST", "/_control/price-sheets", _add_price_sheet),
        Route("POST", "/_control/catalogs", _add_catalog),
        Route("POST", "/_control/schemas/{type}", _define_custom_fields),
        Route("POST", "/_control/credentials", _add_credentials),
        Route("POST", "/_control/credentials/revoke", _revoke_credentials),
        Route("GET", "/_control/applications", _list_handshakes),
        Route("POST", "/_control/applications", _add_application),
        Route("POST", "/_control/applications/{name}/approve", _approve_application),
    ]
)
