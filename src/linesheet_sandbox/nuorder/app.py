"""NuORDER's REST API: the route table of sheet section 3, and what every answer has in common (sheet 2.1)."""

import base64
import hashlib
from collections.abc import Callable

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.nuorder import (
    buyers,
    catalogs,
    companies,
    inventory,
    orders,
    price_sheets,
    products,
    replenishments,
    schemas,
)
from linesheet_sandbox.nuorder.bodies import EmptyBodyError
from linesheet_sandbox.nuorder.errors import RefusedError, oops, refusal
from linesheet_sandbox.nuorder.handshake import Gatekeeper
from linesheet_sandbox.nuorder.order_status import StatusUnchangedError
from linesheet_sandbox.nuorder.portal import Portal

ApiHandler = Callable[[Portal, Call], Answer]

_SKU = "/api/v3.0/warehouse/{wid}/sku/{sku_id}"
_SHEET = "/api/pricesheet/{template}"
_HANDSHAKE = ("/api/initiate", "/api/token")


class NuOrderApi:
    """Answers signed calls on one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._gatekeeper = Gatekeeper(portal)

    def answer(self, call: Call) -> Answer:
        """Answer one call. What it stored is durable when this returns."""
        try:
            answer = self._handled(call)
        except RefusedError as problem:
            answer = refusal(problem.status, problem.message, **problem.extra)
        except StatusUnchangedError:
            answer = Answer(304)
        except EmptyBodyError:
            historic = self._portal.settings.unknown_route_500
            answer = oops() if historic else refusal(400, "the body is empty")
        self._portal.store.commit()
        return self._finished(call, answer)

    def _handled(self, call: Call) -> Answer:
        if _is_handshake(call):
            step = self._gatekeeper.initiate if call.raw_path == _HANDSHAKE[0] else self._gatekeeper.exchange
            return step(call)
        found = _route_of(call)
        if found:
            route, call.parts = found
        self._gatekeeper.admit(call)
        if found:
            return route.handler(self._portal, call)
        return oops() if self._portal.settings.unknown_route_500 else refusal(404)

    def _finished(self, call: Call, answer: Answer) -> Answer:
        headers = {
            **answer.headers,
            "x-powered-by": "Express",
            "request-token": str(int(self._portal.clock.now().timestamp() * 1000)),
            "cache-control": "private,max-age=0, must-revalidate",
        }
        if call.method in ("GET", "HEAD") and answer.status == 200:
            headers["etag"] = _etag(answer.body)
            if call.headers.get("if-none-match") == headers["etag"]:
                return Answer(304, b"", headers)
        return Answer(answer.status, answer.body, headers)


def template_of(call: Call) -> str:
    """The path template of the call's route; "" when there is none."""
    if _is_handshake(call):
        return call.raw_path
    found = _route_of(call)
    return found[0].template if found else ""


def _route_of(call: Call) -> tuple[Route[ApiHandler], dict[str, str]] | None:
    """The route of a call. HEAD takes that of GET, as Express has it."""
    return API_ROUTES.find("GET" if call.method == "HEAD" else call.method, call.raw_path)


def _is_handshake(call: Call) -> bool:
    return call.method == "GET" and call.raw_path in _HANDSHAKE


def _etag(body: bytes) -> str:
    """A weak tag in Express's manner: length, then digest."""
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode().rstrip("=")
    return f'W/"{len(body):x}-{digest}"'


API_ROUTES: RouteTable[ApiHandler] = RouteTable(
    [
        Route("PUT", "/api/product/new", products.create_product),
        Route("PUT", "/api/product/new/force", products.upsert_product),
        Route("GET", "/api/product/{id}", products.read_product),
        Route("POST", "/api/product/{id}", products.update_product),
        Route("GET", "/api/product/external_id/{ext}", products.read_product),
        Route("POST", "/api/product/external_id/{ext}", products.update_product),
        Route("POST", "/api/product/external_id/{ext}/pricesheets", price_sheets.set_product_prices),
        Route("DELETE", "/api/product/external_id/{ext}/pricesheets", price_sheets.clear_product_prices),
        Route("GET", "/api/products", products.list_products),
        Route("GET", "/api/products/list", products.list_product_ids),
        Route("GET", "/api/products/detail", products.list_products),
        Route("GET", "/api/products/season/{season}/list", products.list_season_ids),
        Route("GET", "/api/products/season/{season}/detail", products.list_season_products),
        Route("PUT", "/api/inventory/flags", inventory.refresh_flags),
        Route("GET", "/api/inventory/{id}", inventory.read_inventory),
        Route("POST", "/api/inventory/{id}", inventory.replace_inventory),
        Route("GET", "/api/inventory/external_id/{ext}", inventory.read_inventory),
        Route("POST", "/api/inventory/external_id/{ext}", inventory.replace_inventory),
        Route("GET", "/api/v3.0/warehouses", inventory.list_warehouses),
        Route("PUT", "/api/v3.0/warehouse/{wid}/replenishments", replenishments.put_replenishments),
        Route("POST", f"{_SKU}/replenishments", replenishments.post_replenishment),
        Route("DELETE", f"{_SKU}/replenishments", replenishments.delete_replenishments),
        Route("PUT", "/api/company/new", companies.create_company),
        Route("PUT", "/api/company/new/force", companies.upsert_company),
        Route("GET", "/api/company/{id}", companies.read_company),
        Route("POST", "/api/company/{id}", companies.update_company),
        Route("GET", "/api/company/code/{code}", companies.read_company),
        Route("POST", "/api/company/code/{code}", companies.update_company),
        Route("GET", "/api/companies/codes/list", companies.list_codes),
        Route("GET", "/api/companies/list", companies.list_company_ids),
        Route("GET", "/api/companies/detail", companies.list_companies),
        Route("GET", "/api/companies/{field}/{when}/{mm}/{dd}/{yyyy}", companies.list_companies_by_date),
        Route("PUT", "/api/company/code/{code}/add/buyer", buyers.add_buyer),
        Route("POST", "/api/company/code/{code}/update/buyer/{email}", buyers.update_buyer),
        Route("DELETE", "/api/company/code/{code}/buyer/{email}", buyers.delete_buyer),
        Route("DELETE", "/api/company/code/{code}/buyers", buyers.delete_buyers),
        Route("PUT", "/api/company/{id}/add/buyer", buyers.add_buyer),
        Route("POST", "/api/company/{id}/update/buyer/{email}", buyers.update_buyer),
        Route("DELETE", "/api/company/{id}/buyer/{email}", buyers.delete_buyer),
        Route("DELETE", "/api/company/{id}/buyers", buyers.delete_buyers),
        Route("GET", "/api/pricesheet/{template}", price_sheets.read_price_sheet),
        Route("PUT", "/api/pricesheet/{template}", price_sheets.put_price_sheet),
        Route("POST", "/api/pricesheet/bulk/assign/{template}", price_sheets.bulk_assign),
        Route("POST", f"{_SHEET}/assign/product/external_id/{{ext}}", price_sheets.assign_to_product),
        Route("DELETE", f"{_SHEET}/remove/product/external_id/{{ext}}", price_sheets.remove_from_product),
        Route("GET", "/api/orders/list", orders.list_order_ids_by_date),
        Route("GET", "/api/orders/{status}/list", orders.list_order_ids),
        Route("GET", "/api/orders/{status}/detail", orders.list_orders),
        Route("PUT", "/api/order/new", orders.create_order),
        Route("GET", "/api/order/number/{number}", orders.read_order),
        Route("POST", "/api/order/number/{number}", orders.update_order),
        Route("POST PUT", "/api/order/number/{number}/lock", orders.lock_order),
        Route("POST PUT", "/api/order/number/{number}/unlock", orders.unlock_order),
        Route("POST PUT", "/api/order/number/{number}/{status}", orders.change_status),
        Route("POST", "/api/order/number/{number}/set/{field}/{value}", orders.set_field),
        Route("GET", "/api/order/{id}", orders.read_order),
        Route("POST", "/api/order/{id}", orders.update_order),
        Route("POST PUT", "/api/order/{id}/lock", orders.lock_order),
        Route("POST PUT", "/api/order/{id}/unlock", orders.unlock_order),
        Route("POST", "/api/order/{id}/set/{field}/{value}", orders.set_field),
        Route("POST PUT", "/api/order/{id}/{status}", orders.change_status),
        Route("GET", "/api/schemas", schemas.read_schemas),
        Route("GET", "/api/schemas/{type}", schemas.read_schema),
        Route("GET", "/api/v3.1/catalogs", catalogs.list_catalogs),
    ]
)
